//! The gate between hands and machine. While it is closed, nothing reaches the machine but what the switch is told.

use std::time::Instant;

use shared::{
    input::{Input, Usage},
    message::{MacroPhase, TypingPhase},
};

use super::State;

impl State {
    /// Closes the gate: what is held is released behind what waits, and a text or a macro ends.
    pub(in crate::input::controls) fn close_gate(&mut self) {
        self.end_run(MacroPhase::Switched);
        self.stop_typing(TypingPhase::Switched);
        self.release_all();
        self.gated = true;
    }

    /// Opens it. Of the keys for the switch, none stays down, and what somebody still holds is not pressed anew.
    pub(in crate::input::controls) fn open_gate(&mut self, now: Instant) {
        self.release_all();
        self.gated = false;
        self.meant.moved();
        self.heard = now;
    }

    /// Forgets what waits but for the releases.
    pub(in crate::input::controls) fn only_release(&mut self) {
        self.queue.clear();
        self.hands.restate(&mut self.queue);
        self.forget_unless_listening();
    }

    /// Presses or releases a key for the switch; `false` where nobody would take it, or the gate is open.
    pub(in crate::input::controls) fn apply_for_switch(&mut self, key: u8, down: bool) -> bool {
        let takes = self.gated && self.end.is_none() && self.is_listening();
        if takes {
            let usage = Usage::Keyboard(key);
            let fine_wheel = self.host.fine_wheel;
            self.hands
                .apply(&Input::Key { usage, down }, fine_wheel, &mut self.queue);
        }
        takes
    }

    /// Whether everything is written, and has been taken by the device.
    pub(in crate::input::controls) fn is_written(&self) -> bool {
        self.queue.is_empty() && !self.is_on_its_way && self.retry.is_none()
    }
}
