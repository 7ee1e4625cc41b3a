use proptest::prelude::*;
use shared::{
    input::{Input, Usage},
    keys,
};

use super::{KeyEvent, Keyboard, Outcome, System};

fn event(code: &str, down: bool, at_ms: f64) -> KeyEvent<'_> {
    KeyEvent {
        code,
        down,
        repeat: false,
        shift: false,
        at_ms,
    }
}

/// Plays "+KeyA -KeyA" at 50 ms an event, and says what was sent in the same way.
fn play(keyboard: &mut Keyboard, events: &str) -> String {
    let mut said = Vec::new();
    for (index, word) in events.split_whitespace().enumerate() {
        let (sign, code) = word.split_at(1);
        let at_ms = 50.0 * index as f64;
        let outcome = keyboard.event(KeyEvent {
            repeat: sign == "~",
            ..event(code, sign != "-", at_ms)
        });
        said.extend(words(&outcome.inputs));
        if outcome.wait {
            said.extend(words(&keyboard.settle()));
        }
    }
    said.join(" ")
}

fn words(inputs: &[Input]) -> Vec<String> {
    inputs
        .iter()
        .map(|input| match input {
            Input::Key { usage, down } => {
                format!(
                    "{}{}",
                    if *down { '+' } else { '-' },
                    keys::code(*usage).unwrap()
                )
            }
            other => panic!("a keyboard does not send {other:?}"),
        })
        .collect()
}

fn on(system: System, events: &str) -> String {
    play(&mut Keyboard::new(system), events)
}

#[test]
fn keys_go_down_and_up_in_order() {
    let typed = "+ShiftLeft +KeyA -KeyA -ShiftLeft +Enter -Enter";
    for system in [System::Apple, System::Windows, System::Other] {
        assert_eq!(on(system, typed), typed);
    }
}

#[test]
fn the_browsers_repeat_is_not_the_keyboards() {
    assert_eq!(on(System::Other, "+KeyA ~KeyA ~KeyA -KeyA"), "+KeyA -KeyA");
}

#[test]
fn a_key_without_a_usage_is_left_out() {
    assert_eq!(on(System::Other, "+Unidentified -Unidentified +Fn"), "");
}

#[test]
fn a_second_press_without_a_release_is_a_second_press() {
    assert_eq!(
        on(System::Other, "+KeyA +KeyA -KeyA"),
        "+KeyA -KeyA +KeyA -KeyA"
    );
}

#[test]
fn a_release_without_a_press_sends_nothing() {
    assert_eq!(on(System::Other, "-KeyA -ShiftLeft"), "");
}

#[test]
fn under_cmd_a_key_is_tapped_because_its_release_is_never_told() {
    assert_eq!(
        on(System::Apple, "+MetaLeft +KeyC +KeyV ~KeyV -MetaLeft"),
        "+MetaLeft +KeyC -KeyC +KeyV -KeyV +KeyV -KeyV -MetaLeft"
    );
}

#[test]
fn a_key_held_before_cmd_is_released_with_it() {
    assert_eq!(
        on(System::Apple, "+KeyA +MetaRight -MetaRight +KeyB"),
        "+KeyA +MetaRight -MetaRight -KeyA +KeyB"
    );
}

#[test]
fn elsewhere_keys_under_meta_stay_down() {
    assert_eq!(
        on(System::Other, "+MetaLeft +KeyR -KeyR -MetaLeft"),
        "+MetaLeft +KeyR -KeyR -MetaLeft"
    );
}

#[test]
fn caps_lock_on_macos_is_a_tap_each_way() {
    assert_eq!(
        on(System::Apple, "+CapsLock -CapsLock"),
        "+CapsLock -CapsLock +CapsLock -CapsLock"
    );
    assert_eq!(
        on(System::Other, "+CapsLock -CapsLock"),
        "+CapsLock -CapsLock"
    );
}

#[test]
fn print_screen_that_only_goes_up_is_a_tap() {
    assert_eq!(
        on(System::Windows, "-PrintScreen"),
        "+PrintScreen -PrintScreen"
    );
    assert_eq!(
        on(System::Other, "+PrintScreen -PrintScreen"),
        "+PrintScreen -PrintScreen"
    );
}

