//! Texts, typed at the simulated PC and at a machine that drops what it has no room for.

use std::time::Duration;

use proptest::prelude::*;
use shared::{
    input::{Buttons, Input, Usage},
    layout::{Layout, Options},
    message::TypingPhase,
};

use super::*;
use crate::{
    input::report::{Keyboard, Report},
    target::sim::{fault, geometry::Size, pc::Pc},
};

mod bench;
mod machines;

use bench::Bench;
use machines::{Busy, CAPS_LOCK, Machine};

/// The strokes of a text on a US keyboard.
fn us(text: &str) -> Text {
    let table = include_bytes!("../../../../../shared/layouts/en-us.bin");
    Text::compile(text, &Layout::parse(table).unwrap(), &Options::default())
}

/// So many characters, in lines that the prompt takes.
fn lines(characters: usize) -> String {
    let mut number = 1u32;
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ123456789! ";
    (0..characters)
        .map(|at| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match at % 60 {
                59 => '\n',
                _ => char::from(letters[(number >> 16) as usize % letters.len()]),
            }
        })
        .collect()
}

fn pc(report_ms: u32, led_echo: bool) -> Bench<Pc> {
    let size = Size {
        width: 640,
        height: 480,
    };
    let mut pc = Pc::new(size, 0);
    let now = Duration::from_secs(6);
    pc.led_echo = led_echo;
    pc.advance(now);
    if report_ms > 0 {
        pc.faults.set(now, fault::Kind::SlowHost, Some(report_ms));
    }
    Bench::new(pc, now)
}

#[test]
fn a_hundred_thousand_characters_arrive_at_any_machine_while_viewers_come_and_go() {
    let text = lines(100_000);
    for report_ms in [0, 1, 8, 30] {
        for led_echo in [true, false] {
            let mut bench = pc(report_ms, led_echo);
            bench.state.take(7);
            let order = Order {
                text: us(&text),
                pace: Pace::Adaptive,
                viewer: Some(7),
                finish: true,
            };
            bench.state.type_text(order).unwrap();
            for part in 1..100 {
                while bench.state.typing().unwrap().typed < part * 1_000 {
                    assert!(bench.step(), "{report_ms} ms, {led_echo}");
                }
                bench.come_or_go(part);
            }
            bench.run();
            assert_eq!(bench.phase(), TypingPhase::Done);
            let state = bench.machine.state();
            assert!(state.typed == text, "{report_ms} ms, {led_echo}");
            assert_eq!((state.keys_down, state.leds.num_lock), (vec![], false));
            assert_eq!(state.pointer.buttons, 0);
        }
    }
}

#[test]
fn a_machine_that_reads_slowly_loses_nothing_where_its_lights_answer() {
    let text = us(&lines(2_000));
    let expected: Vec<_> = (text.plain.strokes().iter())
        .map(|stroke| (stroke.usage, stroke.modifiers))
        .collect();
    for reading_ms in [0, 1, 5, 40] {
        let machine = Busy::new(Duration::from_millis(reading_ms), true);
        let mut bench = Bench::new(machine, Duration::ZERO);
        bench.begin(text.clone(), Pace::Adaptive);
        while !bench.phase().is_over() {
            assert!(bench.step() || bench.phase() != TypingPhase::Typing);
            bench.now += Duration::from_micros(100);
        }
        assert_eq!(bench.machine.dropped, 0, "{reading_ms} ms");
        assert_eq!(bench.machine.pressed, expected, "{reading_ms} ms");
    }
}

/// On a German keyboard, Caps Lock has to be off for ß.
#[test]
fn a_light_that_lags_does_not_tell_when_caps_lock_is_switched_on_the_way() {
    let table = include_bytes!("../../../../../shared/layouts/de.bin");
    let german = Layout::parse(table).unwrap();
    let text = Text::compile(
        "Weiße Füße grüßen, große Straßen",
        &german,
        &Options::default(),
    );
    let expected: Vec<_> = (text.caps_lock.strokes().iter())
        .map(|stroke| (stroke.usage, stroke.modifiers))
        .collect();
    assert_eq!(
        expected
            .iter()
            .filter(|(usage, _)| *usage == CAPS_LOCK)
            .count(),
        10
    );
    for reading_ms in [0, 1, 5, 40] {
        let mut machine = Busy::new(Duration::from_millis(reading_ms), true);
        machine.leds.caps_lock = true;
        let mut bench = Bench::new(machine, Duration::ZERO);
        bench.begin(text.clone(), Pace::Adaptive);
        while !bench.phase().is_over() {
            assert!(bench.step() || bench.phase() != TypingPhase::Typing);
            bench.now += Duration::from_micros(100);
        }
        assert_eq!(bench.machine.pressed, expected, "{reading_ms} ms");
    }
}

#[test]
fn without_lights_the_pace_is_fixed() {
    let machine = Busy::new(Duration::from_millis(1), false);
    let mut bench = Bench::new(machine, Duration::ZERO);
    bench.begin(us(&lines(500)), Pace::Adaptive);
    bench.run();
    assert_eq!(bench.machine.dropped, 0);
    assert!(bench.now >= Duration::from_millis(500 * 2 * 8));
}

#[test]
fn the_operator_may_set_the_pace() {
    let mut bench = pc(0, true);
    bench.begin(us("abcdefghij"), Pace::Fixed(Duration::from_millis(50)));
    let before = bench.now;
    bench.run();
    assert_eq!(bench.machine.state().typed, "abcdefghij");
    assert!(bench.now - before >= Duration::from_millis(450));
}

