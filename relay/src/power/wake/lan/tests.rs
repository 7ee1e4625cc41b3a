use std::{net::UdpSocket, num::NonZeroU16, time::Duration};

use super::{LanError, WakeOnLan};

/// A card whose neighbours listen: whoever has the socket is woken.
fn card(listen: &str, address: &str) -> (UdpSocket, WakeOnLan) {
    let socket = UdpSocket::bind((listen, 0)).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let port = socket.local_addr().unwrap().port();
    let wake = WakeOnLan {
        mac: "12:22:33:44:55:66".parse().unwrap(),
        interface: None,
        address: address.parse().unwrap(),
        port: NonZeroU16::new(port).unwrap(),
        password: None,
    };
    (socket, wake)
}

fn received(socket: &UdpSocket) -> Vec<u8> {
    let mut bytes = [0; 2048];
    let length = socket.recv(&mut bytes).unwrap();
    bytes[..length].to_vec()
}

/// Six times 0xFF, and sixteen times the address.
fn expected() -> Vec<u8> {
    let mut bytes = vec![255_u8; 6];
    bytes.extend([18, 34, 51, 68, 85, 102].iter().cycle().take(96));
    bytes
}

#[test]
fn one_host_and_all_hosts_of_a_network_are_reached() {
    for (listen, address) in [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.255.255.255"),
        ("::1", "::1"),
    ] {
        let (socket, wake) = card(listen, address);
        wake.send().unwrap();
        for _ in 0..3 {
            assert_eq!(received(&socket), expected(), "{address}");
        }
    }
}

#[test]
fn the_password_stands_behind_it() {
    let (socket, mut wake) = card("127.0.0.1", "127.0.0.1");
    wake.password = Some("de:ad:be:ef:00:01".parse().unwrap());
    wake.send().unwrap();
    let password = [0xDE, 0xAD, 0xBE, 0xEF, 0x00, 0x01];
    assert_eq!(received(&socket), [&expected()[..], &password].concat());
}

#[test]
fn everybody_is_reached_through_the_chosen_interface() {
    let (socket, mut wake) = card("0.0.0.0", "255.255.255.255");
    wake.interface = Some("lo".to_owned());
    wake.send().unwrap();
    assert_eq!(received(&socket), expected());
}

#[test]
fn an_interface_that_is_not_there_is_named_beside_those_that_are() {
    let (_, mut wake) = card("127.0.0.1", "255.255.255.255");
    wake.interface = Some("nowhere9".to_owned());
    let error = wake.send().unwrap_err();
    assert!(matches!(error, LanError::NoInterface { .. }), "{error:?}");
    let said = error.to_string();
    assert!(
        said.starts_with("the relay has no network interface \"nowhere9\"; it has ")
            && said.contains("lo"),
        "{said}"
    );
    assert_eq!(wake.check().unwrap_err().to_string(), said);
}

#[test]
fn a_host_that_the_interface_does_not_lead_to_is_an_error() {
    let (_, mut wake) = card("127.0.0.1", "fe80::1");
    wake.interface = Some("lo".to_owned());
    let error = wake.send().unwrap_err();
    assert!(matches!(error, LanError::NoWay { .. }), "{error:?}");
}
