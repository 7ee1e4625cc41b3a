//! The picture as a trackpad.

use shared::input::Buttons;

use super::{
    Act, Finger, SLOP, TAP_MS, between, click,
    fingers::{Down, Fingers, Span},
    momentum::Momentum,
};

/// How long the button of a tap stays down for a drag that may follow, in milliseconds.
const TAP_HOLD_MS: f64 = 180.0;

/// How much further apart or closer two fingers come before they pinch, in CSS pixels.
const PINCH_SLOP: f64 = 16.0;

/// How far one of two fingers moves before the other one counts as resting, in CSS pixels.
const ALONE: f64 = 40.0;

#[derive(Clone, Debug, Default)]
pub(super) struct Trackpad {
    fingers: Fingers,
    state: State,
    momentum: Momentum,
    /// Until when the left button of a tap is down.
    tap_until: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    #[default]
    Idle,
    /// Fingers that may be a tap, of as many fingers as there were at most; `since` is `None` where it is none.
    Resting {
        since: Option<f64>,
        most: usize,
    },
    /// One finger moves the pointer.
    Moving,
    /// A finger is down after a tap: a second tap, or a drag.
    TapAndHalf {
        since: f64,
    },
    /// One finger moves the pointer with the left button down.
    Dragging,
    Scrolling(Span),
    Pinching(Span),
    /// The fingers mean nothing more until all are lifted.
    Spent,
}

impl Trackpad {
    pub(super) fn down(&mut self, finger: Finger) -> Vec<Act> {
        self.momentum.stop();
        self.fingers.down(finger);
        self.state = match (self.state, self.fingers.count()) {
            (State::Idle, _) if self.tap_until.take().is_some() => State::TapAndHalf {
                since: finger.at_ms,
            },
            (State::Idle, most) => State::Resting {
                since: Some(finger.at_ms),
                most,
            },
            (State::Resting { since, most }, count) => State::Resting {
                since,
                most: most.max(count),
            },
            (State::Moving, most) => State::Resting { since: None, most },
            (state, _) => state,
        };
        Vec::new()
    }

    pub(super) fn moved(&mut self, finger: Finger) -> Vec<Act> {
        let Some((down, way)) = self.fingers.moved(finger) else {
            return Vec::new();
        };
        match self.state {
            State::Resting { .. } => self.begins_to_move(down),
            State::TapAndHalf { .. } if down.strayed() > SLOP => self.state = State::Dragging,
            _ => {}
        }
        match self.state {
            State::Moving | State::Dragging if self.fingers.is_first(finger) => {
                vec![Act::MoveBy(way)]
            }
            State::Scrolling(before) => self.scroll(before, finger.at_ms),
            State::Pinching(before) => self.pinch(before),
            _ => Vec::new(),
        }
    }

    fn begins_to_move(&mut self, down: Down) {
        if self.fingers.count() == 1 {
            if down.strayed() > SLOP {
                self.state = State::Moving;
            }
            return;
        }
        let (Some(pair), Some(first), Some(now)) = (
            self.fingers.pair(),
            self.fingers.first_span(),
            self.fingers.span(),
        ) else {
            return;
        };
        let strayed = pair.map(|down| down.strayed());
        let both_tell = strayed.iter().all(|strayed| *strayed > SLOP / 2.0)
            || strayed.iter().any(|strayed| *strayed > ALONE);
        if !both_tell {
            return;
        }
        let (x, y) = between(first.middle, now.middle);
        let moved = x.hypot(y);
        let spread = (now.width - first.width).abs();
        if spread > PINCH_SLOP && spread > 1.5 * moved {
            self.state = State::Pinching(now);
        } else if moved > SLOP {
            self.state = State::Scrolling(now);
        }
    }

    fn scroll(&mut self, before: Span, at_ms: f64) -> Vec<Act> {
        let Some(now) = self.fingers.span() else {
            return Vec::new();
        };
        let way = between(before.middle, now.middle);
        self.state = State::Scrolling(now);
        self.momentum.moved(at_ms, way);
        vec![Act::Scroll(way)]
    }

    fn pinch(&mut self, before: Span) -> Vec<Act> {
        let Some(now) = self.fingers.span() else {
            return Vec::new();
        };
        self.state = State::Pinching(now);
        now.follow(before).to_vec()
    }

    pub(super) fn up(&mut self, finger: Finger) -> Vec<Act> {
        let was_first = self.fingers.is_first(finger);
        self.fingers.lift(finger);
        let all_lifted = self.fingers.count() == 0;
        let rest = if all_lifted {
            State::Idle
        } else {
            State::Spent
        };
        let state = std::mem::replace(&mut self.state, rest);
        let in_time = |since: f64| finger.at_ms - since <= TAP_MS;
        match state {
            State::Resting { .. } if !all_lifted => self.state = state,
            State::Resting {
                since: Some(since),
                most,
            } if in_time(since) => return self.tap(most, finger.at_ms),
            State::TapAndHalf { since } => {
                let mut acts = vec![Act::Release(Buttons::LEFT)];
                if in_time(since) && all_lifted {
                    acts.extend(self.tap(1, finger.at_ms));
                }
                return acts;
            }
            State::Dragging if was_first => return vec![Act::Release(Buttons::LEFT)],
            State::Dragging => self.state = state,
            State::Scrolling(_) => self.momentum.lifted(finger.at_ms),
            _ => {}
        }
        Vec::new()
    }

    fn tap(&mut self, fingers: usize, at_ms: f64) -> Vec<Act> {
        match fingers {
            1 => {
                self.tap_until = Some(at_ms + TAP_HOLD_MS);
                vec![Act::Press(Buttons::LEFT)]
            }
            2 => click(Buttons::RIGHT).to_vec(),
            3 => click(Buttons::MIDDLE).to_vec(),
            _ => Vec::new(),
        }
    }

    pub(super) fn due(&self) -> Option<f64> {
        self.tap_until.or(self.momentum.due())
    }

    pub(super) fn tick(&mut self, now_ms: f64) -> Vec<Act> {
        let mut acts = Vec::new();
        if self.tap_until.take_if(|until| *until <= now_ms).is_some() {
            acts.push(Act::Release(Buttons::LEFT));
        }
        acts.extend(self.momentum.tick(now_ms).map(Act::Scroll));
        acts
    }
}
