//! The machine by itself: power, the boot menu with drives, what it remembers.

use shared::media::DriveKind;

use super::*;
use crate::target::sim::{drive::File, usb::Event};

const SIZE: Size = Size {
    width: 1280,
    height: 720,
};

fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Runs a machine through everything that happens by itself from one moment to another.
fn run(machine: &mut Machine, from: u64, to: u64) {
    let mut now = at(from);
    while let Some(next) = machine.next_event(now).filter(|next| *next <= at(to)) {
        assert!(next >= now, "time goes on");
        now = next.max(now + Duration::from_nanos(1));
        machine.advance(now);
    }
}

fn booted() -> Machine {
    let mut machine = Machine::new(at(0), SIZE, 0, Nameplate::ALONE);
    run(&mut machine, 0, 6000);
    assert!(matches!(machine.phase, Phase::Running));
    machine
}

fn press(machine: &mut Machine, now: u64, usage: u8) {
    machine.event(at(now), Event::Key { usage, down: true });
    machine.event(at(now), Event::Key { usage, down: false });
}

#[test]
fn the_start_takes_its_time_and_ends_at_a_prompt() {
    let mut machine = Machine::new(at(0), SIZE, 0, Nameplate::ALONE);
    run(&mut machine, 0, 3500);
    assert!(
        machine
            .text(at(3500))
            .contains(&"Press F12 for the boot menu".to_owned())
    );
    run(&mut machine, 3500, 4600);
    assert!(machine.text(at(4600))[0].starts_with("Booting from Own disk"));
    run(&mut machine, 4600, 5100);
    assert!(machine.text(at(5100)).last().unwrap().ends_with('$'));
}

#[test]
fn the_power_button_shuts_down_and_starts_and_a_long_press_cuts() {
    let mut machine = booted();
    machine.press_power(at(7000));
    assert_eq!(machine.power(), Power::On);
    run(&mut machine, 7000, 9000);
    assert_eq!(
        (machine.power(), machine.usb(at(9000))),
        (Power::Off, Usb::NotConnected)
    );
    press(&mut machine, 9500, 0x04);
    assert_eq!(machine.power(), Power::Off);
    machine.press_power(at(10_000));
    assert_eq!(machine.usb(at(10_100)), Usb::NotConnected);
    assert_eq!(machine.usb(at(10_500)), Usb::Configured);
    machine.cut_power();
    assert_eq!(machine.view(at(10_600)), None);
}

#[test]
fn inserted_drives_stand_first_in_the_boot_menu_and_can_be_booted() {
    let mut machine = booted();
    machine.set_drives(vec![cd("RESCUE", true)]);
    machine.reset(at(7000));
    run(&mut machine, 7000, 8000);
    press(&mut machine, 8000, key::F12);
    let text = machine.text(at(8000));
    let cd = text
        .iter()
        .position(|line| line == "> CD/DVD: RESCUE")
        .unwrap();
    assert!(text[cd + 1].contains("Own disk"));
    press(&mut machine, 8100, key::ENTER);
    run(&mut machine, 8100, 8200);
    assert_eq!(machine.text(at(8200))[0], "Starting from CD/DVD: RESCUE");
}

#[test]
fn what_cannot_be_started_from_is_passed_over_and_said_when_chosen() {
    let mut machine = booted();
    machine.reset(at(7000));
    run(&mut machine, 7000, 7500);
    machine.set_drives(vec![cd("DATA", false)]);
    run(&mut machine, 7500, 11_000);
    assert!(machine.text(at(11_000))[0].starts_with("Booting from Own disk"));
    machine.reset(at(20_000));
    run(&mut machine, 20_000, 20_500);
    press(&mut machine, 20_500, key::F12);
    press(&mut machine, 20_600, key::ENTER);
    run(&mut machine, 20_600, 20_700);
    let text = machine.text(at(20_700));
    assert_eq!(text[0], "CD/DVD: DATA has nothing to start from.");
    assert!(text[1].starts_with("Booting from Own disk"));
}

#[test]
fn files_of_drives_are_listed_and_asked_for() {
    let mut machine = booted();
    machine.set_drives(vec![cd("DATA", false)]);
    run_command(&mut machine, 7000, "ls");
    let text = machine.text(at(7000)).join("\n");
    assert!(text.contains("readme.txt"), "{text}");
    assert!(text.contains("cd/  DATA"), "{text}");
    assert!(text.contains("      12  cd/notes on it.txt"), "{text}");
    assert!(text.contains("       0  cd/folder/"), "{text}");
    run_command(&mut machine, 7100, "cat cd/notes on it.txt");
    let wanted = Wanted {
        slot: "cd".to_owned(),
        name: "notes on it.txt".to_owned(),
        on_serial: false,
    };
    assert_eq!(machine.take_wanted(), [wanted]);
    run_command(&mut machine, 7200, "ls usb");
    let text = machine.text(at(7200)).join("\n");
    assert!(text.contains("usb: no such drive"), "{text}");
}

fn cd(label: &str, bootable: bool) -> Mounted {
    let file = |name: &str, bytes, is_folder| File {
        name: name.to_owned(),
        bytes,
        is_folder,
    };
    Mounted {
        slot: "cd".to_owned(),
        kind: DriveKind::Cd,
        label: Some(label.to_owned()),
        bootable,
        files: Ok(vec![
            file("notes on it.txt", 12, false),
            file("folder", 0, true),
        ]),
    }
}

fn run_command(machine: &mut Machine, now: u64, command: &str) {
    machine.run(at(now), command);
}

#[test]
fn a_restart_forgets_the_session() {
    let mut machine = booted();
    press(&mut machine, 7000, key::CAPS_LOCK);
    assert!(machine.leds().caps_lock);
    machine.reset(at(7100));
    assert!(!machine.leds().caps_lock);
}

#[test]
fn typed_text_is_kept_up_to_a_bound() {
    let mut machine = booted();
    for _ in 0..3 {
        machine.record(&"ä".repeat(TYPED_MAX / 4));
    }
    assert!(machine.typed().len() <= TYPED_MAX);
    assert!(machine.typed().chars().all(|character| character == 'ä'));
}

#[test]
fn media_keys_are_named_for_a_moment() {
    let mut machine = booted();
    machine.event(at(7000), Event::Consumer(0xE9));
    let notice = |machine: &Machine, now| match machine.view(at(now)) {
        Some(View::Console(view)) => view.notice,
        _ => None,
    };
    assert_eq!(notice(&machine, 7000).as_deref(), Some("Audio volume up"));
    run(&mut machine, 7000, 9500);
    assert_eq!(notice(&machine, 9500), None);
}

#[test]
fn a_machine_at_rest_does_nothing() {
    let mut machine = booted();
    run(&mut machine, 6000, 30_000);
    assert_eq!(machine.next_event(at(30_000)), None);
}
