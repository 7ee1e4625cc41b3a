use proptest::prelude::*;
use shared::input::Buttons;

use super::{Act, Finger, Point, Touch, TouchMode};

const LEFT: Buttons = Buttons::LEFT;
const RIGHT: Buttons = Buttons::RIGHT;
const MIDDLE: Buttons = Buttons::MIDDLE;

/// Hands that touch the picture, with a clock of their own.
struct Hand {
    touch: Touch,
    now_ms: f64,
    acts: Vec<Act>,
}

impl Hand {
    fn new(mode: TouchMode) -> Self {
        Self {
            touch: Touch::new(mode),
            now_ms: 1_000.0,
            acts: Vec::new(),
        }
    }

    fn trackpad() -> Self {
        Self::new(TouchMode::Trackpad)
    }

    fn direct() -> Self {
        Self::new(TouchMode::Direct)
    }

    fn finger(&self, id: i32, at: Point) -> Finger {
        Finger {
            id,
            at,
            at_ms: self.now_ms,
        }
    }

    fn down(mut self, id: i32, at: Point) -> Self {
        let finger = self.finger(id, at);
        self.acts.extend(self.touch.down(finger));
        self
    }

    fn moved(mut self, id: i32, at: Point) -> Self {
        let finger = self.finger(id, at);
        self.acts.extend(self.touch.moved(finger));
        self
    }

    fn up(mut self, id: i32, at: Point) -> Self {
        let finger = self.finger(id, at);
        self.acts.extend(self.touch.up(finger));
        self
    }

    /// Time passes, and whatever falls due meanwhile happens.
    fn wait(mut self, ms: f64) -> Self {
        let until = self.now_ms + ms;
        while let Some(due) = self.touch.due().filter(|due| *due <= until) {
            self.now_ms = due;
            self.acts.extend(self.touch.tick(due));
        }
        self.now_ms = until;
        self
    }

    /// Two fingers move together, in steps of 10 ms.
    fn swipe(mut self, from: [Point; 2], way: Point, steps: u32) -> Self {
        self = self.down(1, from[0]).down(2, from[1]);
        for step in 1..=steps {
            let part = f64::from(step) / f64::from(steps);
            let at = |start: Point| (start.0 + way.0 * part, start.1 + way.1 * part);
            self = self.wait(10.0).moved(1, at(from[0])).moved(2, at(from[1]));
        }
        self
    }

    fn scrolled(&self) -> Point {
        self.acts.iter().fold((0.0, 0.0), |sum, act| match act {
            Act::Scroll((x, y)) => (sum.0 + x, sum.1 + y),
            _ => sum,
        })
    }

    fn zoomed(&self) -> f64 {
        self.acts.iter().fold(1.0, |product, act| match act {
            Act::Zoom { factor, .. } => product * factor,
            _ => product,
        })
    }
}

#[test]
fn one_finger_moves_the_pointer_and_presses_nothing() {
    let hand = Hand::trackpad()
        .down(1, (100.0, 100.0))
        .wait(20.0)
        .moved(1, (112.0, 100.0))
        .moved(1, (120.0, 90.0))
        .up(1, (120.0, 90.0))
        .wait(1_000.0);
    assert_eq!(
        hand.acts,
        [Act::MoveBy((12.0, 0.0)), Act::MoveBy((8.0, -10.0))]
    );
}

#[test]
fn taps_are_clicks_of_as_many_fingers() {
    for (fingers, button) in [(1, LEFT), (2, RIGHT), (3, MIDDLE)] {
        let mut hand = Hand::trackpad();
        for id in 0..fingers {
            hand = hand.down(id, (50.0 * f64::from(id), 0.0)).wait(10.0);
        }
        for id in 0..fingers {
            hand = hand.moved(id, (50.0 * f64::from(id) + 2.0, 1.0));
            hand = hand.up(id, (50.0 * f64::from(id) + 2.0, 1.0)).wait(10.0);
        }
        let hand = hand.wait(1_000.0);
        assert_eq!(
            hand.acts,
            [Act::Press(button), Act::Release(button)],
            "{fingers} fingers"
        );
    }
}

#[test]
fn a_finger_that_rests_is_no_tap() {
    let hand = Hand::trackpad().down(1, (0.0, 0.0)).wait(600.0);
    assert_eq!(hand.up(1, (0.0, 0.0)).wait(1_000.0).acts, []);
}