#[test]
fn alt_gr_on_windows_is_the_right_alt_alone() {
    let mut keyboard = Keyboard::new(System::Windows);
    let control = keyboard.event(event("ControlLeft", true, 100.0));
    assert_eq!(
        control,
        Outcome {
            wait: true,
            ..Outcome::default()
        }
    );
    let alt = keyboard.event(event("AltRight", true, 100.0));
    assert_eq!(words(&alt.inputs), ["+AltRight"]);
    assert_eq!(keyboard.settle(), []);
    assert_eq!(
        words(&keyboard.event(event("KeyQ", true, 180.0)).inputs),
        ["+KeyQ"]
    );
    assert_eq!(
        words(&keyboard.event(event("KeyQ", false, 220.0)).inputs),
        ["-KeyQ"]
    );
    assert_eq!(
        keyboard.event(event("ControlLeft", false, 300.0)),
        Outcome::default()
    );
    assert_eq!(
        words(&keyboard.event(event("AltRight", false, 300.0)).inputs),
        ["-AltRight"]
    );
    assert!(keyboard.down().is_empty());
}

#[test]
fn a_real_left_ctrl_on_windows_comes_before_what_follows_it() {
    let mut keyboard = Keyboard::new(System::Windows);
    assert!(keyboard.event(event("ControlLeft", true, 0.0)).wait);
    let next = keyboard.event(event("KeyC", true, 4.0));
    assert_eq!(words(&next.inputs), ["+ControlLeft", "+KeyC"]);

    let mut keyboard = Keyboard::new(System::Windows);
    keyboard.event(event("ControlLeft", true, 0.0));
    let released = keyboard.event(event("ControlLeft", false, 5.0));
    assert_eq!(words(&released.inputs), ["+ControlLeft", "-ControlLeft"]);
}

#[test]
fn ctrl_and_a_later_right_alt_are_two_keys() {
    let mut keyboard = Keyboard::new(System::Windows);
    keyboard.event(event("ControlLeft", true, 0.0));
    assert_eq!(words(&keyboard.settle()), ["+ControlLeft"]);
    let alt = keyboard.event(event("AltRight", true, 300.0));
    assert_eq!(words(&alt.inputs), ["+AltRight"]);
    assert_eq!(keyboard.down().len(), 2);
}

#[test]
fn both_shifts_are_up_when_the_browser_says_that_none_is_down() {
    assert_eq!(
        on(System::Windows, "+ShiftLeft +ShiftRight -ShiftRight"),
        "+ShiftLeft +ShiftRight -ShiftRight -ShiftLeft"
    );
}

#[test]
fn ctrl_alt_shift_let_go_asks_for_the_keyboard_back() {
    let mut keyboard = Keyboard::new(System::Other);
    play(&mut keyboard, "+ControlLeft +AltLeft +ShiftLeft");
    assert!(keyboard.event(event("AltLeft", false, 900.0)).leave);

    let mut keyboard = Keyboard::new(System::Other);
    play(
        &mut keyboard,
        "+ControlLeft +AltLeft +ShiftLeft +KeyK -KeyK",
    );
    assert!(!keyboard.event(event("AltLeft", false, 900.0)).leave);

    let mut keyboard = Keyboard::new(System::Other);
    play(&mut keyboard, "+ControlLeft +AltLeft");
    assert!(!keyboard.event(event("AltLeft", false, 900.0)).leave);
}

#[test]
fn clearing_forgets_what_was_down() {
    let mut keyboard = Keyboard::new(System::Windows);
    keyboard.event(event("KeyA", true, 0.0));
    keyboard.event(event("ControlLeft", true, 1.0));
    keyboard.clear();
    assert!(keyboard.down().is_empty());
    assert_eq!(keyboard.settle(), []);
}

proptest! {
    /// Whatever a browser says, what is sent is well formed: no key goes down twice or up unasked, and the sum of
    /// what was sent is what the keyboard believes to be down.
    #[test]
    fn what_is_sent_adds_up(
        system in prop_oneof![Just(System::Apple), Just(System::Windows), Just(System::Other)],
        events in prop::collection::vec((0..keys::CODES.len(), any::<bool>(), any::<bool>(), any::<bool>(), 0.0..30.0f64), 0..80),
    ) {
        let mut keyboard = Keyboard::new(system);
        let mut down: Vec<Usage> = Vec::new();
        let mut now = 0.0;
        for (key, goes_down, repeat, shift, later) in events {
            now += later;
            let code = keys::CODES[key].0;
            let outcome = keyboard.event(KeyEvent { code, down: goes_down, repeat, shift, at_ms: now });
            for input in outcome.inputs {
                let Input::Key { usage, down: goes_down } = input else { panic!("{input:?}") };
                if goes_down {
                    prop_assert!(!down.contains(&usage));
                    down.push(usage);
                } else {
                    prop_assert!(down.contains(&usage));
                    down.retain(|key| *key != usage);
                }
            }
            prop_assert_eq!(&down[..], keyboard.down());
        }
    }
}
