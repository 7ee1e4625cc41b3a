//! Programs on a clock that the tests turn.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{
    input::Usage,
    media::{DriveKind, Image},
    message::Leds,
    power::{Actions, PowerAction},
};

use super::*;
use crate::{
    macros::{
        document::read,
        handling::{Stock, Unfit},
        program::NotReady,
    },
    media::slots::Slot,
};

fn prepared(steps: &Value, values: &[(&str, &str)]) -> Result<Program, NotReady> {
    let file = json!({
        "format": "armchair-macro/1", "name": "a", "steps": steps,
        "variables": [{"name": "user", "default": "ada"}, {"name": "password", "secret": true}],
    });
    let document = read(file.to_string().as_bytes(), "").unwrap().document;
    let values: HashMap<_, _> = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Program::prepare(&document, &values, &stock())
}

/// A CD drive, and an image for it.
fn stock() -> Stock {
    Stock {
        slots: vec![Slot {
            name: "cd".to_owned(),
            kind: DriveKind::Cd,
        }],
        images: vec![Image {
            id: 7,
            name: "rescue.iso".to_owned(),
            bytes: 1 << 20,
            sha256: String::new(),
            added_s: 0,
            kind: DriveKind::Cd,
            label: None,
            bootable: true,
        }],
        power: Actions::default().with(PowerAction::Press),
    }
}

fn program(steps: &Value) -> Program {
    prepared(steps, &[("password", "x")]).unwrap()
}

fn listening() -> Host {
    Host {
        usb: Usb::Configured,
        leds: Some(Leds::default()),
        fine_wheel: false,
    }
}

/// What is done and when, in milliseconds from the start, by a relay that is late by so much whenever it waits. Texts
/// and drives take 1,000 ms.
fn run(
    program: Program,
    rounds: u32,
    late: impl Fn(usize) -> u64,
) -> (Vec<(u64, Input)>, MacroPhase) {
    let start = Instant::now();
    let mut now = start;
    let mut runner = Runner::new(program, NonZeroU32::new(rounds), now);
    let mut done = Vec::new();
    let mut waits = 0;
    loop {
        match runner.next(now, &listening()) {
            Next::Do(input) => {
                let at = now.duration_since(start).as_millis() as u64;
                done.push((at, input.clone()));
            }
            Next::Type(_) | Next::Handle(_) => {
                now += Duration::from_millis(1000);
                runner.is_done(now);
            }
            Next::Wait(until) => {
                waits += 1;
                now = now.max(until.unwrap()) + Duration::from_millis(late(waits));
            }
            Next::End(phase) => return (done, phase),
        }
    }
}

fn key(usage: u8, down: bool) -> Input {
    Input::Key {
        usage: Usage::Keyboard(usage),
        down,
    }
}

#[test]
fn a_chord_goes_down_in_order_and_up_in_the_other() {
    let steps =
        json!([{"do": "chord", "keys": ["ControlLeft", "AltLeft", "Delete"], "hold_ms": 40}]);
    let (done, phase) = run(program(&steps), 1, |_| 0);
    let expected = [
        (0, key(0xE0, true)),
        (0, key(0xE2, true)),
        (0, key(0x4C, true)),
        (40, key(0x4C, false)),
        (40, key(0xE2, false)),
        (40, key(0xE0, false)),
    ];
    assert_eq!(done, expected);
    assert_eq!(phase, MacroPhase::Done);
}

#[test]
fn a_click_leaves_the_other_buttons_as_they_are() {
    let steps = json!([
        {"do": "buttons", "down": ["right"]},
        {"do": "click", "button": "left", "hold_ms": 5},
        {"do": "buttons", "down": []},
    ]);
    let (done, _) = run(program(&steps), 1, |_| 0);
    let buttons = |bits| Input::Buttons(shared::input::Buttons(bits));
    assert_eq!(
        done,
        [
            (0, buttons(2)),
            (0, buttons(3)),
            (5, buttons(2)),
            (5, buttons(0))
        ]
    );
}