#[test]
fn a_tap_and_a_half_drags_until_the_finger_is_lifted() {
    let hand = Hand::trackpad()
        .down(1, (0.0, 0.0))
        .wait(50.0)
        .up(1, (0.0, 0.0))
        .wait(80.0)
        .down(2, (3.0, 0.0))
        .wait(400.0)
        .moved(2, (23.0, 0.0))
        .moved(2, (33.0, 5.0));
    let pressed = Act::Press(LEFT);
    assert_eq!(
        hand.acts,
        [pressed, Act::MoveBy((20.0, 0.0)), Act::MoveBy((10.0, 5.0))]
    );
    let hand = hand.wait(5_000.0).up(2, (33.0, 5.0));
    assert_eq!(hand.acts.last(), Some(&Act::Release(LEFT)));
}

#[test]
fn two_taps_are_two_clicks() {
    let mut hand = Hand::trackpad();
    for _ in 0..2 {
        hand = hand.down(1, (0.0, 0.0)).wait(50.0).up(1, (0.0, 0.0));
        hand = hand.wait(60.0);
    }
    let (press, release) = (Act::Press(LEFT), Act::Release(LEFT));
    assert_eq!(hand.wait(1_000.0).acts, [press, release, press, release]);
}

#[test]
fn two_fingers_scroll_both_ways_and_then_by_their_momentum() {
    for way in [(0.0, 120.0), (0.0, -120.0), (120.0, 0.0), (-120.0, 30.0)] {
        let hand = Hand::trackpad().swipe([(100.0, 300.0), (160.0, 310.0)], way, 12);
        let (x, y) = hand.scrolled();
        assert!((way.0 - x).hypot(way.1 - y) < 30.0, "{x}, {y} for {way:?}");
        let hand = hand.up(1, (0.0, 0.0)).up(2, (0.0, 0.0));
        let lifted = hand.scrolled();
        let hand = hand.wait(5_000.0);
        let went_on = (hand.scrolled().0 - lifted.0, hand.scrolled().1 - lifted.1);
        let along = (went_on.0 * way.0 + went_on.1 * way.1) / way.0.hypot(way.1);
        assert!(along > 50.0, "{went_on:?} after {way:?}");
        assert_eq!(hand.touch.due(), None);
    }
}

#[test]
fn fingers_that_rest_before_they_are_lifted_leave_no_momentum() {
    let hand = Hand::trackpad()
        .swipe([(100.0, 300.0), (160.0, 310.0)], (0.0, 120.0), 12)
        .wait(200.0);
    let before = hand.scrolled();
    let hand = hand.up(1, (0.0, 0.0)).up(2, (0.0, 0.0)).wait(1_000.0);
    assert_eq!(hand.scrolled(), before);
}

#[test]
fn a_finger_stops_the_momentum() {
    let hand = Hand::trackpad()
        .swipe([(100.0, 300.0), (160.0, 310.0)], (0.0, 120.0), 12)
        .up(1, (0.0, 0.0))
        .up(2, (0.0, 0.0))
        .wait(30.0)
        .down(3, (0.0, 0.0));
    let before = hand.scrolled();
    assert_eq!(hand.wait(1_000.0).scrolled(), before);
}

#[test]
fn two_fingers_that_part_zoom_about_their_middle() {
    let mut hand = Hand::trackpad()
        .down(1, (100.0, 200.0))
        .down(2, (200.0, 200.0));
    for step in 1..=10 {
        let by = 5.0 * f64::from(step);
        hand = hand
            .wait(10.0)
            .moved(1, (100.0 - by, 200.0))
            .moved(2, (200.0 + by, 200.0));
    }
    assert!((1.4..=2.0).contains(&hand.zoomed()), "{}", hand.zoomed());
    assert_eq!(hand.scrolled(), (0.0, 0.0));
    for act in &hand.acts {
        if let Act::Zoom { about, .. } = act {
            assert!(
                (about.0 - 150.0).abs() <= 5.0 && about.1 == 200.0,
                "{about:?}"
            );
        }
    }
    let hand = hand.up(1, (0.0, 0.0)).up(2, (0.0, 0.0)).wait(1_000.0);
    assert!(!hand.acts.iter().any(|act| matches!(act, Act::Press(_))));
}

#[test]
fn a_touch_is_where_it_is() {
    let hand = Hand::direct()
        .down(1, (40.0, 50.0))
        .wait(50.0)
        .up(1, (42.0, 50.0));
    let there = Act::MoveTo((40.0, 50.0));
    assert_eq!(hand.acts, [there, Act::Press(LEFT), Act::Release(LEFT)]);
}

