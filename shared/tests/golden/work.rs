//! What the relay does by itself: texts, macros, the pointer that is moved.

use shared::{
    ToBrowser, ToRelay,
    message::{Change, Jiggler, MacroPhase, MacroRun, Typing, TypingPhase},
};

use crate::{to_browser, to_relay};

#[test]
fn typing() {
    to_relay(&ToRelay::PauseTyping, &[8]);
    to_relay(&ToRelay::ResumeTyping, &[9]);
    to_relay(&ToRelay::CancelTyping, &[10]);
    for (phase, index) in [
        TypingPhase::Typing,
        TypingPhase::Paused,
        TypingPhase::Waiting,
        TypingPhase::Done,
        TypingPhase::Cancelled,
        TypingPhase::TakenOver,
        TypingPhase::LinkLost,
        TypingPhase::MachineGone,
        TypingPhase::Switched,
    ]
    .into_iter()
    .zip(0..)
    {
        let typing = Typing {
            id: 1,
            typed: 300,
            total: 100_000,
            phase,
        };
        to_browser(
            &ToBrowser::Change(Change::Typing(typing)),
            &[2, 6, 1, 0xAC, 0x02, 0xA0, 0x8D, 0x06, index],
        );
    }
}

#[test]
fn the_jiggler() {
    let jiggler = Jiggler { interval_s: 300 };
    to_relay(&ToRelay::SetJiggler(jiggler), &[11, 0xAC, 0x02]);
    to_browser(
        &ToBrowser::Change(Change::Jiggler(jiggler)),
        &[2, 7, 0xAC, 0x02],
    );
}

#[test]
fn macros() {
    to_relay(&ToRelay::StopMacro, &[12]);
    for (phase, index) in [
        MacroPhase::Running,
        MacroPhase::Done,
        MacroPhase::Stopped,
        MacroPhase::TakenOver,
        MacroPhase::LinkLost,
        MacroPhase::MachineGone,
        MacroPhase::TimedOut,
        MacroPhase::DriveLocked,
        MacroPhase::DriveFailed,
        MacroPhase::PowerFailed,
        MacroPhase::Switched,
    ]
    .into_iter()
    .zip(0..)
    {
        let run = MacroRun {
            id: 1,
            of: 300,
            step: 2,
            steps: 128,
            round: 3,
            rounds: 0,
            phase,
        };
        to_browser(
            &ToBrowser::Change(Change::Macro(run)),
            &[2, 8, 1, 0xAC, 0x02, 2, 0x80, 0x01, 3, 0, index],
        );
    }
    to_browser(
        &ToBrowser::Change(Change::Macros(16_384)),
        &[2, 9, 0x80, 0x80, 0x01],
    );
}

#[test]
fn shortcuts() {
    to_browser(
        &ToBrowser::Change(Change::Shortcuts { revision: 300 }),
        &[2, 10, 0xAC, 0x02],
    );
}
