//! The writer thread and the handles, with a device that records what is written to it.

use std::{
    io,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use shared::{
    input::{Buttons, Input, Usage},
    message::Usb,
};
use tokio::{sync::watch, time::timeout};

use super::Controls;
use crate::input::{
    Capabilities, Hid, HidError, Host, Waker,
    report::{Keyboard, Mouse, Report},
};

const PATIENCE: Duration = Duration::from_secs(20);

/// What the device of a test has been given, and how it behaves.
struct Device {
    reports: watch::Sender<Vec<Report>>,
    host: watch::Sender<Host>,
    closed: watch::Sender<bool>,
    busy: Mutex<bool>,
    free: Condvar,
}

impl Device {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            reports: watch::Sender::new(Vec::new()),
            host: watch::Sender::new(host(Usb::Configured)),
            closed: watch::Sender::new(false),
            busy: Mutex::new(false),
            free: Condvar::new(),
        })
    }

    fn set_busy(&self, busy: bool) {
        *self.busy.lock().unwrap() = busy;
        self.free.notify_all();
    }

    fn set_host(&self, usb: Usb) {
        self.host.send_replace(host(usb));
    }

    /// Waits until these are the last reports.
    async fn ends_with(&self, expected: &[Report]) {
        let mut reports = self.reports.subscribe();
        let arrived = timeout(PATIENCE, reports.wait_for(|all| all.ends_with(expected)));
        assert!(
            arrived.await.is_ok_and(|found| found.is_ok()),
            "{expected:?} are not at the end of {:?}",
            self.reports.borrow()
        );
    }
}

fn host(usb: Usb) -> Host {
    Host {
        usb,
        leds: None,
        fine_wheel: false,
    }
}

struct Recorder(Arc<Device>);

impl Hid for Recorder {
    fn write(&mut self, report: &Report) -> Result<(), HidError> {
        let mut busy = self.0.busy.lock().unwrap();
        while *busy {
            busy = self.0.free.wait(busy).unwrap();
        }
        if self.0.host.borrow().usb != Usb::Configured {
            return Err(HidError::NotConnected);
        }
        self.0.reports.send_modify(|reports| reports.push(*report));
        Ok(())
    }

    fn host(&self) -> watch::Receiver<Host> {
        self.0.host.subscribe()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            pointer: true,
            mouse: true,
            consumer: false,
        }
    }

    fn waker(&self) -> Arc<dyn Waker> {
        self.0.clone()
    }
}

impl Waker for Device {
    fn wake(&self) -> io::Result<()> {
        self.host.send_modify(|host| host.usb = Usb::Configured);
        Ok(())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.0.closed.send_replace(true);
    }
}

fn started() -> (Arc<Device>, Controls) {
    let device = Device::new();
    let controls = Controls::start(Box::new(Recorder(device.clone())));
    controls.take(1);
    (device, controls)
}

fn key(usage: u8, down: bool) -> Input {
    Input::Key {
        usage: Usage::Keyboard(usage),
        down,
    }
}

fn down(key: u8) -> Report {
    Report::Keyboard(Keyboard {
        modifiers: 0,
        keys: [key, 0, 0, 0, 0, 0],
    })
}

fn shift(modifiers: u8) -> Report {
    Report::Keyboard(Keyboard {
        modifiers,
        keys: [0; 6],
    })
}

const STILL: Report = Report::Mouse(Mouse {
    buttons: Buttons(0),
    dx: 0,
    dy: 0,
    wheel: 0,
    pan: 0,
});

const NOTHING: Report = Report::Keyboard(Keyboard {
    modifiers: 0,
    keys: [0; 6],
});

mod gate;

#[tokio::test]
async fn two_thousand_keys_arrive_in_order_though_the_device_was_busy() {
    let (device, controls) = started();
    device.set_busy(true);
    let typing = tokio::spawn({
        let controls = controls.clone();
        async move {
            for stroke in 0..2000u32 {
                let usage = 4 + (stroke % 26) as u8;
                controls.apply(1, key(usage, true)).await;
                controls.apply(1, key(usage, false)).await;
            }
        }
    });
    tokio::task::yield_now().await;
    assert!(!typing.is_finished());
    device.set_busy(false);
    timeout(PATIENCE, typing).await.unwrap().unwrap();
    controls.stop().await;
    let expected: Vec<_> = (0..2000u32)
        .flat_map(|stroke| [down(4 + (stroke % 26) as u8), NOTHING])
        .collect();
    assert_eq!(*device.reports.borrow(), expected);
}

