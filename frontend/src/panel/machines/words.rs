//! What is said about moves of the switch.

use shared::switch::{Moved, Outcome, Switch};

use crate::ui::text;

/// How the last move has ended, and whether that is a failure; `None` before the first one.
pub(super) fn last(switch: &Switch) -> Option<(String, bool)> {
    let Moved {
        to, by, outcome, ..
    } = switch.moved.as_ref()?;
    let to = &switch.ports.get(usize::from(*to))?.name;
    let text = text();
    let words = match outcome {
        Outcome::Done | Outcome::NoSignal if by.is_empty() => text.switched_by_hand(to),
        Outcome::Done => text.switched(by, to),
        Outcome::NoSignal => text.switched_no_signal(by, to),
        Outcome::NoAnswer => text.switch_no_answer(to),
        Outcome::Refused => text.switch_refused(to),
        Outcome::Lost => text.switch_lost(to),
        Outcome::Stopped => text.switch_stopped(to),
    };
    let failed = !matches!(outcome, Outcome::Done | Outcome::NoSignal);
    Some((words, failed))
}
