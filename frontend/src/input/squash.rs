//! Motion at the rate of the display: of what a hand does within a frame, only where it has come to is sent. Everything
//! else is sent at once, behind the motion before it, so that no click loses its place.

use shared::input::Input;

/// Motion that waits for the next frame.
#[derive(Clone, Debug, Default)]
pub struct Squash {
    waiting: Option<Input>,
    in_frame: bool,
}

impl Squash {
    /// What is to be sent now. The first motion of a frame goes at once, what follows it waits for the next.
    pub fn take(&mut self, input: Input) -> Vec<Input> {
        let is_motion = matches!(input, Input::PointerTo { .. } | Input::PointerBy { .. });
        if !is_motion {
            return self.waiting.take().into_iter().chain([input]).collect();
        }
        if !self.in_frame {
            self.in_frame = true;
            return vec![input];
        }
        let before = self.waiting.take();
        match merged(before.as_ref(), &input) {
            Some(sum) => {
                self.waiting = Some(sum);
                Vec::new()
            }
            None => {
                self.waiting = Some(input);
                before.into_iter().collect()
            }
        }
    }

    /// Whether [`Self::frame`] is to be called with the next frame.
    #[must_use]
    pub fn wants_frame(&self) -> bool {
        self.in_frame
    }

    /// A frame begins.
    pub fn frame(&mut self) -> Option<Input> {
        let waited = self.waiting.take();
        self.in_frame = waited.is_some();
        waited
    }
}

fn merged(before: Option<&Input>, input: &Input) -> Option<Input> {
    match (before, input) {
        (None | Some(Input::PointerTo { .. }), Input::PointerTo { .. }) | (None, _) => {
            Some(input.clone())
        }
        (
            Some(Input::PointerBy { dx, dy }),
            Input::PointerBy {
                dx: right,
                dy: down,
            },
        ) => Some(Input::PointerBy {
            dx: dx.checked_add(*right)?,
            dy: dy.checked_add(*down)?,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::input::{Buttons, Input};

    use super::Squash;

    fn to(x: u16) -> Input {
        Input::PointerTo { x, y: 0 }
    }

    fn by(dx: i16) -> Input {
        Input::PointerBy { dx, dy: -1 }
    }

    const CLICK: Input = Input::Buttons(Buttons::LEFT);

    #[test]
    fn of_a_frames_motion_the_first_and_the_last_place_are_sent() {
        let mut squash = Squash::default();
        assert_eq!(squash.take(to(1)), [to(1)]);
        for x in 2..9 {
            assert_eq!(squash.take(to(x)), []);
        }
        assert_eq!(squash.frame(), Some(to(8)));
        assert!(squash.wants_frame());
        assert_eq!(squash.frame(), None);
        assert!(!squash.wants_frame());
    }

    #[test]
    fn a_click_comes_behind_the_motion_before_it() {
        let mut squash = Squash::default();
        for x in 1..5 {
            squash.take(to(x));
        }
        assert_eq!(squash.take(CLICK), [to(4), CLICK]);
        assert_eq!(squash.frame(), None);
    }

    #[test]
    fn places_and_ways_are_not_mixed() {
        let mut squash = Squash::default();
        squash.take(to(1));
        squash.take(to(2));
        assert_eq!(squash.take(by(3)), [to(2)]);
        assert_eq!(squash.take(by(4)), []);
        assert_eq!(squash.frame(), Some(Input::PointerBy { dx: 7, dy: -2 }));
    }

    #[test]
    fn a_sum_that_is_too_large_is_sent_in_two() {
        let mut squash = Squash::default();
        squash.take(by(1));
        squash.take(by(i16::MAX));
        assert_eq!(squash.take(by(5)), [by(i16::MAX)]);
        assert_eq!(squash.frame(), Some(by(5)));
    }

    fn act() -> impl Strategy<Value = Option<Input>> {
        prop_oneof![
            any::<u16>().prop_map(|x| Some(to(x))),
            any::<i16>().prop_map(|dx| Some(by(dx))),
            Just(Some(CLICK)),
            Just(None),
        ]
    }

    /// Where a pointer on an endless line is after each click.
    fn clicks(inputs: &[Input]) -> Vec<i64> {
        let mut x = 0;
        let mut clicks = Vec::new();
        for input in inputs {
            match input {
                Input::PointerTo { x: place, .. } => x = i64::from(*place),
                Input::PointerBy { dx, .. } => x += i64::from(*dx),
                _ => clicks.push(x),
            }
        }
        clicks.push(x);
        clicks
    }

    proptest! {
        /// `None` is a frame.
        #[test]
        fn every_click_is_where_it_was_and_the_end_is_the_same(acts in prop::collection::vec(act(), 0..60)) {
            let mut squash = Squash::default();
            let mut sent = Vec::new();
            for act in &acts {
                match act {
                    Some(input) => sent.extend(squash.take(input.clone())),
                    None => sent.extend(squash.frame()),
                }
            }
            sent.extend(squash.frame());
            let done: Vec<Input> = acts.into_iter().flatten().collect();
            prop_assert_eq!(clicks(&sent), clicks(&done));
        }
    }
}