#[tokio::test]
async fn who_waits_for_room_and_loses_the_controls_waits_no_longer() {
    let (device, controls) = started();
    device.set_busy(true);
    let mut strokes = 0..;
    while let Some(stroke) = strokes.next()
        && timeout(Duration::ZERO, controls.apply(1, key(4, stroke % 2 == 0)))
            .await
            .is_ok()
    {}
    let waiting = tokio::spawn({
        let controls = controls.clone();
        async move { controls.apply(1, key(6, true)).await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    controls.take(2);
    timeout(PATIENCE, waiting).await.unwrap().unwrap();
    assert_eq!(*controls.controller().borrow(), Some(2));
    device.set_busy(false);
    controls.apply(2, key(5, true)).await;
    device.ends_with(&[NOTHING, down(5)]).await;
    assert!(!device.reports.borrow().contains(&down(6)));
}

#[tokio::test]
async fn silence_releases_by_itself() {
    let (device, controls) = started();
    controls.apply(1, key(0xE1, true)).await;
    controls.apply(1, key(4, true)).await;
    device.ends_with(&[shift(2), NOTHING]).await;
}

#[tokio::test]
async fn giving_up_leaving_and_taking_over_release() {
    let (device, controls) = started();
    for release in [Controls::give_up, Controls::leave] {
        controls.take(1);
        controls.apply(1, key(4, true)).await;
        release(&controls, 1);
        device.ends_with(&[down(4), NOTHING]).await;
        assert_eq!(*controls.controller().borrow(), None);
    }
    controls.take(1);
    controls.apply(1, key(4, true)).await;
    controls.take(2);
    device.ends_with(&[down(4), NOTHING]).await;
}

#[tokio::test]
async fn the_relay_and_the_page_release_all() {
    let (device, controls) = started();
    controls.apply(1, key(4, true)).await;
    controls.release_all();
    device.ends_with(&[down(4), NOTHING]).await;
    controls.apply(1, key(5, true)).await;
    controls.apply(1, Input::ReleaseAll).await;
    device.ends_with(&[down(5), NOTHING]).await;
}

#[tokio::test]
async fn the_last_handle_that_goes_releases_and_closes_the_device() {
    let (device, controls) = started();
    controls.apply(1, key(4, true)).await;
    drop(controls);
    let mut closed = device.closed.subscribe();
    timeout(PATIENCE, closed.wait_for(|closed| *closed))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(*device.reports.borrow(), [down(4), NOTHING]);
}

#[tokio::test]
async fn stopping_releases_before_the_device_is_closed() {
    let (device, controls) = started();
    controls.apply(1, Input::Buttons(Buttons::LEFT)).await;
    controls.apply(1, key(4, true)).await;
    controls.stop().await;
    assert!(*device.closed.borrow());
    device.ends_with(&[NOTHING, STILL]).await;
}

#[tokio::test]
async fn a_device_that_hangs_does_not_keep_the_relay_from_stopping() {
    let (device, controls) = started();
    device.set_busy(true);
    controls.apply(1, key(4, true)).await;
    timeout(PATIENCE, controls.stop()).await.unwrap();
    device.set_busy(false);
    device.ends_with(&[down(4), NOTHING, STILL]).await;
}

#[tokio::test]
async fn a_host_that_comes_back_is_told_what_is_held() {
    let (device, controls) = started();
    controls.apply(1, key(0xE1, true)).await;
    device.ends_with(&[shift(2)]).await;
    device.set_host(Usb::NotConnected);
    controls.apply(1, key(0xE1, false)).await;
    controls.apply(1, key(0xE5, true)).await;
    device.set_host(Usb::Configured);
    let mut reports = device.reports.subscribe();
    timeout(PATIENCE, reports.wait_for(|all| all.contains(&shift(0x20))))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(controls.host().borrow().usb, Usb::Configured);
}

#[tokio::test]
async fn what_is_done_as_soon_as_a_host_is_there_is_not_lost() {
    let device = Device::new();
    device.set_host(Usb::NotConnected);
    let controls = Controls::start(Box::new(Recorder(device.clone())));
    controls.take(1);
    device.set_host(Usb::Configured);
    controls.apply(1, Input::PointerBy { dx: 5, dy: -7 }).await;
    let motion = Report::Mouse(Mouse {
        dx: 5,
        dy: -7,
        ..Mouse::default()
    });
    let mut reports = device.reports.subscribe();
    timeout(PATIENCE, reports.wait_for(|all| all.contains(&motion)))
        .await
        .unwrap()
        .unwrap();
}
