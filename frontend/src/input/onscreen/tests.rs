use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

const A: Usage = Usage::Keyboard(0x04);
const B: Usage = Usage::Keyboard(0x05);
const CONTROL: Usage = Usage::Keyboard(0xE0);
const SHIFT: Usage = Usage::Keyboard(0xE1);

fn down(usage: Usage) -> Input {
    key(usage, true)
}

fn up(usage: Usage) -> Input {
    key(usage, false)
}

fn tap(keyboard: &mut Onscreen, usage: Usage, at_ms: f64) -> Vec<Input> {
    let mut inputs = keyboard.press(1, usage, at_ms);
    inputs.extend(keyboard.lift(1, at_ms + 80.0));
    inputs
}

#[test]
fn a_key_is_down_while_it_is_touched() {
    let mut keyboard = Onscreen::default();
    assert_eq!(keyboard.press(1, A, 0.0), [down(A)]);
    assert_eq!(keyboard.down(), [A]);
    assert_eq!(keyboard.lift(1, 9_000.0), [up(A)]);
    assert!(keyboard.is_empty());
}

#[test]
fn fingers_are_told_apart() {
    let mut keyboard = Onscreen::default();
    assert_eq!(keyboard.press(1, A, 0.0), [down(A)]);
    assert_eq!(keyboard.press(2, B, 10.0), [down(B)]);
    assert_eq!(keyboard.press(3, A, 20.0), []);
    assert_eq!(keyboard.lift(1, 30.0), []);
    assert_eq!(keyboard.lift(2, 40.0), [up(B)]);
    assert_eq!(keyboard.lift(3, 50.0), [up(A)]);
    assert_eq!(keyboard.lift(7, 60.0), []);
}

#[test]
fn a_tapped_modifier_is_for_the_next_key() {
    let mut keyboard = Onscreen::default();
    assert_eq!(tap(&mut keyboard, SHIFT, 0.0), [down(SHIFT)]);
    assert_eq!(keyboard.stick(SHIFT), Some(Stick::Next));
    assert_eq!(tap(&mut keyboard, A, 5_000.0), [down(A), up(A), up(SHIFT)]);
    assert_eq!(tap(&mut keyboard, A, 6_000.0), [down(A), up(A)]);
}

#[test]
fn the_key_after_the_next_is_without_it_even_while_the_first_is_held() {
    let mut keyboard = Onscreen::default();
    tap(&mut keyboard, SHIFT, 0.0);
    assert_eq!(keyboard.press(1, A, 1_000.0), [down(A)]);
    assert_eq!(keyboard.press(2, B, 1_050.0), [up(SHIFT), down(B)]);
}

#[test]
fn tapped_modifiers_come_together() {
    let mut keyboard = Onscreen::default();
    tap(&mut keyboard, CONTROL, 0.0);
    tap(&mut keyboard, SHIFT, 1_000.0);
    assert_eq!(
        tap(&mut keyboard, A, 2_000.0),
        [down(A), up(A), up(SHIFT), up(CONTROL)]
    );
}

#[test]
fn two_taps_lock_and_a_third_unlocks() {
    let mut keyboard = Onscreen::default();
    assert_eq!(tap(&mut keyboard, SHIFT, 0.0), [down(SHIFT)]);
    assert_eq!(tap(&mut keyboard, SHIFT, 200.0), []);
    assert_eq!(keyboard.stick(SHIFT), Some(Stick::Locked));
    assert_eq!(tap(&mut keyboard, A, 1_000.0), [down(A), up(A)]);
    assert_eq!(tap(&mut keyboard, B, 2_000.0), [down(B), up(B)]);
    assert_eq!(tap(&mut keyboard, SHIFT, 3_000.0), [up(SHIFT)]);
    assert!(keyboard.is_empty());
}

#[test]
fn a_late_second_tap_takes_it_back() {
    let mut keyboard = Onscreen::default();
    assert_eq!(tap(&mut keyboard, SHIFT, 0.0), [down(SHIFT)]);
    assert_eq!(tap(&mut keyboard, SHIFT, 2_000.0), [up(SHIFT)]);
}

#[test]
fn a_held_modifier_is_down_while_it_is_touched() {
    let mut keyboard = Onscreen::default();
    assert_eq!(keyboard.press(1, SHIFT, 0.0), [down(SHIFT)]);
    assert_eq!(keyboard.press(2, A, 50.0), [down(A)]);
    assert_eq!(keyboard.lift(2, 90.0), [up(A)]);
    assert_eq!(keyboard.lift(1, 120.0), [up(SHIFT)]);
}

#[test]
fn a_long_touch_is_no_tap() {
    let mut keyboard = Onscreen::default();
    keyboard.press(1, SHIFT, 0.0);
    assert_eq!(keyboard.lift(1, 1_000.0), [up(SHIFT)]);
}

#[test]
fn a_key_of_another_keyboard_uses_a_tapped_modifier() {
    let mut keyboard = Onscreen::default();
    tap(&mut keyboard, CONTROL, 0.0);
    assert_eq!(keyboard.spend(), []);
    keyboard.used_elsewhere();
    assert_eq!(keyboard.spend(), [up(CONTROL)]);
}

#[derive(Clone, Debug)]
enum Act {
    Press(i32, u8),
    Lift(i32),
    Elsewhere,
}

fn act() -> impl Strategy<Value = Act> {
    let usage = prop_oneof![0x04_u8..0x08, 0xE0_u8..0xE4];
    prop_oneof![
        (0_i32..4, usage).prop_map(|(touch, usage)| Act::Press(touch, usage)),
        (0_i32..4).prop_map(Act::Lift),
        Just(Act::Elsewhere),
    ]
}

proptest! {
    /// What the machine was told is what the keyboard says is down, and no key goes down or up twice.
    #[test]
    fn what_was_sent_is_what_is_down(acts in prop::collection::vec((act(), 1_u32..600), 0..60)) {
        let mut keyboard = Onscreen::default();
        let mut machine = HashSet::new();
        let mut touching = HashSet::new();
        let mut now_ms = 0.0;
        for (act, wait_ms) in acts {
            now_ms += f64::from(wait_ms);
            let inputs = match act {
                Act::Press(touch, _) if !touching.insert(touch) => continue,
                Act::Press(touch, usage) => keyboard.press(touch, Usage::Keyboard(usage), now_ms),
                Act::Lift(touch) => {
                    touching.remove(&touch);
                    keyboard.lift(touch, now_ms)
                }
                Act::Elsewhere => {
                    keyboard.used_elsewhere();
                    keyboard.spend()
                }
            };
            for input in inputs {
                let Input::Key { usage, down } = input else { unreachable!() };
                let changed = if down { machine.insert(usage) } else { machine.remove(&usage) };
                prop_assert!(changed, "{usage:?}");
            }
            let down: HashSet<Usage> = keyboard.down().into_iter().collect();
            prop_assert_eq!(&down, &machine);
        }
        if touching.is_empty() {
            let only_modifiers = machine.iter().all(|usage| usage.is_modifier());
            prop_assert!(only_modifiers);
        }
    }
}
