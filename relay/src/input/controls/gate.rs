//! The gate that a move to another machine closes, and the keys that a switch listens to.

use std::time::Duration;

use thiserror::Error;
use tokio::time::{sleep, timeout};

use super::{Controls, State};

/// The closed gate: nothing that anybody does reaches the machine. Dropping it opens it.
#[must_use]
pub struct Gate(Controls);

/// Keys that are struck together, for a switch that listens to the keyboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hotkey {
    /// HID usages of the keyboard's page, in the order in which they go down; they go up in the other one.
    pub keys: Vec<u8>,
    /// How long they stay down.
    pub held: Duration,
    /// How long nothing is pressed after it.
    pub pause: Duration,
}

/// Why keys did not reach a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("nobody takes the keys of the switch: neither it nor a machine listens at the USB cable")]
pub struct NobodyListens;

impl Gate {
    /// Waits, at most twice so long, until everything is released and the device has taken the reports that say so. What
    /// waited before them is given up after the first time; `false` where the releases have not gone either.
    pub async fn released(&self, limit: Duration) -> bool {
        let shared = &self.0.0.shared;
        if timeout(limit, shared.written()).await.is_ok() {
            return true;
        }
        shared.with(|state, _| state.only_release());
        timeout(limit, shared.written()).await.is_ok()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.0.shared.with(State::open_gate);
    }
}

impl Controls {
    /// Closes the gate, of which there is one: texts and macros end, and what is held is released.
    pub fn close_gate(&self) -> Gate {
        self.0.shared.with(|state, _| state.close_gate());
        self.0.shared.room.notify_waiters();
        Gate(self.clone())
    }

    /// Strikes keys for a switch, one after the other, while the gate is closed. Done once the device has taken them all.
    /// Whoever does not wait that long leaves nothing pressed behind once the gate opens.
    ///
    /// # Errors
    /// Where no key is taken: nobody listens, or the gate is open.
    pub async fn send_hotkeys(&self, strokes: &[Hotkey]) -> Result<(), NobodyListens> {
        for stroke in strokes {
            self.switch_keys(stroke.keys.iter(), true).await?;
            sleep(stroke.held).await;
            self.switch_keys(stroke.keys.iter().rev(), false).await?;
            sleep(stroke.pause).await;
        }
        Ok(())
    }

    async fn switch_keys(
        &self,
        keys: impl Iterator<Item = &u8>,
        down: bool,
    ) -> Result<(), NobodyListens> {
        for key in keys {
            // A switch may take the last key down as its sign, and be gone from the cable before that goes up.
            if !self.with_host(|state, _| state.apply_for_switch(*key, down)) && down {
                return Err(NobodyListens);
            }
        }
        self.0.shared.written().await;
        Ok(())
    }
}
