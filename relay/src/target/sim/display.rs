//! What the PC last drew, between the painter and whoever looks.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use shared::message::Signal;

use super::paint::Canvas;

/// The video output.
#[derive(Default)]
pub struct Display {
    frame: Mutex<Frame>,
    changed: Condvar,
}

/// The picture on the output.
pub struct Frame {
    /// What a capture device sees.
    pub signal: Signal,
    /// The pixels.
    pub canvas: Canvas,
    /// When they were drawn, in microseconds of Unix time.
    pub drawn_us: u64,
    /// Whether the machine gives a picture at all.
    pub lit: bool,
    /// Whether something was drawn since it was last taken.
    pub fresh: bool,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            signal: Signal::Starting,
            canvas: Canvas::default(),
            drawn_us: 0,
            lit: false,
            fresh: false,
        }
    }
}

impl Display {
    /// The picture of now.
    pub fn lock(&self) -> MutexGuard<'_, Frame> {
        self.frame.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes who waits for a change.
    pub fn notify(&self) {
        self.changed.notify_all();
    }

    /// Waits until `wanted` holds, at most until `deadline`.
    pub fn wait_while(
        &self,
        deadline: Instant,
        mut unwanted: impl FnMut(&Frame) -> bool,
    ) -> MutexGuard<'_, Frame> {
        let span = deadline
            .saturating_duration_since(Instant::now())
            .min(Duration::from_secs(3600));
        let (frame, _) = self
            .changed
            .wait_timeout_while(self.lock(), span, |frame| unwanted(frame))
            .unwrap_or_else(PoisonError::into_inner);
        frame
    }
}