#[test]
fn what_a_busy_relay_loses_is_made_up_for() {
    let steps = json!([{"do": "pause", "ms": 100}, {"do": "tap", "key": "KeyA", "hold_ms": 20}]);
    let (done, _) = run(program(&steps), 1000, |wait| match wait {
        1 => 37,
        _ => 0,
    });
    assert_eq!(done[0], (137, key(4, true)));
    assert_eq!(done[1], (137, key(4, false)), "due at 120");
    assert_eq!(done[2], (220, key(4, true)));
    assert_eq!(done.last().unwrap(), &(120_000, key(4, false)));
}

#[test]
fn a_text_moves_all_that_comes_after_it() {
    let steps = json!([
        {"do": "pause", "ms": 50},
        {"do": "text", "text": "abc", "layout": "de"},
        {"do": "pause", "ms": 50},
        {"do": "press", "key": "KeyA"},
    ]);
    let (done, _) = run(program(&steps), 2, |_| 3);
    assert_eq!(done[0], (53 + 1000 + 53, key(4, true)));
    assert_eq!(done[1], (53 + 1000 + 50 + 53 + 1000 + 53, key(4, true)));
}

#[test]
fn drives_have_their_place_in_time_and_move_what_comes_after_them() {
    let steps = json!([
        {"do": "press", "key": "KeyA"},
        {"do": "insert", "slot": "cd", "image": "Rescue.ISO"},
        {"do": "pause", "ms": 50},
        {"do": "eject", "slot": "cd"},
        {"do": "release", "key": "KeyA"},
    ]);
    let (done, phase) = run(program(&steps), 1, |_| 3);
    let expected = [(0, key(4, true)), (1000 + 53 + 1000, key(4, false))];
    assert_eq!((&done[..], phase), (&expected[..], MacroPhase::Done));

    let start = Instant::now();
    let mut runner = Runner::new(program(&steps), None, start);
    assert!(matches!(runner.next(start, &listening()), Next::Do(_)));
    let insert = Handling::Insert {
        slot: "cd".to_owned(),
        image: 7,
        writable: false,
    };
    assert!(matches!(runner.next(start, &listening()), Next::Handle(act) if *act == insert));
    assert_eq!(runner.step(), 2, "until the drive has it");
    runner.is_done(start);
    assert_eq!(runner.step(), 3);
}

#[test]
fn a_macro_without_a_pause_leaves_room_for_others() {
    let steps = json!([{"do": "tap", "key": "KeyA"}]);
    let (done, _) = run(program(&steps), 4, |_| 0);
    let at: Vec<_> = done.iter().map(|(at, _)| *at).collect();
    assert_eq!(at, [0, 0, 10, 10, 20, 20, 30, 30]);
    let nothing = json!([{"do": "pause", "ms": 0}]);
    let mut runner = Runner::new(program(&nothing), None, Instant::now());
    assert!(matches!(
        runner.next(runner.due, &listening()),
        Next::Wait(Some(_))
    ));
}

#[test]
fn the_machine_is_waited_for_and_not_for_ever() {
    let steps = json!([
        {"do": "wait-for", "what": "caps-lock-on", "at_most_ms": 500},
        {"do": "press", "key": "KeyA"},
    ]);
    let start = Instant::now();
    let dark = listening();
    let lit = Host {
        leds: Some(Leds {
            caps_lock: true,
            ..Leds::default()
        }),
        ..dark
    };
    let late = start + Duration::from_millis(499);
    let mut runner = Runner::new(program(&steps.clone()), None, start);
    let until = start + Duration::from_millis(500);
    assert!(matches!(runner.next(start, &dark), Next::Wait(Some(at)) if at == until));
    assert!(matches!(runner.next(late, &lit), Next::Do(_)));
    let mut runner = Runner::new(program(&steps), None, start);
    assert!(matches!(runner.next(start, &dark), Next::Wait(_)));
    assert!(matches!(
        runner.next(until, &dark),
        Next::End(MacroPhase::TimedOut)
    ));
}

