//! The simulated PC in real time, through the relay's own traits.

use std::time::{Duration, Instant};

use shared::message::{Signal, Usb};

use super::{Control, Options, open};
use crate::{
    capture::{Event, Screen},
    input::{
        Hid, HidError, Report,
        report::{Keyboard, Pointer},
    },
    target::Target,
};

const DEADLINE: Duration = Duration::from_secs(30);

fn switched_on() -> (Target, Control) {
    open(
        Options {
            width: 640,
            height: 480,
            ..Options::default()
        },
        &[],
    )
    .unwrap()
}

/// Takes events until one satisfies.
fn until(screen: &mut dyn Screen, wanted: impl Fn(Event, &dyn Screen) -> bool) {
    let end = Instant::now() + DEADLINE;
    while Instant::now() < end {
        let event = screen.next(Duration::from_secs(1)).unwrap();
        if wanted(event, screen) {
            return;
        }
    }
    panic!("it does not come");
}

fn key(usage: u8) -> Report {
    Report::Keyboard(Keyboard {
        modifiers: 0,
        keys: [usage, 0, 0, 0, 0, 0],
    })
}

fn enumerated(hid: &mut dyn Hid) {
    let end = Instant::now() + DEADLINE;
    while matches!(hid.write(&key(0)), Err(HidError::NotConnected)) {
        assert!(Instant::now() < end, "no USB host comes");
        std::thread::yield_now();
    }
}

fn fault(control: &Control, kind: super::fault::Kind, ms: Option<u32>) {
    let live = control.live();
    let mut access = live.access();
    let now = access.now;
    access.pc().faults.set(now, kind, ms);
    access.stir();
}

#[test]
fn the_size_is_told_before_the_first_picture() {
    let (mut target, _control) = switched_on();
    assert!(target.screen.picture().is_none());
    let signal = Signal::Picture {
        width: 640,
        height: 480,
        centihertz: 6000,
    };
    until(&mut *target.screen, |event, screen| {
        assert!(event == Event::Unchanged || screen.picture().is_none());
        event == Event::Signal(signal)
    });
    until(&mut *target.screen, |event, _| event == Event::Changed);
    let picture = target.screen.picture().unwrap();
    assert_eq!(
        (picture.width, picture.height, picture.stride),
        (640, 480, 2560)
    );
    assert_eq!(picture.data.len(), 2560 * 480);
    assert!(picture.captured_us > 1_600_000_000_000_000);
}

#[test]
fn a_report_changes_the_picture() {
    let (mut target, control) = switched_on();
    until(&mut *target.screen, |event, _| event == Event::Changed);
    enumerated(&mut *target.hid);
    let pointer = Pointer {
        x: 0x7FFF,
        y: 0,
        ..Pointer::default()
    };
    target.hid.write(&Report::Pointer(pointer)).unwrap();
    let tip = 639 * 4;
    until(&mut *target.screen, |event, screen| {
        event == Event::Changed
            && screen
                .picture()
                .is_some_and(|picture| picture.data[tip..tip + 3] == [0x18, 0x14, 0x10])
    });
    assert_eq!(control.live().access().pc().state().pointer.x, 639);
}

#[test]
fn a_fault_shows_at_once_and_the_picture_comes_back_by_itself() {
    let (mut target, control) = switched_on();
    until(&mut *target.screen, |event, _| event == Event::Changed);
    fault(&control, super::fault::Kind::NoCable, Some(200));
    until(&mut *target.screen, |event, _| {
        event == Event::Signal(Signal::NoCable)
    });
    assert!(target.screen.picture().is_none());
    until(&mut *target.screen, |event, _| {
        matches!(event, Event::Signal(Signal::Picture { .. }))
    });
    until(&mut *target.screen, |event, screen| {
        event == Event::Changed && screen.picture().is_some()
    });
}

#[test]
fn a_busy_endpoint_is_waited_for_and_a_pulled_cable_is_told() {
    let (mut target, control) = switched_on();
    enumerated(&mut *target.hid);
    fault(&control, super::fault::Kind::UsbBusy, Some(50));
    let before = control.live().access().pc().state().reports;
    target.hid.write(&key(0x45)).unwrap();
    assert_eq!(control.live().access().pc().state().reports, before + 1);
    fault(&control, super::fault::Kind::UsbGone, None);
    assert!(matches!(
        target.hid.write(&key(0)),
        Err(HidError::NotConnected)
    ));
    assert_eq!(target.hid.host().borrow().usb, Usb::NotConnected);
    fault(&control, super::fault::Kind::None, None);
    target.hid.write(&key(0)).unwrap();
    assert_eq!(target.hid.host().borrow().usb, Usb::Configured);
}

#[test]
fn a_monitor_is_exchanged() {
    let (mut target, _control) = switched_on();
    let edid = target.screen.edid().unwrap();
    assert_eq!(edid.len(), 256);
    assert!(target.screen.set_edid(&edid[..127]).is_err());
    target.screen.set_edid(&edid).unwrap();
    let full = Signal::Picture {
        width: 1920,
        height: 1080,
        centihertz: 6000,
    };
    until(&mut *target.screen, |event, _| event == Event::Signal(full));
}

#[test]
fn the_painter_ends_with_the_screen() {
    let (target, control) = switched_on();
    drop(target.screen);
    assert!(control.live().access().is_stopped());
}

#[test]
fn a_size_beyond_the_limits_is_refused() {
    let refused = open(
        Options {
            width: 100,
            height: 100,
            ..Options::default()
        },
        &[],
    );
    assert!(refused.is_err_and(|error| error.to_string().contains("100x100")));
}
