//! The descriptors as a strict host reads them, and every report decoded by what they say.

mod host;

use std::collections::BTreeMap;

use shared::{
    input::{Buttons, POINTER_MAX, Usage},
    keys::CODES,
};

use self::host::{Described, Kind, Value};
use super::{CONSUMERS, KEYS, MODIFIERS, SYSTEMS, boot_class, report_descriptor, report_length};
use crate::input::report::{Interface, Keyboard, Mouse, Pointer, Report};

fn described(interface: Interface) -> Described {
    Described::parse(report_descriptor(interface))
        .unwrap_or_else(|fault| panic!("{interface:?}: {fault}"))
}

/// What a host makes of a report: page, usage and value of all that is not zero.
fn seen(report: Report) -> Vec<Value> {
    let described = described(report.interface());
    let bytes = report.to_bytes();
    let mut values = described
        .decode(Kind::Input, &bytes)
        .unwrap_or_else(|fault| panic!("{report:?}: {fault}"));
    values.retain(|value| value.value != 0);
    values
}

fn value(page: u16, usage: u16, value: i64) -> Value {
    Value { page, usage, value }
}

#[test]
fn every_key_that_can_be_emitted_is_what_the_host_sees() {
    for (code, usage) in CODES {
        let (report, expected) = match *usage {
            Usage::Keyboard(key) if usage.is_modifier() => (
                Report::Keyboard(Keyboard {
                    modifiers: 1 << (key - 0xE0),
                    keys: [0; 6],
                }),
                value(0x07, key.into(), 1),
            ),
            Usage::Keyboard(key) => (
                Report::Keyboard(Keyboard {
                    modifiers: 0,
                    keys: [key, 0, 0, 0, 0, 0],
                }),
                value(0x07, key.into(), 1),
            ),
            Usage::Consumer(control) => (Report::Consumer(control), value(0x0C, control, 1)),
            Usage::System(control) => (Report::System(control), value(0x01, control.into(), 1)),
        };
        assert_eq!(seen(report), [expected], "{code}");
    }
}

#[test]
fn the_ranges_that_are_accepted_are_those_that_are_described() {
    for key in KEYS {
        let keys = [0, 0, 0, 0, 0, key];
        let report = Report::Keyboard(Keyboard { modifiers: 0, keys });
        assert_eq!(seen(report), [value(0x07, key.into(), 1)]);
    }
    for key in MODIFIERS {
        let report = Report::Keyboard(Keyboard {
            modifiers: 1 << (key - 0xE0),
            keys: [0; 6],
        });
        assert_eq!(seen(report), [value(0x07, key.into(), 1)]);
    }
    for control in CONSUMERS {
        assert_eq!(seen(Report::Consumer(control)), [value(0x0C, control, 1)]);
    }
    for control in SYSTEMS {
        let expected = [value(0x01, control.into(), 1)];
        assert_eq!(seen(Report::System(control)), expected);
    }
}

#[test]
fn nothing_down_is_nothing_seen() {
    let none = [
        Report::Keyboard(Keyboard::default()),
        Report::Pointer(Pointer::default()),
        Report::Mouse(Mouse::default()),
        Report::Consumer(0),
        Report::System(0),
    ];
    for report in none {
        assert_eq!(seen(report), []);
    }
}

#[test]
fn rollover_is_no_key() {
    let report = Report::Keyboard(Keyboard {
        modifiers: 0b10,
        keys: [1; 6],
    });
    let seen = seen(report);
    assert_eq!(seen.first(), Some(&value(0x07, 0xE1, 1)));
    assert!(seen[1..].iter().all(|value| value.usage == 0x01));
}

#[test]
fn the_absolute_pointer_says_place_buttons_and_wheels() {
    let report = Report::Pointer(Pointer {
        buttons: Buttons::LEFT.with(Buttons::FORWARD),
        x: POINTER_MAX,
        y: 0x1234,
        wheel: -32_767,
        pan: 120,
    });
    let expected = [
        value(0x09, 1, 1),
        value(0x09, 5, 1),
        value(0x01, 0x30, 32_767),
        value(0x01, 0x31, 0x1234),
        value(0x01, 0x38, -32_767),
        value(0x0C, 0x238, 120),
    ];
    assert_eq!(seen(report), expected);
}

#[test]
fn the_mouse_says_motion_buttons_and_wheels() {
    let report = Report::Mouse(Mouse {
        buttons: Buttons::RIGHT,
        dx: -127,
        dy: 127,
        wheel: 1,
        pan: -1,
    });
    let expected = [
        value(0x09, 2, 1),
        value(0x01, 0x30, -127),
        value(0x01, 0x31, 127),
        value(0x01, 0x38, 1),
        value(0x0C, 0x238, -1),
    ];
    assert_eq!(seen(report), expected);
}

#[test]
fn lengths_are_those_described() {
    for interface in Interface::ALL {
        let longest = described(interface)
            .lengths(Kind::Input)
            .into_values()
            .max();
        assert_eq!(
            longest,
            Some(usize::from(report_length(interface))),
            "{interface:?}"
        );
    }
    let control = described(Interface::Control).lengths(Kind::Input);
    assert_eq!(control, BTreeMap::from([(1, 3), (2, 2)]));
}

#[test]
fn boot_devices_have_the_boot_layout() {
    assert_eq!(boot_class(Interface::Keyboard), (1, 1));
    assert_eq!(boot_class(Interface::Mouse), (1, 2));
    assert_eq!(boot_class(Interface::Pointer), (0, 0));
    assert_eq!(boot_class(Interface::Control), (0, 0));
    let keyboard = Report::Keyboard(Keyboard {
        modifiers: 0x81,
        keys: [4, 5, 6, 7, 8, 9],
    });
    assert_eq!(keyboard.to_bytes(), [0x81, 0, 4, 5, 6, 7, 8, 9]);
    let mouse = Report::Mouse(Mouse {
        buttons: Buttons::MIDDLE,
        dx: -1,
        dy: 2,
        wheel: 0,
        pan: 0,
    });
    assert_eq!(mouse.to_bytes()[..3], [4, 0xFF, 2]);
}

#[test]
fn the_lock_lights_are_the_five_low_bits_of_one_byte() {
    let keyboard = described(Interface::Keyboard);
    for bit in 0..5 {
        let lit: Vec<_> = keyboard
            .decode(Kind::Output, &[1 << bit])
            .expect("one byte")
            .into_iter()
            .filter(|value| value.value != 0)
            .collect();
        assert_eq!(lit, [value(0x08, bit + 1, 1)]);
    }
}

#[test]
fn both_wheels_of_the_pointer_have_a_resolution_multiplier() {
    let pointer = described(Interface::Pointer);
    assert_eq!(pointer.lengths(Kind::Feature), BTreeMap::from([(0, 1)]));
    let set = pointer.decode(Kind::Feature, &[0b0101]).expect("one byte");
    assert_eq!(set, [value(0x01, 0x48, 1), value(0x01, 0x48, 1)]);
}

#[test]
fn a_faulty_descriptor_is_refused() {
    let keyboard = report_descriptor(Interface::Keyboard);
    for end in 1..keyboard.len() {
        assert!(
            Described::parse(&keyboard[..end]).is_err(),
            "cut off at {end}"
        );
    }
    let maximum = [0x26, 0xDD, 0x00];
    let at = keyboard
        .windows(3)
        .position(|item| item == maximum)
        .expect("the logical maximum of the keys");
    let mut one_byte = keyboard.to_vec();
    one_byte.splice(at..at + 3, [0x25, 0xDD]);
    assert!(Described::parse(&one_byte).is_err(), "a maximum of -35");
}
