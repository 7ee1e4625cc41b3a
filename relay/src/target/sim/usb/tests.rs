//! Reports written out by hand from the HID specification, and what the host makes of them.

use proptest::prelude::*;

use super::{Event, RECORD_MAX, UsbHost, descriptor::Descriptor};
use crate::input::Interface;

fn down(usage: u8) -> Event {
    Event::Key { usage, down: true }
}

fn up(usage: u8) -> Event {
    Event::Key { usage, down: false }
}

fn keys(host: &mut UsbHost, bytes: [u8; 8]) -> Vec<Event> {
    host.report(0, Interface::Keyboard, &bytes)
}

#[test]
fn keys_go_down_and_up_as_the_report_changes() {
    let mut host = UsbHost::default();
    assert_eq!(
        keys(&mut host, [0x02, 0, 0x04, 0, 0, 0, 0, 0]),
        [down(0xE1), down(0x04)]
    );
    assert_eq!(
        keys(&mut host, [0x02, 0, 0x04, 0x05, 0, 0, 0, 0]),
        [down(0x05)]
    );
    assert_eq!(
        keys(&mut host, [0x00, 0, 0x05, 0, 0, 0, 0, 0]),
        [up(0x04), up(0xE1)]
    );
    assert_eq!(host.keys_down().collect::<Vec<_>>(), [0x05]);
    assert_eq!(host.release_all(), [up(0x05)]);
    assert_eq!(host.keys_down().count(), 0);
}

#[test]
fn roll_over_changes_no_key() {
    let mut host = UsbHost::default();
    keys(&mut host, [0, 0, 4, 5, 6, 7, 8, 9]);
    assert_eq!(keys(&mut host, [0, 0, 1, 1, 1, 1, 1, 1]), []);
    assert_eq!(host.keys_down().collect::<Vec<_>>(), [4, 5, 6, 7, 8, 9]);
    assert_eq!(keys(&mut host, [0, 0, 4, 5, 6, 7, 8, 0]), [up(9)]);
}

#[test]
fn the_highest_key_of_the_descriptor_is_understood() {
    let mut host = UsbHost::default();
    assert_eq!(keys(&mut host, [0, 0, 0xDD, 0, 0, 0, 0, 0]), [down(0xDD)]);
}

#[test]
fn the_absolute_pointer_gives_its_place_buttons_and_fine_wheel() {
    let mut host = UsbHost::default();
    let report = [0x05, 0xFF, 0x7F, 0x00, 0x40, 0x88, 0xFF, 0x3C, 0x00];
    assert_eq!(
        host.report(0, Interface::Pointer, &report),
        [
            Event::PointerTo {
                x: 32767,
                y: 16384,
                max: 32767
            },
            Event::Buttons(5),
            Event::Wheel {
                vertical: -120,
                horizontal: 60
            },
        ]
    );
}

#[test]
fn the_mouse_moves_by_signed_counts_and_turns_by_detents() {
    let mut host = UsbHost::default();
    assert_eq!(
        host.report(0, Interface::Mouse, &[0, 0xFF, 0x7F, 0x01, 0xFE]),
        [
            Event::PointerBy { dx: -1, dy: 127 },
            Event::Wheel {
                vertical: 120,
                horizontal: -240
            }
        ]
    );
    assert_eq!(
        host.report(0, Interface::Mouse, &[1, 0, 0, 0, 0]),
        [Event::Buttons(1)]
    );
    let pointer = host.report(0, Interface::Pointer, &[0; 9]);
    assert_eq!(
        pointer,
        [Event::PointerTo {
            x: 0,
            y: 0,
            max: 32767
        }]
    );
    assert_eq!(
        host.report(0, Interface::Mouse, &[0; 5]),
        [Event::Buttons(0)]
    );
}

#[test]
fn consumer_and_system_controls_are_told_apart_by_their_ids() {
    let mut host = UsbHost::default();
    assert_eq!(
        host.report(1, Interface::Control, &[1, 0xE9, 0]),
        [Event::Consumer(0xE9)]
    );
    assert_eq!(
        host.report(2, Interface::Control, &[2, 0x82]),
        [Event::System(0x82)]
    );
    assert_eq!(
        host.report(3, Interface::Control, &[1, 0, 0]),
        [Event::Consumer(0)]
    );
    assert_eq!(
        host.report(4, Interface::Control, &[2, 0]),
        [Event::System(0)]
    );
    let record: Vec<_> = host.record(1).collect();
    assert_eq!(record.len(), 3);
    assert_eq!((record[0].n, record[0].t_us), (2, 2));
    assert_eq!(
        (record[0].interface, record[0].hex.as_str()),
        ("system", "0282")
    );
    assert_eq!(
        (record[1].interface, record[1].hex.as_str()),
        ("consumer", "010000")
    );
}

#[test]
fn only_a_report_that_presses_something_wakes() {
    let host = UsbHost::default();
    assert!(host.presses(Interface::Keyboard, &[0, 0, 4, 0, 0, 0, 0, 0]));
    assert!(host.presses(Interface::Keyboard, &[1, 0, 0, 0, 0, 0, 0, 0]));
    assert!(host.presses(Interface::Mouse, &[1, 0, 0, 0, 0]));
    assert!(host.presses(Interface::Control, &[2, 0x83]));
    assert!(!host.presses(Interface::Keyboard, &[0; 8]));
    assert!(!host.presses(Interface::Mouse, &[0, 5, 5, 0, 0]));
    assert!(!host.presses(Interface::Pointer, &[0, 5, 5, 5, 5, 0, 0, 0, 0]));
    assert!(!host.presses(Interface::Control, &[2, 0]));
}

#[test]
fn the_record_keeps_the_newest_and_its_numbers() {
    let mut host = UsbHost::default();
    for t_us in 0..RECORD_MAX as u64 + 5 {
        host.report(t_us, Interface::Mouse, &[0; 5]);
    }
    let first = host.record(0).next().unwrap();
    assert_eq!((first.n, first.t_us), (6, 5));
    assert_eq!(host.record(0).count(), RECORD_MAX);
    assert_eq!(host.record(host.count()).count(), 0);
    let last = host.record(host.count() - 1).next().unwrap();
    assert_eq!(
        (last.n, last.t_us),
        (RECORD_MAX as u64 + 5, RECORD_MAX as u64 + 4)
    );
}

proptest! {
    #[test]
    fn no_report_makes_the_host_fail(reports in proptest::collection::vec((0..4_usize, proptest::collection::vec(any::<u8>(), 0..20)), 0..50)) {
        let mut host = UsbHost::default();
        for (interface, bytes) in &reports {
            let interface = Interface::ALL[*interface];
            std::hint::black_box(host.presses(interface, bytes));
            host.report(0, interface, bytes);
        }
        prop_assert_eq!(host.count(), reports.len() as u64);
        prop_assert!(host.keys_down().all(|usage| usage > 3));
    }

    #[test]
    fn no_descriptor_makes_the_parser_fail(bytes: Vec<u8>, report: Vec<u8>) {
        let descriptor = Descriptor::parse(&bytes);
        std::hint::black_box(descriptor.decode(&report));
        std::hint::black_box(descriptor.is_complete(&report));
    }
}
