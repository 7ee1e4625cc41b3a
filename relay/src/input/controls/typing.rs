//! A text that an operator wants typed.

use shared::message::{Typing, TypingPhase};
use thiserror::Error;

use crate::input::type_out::{Pace, Text, TypeOut};

/// What is to be typed, for whom and how.
#[derive(Clone, Debug)]
pub struct Order {
    /// The text as strokes.
    pub text: Text,
    /// How fast.
    pub pace: Pace,
    /// The viewer whose page wants it; `None` where no page does.
    pub viewer: Option<u32>,
    /// Whether it goes on to its end when that viewer is gone.
    pub finish: bool,
}

/// Why a text is not typed, or a macro not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TypingRefused {
    /// Another text is being typed.
    #[error("another text is being typed")]
    Busy,
    /// A macro runs.
    #[error("a macro runs")]
    MacroRuns,
    /// Somebody else has the controls.
    #[error("another viewer has the controls")]
    NotInControl,
    /// The relay moves to another machine.
    #[error("the relay moves to another machine")]
    Switching,
    /// No host takes keys.
    #[error("the machine does not listen to its keyboard")]
    NotListening,
}

/// A text on its way.
#[derive(Debug)]
pub(super) struct Job {
    id: u32,
    pub(super) out: TypeOut,
    pub(super) viewer: Option<u32>,
    pub(super) finish: bool,
}

impl Job {
    pub(super) fn new(id: u32, order: Order) -> Self {
        Self {
            id,
            out: TypeOut::new(order.text, order.pace),
            viewer: order.viewer,
            finish: order.finish,
        }
    }

    pub(super) fn progress(&self, phase: TypingPhase) -> Typing {
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let typed = match phase {
            TypingPhase::MachineGone => self.out.typed(),
            _ if phase.is_over() => self.out.typed_or_on_its_way(),
            _ => self.out.typed(),
        };
        Typing {
            id: self.id,
            typed: number(typed),
            total: number(self.out.total()),
            phase,
        }
    }
}

#[cfg(test)]
mod tests;
