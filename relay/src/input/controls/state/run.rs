//! What a macro does with the controls.

use shared::{
    input::Input,
    message::{MacroPhase, TypingPhase, Usb},
};

use super::State;
use crate::input::{
    controls::{run::Running, typing::Order},
    type_out::{Pace, Text},
};

impl State {
    /// Begins a run of a macro; `None` where a text is being typed. Gives its number.
    pub(in crate::input::controls) fn begin_run(&mut self, viewer: Option<u32>) -> Option<u32> {
        if self.typing.is_some() || self.end.is_some() {
            return None;
        }
        self.hands.release_all(&mut self.queue);
        let id = self.run_ended.map_or(0, |(id, _)| id) + 1;
        self.running = Some(Running { id, viewer });
        Some(id)
    }

    /// Takes an input of that run in, as long as it goes on; `false` where there is no room for it yet.
    pub(in crate::input::controls) fn apply_of_run(&mut self, run: u32, input: &Input) -> bool {
        if !self.is_running(run) {
            return true;
        }
        if !self.is_listening() && !lets_go(input) {
            self.end_run(MacroPhase::MachineGone);
            return true;
        }
        if self.queue.is_full() {
            return false;
        }
        self.hands
            .apply(input, self.host.fine_wheel, &mut self.queue);
        self.forget_unless_listening();
        true
    }

    /// Types a text of that run; `None` where the run has ended.
    pub(in crate::input::controls) fn type_of_run(&mut self, run: u32, text: Text) -> Option<u32> {
        if self.host.usb != Usb::Configured {
            self.end_run(MacroPhase::MachineGone);
        }
        let running = self.running.filter(|running| running.id == run)?;
        self.type_text(Order {
            text,
            pace: Pace::Adaptive,
            viewer: running.viewer,
            finish: false,
        })
    }

    /// Ends the run, if there is one, and releases everything. What of it waits is written only where it is done.
    pub(in crate::input::controls) fn end_run(&mut self, phase: MacroPhase) {
        let Some(running) = self.running.take() else {
            return;
        };
        self.run_ended = Some((running.id, phase));
        self.stop_typing(match phase {
            MacroPhase::TakenOver => TypingPhase::TakenOver,
            MacroPhase::LinkLost => TypingPhase::LinkLost,
            MacroPhase::MachineGone => TypingPhase::MachineGone,
            MacroPhase::Switched => TypingPhase::Switched,
            _ => TypingPhase::Cancelled,
        });
        self.hands.release_all(&mut self.queue);
        if phase != MacroPhase::Done {
            self.queue.clear();
            self.hands.restate(&mut self.queue);
        }
        self.forget_unless_listening();
    }

    pub(in crate::input::controls) fn is_running(&self, run: u32) -> bool {
        self.running.is_some_and(|running| running.id == run)
    }

    /// The last run that has ended, and how.
    pub(in crate::input::controls) fn run_ended(&self) -> Option<(u32, MacroPhase)> {
        self.run_ended
    }

    pub(super) fn runs_for(&self, viewer: u32) -> bool {
        self.running
            .is_some_and(|running| running.viewer == Some(viewer))
    }
}

/// Whether it only releases: a machine that is gone holds nothing, as after the keys that restart it.
fn lets_go(input: &Input) -> bool {
    match input {
        Input::Key { down, .. } => !down,
        Input::Buttons(buttons) => buttons.is_empty(),
        Input::ReleaseAll => true,
        _ => false,
    }
}
