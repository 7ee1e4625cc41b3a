//! What is said about a machine's power.

use shared::power::{Actions, Outcome, PowerAction, Supply};

use crate::ui::text;

/// What the power light says, in a word.
pub(crate) fn supply_word(supply: Supply) -> &'static str {
    let text = text();
    match supply {
        Supply::Unknown => text.supply_unknown,
        Supply::Off => text.supply_off,
        Supply::On => text.supply_on,
        Supply::Asleep => text.supply_asleep,
    }
}

/// What the button is called that does this.
pub(crate) fn name(action: PowerAction) -> &'static str {
    let text = text();
    match action {
        PowerAction::Press => text.power_press,
        PowerAction::Hold => text.power_hold,
        PowerAction::Reset => text.power_reset,
        PowerAction::Wake => text.power_wake,
        PowerAction::On => text.power_on,
        PowerAction::Cycle => text.power_cycle,
        PowerAction::ShutDown => text.power_shut_down,
    }
}

/// What is asked before this is done, and what it means for the machine.
pub(super) fn question(action: PowerAction) -> (&'static str, &'static str) {
    let text = text();
    match action {
        PowerAction::Reset => (text.power_reset_sure, text.power_reset_means),
        PowerAction::Cycle => (text.power_cycle_sure, text.power_cycle_means),
        _ => (text.power_hold_sure, text.power_hold_means),
    }
}

/// How it has ended, and what to do where it has not ended well.
pub(super) fn outcome(action: PowerAction, outcome: Outcome) -> &'static str {
    let text = text();
    match (outcome, action) {
        (Outcome::Done, PowerAction::Press) => text.power_pressed,
        (Outcome::Done, PowerAction::Hold) => text.power_held,
        (Outcome::Done, PowerAction::Reset) => text.power_was_reset,
        (Outcome::Done, PowerAction::Wake) => text.power_woken,
        (Outcome::Done, PowerAction::On) => text.power_switched_on,
        (Outcome::Done, PowerAction::Cycle) => text.power_cycled,
        (Outcome::Done, PowerAction::ShutDown) => text.power_has_shut_down,
        (Outcome::NotFollowed, PowerAction::ShutDown) => text.power_still_on,
        (Outcome::NotFollowed, PowerAction::Hold | PowerAction::Cycle) => text.power_not_cut,
        (Outcome::NotFollowed, PowerAction::On) => text.power_still_off,
        (Outcome::NotFollowed, PowerAction::Wake) => text.power_still_asleep,
        (Outcome::NotFollowed, _) => text.power_not_followed,
        (Outcome::LineLost, _) => text.power_line_lost,
        (Outcome::Refused, PowerAction::Wake) => text.power_wake_refused,
        (Outcome::Refused, _) => text.power_refused,
        (Outcome::TimedOut, _) => text.power_timed_out,
        (Outcome::Stopped, _) => text.power_stopped,
    }
}

/// Whether somebody has to do something about it.
pub(super) fn is_failure(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Done)
}

/// Why some things cannot be done.
pub(super) fn lacking(actions: Actions) -> Vec<&'static str> {
    let text = text();
    if actions.is_empty() {
        return vec![text.power_none];
    }
    [
        (PowerAction::Press, text.power_no_button),
        (PowerAction::Reset, text.power_no_reset),
        (PowerAction::Wake, text.power_no_wake),
    ]
    .into_iter()
    .filter(|(action, _)| !actions.has(*action))
    .map(|(_, why)| why)
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::power::{Actions, Outcome, PowerAction};

    use super::{lacking, name, outcome};

    const OUTCOMES: [Outcome; 6] = [
        Outcome::Done,
        Outcome::NotFollowed,
        Outcome::LineLost,
        Outcome::Refused,
        Outcome::TimedOut,
        Outcome::Stopped,
    ];

    #[test]
    fn every_end_is_told_apart_and_failures_are_told_from_success() {
        for action in PowerAction::ALL {
            let told: BTreeSet<_> = OUTCOMES.map(|end| outcome(action, end)).into();
            assert_eq!(told.len(), OUTCOMES.len(), "{}", action.name());
        }
        let names: BTreeSet<_> = PowerAction::ALL.map(name).into();
        assert_eq!(names.len(), PowerAction::ALL.len());
    }

    #[test]
    fn a_machine_that_does_not_shut_down_can_be_forced() {
        let words = outcome(PowerAction::ShutDown, Outcome::NotFollowed);
        assert!(words.contains(name(PowerAction::Hold)), "{words}");
    }

    #[test]
    fn what_cannot_be_done_has_its_reason() {
        assert_eq!(lacking(Actions::default()).len(), 1);
        assert_eq!(lacking(PowerAction::ALL.into_iter().collect()), [""; 0]);
        let only_wake = Actions::default().with(PowerAction::Wake);
        assert_eq!(lacking(only_wake).len(), 2);
    }
}
