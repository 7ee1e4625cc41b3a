use proptest::prelude::*;
use shared::{
    input::Held,
    list::List,
    macros::{Macro, Step},
};

use super::*;

const A: Usage = Usage::Keyboard(0x04);
const SHIFT: Usage = Usage::Keyboard(0xE1);

fn key(usage: Usage, down: bool) -> Input {
    Input::Key { usage, down }
}

fn recorded(inputs: impl IntoIterator<Item = (f64, Input)>) -> Vec<Step> {
    let mut recorder = Recorder::default();
    let mut end = 0.0;
    for (at_ms, input) in inputs {
        recorder.input(&input, at_ms);
        end = at_ms;
    }
    recorder.finish(end)
}

fn tap(usage: Usage, hold_ms: u32) -> Step {
    let key = Key::new(usage).unwrap();
    Step::Tap { key, hold_ms }
}

#[test]
fn keys_and_clicks_are_written_down_with_their_times() {
    let steps = recorded([
        (1000.0, key(A, true)),
        (1080.4, key(A, false)),
        (1300.0, Input::PointerTo { x: 5, y: 6 }),
        (1300.0, Input::Buttons(Buttons::LEFT)),
        (1420.0, Input::Buttons(Buttons::default())),
    ]);
    let expected = [
        tap(A, 80),
        Step::Pause { ms: 220 },
        Step::PointerTo { x: 5, y: 6 },
        Step::Click {
            button: Button::Left,
            hold_ms: 120,
        },
    ];
    assert_eq!(steps, expected);
}

#[test]
fn a_key_under_another_stays_two_acts() {
    let steps = recorded([
        (0.0, key(SHIFT, true)),
        (10.0, key(A, true)),
        (20.0, key(A, false)),
        (30.0, key(SHIFT, false)),
    ]);
    let shift = Key::new(SHIFT).unwrap();
    let expected = [
        Step::Press { key: shift },
        Step::Pause { ms: 10 },
        tap(A, 10),
        Step::Pause { ms: 10 },
        Step::Release { key: shift },
    ];
    assert_eq!(steps, expected);
}

#[test]
fn a_button_under_another_is_no_click() {
    let both = Buttons::LEFT.with(Buttons::RIGHT);
    let steps = recorded([
        (0.0, Input::Buttons(Buttons::LEFT)),
        (5.0, Input::Buttons(both)),
        (9.0, Input::Buttons(Buttons::RIGHT)),
        (12.0, Input::Buttons(Buttons::default())),
    ]);
    assert!(
        !steps.iter().any(|step| matches!(step, Step::Click { .. })),
        "{steps:?}"
    );
}

#[test]
fn motion_is_thinned_and_arrives_where_it_went() {
    let moves = (0..100u16).map(|n| (f64::from(n) * 10.0, Input::PointerTo { x: n, y: 0 }));
    let steps = recorded(moves);
    let places: Vec<_> = steps
        .iter()
        .filter_map(|step| match step {
            Step::PointerTo { x, .. } => Some(*x),
            _ => None,
        })
        .collect();
    assert!((15..=25).contains(&places.len()), "{places:?}");
    assert_eq!(places.last(), Some(&99));
    let by = recorded((0..10).map(|n| (f64::from(n), Input::PointerBy { dx: 3, dy: -1 })));
    assert_eq!(by, [Step::PointerBy { dx: 30, dy: -10 }]);
}

#[test]
fn what_only_repeats_what_is_held_is_not_written_down() {
    let held = Held {
        keys: List::new([A]),
        buttons: Buttons::default(),
    };
    let steps = recorded([
        (0.0, key(A, true)),
        (100.0, Input::Held(held)),
        (150.0, key(A, true)),
        (200.0, key(A, false)),
    ]);
    assert_eq!(steps, [tap(A, 200)]);
}

#[test]
fn what_is_let_go_all_at_once_comes_up() {
    let steps = recorded([
        (0.0, key(SHIFT, true)),
        (0.0, Input::Buttons(Buttons::LEFT)),
        (40.0, Input::ReleaseAll),
    ]);
    assert_eq!(
        steps[steps.len() - 2..],
        [
            Step::Release {
                key: Key::new(SHIFT).unwrap()
            },
            Step::Buttons { down: Vec::new() }
        ]
    );
}

proptest! {
    #[test]
    fn however_long_it_goes_on_it_is_a_macro_with_nothing_held_and_right_in_time(
        acts in prop::collection::vec((0u8..8, any::<bool>(), 0.0f64..400.0), 0..3000),
    ) {
        let mut recorder = Recorder::default();
        let mut now = 0.0;
        let mut first = None;
        for (which, down, later) in acts {
            now += later;
            let input = match which {
                0..4 => key(Usage::Keyboard(4 + which), down),
                4 => Input::PointerBy { dx: 1, dy: 1 },
                bits => Input::Buttons(Buttons(if down { bits } else { 0 })),
            };
            let before = recorder.len();
            recorder.input(&input, now);
            if recorder.len() > before && first.is_none() {
                first = Some(now);
            }
        }
        let full = recorder.is_full();
        let steps = recorder.finish(now);
        let mut down = Vec::new();
        let mut buttons = Vec::new();
        let mut length = 0.0;
        for step in &steps {
            match step {
                Step::Press { key } => down.push(*key),
                Step::Release { key } => down.retain(|held| held != key),
                Step::Buttons { down } => buttons.clone_from(down),
                Step::Pause { ms } | Step::Tap { hold_ms: ms, .. } | Step::Click { hold_ms: ms, .. } => {
                    length += f64::from(*ms);
                }
                _ => {}
            }
        }
        prop_assert!(down.is_empty() && buttons.is_empty());
        if !full {
            prop_assert!(length <= now - first.unwrap_or(now) + 1.0);
        }
        let whole = Macro { name: "a".to_owned(), steps, ..Macro::default() };
        prop_assert_eq!(whole.check(), Ok(()));
    }
}
