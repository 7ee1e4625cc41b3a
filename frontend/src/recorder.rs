//! What an operator's hands do, written down as the steps of a macro.

use shared::{
    input::{Buttons, Input, Usage},
    macros::{Button, Key, STEPS_MAX, Step},
};

/// Motion is written down so often, in milliseconds.
const MOTION_MS: f64 = 50.0;

/// The longest pause of a macro, in milliseconds.
const PAUSE_MAX_MS: f64 = 3_600_000.0;

/// Writes down what is done and when.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    acts: Vec<Act>,
    keys: Vec<Usage>,
    buttons: Buttons,
}

#[derive(Clone, Debug)]
struct Act {
    /// When it began; motion goes on for a while.
    since_ms: f64,
    at_ms: f64,
    step: Step,
}

impl Recorder {
    /// How much has been written down.
    #[must_use]
    pub fn len(&self) -> usize {
        self.acts.len()
    }

    /// Whether nothing has been done yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// Whether a macro has no room for more: each act may take a pause, too, and what is down must come up.
    #[must_use]
    pub fn is_full(&self) -> bool {
        2 * (self.acts.len() + self.keys.len() + 2) >= STEPS_MAX
    }

    /// Something is done with keys or pointer, at that time of any clock.
    pub fn input(&mut self, input: &Input, at_ms: f64) {
        match input {
            Input::Key { usage, down } => self.key(*usage, *down, at_ms),
            Input::PointerTo { x, y } => self.motion(Step::PointerTo { x: *x, y: *y }, at_ms),
            Input::PointerBy { dx, dy } => self.motion(Step::PointerBy { dx: *dx, dy: *dy }, at_ms),
            Input::Wheel {
                vertical,
                horizontal,
            } => self.motion(
                Step::Wheel {
                    vertical: *vertical,
                    horizontal: *horizontal,
                },
                at_ms,
            ),
            Input::Buttons(buttons) => self.press(*buttons, at_ms),
            Input::ReleaseAll => self.release_all(at_ms),
            Input::Held(_) => {}
        }
    }

    /// Something else is done.
    pub fn step(&mut self, step: Step, at_ms: f64) {
        if !self.is_full() {
            self.push(step, at_ms);
        }
    }

    /// All that has been done, with the pauses between; what is still down comes up at the end.
    #[must_use]
    pub fn finish(mut self, at_ms: f64) -> Vec<Step> {
        if !self.keys.is_empty() || !self.buttons.is_empty() {
            self.release_all(at_ms);
        }
        fold(with_pauses(self.acts))
    }

    fn key(&mut self, usage: Usage, down: bool, at_ms: f64) {
        let Some(key) = Key::new(usage) else {
            return;
        };
        let was_down = self.keys.contains(&usage);
        if was_down == down || (down && self.is_full()) {
            return;
        }
        self.keys.retain(|held| *held != usage);
        if down {
            self.keys.push(usage);
            self.push(Step::Press { key }, at_ms);
        } else {
            self.push(Step::Release { key }, at_ms);
        }
    }

    fn press(&mut self, buttons: Buttons, at_ms: f64) {
        let more = !self.buttons.contains(buttons);
        if self.buttons == buttons || (more && self.is_full()) {
            return;
        }
        self.buttons = buttons;
        let down = Button::of(buttons);
        self.push(Step::Buttons { down }, at_ms);
    }

    fn release_all(&mut self, at_ms: f64) {
        for usage in self.keys.clone().into_iter().rev() {
            self.key(usage, false, at_ms);
        }
        self.press(Buttons::default(), at_ms);
    }

    /// Motion that goes on is one act for a while.
    fn motion(&mut self, step: Step, at_ms: f64) {
        let last = self.acts.last_mut();
        let last = last.filter(|last| at_ms - last.since_ms < MOTION_MS);
        if let Some(last) = last
            && let Some(sum) = sum(&last.step, &step)
        {
            last.step = sum;
            last.at_ms = at_ms;
        } else if !self.is_full() {
            self.push(step, at_ms);
        }
    }

    fn push(&mut self, step: Step, at_ms: f64) {
        self.acts.push(Act {
            since_ms: at_ms,
            at_ms,
            step,
        });
    }
}

/// Two motions as one; `None` where they are not of a kind.
fn sum(first: &Step, second: &Step) -> Option<Step> {
    match (first, second) {
        (Step::PointerTo { .. }, Step::PointerTo { .. }) => Some(second.clone()),
        (
            Step::PointerBy { dx, dy },
            Step::PointerBy {
                dx: right,
                dy: down,
            },
        ) => Some(Step::PointerBy {
            dx: dx.checked_add(*right)?,
            dy: dy.checked_add(*down)?,
        }),
        (
            Step::Wheel {
                vertical,
                horizontal,
            },
            Step::Wheel {
                vertical: up,
                horizontal: right,
            },
        ) => Some(Step::Wheel {
            vertical: vertical.checked_add(*up)?,
            horizontal: horizontal.checked_add(*right)?,
        }),
        _ => None,
    }
}

/// Pauses end where the act after them began, so that rounding does not add up.
fn with_pauses(acts: Vec<Act>) -> Vec<Step> {
    let start_ms = acts.first().map_or(0.0, |act| act.at_ms);
    let mut now_ms = 0.0;
    let mut steps = Vec::with_capacity(2 * acts.len());
    for act in acts {
        let due_ms = (act.at_ms - start_ms).round();
        let pause_ms = (due_ms - now_ms).clamp(0.0, PAUSE_MAX_MS);
        if pause_ms >= 1.0 {
            let ms = pause_ms as u32;
            steps.push(Step::Pause { ms });
        }
        now_ms = due_ms.max(now_ms);
        steps.push(act.step);
    }
    steps
}

/// Makes taps of keys and clicks of buttons that go down and come up with nothing but a pause between.
fn fold(steps: Vec<Step>) -> Vec<Step> {
    let mut folded: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        let (before, hold_ms) = match folded.as_slice() {
            [.., before, Step::Pause { ms }] => (Some(before), *ms),
            [.., before] => (Some(before), 0),
            [] => (None, 0),
        };
        let whole = before.and_then(|before| whole(before, &step, hold_ms));
        match whole {
            Some((whole, begins_with_nothing_down))
                if begins_with_nothing_down(&folded, hold_ms) =>
            {
                folded.truncate(folded.len() - 1 - usize::from(hold_ms > 0));
                folded.push(whole);
            }
            _ => folded.push(step),
        }
    }
    folded
}

type Check = fn(&[Step], u32) -> bool;

/// Down and up as one.
fn whole(down: &Step, up: &Step, hold_ms: u32) -> Option<(Step, Check)> {
    match (down, up) {
        (Step::Press { key }, Step::Release { key: up }) if key == up => {
            Some((Step::Tap { key: *key, hold_ms }, |_, _| true))
        }
        (Step::Buttons { down }, Step::Buttons { down: still }) if still.is_empty() => {
            match down.as_slice() {
                [button] => Some((
                    Step::Click {
                        button: *button,
                        hold_ms,
                    },
                    first_of_buttons,
                )),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether no button was down before the one that is down at the end of these.
fn first_of_buttons(steps: &[Step], hold_ms: u32) -> bool {
    let before = &steps[..steps.len() - 1 - usize::from(hold_ms > 0)];
    let last = before.iter().rev().find_map(|step| match step {
        Step::Buttons { down } => Some(down.is_empty()),
        Step::Click { .. } => Some(true),
        _ => None,
    });
    last.unwrap_or(true)
}

#[cfg(test)]
mod tests;
