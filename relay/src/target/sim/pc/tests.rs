//! The PC as the relay meets it: reports in as bytes, pictures, lock lights and states out.

use proptest::prelude::*;
use shared::{input::Usage, keys};

use super::*;
use crate::target::sim::{fault, machine::ConsoleView};

/// A PC with a clock of its own.
struct Bench {
    pc: Pc,
    now: Duration,
}

impl Bench {
    fn booted() -> Self {
        let mut bench = Self::switched_on();
        bench.pass(6000);
        bench
    }

    fn switched_on() -> Self {
        let size = Size {
            width: 1280,
            height: 720,
        };
        Self {
            pc: Pc::new(size, 1_700_000_000_000_000),
            now: Duration::ZERO,
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        self.pc.advance(self.now);
    }

    fn offer(&mut self, interface: Interface, bytes: &[u8]) -> Endpoint {
        self.pc.advance(self.now);
        self.pc.offer(self.now, 7, interface, bytes)
    }

    fn keys(&mut self, modifiers: u8, keys: &[u8]) -> Endpoint {
        let mut report = [modifiers, 0, 0, 0, 0, 0, 0, 0];
        report[2..2 + keys.len()].copy_from_slice(keys);
        self.offer(Interface::Keyboard, &report)
    }

    fn strike(&mut self, modifiers: u8, key: u8) {
        assert_eq!(self.keys(modifiers, &[key]), Endpoint::Taken);
        assert_eq!(self.keys(0, &[]), Endpoint::Taken);
    }

    /// Types on a US keyboard.
    fn types(&mut self, text: &str) {
        for character in text.chars() {
            let (code, shift) = match character {
                'a'..='z' => (format!("Key{}", character.to_ascii_uppercase()), 0),
                'A'..='Z' => (format!("Key{character}"), 2),
                '0'..='9' => (format!("Digit{character}"), 0),
                ' ' => ("Space".to_owned(), 0),
                '.' => ("Period".to_owned(), 0),
                '\n' => ("Enter".to_owned(), 0),
                '\t' => ("Tab".to_owned(), 0),
                other => panic!("no key for {other:?}"),
            };
            let Some(Usage::Keyboard(usage)) = keys::usage(&code) else {
                panic!("no usage for {code}");
            };
            self.strike(shift, usage);
        }
    }

    fn point(&mut self, x: u16, y: u16, buttons: u8) {
        let ([x0, x1], [y0, y1]) = (x.to_le_bytes(), y.to_le_bytes());
        let taken = self.offer(Interface::Pointer, &[buttons, x0, x1, y0, y1, 0, 0, 0, 0]);
        assert_eq!(taken, Endpoint::Taken);
    }

    fn fault(&mut self, kind: fault::Kind, ms: Option<u32>) {
        self.pc.faults.set(self.now, kind, ms);
        self.pc.settle();
    }

    fn shows(&self, text: &str) -> bool {
        self.pc.state().text.iter().any(|line| line.contains(text))
    }

    fn console(&self) -> ConsoleView {
        match self.pc.machine.view(self.now) {
            Some(View::Console(view)) => *view,
            other => panic!("no console: {other:?}"),
        }
    }
}

#[test]
fn what_is_typed_is_shown_run_and_kept() {
    let mut bench = Bench::booted();
    bench.types("help\nCat fox.txt\n");
    assert_eq!(bench.pc.state().typed, "help\nCat fox.txt\n");
    assert!(bench.shows("poweroff"));
    assert!(bench.shows("Cat: no such command"));
    bench.types("cat fox.txt\n");
    assert!(bench.shows("The quick brown fox"));
}

#[test]
fn the_layout_command_changes_what_keys_type() {
    let mut bench = Bench::booted();
    bench.types("layout de\n");
    bench.strike(0, 0x1C);
    bench.strike(0x40, 0x14);
    bench.strike(0, 0x2F);
    assert!(
        bench.pc.state().typed.ends_with("z@ü"),
        "{}",
        bench.pc.state().typed
    );
    assert!(bench.shows("$ z@ü"));
}

#[test]
fn a_held_key_is_repeated_by_the_machine_and_not_by_reports() {
    let mut bench = Bench::booted();
    bench.keys(0, &[0x04]);
    bench.pass(499);
    assert_eq!(bench.pc.state().typed, "a");
    bench.pass(1 + 33 + 33);
    assert_eq!(bench.pc.state().typed, "aaaa");
    bench.keys(0, &[]);
    bench.pass(2000);
    assert_eq!(bench.pc.state().typed, "aaaa");
}

#[test]
fn lock_lights_come_back_unless_the_host_does_not_echo_them() {
    let mut bench = Bench::booted();
    assert_eq!(bench.pc.host().leds, Some(Leds::default()));
    bench.strike(0, 0x39);
    assert!(bench.pc.host().leds.unwrap().caps_lock);
    bench.types("a");
    assert_eq!(bench.pc.state().typed, "A");
    bench.pc.led_echo = false;
    bench.strike(0, 0x39);
    assert!(bench.pc.host().leds.unwrap().caps_lock);
    assert!(!bench.pc.state().leds.caps_lock);
}

#[test]
fn ctrl_alt_del_restarts_and_the_usb_host_comes_back() {
    for modifiers in [0x05, 0x50, 0x41, 0x14] {
        let mut bench = Bench::booted();
        bench.keys(modifiers, &[0x4C]);
        assert!(bench.shows("Firmware"));
        assert_eq!(
            bench.pc.host(),
            Host {
                usb: Usb::NotConnected,
                leds: None,
                fine_wheel: false
            }
        );
        assert_eq!(bench.keys(0, &[]), Endpoint::Gone);
        bench.pass(500);
        assert_eq!(bench.pc.host().usb, Usb::Configured);
        assert!(bench.pc.host().fine_wheel);
        assert!(bench.pc.state().keys_down.is_empty());
    }
}

#[test]
fn f12_opens_the_boot_menu_and_enter_boots() {
    let mut bench = Bench::switched_on();
    assert_eq!(bench.keys(0, &[0x45]), Endpoint::Gone);
    bench.pass(1000);
    bench.strike(0, 0x45);
    assert!(bench.shows("Boot menu"));
    bench.pass(60_000);
    assert!(bench.shows("> Own disk"));
    bench.strike(0, 0x28);
    bench.pass(2000);
    assert!(bench.shows("operator@pc:~$"));
}

#[test]
fn a_sleeping_machine_is_woken_by_a_key_that_types_nothing() {
    let mut bench = Bench::booted();
    bench.types("sleep\n");
    assert_eq!(bench.pc.state().power, "on");
    bench.pass(600);
    assert_eq!(
        (bench.pc.signal(), bench.pc.host().usb),
        (Signal::NoSignal, Usb::Suspended)
    );
    assert_eq!(
        bench.offer(Interface::Mouse, &[0, 5, 5, 0, 0]),
        Endpoint::Gone
    );
    assert_eq!(bench.pc.state().power, "sleep");
    bench.strike(0, 0x04);
    assert_eq!(
        (bench.pc.state().power, bench.pc.host().usb),
        ("on", Usb::Configured)
    );
    bench.types("b");
    assert_eq!(bench.pc.state().typed, "sleep\nb");
}

#[test]
fn a_machine_that_is_off_has_neither_picture_nor_usb() {
    let mut bench = Bench::booted();
    bench.types("poweroff\n");
    assert!(bench.shows("switches off"));
    bench.pass(1000);
    assert_eq!(
        (bench.pc.signal(), bench.pc.host().usb),
        (Signal::TargetOff, Usb::NotConnected)
    );
    assert_eq!(bench.pc.scene(), None);
    assert_eq!(bench.keys(0, &[0x04]), Endpoint::Gone);
}

#[test]
fn power_and_sleep_are_system_controls_too() {
    let mut bench = Bench::booted();
    bench.offer(Interface::Control, &[2, 0x82]);
    bench.pass(600);
    assert_eq!(bench.pc.state().power, "sleep");
    assert_eq!(bench.pc.state().system, 0);
    bench.offer(Interface::Control, &[2, 0x83]);
    assert_eq!(bench.pc.state().power, "on");
    bench.offer(Interface::Control, &[2, 0x81]);
    bench.pass(1000);
    assert_eq!(bench.pc.state().power, "off");
}

#[test]
fn a_pulled_usb_cable_releases_what_was_held() {
    let mut bench = Bench::booted();
    bench.keys(0x02, &[0x04]);
    bench.point(100, 100, 1);
    bench.fault(fault::Kind::UsbGone, Some(100));
    let state = bench.pc.state();
    assert_eq!(
        (
            state.usb.state,
            state.keys_down.len(),
            state.pointer.buttons
        ),
        ("not_connected", 0, 0)
    );
    assert_eq!(bench.keys(0, &[]), Endpoint::Gone);
    bench.pass(100);
    assert_eq!(bench.pc.state().usb.state, "configured");
    bench.pass(2000);
    assert_eq!(bench.pc.state().typed, "A");
}

#[test]
fn a_busy_or_slow_endpoint_takes_reports_later_and_loses_none() {
    let mut bench = Bench::booted();
    bench.fault(fault::Kind::UsbBusy, Some(100));
    assert_eq!(
        bench.keys(0, &[0x04]),
        Endpoint::Busy(Some(bench.now + Duration::from_millis(100)))
    );
    bench.pass(100);
    assert_eq!(bench.keys(0, &[0x04]), Endpoint::Taken);
    bench.fault(fault::Kind::SlowHost, Some(20));
    assert_eq!(bench.keys(0, &[]), Endpoint::Taken);
    let free = bench.now + Duration::from_millis(20);
    assert_eq!(bench.keys(0, &[0x05]), Endpoint::Busy(Some(free)));
    bench.pass(20);
    assert_eq!(bench.keys(0, &[0x05]), Endpoint::Taken);
    assert_eq!(bench.pc.state().typed, "ab");
}

#[test]
fn a_suspended_link_is_woken_by_a_key() {
    let mut bench = Bench::booted();
    bench.fault(fault::Kind::UsbSuspended, None);
    assert_eq!(bench.pc.host().usb, Usb::Suspended);
    assert_eq!(bench.keys(0, &[]), Endpoint::Gone);
    assert_eq!(bench.keys(0, &[0x04]), Endpoint::Taken);
    assert_eq!(bench.pc.host().usb, Usb::Configured);
}

#[test]
fn a_suspended_link_is_woken_by_the_gadget_too_and_the_machine_with_it() {
    let mut bench = Bench::booted();
    bench.fault(fault::Kind::UsbSuspended, None);
    bench.pc.rouse(bench.now);
    assert_eq!(bench.pc.host().usb, Usb::Configured);

    bench.types("sleep\n");
    bench.pass(2000);
    assert_eq!(bench.pc.state().power, "sleep");
    bench.pc.rouse(bench.now);
    assert_eq!(bench.pc.state().power, "on");
    assert_eq!(bench.pc.host().usb, Usb::Configured);

    bench.fault(fault::Kind::UsbGone, None);
    bench.pc.rouse(bench.now);
    assert_eq!(bench.pc.host().usb, Usb::NotConnected);
}

#[test]
fn signal_faults_cover_the_picture_and_leave_usb_alone() {
    let mut bench = Bench::booted();
    let picture = bench.pc.signal();
    assert_eq!(
        picture,
        Signal::Picture {
            width: 1280,
            height: 720,
            centihertz: 6000
        }
    );
    for (kind, signal) in [
        (fault::Kind::NoCable, Signal::NoCable),
        (fault::Kind::NoSignal, Signal::NoSignal),
        (fault::Kind::NoLock, Signal::NoLock),
        (fault::Kind::OutOfRange, Signal::OutOfRange),
        (fault::Kind::DeviceGone, Signal::DeviceGone),
    ] {
        bench.fault(kind, None);
        assert_eq!(
            (bench.pc.signal(), bench.pc.host().usb),
            (signal, Usb::Configured)
        );
    }
    bench.fault(fault::Kind::None, None);
    assert_eq!(bench.pc.signal(), picture);
}

#[test]
fn the_pointer_is_exact_at_corners_and_centre_in_every_size() {
    let mut bench = Bench::booted();
    for (width, height) in [(1280, 720), (720, 400), (1281, 721), (3840, 2160)] {
        bench.pc.machine.resize(Size { width, height });
        for (x, y, to) in [
            (0, 0, (0, 0)),
            (32767, 0, (width - 1, 0)),
            (0, 32767, (0, height - 1)),
            (32767, 32767, (width - 1, height - 1)),
        ] {
            bench.point(x, y, 0);
            let pointer = bench.pc.state().pointer;
            assert_eq!((pointer.x, pointer.y), to);
            assert_eq!(bench.pc.scene().unwrap().pointer, Some(to));
        }
    }
    bench.offer(Interface::Mouse, &[0, 0x81, 0x81, 0, 0]);
    let pointer = bench.pc.state().pointer;
    assert_eq!((pointer.x, pointer.y), (3840 - 1 - 127, 2160 - 1 - 127));
}

#[test]
fn a_click_leaves_a_mark_for_a_moment_and_the_wheel_scrolls_back() {
    let mut bench = Bench::booted();
    for _ in 0..6 {
        bench.types("help\n");
    }
    bench.point(16384, 16384, 2);
    let mark = bench.console().mark.unwrap();
    assert_eq!((mark.x, mark.y, mark.button), (640, 360, 1));
    assert_eq!(bench.pc.state().pointer.buttons, 2);
    bench.pass(1000);
    assert_eq!(bench.console().mark, None);
    bench.offer(Interface::Mouse, &[2, 0, 0, 2, 0]);
    assert_eq!(bench.console().page.scrolled, 6);
    bench.offer(Interface::Pointer, &[2, 0, 0, 0, 0, 0x88, 0xFF, 0, 0]);
    assert_eq!(bench.console().page.scrolled, 3);
    bench.types("x");
    assert_eq!(bench.console().page.scrolled, 0);
}

#[test]
fn commands_change_the_screen() {
    let mut bench = Bench::booted();
    bench.types("size 1366x768\n");
    assert_eq!(bench.pc.state().size, "1366x768");
    assert_eq!(bench.pc.scene().unwrap().frame_rate, None);
    bench.types("motion on\n");
    assert_eq!(bench.pc.scene().unwrap().frame_rate, Some(60));
    bench.types("motion off\nclock\n");
    assert!(bench.shows("2023-11-14 22:13:26 UTC"));
    bench.types("clear\n");
    assert_eq!(bench.pc.state().text.len(), 1);
}

#[test]
fn another_monitor_brings_its_preferred_size() {
    let mut bench = Bench::booted();
    let edid = edid::default();
    bench.pc.set_edid(&edid);
    assert_eq!(
        (bench.pc.state().size.as_str(), bench.pc.edid()),
        ("1920x1080", edid.as_slice())
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_reports_at_any_time_make_the_pc_fail(
        reports in proptest::collection::vec((0..4_usize, proptest::collection::vec(any::<u8>(), 0..12), 0..700_u64), 0..60)
    ) {
        let mut bench = Bench::booted();
        for (interface, bytes, ms) in &reports {
            bench.pass(*ms);
            bench.offer(Interface::ALL[*interface], bytes);
            let state = bench.pc.state();
            let scene = bench.pc.scene();
            prop_assert_eq!(scene.is_some(), state.power == "on");
            prop_assert!(state.reports <= reports.len() as u64);
            prop_assert!(state.pointer.x < 1280 && state.pointer.y < 720);
        }
    }
}