#[test]
fn caps_lock_of_the_machine_is_honoured_when_it_changes_on_the_way() {
    let mut bench = pc(1, true);
    bench.begin(us("Hello World and all the rest"), Pace::Adaptive);
    while bench.state.typing().unwrap().typed < 10 {
        bench.step();
    }
    let locked = Keyboard {
        keys: [CAPS_LOCK, 0, 0, 0, 0, 0],
        ..Keyboard::default()
    };
    for keyboard in [locked, Keyboard::default()] {
        bench.now = bench.machine.take(bench.now, &Report::Keyboard(keyboard));
    }
    bench.run();
    let state = bench.machine.state();
    assert_eq!(state.typed, "Hello World and all the rest");
    assert!(state.leds.caps_lock);
}

#[test]
fn what_is_typed_by_hand_meanwhile_is_no_part_of_the_text() {
    let mut bench = pc(1, true);
    bench.state.take(7);
    let order = Order {
        text: us("some text"),
        pace: Pace::Adaptive,
        viewer: Some(7),
        finish: false,
    };
    bench.state.type_text(order).unwrap();
    while !bench.phase().is_over() {
        let key = Input::Key {
            usage: Usage::Keyboard(0x1D),
            down: true,
        };
        assert!(bench.state.apply(7, &key, bench.start + bench.now));
        let click = Input::Buttons(Buttons::LEFT);
        bench.state.apply(7, &click, bench.start + bench.now);
        bench.step();
    }
    while bench.step() {}
    let state = bench.machine.state();
    assert_eq!(state.typed, "some text");
    assert!(state.keys_down.is_empty());
}

#[test]
fn a_text_that_is_paused_goes_on_where_it_was() {
    let mut bench = pc(1, true);
    bench.begin(us("abcdefghijklmnopqrstuvwxyz"), Pace::Adaptive);
    while bench.state.typing().unwrap().typed < 10 {
        bench.step();
    }
    bench.state.pause_typing();
    while bench.step() {}
    assert_eq!(bench.phase(), TypingPhase::Paused);
    let state = bench.machine.state();
    let typed = bench.state.typing().unwrap().typed;
    assert_eq!(state.typed.len(), typed as usize);
    assert!(state.keys_down.is_empty());
    bench.state.resume_typing();
    bench.run();
    assert_eq!(bench.machine.state().typed, "abcdefghijklmnopqrstuvwxyz");
}

#[test]
fn a_machine_that_answers_no_longer_is_waited_for_until_the_operator_goes_on() {
    let mut bench = pc(1, true);
    bench.begin(us(&lines(200)), Pace::Adaptive);
    while bench.state.typing().unwrap().typed < 50 {
        bench.step();
    }
    bench.machine.led_echo = false;
    while bench.step() {}
    assert_eq!(bench.phase(), TypingPhase::Waiting);
    bench.state.resume_typing();
    bench.run();
    assert_eq!(bench.phase(), TypingPhase::Done);
    let state = bench.machine.state();
    assert_eq!((state.typed, state.leds.num_lock), (lines(200), false));
}

#[test]
fn the_end_of_a_page_ends_its_text_unless_it_wished_otherwise() {
    for finish in [false, true] {
        let mut bench = pc(1, true);
        bench.state.take(7);
        let order = Order {
            text: us(&lines(100)),
            pace: Pace::Adaptive,
            viewer: Some(7),
            finish,
        };
        bench.state.type_text(order).unwrap();
        while bench.state.typing().unwrap().typed < 20 {
            bench.step();
        }
        bench.state.leave(7);
        while bench.step() {}
        let typing = bench.state.typing().unwrap();
        let state = bench.machine.state();
        assert_eq!(state.typed.len(), typing.typed as usize);
        assert!(state.keys_down.is_empty());
        match finish {
            true => assert_eq!((typing.phase, typing.typed), (TypingPhase::Done, 100)),
            false => assert_eq!(typing.phase, TypingPhase::LinkLost),
        }
    }
}

#[test]
fn taking_over_ends_the_text_of_whoever_had_the_controls() {
    let mut bench = pc(1, true);
    bench.state.take(7);
    let order = Order {
        text: us(&lines(100)),
        pace: Pace::Adaptive,
        viewer: Some(7),
        finish: true,
    };
    bench.state.type_text(order).unwrap();
    bench.step();
    bench.state.take(8);
    while bench.step() {}
    assert_eq!(bench.phase(), TypingPhase::TakenOver);
    assert!(bench.machine.state().keys_down.is_empty());
}

#[test]
fn one_text_at_a_time() {
    let mut bench = pc(1, true);
    bench.begin(us("first"), Pace::Adaptive);
    let second = Order {
        text: us("second"),
        pace: Pace::Adaptive,
        viewer: None,
        finish: false,
    };
    assert_eq!(bench.state.type_text(second), None);
}

proptest! {
    /// Wherever it is cancelled, nothing stays down, and what is said to be typed is what the machine has.
    #[test]
    fn cancelling_releases_everything_and_tells_what_is_typed(
        steps in 0usize..400, report_ms in 0u32..10, led_echo in any::<bool>(),
    ) {
        let mut bench = pc(report_ms, led_echo);
        let text = lines(60);
        bench.begin(us(&text), Pace::Adaptive);
        for _ in 0..steps {
            bench.step();
        }
        bench.state.stop_typing(TypingPhase::Cancelled);
        while bench.step() {}
        let state = bench.machine.state();
        let typed = bench.state.typing().unwrap().typed as usize;
        prop_assert!(state.keys_down.is_empty());
        prop_assert_eq!(&state.typed, &text[..typed]);
    }
}
