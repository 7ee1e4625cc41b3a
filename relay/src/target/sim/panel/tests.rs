use super::*;
use crate::target::sim::{geometry::Size, pc::Pc, usb::Event};

fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A PC whose console runs, 6 s after it was switched on.
fn booted() -> Pc {
    let mut pc = Pc::new(Size::new(640, 480).unwrap(), 0);
    pc.advance(at(6_000));
    assert!(pc.state().text.iter().any(|line| line.ends_with('$')));
    pc
}

fn set(pc: &mut Pc, ms: u64, button: Button, down: bool) {
    pc.advance(at(ms));
    let Pc { front, machine, .. } = pc;
    front.set(at(ms), button, down, machine);
}

fn press(pc: &mut Pc, ms: u64, button: Button, length: u64) {
    set(pc, ms, button, true);
    set(pc, ms + length, button, false);
}

#[test]
fn a_short_press_asks_the_console_to_end_and_switches_on() {
    let mut pc = booted();
    press(&mut pc, 7_000, Button::Power, 300);
    assert_eq!(pc.state().power, "on", "it ends in order");
    pc.advance(at(9_000));
    let state = pc.state();
    assert_eq!((state.power, state.panel.power_light), ("off", false));
    assert_eq!(
        state.panel.presses,
        [Press {
            button: "power",
            ms: 300
        }]
    );
    press(&mut pc, 10_000, Button::Power, 300);
    let state = pc.state();
    assert_eq!((state.power, state.panel.power_light), ("on", true));
}

#[test]
fn the_firmware_does_not_listen_to_a_press_and_nothing_withstands_a_hold() {
    let mut pc = booted();
    press(&mut pc, 7_000, Button::Reset, 300);
    press(&mut pc, 8_000, Button::Power, 300);
    pc.advance(at(9_000));
    assert_eq!(pc.state().power, "on");
    set(&mut pc, 9_000, Button::Power, true);
    pc.advance(at(12_999));
    assert_eq!(pc.state().power, "on");
    pc.advance(at(13_000));
    assert_eq!(pc.state().power, "off");
    pc.advance(at(20_000));
    assert_eq!(pc.state().power, "off");
    set(&mut pc, 20_000, Button::Power, false);
    press(&mut pc, 21_000, Button::Power, 300);
    pc.advance(at(40_000));
    assert_eq!(pc.state().power, "on");
}

#[test]
fn reset_starts_the_firmware_anew_and_does_nothing_to_a_pc_that_is_off() {
    let mut pc = booted();
    press(&mut pc, 7_000, Button::Reset, 300);
    assert!(pc.state().text.join("\n").contains("boot menu"));
    set(&mut pc, 8_000, Button::Power, true);
    set(&mut pc, 12_500, Button::Power, false);
    press(&mut pc, 13_000, Button::Reset, 300);
    assert_eq!(pc.state().power, "off");
}

#[test]
fn the_light_of_a_pc_that_sleeps_blinks_and_a_press_wakes_it() {
    let mut pc = booted();
    pc.machine.event(at(6_500), Event::System(0x82));
    pc.advance(at(8_000));
    let light = |pc: &mut Pc, ms: u64| {
        pc.advance(at(ms));
        let state = pc.state();
        assert_eq!(state.power, "sleep");
        state.panel.power_light
    };
    let lit: Vec<_> = [8_000, 8_499, 8_500, 8_999, 9_000]
        .map(|ms| light(&mut pc, ms))
        .to_vec();
    assert_eq!(lit, [true, true, false, false, true]);
    press(&mut pc, 10_000, Button::Power, 300);
    pc.advance(at(12_000));
    let state = pc.state();
    assert_eq!((state.power, state.panel.power_light), ("on", true));
}