#[test]
fn a_second_tap_beside_the_first_is_a_double_click() {
    let hand = Hand::direct()
        .down(1, (40.0, 50.0))
        .up(1, (40.0, 50.0))
        .wait(150.0)
        .down(1, (52.0, 44.0));
    assert_eq!(hand.acts.last(), Some(&Act::MoveTo((40.0, 50.0))));
    let elsewhere = hand.up(1, (52.0, 44.0)).wait(150.0).down(1, (140.0, 50.0));
    assert_eq!(elsewhere.acts.last(), Some(&Act::MoveTo((140.0, 50.0))));
}

#[test]
fn a_finger_that_moves_drags_from_where_it_came_down() {
    let hand = Hand::direct()
        .down(1, (40.0, 50.0))
        .moved(1, (43.0, 50.0))
        .moved(1, (80.0, 50.0))
        .wait(2_000.0)
        .moved(1, (90.0, 60.0))
        .up(1, (90.0, 60.0));
    let from = Act::MoveTo((40.0, 50.0));
    assert_eq!(
        hand.acts,
        [
            from,
            from,
            Act::Press(LEFT),
            Act::MoveTo((80.0, 50.0)),
            Act::MoveTo((90.0, 60.0)),
            Act::Release(LEFT),
        ]
    );
}

#[test]
fn a_long_press_is_the_right_button() {
    let hand = Hand::direct()
        .down(1, (40.0, 50.0))
        .wait(2_000.0)
        .moved(1, (90.0, 50.0))
        .up(1, (90.0, 50.0));
    let there = Act::MoveTo((40.0, 50.0));
    assert_eq!(hand.acts, [there, Act::Press(RIGHT), Act::Release(RIGHT)]);
}

#[test]
fn two_fingers_on_the_picture_move_and_zoom_it_and_press_nothing() {
    let hand = Hand::direct()
        .down(1, (100.0, 100.0))
        .down(2, (200.0, 100.0))
        .moved(1, (90.0, 120.0))
        .moved(2, (230.0, 120.0))
        .wait(1_000.0)
        .up(2, (230.0, 120.0))
        .up(1, (90.0, 120.0));
    assert!((hand.zoomed() - 1.4).abs() < 0.02, "{}", hand.zoomed());
    let panned = hand.acts.iter().fold((0.0, 0.0), |sum, act| match act {
        Act::Pan((x, y)) => (sum.0 + x, sum.1 + y),
        _ => sum,
    });
    assert_eq!(panned, (10.0, 20.0));
    assert!(!hand.acts.iter().any(|act| matches!(act, Act::Press(_))));
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Down(i32, Point),
    Moved(i32, Point),
    Up(i32, Point),
    Wait(f64),
}

fn any_move() -> impl Strategy<Value = Move> {
    let point = || (0.0f64..800.0, 0.0f64..600.0);
    prop_oneof![
        (0i32..4, point()).prop_map(|(id, at)| Move::Down(id, at)),
        (0i32..4, point()).prop_map(|(id, at)| Move::Moved(id, at)),
        (0i32..4, point()).prop_map(|(id, at)| Move::Up(id, at)),
        (1.0f64..700.0).prop_map(Move::Wait),
    ]
}

proptest! {
    /// Whatever fingers do: no button goes down twice or up twice, and once all are lifted nothing is held.
    #[test]
    fn nothing_stays_held(
        mode in prop::sample::select(vec![TouchMode::Trackpad, TouchMode::Direct]),
        moves in prop::collection::vec(any_move(), 0..60),
    ) {
        let mut hand = Hand::new(mode);
        for each in moves {
            hand = match each {
                Move::Down(id, at) => hand.down(id, at),
                Move::Moved(id, at) => hand.moved(id, at),
                Move::Up(id, at) => hand.up(id, at),
                Move::Wait(ms) => hand.wait(ms),
            };
        }
        for id in 0..4 {
            hand = hand.up(id, (0.0, 0.0));
        }
        hand = hand.wait(10_000.0);
        let mut held = Buttons::default();
        for act in &hand.acts {
            match act {
                Act::Press(button) => {
                    prop_assert!(!held.contains(*button), "{:?}", hand.acts);
                    held = held.with(*button);
                }
                Act::Release(button) => {
                    prop_assert!(held.contains(*button), "{:?}", hand.acts);
                    held = held.without(*button);
                }
                _ => {}
            }
        }
        prop_assert!(held.is_empty(), "{:?}", hand.acts);
        prop_assert_eq!(hand.touch.due(), None);
    }
}
