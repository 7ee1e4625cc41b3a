//! A macro's hands.

use shared::{input::Input, message::MacroPhase};

use super::Controls;
use crate::input::type_out::Text;

/// Which macro runs, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Running {
    pub(super) id: u32,
    pub(super) viewer: Option<u32>,
}

/// The hands of a macro that runs. Dropping them ends the run: everything is released.
pub struct Run {
    controls: Controls,
    id: u32,
}

impl Run {
    pub(super) fn new(controls: Controls, id: u32) -> Self {
        Self { controls, id }
    }

    /// Counts the runs since the relay started.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Does something, if the run has not ended. Waits while too much is still to be written.
    pub async fn apply(&self, input: &Input) {
        let shared = &self.controls.0.shared;
        loop {
            let mut room = std::pin::pin!(shared.room.notified());
            room.as_mut().enable();
            if self
                .controls
                .with_host(|state, _| state.apply_of_run(self.id, input))
            {
                return;
            }
            room.await;
        }
    }

    /// Begins to type a text, as fast as the machine takes it, and gives its number; `None` where the run has ended.
    #[must_use]
    pub fn type_text(&self, text: Text) -> Option<u32> {
        self.controls
            .0
            .shared
            .with(|state, _| state.type_of_run(self.id, text))
    }

    /// Waits until the run has ended, and says how.
    pub async fn ended(&self) -> MacroPhase {
        let mut ended = self.controls.0.shared.ended.subscribe();
        let of_this =
            |ended: &Option<(u32, MacroPhase)>| ended.is_some_and(|(id, _)| id == self.id);
        match ended.wait_for(of_this).await {
            Ok(ended) => ended.map_or(MacroPhase::Stopped, |(_, phase)| phase),
            Err(_) => MacroPhase::Stopped,
        }
    }

    /// Ends it.
    pub fn end(self, phase: MacroPhase) {
        self.end_with(phase);
    }

    fn end_with(&self, phase: MacroPhase) {
        self.controls.0.shared.with(|state, _| {
            if state.is_running(self.id) {
                state.end_run(phase);
            }
        });
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.end_with(MacroPhase::Stopped);
    }
}
