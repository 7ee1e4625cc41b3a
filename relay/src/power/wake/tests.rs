use std::{
    io,
    net::UdpSocket,
    sync::{Arc, Mutex},
};

use shared::{
    message::Usb,
    power::{Outcome, PowerAction},
};
use tokio::sync::watch;

use super::{Wake, lan::WakeOnLan};
use crate::{
    input::{Host, Waker},
    power::control::Backend,
};

/// A link that resumes when it is asked to, or does not.
struct Link {
    host: watch::Sender<Host>,
    resumes: bool,
    asked: Mutex<u32>,
}

impl Waker for Link {
    fn wake(&self) -> io::Result<()> {
        *self.asked.lock().unwrap() += 1;
        if self.resumes {
            self.host.send_modify(|host| host.usb = Usb::Configured);
        }
        Ok(())
    }
}

fn machine(usb: Usb, resumes: bool, lan: Option<WakeOnLan>) -> (Arc<Link>, Wake) {
    let host = Host {
        usb,
        leds: None,
        fine_wheel: false,
    };
    let link = Arc::new(Link {
        host: watch::Sender::new(host),
        resumes,
        asked: Mutex::new(0),
    });
    let wake = Wake {
        usb: link.clone(),
        host: link.host.subscribe(),
        lan,
    };
    (link, wake)
}

fn card() -> (UdpSocket, WakeOnLan) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let settings = format!("mac = \"12:22:33:44:55:66\"\naddress = \"127.0.0.1\"\nport = {port}\n");
    (socket, toml::from_str(&settings).unwrap())
}

async fn outcome(wake: &Wake) -> Outcome {
    Backend::act(wake, PowerAction::Wake).await
}

#[tokio::test]
async fn a_host_that_sleeps_is_asked_and_waited_for() {
    let (link, wake) = machine(Usb::Suspended, true, None);
    assert_eq!(outcome(&wake).await, Outcome::Done);
    assert_eq!(*link.asked.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_host_that_sleeps_on_has_not_followed() {
    let (link, wake) = machine(Usb::Suspended, false, None);
    assert_eq!(outcome(&wake).await, Outcome::NotFollowed);
    assert_eq!(*link.asked.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_machine_that_is_off_gets_the_packet_and_no_request_over_usb() {
    let (socket, lan) = card();
    let (link, wake) = machine(Usb::NotConnected, true, Some(lan));
    assert_eq!(outcome(&wake).await, Outcome::Done);
    assert_eq!(*link.asked.lock().unwrap(), 0);
    let mut packet = [0; 200];
    assert_eq!(socket.recv(&mut packet).unwrap(), 102);
}

#[tokio::test]
async fn both_ways_are_taken_where_there_are_two() {
    let (socket, lan) = card();
    let (link, wake) = machine(Usb::Suspended, true, Some(lan));
    assert_eq!(outcome(&wake).await, Outcome::Done);
    assert_eq!(*link.asked.lock().unwrap(), 1);
    let mut packet = [0; 200];
    assert_eq!(socket.recv(&mut packet).unwrap(), 102);
}

#[tokio::test]
async fn where_no_way_leads_to_the_machine_it_is_refused() {
    let (_, wake) = machine(Usb::NotConnected, true, None);
    assert_eq!(outcome(&wake).await, Outcome::Refused);
    let (_socket, mut lan) = card();
    lan.interface = Some("nowhere9".to_owned());
    let (_, wake) = machine(Usb::NotConnected, true, Some(lan));
    assert_eq!(outcome(&wake).await, Outcome::Refused);
}
