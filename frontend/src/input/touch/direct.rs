//! A finger as the pointer.

use shared::input::Buttons;

use super::{
    Act, Finger, Point, SLOP, click, distance,
    fingers::{Fingers, Span},
};

/// How long a finger rests for the right button, in milliseconds.
const LONG_MS: f64 = 500.0;

/// How soon and how near a second tap belongs to the first one, in milliseconds and in CSS pixels.
const DOUBLE_MS: f64 = 400.0;
const DOUBLE_PIXELS: f64 = 30.0;

#[derive(Clone, Debug, Default)]
pub(super) struct Direct {
    fingers: Fingers,
    state: State,
    /// Where the last tap was, and when.
    tapped: Option<(Point, f64)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    #[default]
    Idle,
    /// A finger is down at a point: a tap, a long press or a drag.
    Resting { at: Point, long_at_ms: f64 },
    /// A finger moves with the left button down.
    Dragging,
    /// Two fingers move the picture.
    Viewing(Span),
    /// The fingers mean nothing more until all are lifted.
    Spent,
}

impl Direct {
    pub(super) fn down(&mut self, finger: Finger) -> Vec<Act> {
        self.fingers.down(finger);
        match (self.state, self.fingers.span()) {
            (State::Idle, _) => {
                let at = self.meant(finger);
                self.state = State::Resting {
                    at,
                    long_at_ms: finger.at_ms + LONG_MS,
                };
                vec![Act::MoveTo(at)]
            }
            (State::Resting { .. }, Some(span)) => {
                self.state = State::Viewing(span);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// A second tap beside the first is meant for the same thing.
    fn meant(&self, finger: Finger) -> Point {
        match self.tapped {
            Some((at, at_ms))
                if finger.at_ms - at_ms < DOUBLE_MS && distance(at, finger.at) < DOUBLE_PIXELS =>
            {
                at
            }
            _ => finger.at,
        }
    }

    pub(super) fn moved(&mut self, finger: Finger) -> Vec<Act> {
        let Some((down, _)) = self.fingers.moved(finger) else {
            return Vec::new();
        };
        match self.state {
            State::Resting { .. } if down.strayed() > SLOP => {
                self.state = State::Dragging;
                let from = Act::MoveTo(down.first.at);
                vec![from, Act::Press(Buttons::LEFT), Act::MoveTo(finger.at)]
            }
            State::Dragging if self.fingers.is_first(finger) => vec![Act::MoveTo(finger.at)],
            State::Viewing(before) => match self.fingers.span() {
                Some(now) => {
                    self.state = State::Viewing(now);
                    now.follow(before).to_vec()
                }
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    pub(super) fn up(&mut self, finger: Finger) -> Vec<Act> {
        let was_first = self.fingers.is_first(finger);
        self.fingers.lift(finger);
        let rest = match self.fingers.count() {
            0 => State::Idle,
            _ => State::Spent,
        };
        match std::mem::replace(&mut self.state, rest) {
            State::Resting { at, .. } => {
                self.tapped = Some((at, finger.at_ms));
                click(Buttons::LEFT).to_vec()
            }
            State::Dragging if was_first => vec![Act::Release(Buttons::LEFT)],
            State::Dragging => {
                self.state = State::Dragging;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn due(&self) -> Option<f64> {
        match self.state {
            State::Resting { long_at_ms, .. } => Some(long_at_ms),
            _ => None,
        }
    }

    pub(super) fn tick(&mut self, now_ms: f64) -> Vec<Act> {
        if self.due().is_none_or(|due| now_ms < due) {
            return Vec::new();
        }
        self.state = State::Spent;
        click(Buttons::RIGHT).to_vec()
    }
}
