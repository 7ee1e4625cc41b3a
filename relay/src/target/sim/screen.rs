//! The relay's capture device at the PC's video output.

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use shared::message::Signal;

use super::{edid, rack::Rack};
use crate::capture::{CaptureError, Event, Picture, PixelFormat, Screen};

const DEVICE: &str = "simulated capture device";

/// The capture device. The painters end with it.
pub struct SimScreen {
    rack: Arc<Rack>,
    painters: Vec<JoinHandle<()>>,
    port: usize,
    signal: Signal,
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    captured_us: u64,
}

impl SimScreen {
    /// A device at the PC that is selected; `painters` draw the outputs of all.
    #[must_use]
    pub fn new(rack: Arc<Rack>, painters: Vec<JoinHandle<()>>) -> Self {
        Self {
            port: rack.port(),
            rack,
            painters,
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
        let port = self.rack.port();
        let is_other = std::mem::replace(&mut self.port, port) != port;
        let live = &self.rack.pcs()[port];
        let mut frame = live.display.wait_while(deadline, |frame| {
            let moved = is_other || self.rack.port() != port;
            !moved && frame.signal == known && !(frame.fresh && is_picture(known))
        });
        if frame.signal != known || is_other {
            frame.canvas.mark_all();
            frame.fresh = frame.lit;
        }
        if frame.signal != known {
            self.signal = frame.signal;
            self.pixels.clear();
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
        Ok(self.rack.live().access().pc().edid().to_vec())
    }

    fn set_edid(&mut self, edid: &[u8]) -> Result<(), CaptureError> {
        if let Some(fault) = edid::fault(edid) {
            return Err(CaptureError::Unsupported {
                device: DEVICE.to_owned(),
                what: fault.to_owned(),
            });
        }
        self.rack.with(|live| {
            let mut access = live.access();
            access.pc().set_edid(edid);
            access.stir();
        });
        Ok(())
    }
}

impl Drop for SimScreen {
    fn drop(&mut self) {
        self.rack.stop();
        for painter in self.painters.drain(..) {
            let _ = painter.join();
        }
    }
}

fn is_picture(signal: Signal) -> bool {
    matches!(signal, Signal::Picture { .. })
}
