//! What a closed gate lets through.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shared::{
    input::{Buttons, Held, Input, Usage},
    layout::Options,
    list::List,
    message::{Jiggler, MacroPhase, TypingPhase, Usb},
};

use super::bench::{A, Bench, Control, SHIFT, down, held, key, up};
use crate::{
    input::{
        controls::{Order, TypingRefused},
        type_out::{Pace, Text},
    },
    layouts,
};

const B: Usage = Usage::Keyboard(0x05);
const SCROLL_LOCK: u8 = 0x47;

#[test]
fn what_is_held_is_released_and_nothing_of_anybody_comes_through() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.state.close_gate();
    assert_eq!(bench.transitions(), [up(A), up(SHIFT)]);
    assert!(bench.state.is_written());
    bench.apply(1, &key(A, true));
    bench.apply(1, &held([SHIFT]));
    bench.apply(1, &Input::PointerBy { dx: 5, dy: 5 });
    bench.apply(1, &Input::Buttons(Buttons::LEFT));
    bench.state.take(2);
    bench.apply(2, &key(A, true));
    assert_eq!(bench.transitions(), []);
    assert_eq!(bench.observer.moved, (0, 0));
    assert_eq!(bench.state.may_act(Some(2)), Err(TypingRefused::Switching));
    assert_eq!(bench.state.may_act(None), Err(TypingRefused::Switching));
    bench.state.open_gate(bench.now);
    bench.apply(2, &key(A, true));
    assert_eq!(bench.transitions(), [down(A)]);
}

#[test]
fn what_is_still_held_was_meant_for_the_machine_before() {
    let mut bench = Bench::holding([SHIFT, A]);
    bench.apply(1, &Input::Buttons(Buttons::LEFT));
    bench.state.close_gate();
    bench.transitions();
    bench.state.open_gate(bench.now);
    let mut still = Held {
        keys: List::new([SHIFT, A]),
        buttons: Buttons::LEFT,
    };
    bench.apply(1, &Input::Held(still.clone()));
    assert_eq!(bench.transitions(), []);
    bench.apply(1, &key(B, true));
    assert_eq!(bench.transitions(), [down(B)]);
    bench.apply(1, &held([SHIFT, B]));
    bench.apply(1, &held([SHIFT, A, B]));
    assert_eq!(
        bench.transitions(),
        [down(A)],
        "it was released and pressed"
    );
    bench.apply(1, &key(SHIFT, false));
    bench.apply(1, &key(SHIFT, true));
    still.keys = List::new([SHIFT]);
    bench.apply(1, &Input::Held(still));
    bench.transitions();
    let expected = BTreeSet::from([Control::Key(SHIFT), Control::Button(0)]);
    assert_eq!(bench.observer.down(), expected);
}

#[test]
fn what_is_pressed_behind_the_gate_and_still_held_is_not_pressed_by_its_opening() {
    let mut bench = Bench::new();
    bench.state.close_gate();
    bench.apply(1, &key(A, true));
    bench.apply(1, &held([A]));
    bench.state.open_gate(bench.now);
    bench.apply(1, &held([A]));
    assert_eq!(bench.transitions(), []);
    bench.state.take(2);
    bench.apply(2, &held([A]));
    assert_eq!(bench.transitions(), [down(A)], "another person's hands");
}

#[test]
fn what_waits_is_written_before_the_releases() {
    let mut bench = Bench::new();
    bench.apply(1, &key(A, true));
    bench.apply(1, &key(A, false));
    bench.apply(1, &key(SHIFT, true));
    bench.state.close_gate();
    assert!(!bench.state.is_written());
    assert_eq!(
        bench.transitions(),
        [down(A), up(A), down(SHIFT), up(SHIFT)]
    );
    assert!(bench.state.is_written());
}

#[test]
fn a_report_that_the_device_has_not_taken_is_not_written() {
    let mut bench = Bench::holding([A]);
    bench.state.close_gate();
    assert!(bench.write_one());
    assert!(!bench.state.is_written(), "the writer has it still");
    assert!(!bench.write_one());
    assert!(bench.state.is_written());
    bench.state.failed(bench.now);
    assert!(!bench.state.is_written(), "it is tried again");
    bench.pass(100);
    bench.transitions();
    assert!(bench.state.is_written());
}

