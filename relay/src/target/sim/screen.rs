//! The relay's capture device at the PC's video output.

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use shared::message::Signal;

use super::{edid, live::Live};
use crate::capture::{CaptureError, Event, Picture, PixelFormat, Screen};

const DEVICE: &str = "simulated capture device";

/// The capture device. The PC's painter ends with it.
pub struct SimScreen {
    live: Arc<Live>,
    painter: Option<JoinHandle<()>>,
    signal: Signal,
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    captured_us: u64,
}

impl SimScreen {
    /// A device at the output that `painter` draws.
    #[must_use]
    pub fn new(live: Arc<Live>, painter: JoinHandle<()>) -> Self {
        Self {
            live,
            painter: Some(painter),
            signal: Signal::Starting,
            pixels: Vec::new(),
            width: 0,
            height: 0,
            captured_us: 0,
        }
    }
}

impl Screen for SimScreen {
    fn next(&mut self, wait: Duration) -> Result<Event, CaptureError> {
        let deadline = Instant::now() + wait.min(Duration::from_secs(3600));
        let known = self.signal;
        let mut frame = self.live.display.wait_while(deadline, |frame| {
            frame.signal == known && !(frame.fresh && is_picture(known))
        });
        if frame.signal != known {
            self.signal = frame.signal;
            self.pixels.clear();
            frame.canvas.mark_all();
            frame.fresh = frame.lit;
            return Ok(Event::Signal(self.signal));
        }
        if !frame.fresh || !is_picture(known) {
            return Ok(Event::Unchanged);
        }
        frame.fresh = false;
        (self.width, self.height) = frame.canvas.size();
        self.captured_us = frame.drawn_us;
        frame.canvas.copy_changes(&mut self.pixels);
        Ok(Event::Changed)
    }

    fn picture(&self) -> Option<Picture<'_>> {
        (!self.pixels.is_empty()).then_some(Picture {
            format: PixelFormat::Xrgb,
            width: self.width,
            height: self.height,
            stride: self.width * 4,
            data: &self.pixels,
            captured_us: self.captured_us,
        })
    }

    fn edid(&mut self) -> Result<Vec<u8>, CaptureError> {
        Ok(self.live.access().pc().edid().to_vec())
    }

    fn set_edid(&mut self, edid: &[u8]) -> Result<(), CaptureError> {
        if let Some(fault) = edid::fault(edid) {
            return Err(CaptureError::Unsupported {
                device: DEVICE.to_owned(),
                what: fault.to_owned(),
            });
        }
        let mut access = self.live.access();
        access.pc().set_edid(edid);
        access.stir();
        Ok(())
    }
}

impl Drop for SimScreen {
    fn drop(&mut self) {
        self.live.stop();
        if let Some(painter) = self.painter.take() {
            let _ = painter.join();
        }
    }
}

fn is_picture(signal: Signal) -> bool {
    matches!(signal, Signal::Picture { .. })
}
