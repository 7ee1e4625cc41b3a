//! Texts on a clock that the tests turn.

use std::time::{Duration, Instant};

use shared::{
    input::{Buttons, Input, Usage},
    message::TypingPhase,
};

use super::machines::Machine;
use crate::input::{
    Capabilities,
    controls::{
        state::{Next, State},
        typing::{Order, Pace, Text},
    },
};

const ALL: Capabilities = Capabilities {
    pointer: true,
    mouse: true,
    consumer: true,
};

/// The state machine with a machine at its other end.
pub(super) struct Bench<M> {
    pub(super) state: State,
    pub(super) machine: M,
    pub(super) start: Instant,
    pub(super) now: Duration,
}

impl<M: Machine> Bench<M> {
    pub(super) fn new(mut machine: M, now: Duration) -> Self {
        let start = Instant::now();
        let host = machine.host(now);
        Self {
            state: State::new(ALL, host, start),
            machine,
            start,
            now,
        }
    }

    pub(super) fn begin(&mut self, text: Text, pace: Pace) {
        let order = Order {
            text,
            pace,
            viewer: None,
            finish: false,
        };
        self.state.type_text(order).unwrap();
    }

    pub(super) fn phase(&self) -> TypingPhase {
        self.state.typing().unwrap().phase
    }

    fn hear(&mut self) {
        let host = self.machine.host(self.now);
        self.state.host(host, self.start + self.now);
    }

    /// One report, or one wait; `false` where nothing more happens by itself.
    pub(super) fn step(&mut self) -> bool {
        self.hear();
        match self.state.next(self.start + self.now) {
            Next::Write(report) => self.now = self.machine.take(self.now, &report),
            Next::Wait(Some(until)) => {
                let wait = until.duration_since(self.start).saturating_sub(self.now);
                self.now += wait.min(Duration::from_millis(1));
            }
            Next::Wait(None) | Next::End => return false,
        }
        true
    }

    /// A viewer who watches leaves; half of the way, so does the one who wanted the text, and from then on others take
    /// the controls, which nobody has, put their hands on keys and buttons, and leave.
    pub(super) fn come_or_go(&mut self, part: u32) {
        let viewer = 100 + part;
        match part {
            ..50 => {}
            50 => self.state.leave(7),
            51.. => {
                self.state.take(viewer);
                let now = self.start + self.now;
                let key = Usage::Keyboard(0x1D);
                self.state.apply(
                    viewer,
                    &Input::Key {
                        usage: key,
                        down: true,
                    },
                    now,
                );
                self.state
                    .apply(viewer, &Input::Buttons(Buttons::LEFT), now);
                self.step();
            }
        }
        self.state.leave(viewer);
    }

    pub(super) fn run(&mut self) {
        while self.step() && !self.phase().is_over() {}
        while self.step() {}
    }
}