#[test]
fn what_waits_too_long_is_given_up_for_the_releases() {
    let mut bench = Bench::new();
    for usage in 0x04..0x20 {
        bench.apply(1, &key(Usage::Keyboard(usage), true));
        bench.apply(1, &key(Usage::Keyboard(usage), false));
    }
    bench.apply(1, &key(SHIFT, true));
    assert!(bench.write_one());
    bench.state.close_gate();
    bench.state.only_release();
    assert_eq!(bench.transitions(), [down(A), up(A)]);
}

#[test]
fn texts_and_macros_end() {
    let mut bench = Bench::new();
    let run = bench.state.begin_run(Some(1)).unwrap();
    assert!(bench.state.apply_of_run(run, &key(A, true)));
    bench.transitions();
    bench.state.close_gate();
    assert_eq!(bench.state.run_ended(), Some((run, MacroPhase::Switched)));
    assert!(bench.state.apply_of_run(run, &key(SHIFT, true)));
    assert_eq!(bench.transitions(), [up(A)]);
    bench.state.open_gate(bench.now);

    let layout = layouts::named("en-us").unwrap();
    let order = Order {
        text: Text::compile("never typed", &layout, &Options::default()),
        pace: Pace::Adaptive,
        viewer: Some(1),
        finish: true,
    };
    bench.state.type_text(order).unwrap();
    bench.write_one();
    bench.state.close_gate();
    bench.transitions();
    let typing = bench.state.typing().unwrap();
    assert_eq!(typing.phase, TypingPhase::Switched);
    assert_eq!(bench.observer.down(), BTreeSet::new());
}

#[test]
fn the_switch_gets_its_keys_and_none_stays_down() {
    let mut bench = Bench::new();
    assert!(!bench.state.apply_for_switch(SCROLL_LOCK, true), "open");
    bench.state.close_gate();
    let lock = Usage::Keyboard(SCROLL_LOCK);
    assert!(bench.state.apply_for_switch(SCROLL_LOCK, true));
    bench.pass(5_000);
    bench.state.take(2);
    bench.state.leave(2);
    assert_eq!(bench.transitions(), [down(lock)], "nobody lets go of it");
    assert!(bench.state.apply_for_switch(SCROLL_LOCK, false));
    assert!(bench.state.apply_for_switch(SCROLL_LOCK, true));
    bench.state.open_gate(bench.now);
    assert_eq!(bench.transitions(), [up(lock), down(lock), up(lock)]);
    bench.state.close_gate();
    bench.host(Usb::NotConnected);
    assert!(!bench.state.apply_for_switch(SCROLL_LOCK, true), "nobody");
}

#[test]
fn nothing_moves_the_pointer_meanwhile() {
    let mut bench = Bench::new();
    bench
        .state
        .set_jiggler(Jiggler { interval_s: 10 }, bench.now);
    bench.state.close_gate();
    for _ in 0..60 {
        bench.pass(1_000);
        assert_eq!(bench.transitions(), []);
        assert_eq!(bench.observer.moved, (0, 0));
        assert!(!bench.write_one());
    }
}

proptest! {
    /// 0: written; 1, 2: the machine's host goes and comes; 3: another takes over; 4: the page names what it holds.
    #[test]
    fn behind_a_closed_gate_the_machine_sees_nothing(
        before in prop::collection::vec((0x04..0x20u8, any::<bool>()), 0..40),
        during in prop::collection::vec((0..8u8, 0x04..0x20u8, any::<bool>()), 0..60),
        after in 0x04..0x20u8,
    ) {
        let mut bench = Bench::new();
        for (usage, down) in before {
            bench.apply(1, &key(Usage::Keyboard(usage), down));
        }
        bench.state.close_gate();
        bench.transitions();
        prop_assert_eq!(bench.observer.down(), BTreeSet::new());
        for (act, usage, pressed) in during {
            let usage = Usage::Keyboard(usage);
            bench.pass(50);
            match act {
                0 => {
                    bench.write_one();
                }
                1 => bench.host(Usb::NotConnected),
                2 => bench.host(Usb::Configured),
                3 => bench.state.take(1 + u32::from(pressed)),
                4 => bench.apply(1, &held([usage])),
                _ => bench.apply(1 + u32::from(act % 2), &key(usage, pressed)),
            }
            prop_assert_eq!(bench.transitions(), []);
        }
        bench.host(Usb::Configured);
        bench.state.open_gate(bench.now);
        bench.state.take(1);
        bench.apply(1, &key(Usage::Keyboard(after), true));
        bench.transitions();
        let expected = BTreeSet::from([Control::Key(Usage::Keyboard(after))]);
        prop_assert_eq!(bench.observer.down(), expected);
    }
}