#[test]
fn what_is_in_the_way_is_said_before_anything_is_done() {
    let tap = json!({"do": "tap", "key": "KeyA"});
    let given = [("password", "geheim✓")];
    let press = json!({"do": "power", "action": "press"});
    let reset = json!({"do": "power", "action": "reset"});
    let program = program(&json!([press]));
    let acts = program.acts();
    assert!(matches!(
        acts,
        [(1, Act::Handle(Handling::Power(PowerAction::Press)))]
    ));
    let error = prepared(&json!([press, reset]), &given).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step 2 needs a line to the reset button, which this relay does not have"
    );
    let drive = json!([tap, tap, {"do": "eject", "slot": "tape"}]);
    assert!(matches!(
        prepared(&drive, &given),
        Err(NotReady::Unfit {
            number: 3,
            what: Unfit::NoDrive { .. }
        })
    ));
    let image = json!([tap, {"do": "insert", "slot": "cd", "image": "other.iso"}]);
    let error = prepared(&image, &given).unwrap_err().to_string();
    assert!(
        error.starts_with("step 2: there is no image \"other.iso\""),
        "{error}"
    );
    let layout = json!([{"do": "text", "text": "a", "layout": "tlh"}]);
    assert!(matches!(
        prepared(&layout, &given),
        Err(NotReady::NoLayout { number: 1, .. })
    ));
    assert_eq!(prepared(&json!([]), &given).unwrap_err(), NotReady::Empty);
    assert_eq!(
        prepared(&json!([tap]), &[]).unwrap_err(),
        NotReady::NoValue("password".to_owned())
    );
    assert_eq!(
        prepared(&json!([tap]), &[("passwort", "x")]).unwrap_err(),
        NotReady::NoVariable("passwort".to_owned())
    );
    let untypable = json!([{"do": "text", "text": "✗", "layout": "de"}]);
    let error = prepared(&untypable, &given).unwrap_err().to_string();
    assert!(error.contains("U+2717"), "{error}");
    let secret = json!([{"do": "text", "text": "{{password}}", "layout": "de"}]);
    let error = prepared(&secret, &given).unwrap_err().to_string();
    assert!(!error.contains("2713") && !error.contains('✓'), "{error}");
}

#[test]
fn values_stand_in_the_text_and_defaults_where_nothing_is_said() {
    let steps = json!([{"do": "text", "text": "{{user}}:{{password}}", "layout": "en-us"}]);
    let program = prepared(&steps, &[("password", "a1")]).unwrap();
    let [(1, Act::Type(text))] = program.acts() else {
        panic!("one text: {:?}", program.acts())
    };
    let usages: Vec<_> = text
        .plain
        .strokes()
        .iter()
        .map(|stroke| stroke.usage)
        .collect();
    assert_eq!(usages, [0x04, 0x07, 0x04, 0x33, 0x04, 0x1E]);
}

proptest! {
    #[test]
    fn no_act_is_early_and_none_drifts(
        pauses in prop::collection::vec(0u32..200, 1..30),
        lateness in prop::collection::vec(0u64..20, 1..8),
    ) {
        let mut steps = Vec::new();
        for ms in &pauses {
            steps.push(json!({"do": "pause", "ms": ms}));
            steps.push(json!({"do": "press", "key": "KeyA"}));
        }
        let (done, _) = run(program(&Value::Array(steps)), 1, |wait| lateness[wait % lateness.len()]);
        let mut due = 0;
        for (ms, (at, _)) in pauses.iter().zip(done) {
            due += u64::from(*ms);
            prop_assert!(at >= due && at <= due + 20, "at {at}, due at {due}");
        }
    }
}
