//! A V4L2 capture device: an HDMI receiver whose timings are followed, or a USB dongle.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use shared::message::Signal;

use super::{CaptureError, Event, Picture, PixelFormat, Screen};
use device::{Device, Start};
use queue::Queue;

mod device;
mod format;
mod ioctl;
mod queue;

/// How often a device that gives no picture is looked at again. Most announce changes, which are followed at once.
const LOOK: Duration = Duration::from_millis(500);

/// How often it is looked at while a change is recent: receivers take a moment to lock on to a new signal.
const LOOK_SOON: Duration = Duration::from_millis(100);

/// For how long a change is recent.
const RECENT: Duration = Duration::from_secs(2);

/// So long without a picture, and the capture is started anew.
const STALL: Duration = Duration::from_secs(2);

/// The screen behind a V4L2 device. It is opened when first asked, and again whenever it was lost.
pub struct V4l2Screen {
    path: PathBuf,
    only: Option<PixelFormat>,
    device: Option<Device>,
    running: Option<Running>,
    /// What was told last.
    told: Option<Signal>,
    /// When to look at the device again.
    look_at: Instant,
    /// When something was last seen to change.
    changed_at: Instant,
}

/// A capture that was started.
struct Running {
    queue: Queue,
    /// To be told when the first picture has come.
    signal: Signal,
    last_picture: Instant,
}

impl V4l2Screen {
    /// The screen behind a device such as /dev/video0, which need not be there yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            only: None,
            device: None,
            running: None,
            told: None,
            look_at: Instant::now(),
            changed_at: Instant::now(),
        }
    }

    /// Takes pictures in this layout only, instead of the one that is cheapest to encode.
    #[must_use]
    pub fn only(self, format: Option<PixelFormat>) -> Self {
        Self {
            only: format,
            ..self
        }
    }

    /// One wait, and what follows from it. `None` where that is nothing to tell.
    fn advance(&mut self, wait: Duration) -> Result<Option<Event>, CaptureError> {
        let Some(device) = &self.device else {
            return self.open(wait);
        };
        let until_look = self.look_at.saturating_duration_since(Instant::now());
        if self.running.is_none() && until_look.is_zero() {
            return self.start();
        }
        let ready = match self.running {
            Some(_) => device.wait(true, wait)?,
            None => device.wait(false, wait.min(until_look))?,
        };
        if ready.event && device.source_changed() {
            self.changed_at = Instant::now();
            return self.start();
        }
        match &mut self.running {
            Some(_) if ready.error => self.start(),
            Some(running) if ready.picture => {
                running.last_picture = Instant::now();
                self.take_picture()
            }
            Some(running) if running.last_picture.elapsed() > STALL => self.stalled(),
            None if ready.error => self.close(wait),
            _ => Ok(None),
        }
    }

    fn open(&mut self, wait: Duration) -> Result<Option<Event>, CaptureError> {
        let until_look = self.look_at.saturating_duration_since(Instant::now());
        if !until_look.is_zero() {
            std::thread::sleep(until_look.min(wait));
            return Ok(None);
        }
        self.look_at = self.next_look();
        match Device::open(&self.path, self.only)? {
            Ok(device) => {
                self.device = Some(device);
                self.start()
            }
            Err(signal) => Ok(self.tell(signal)),
        }
    }

    /// A device that is in error without capturing is gone.
    fn close(&mut self, wait: Duration) -> Result<Option<Event>, CaptureError> {
        self.device = None;
        self.open(wait)
    }

    /// Starts the capture, anew where it runs.
    fn start(&mut self) -> Result<Option<Event>, CaptureError> {
        self.running = None;
        self.look_at = self.next_look();
        let Some(device) = &self.device else {
            return Ok(None);
        };
        match device.start()? {
            Start::Running(queue, signal) => {
                self.running = Some(Running {
                    queue,
                    signal,
                    last_picture: Instant::now(),
                });
                Ok(None)
            }
            Start::NoPicture(signal) => {
                if signal == Signal::DeviceGone {
                    self.device = None;
                }
                Ok(self.tell(signal))
            }
        }
    }

    fn take_picture(&mut self) -> Result<Option<Event>, CaptureError> {
        let Some(running) = &mut self.running else {
            return Ok(None);
        };
        let signal = running.signal;
        if self.told != Some(signal) {
            if let Err(error) = running.queue.forget() {
                return self.lost(error);
            }
            return Ok(self.tell(signal));
        }
        match running.queue.take_newest() {
            Ok(None) => Ok(None),
            Ok(Some(true)) => Ok(Some(Event::Changed)),
            Ok(Some(false)) => Ok(Some(Event::Unchanged)),
            Err(error) => self.lost(error),
        }
    }

    /// No picture for long. Where the device cannot tell why, that is all that is known of the signal.
    fn stalled(&mut self) -> Result<Option<Event>, CaptureError> {
        let timings = self.device.as_ref().is_some_and(Device::has_timings);
        match self.start()? {
            None if !timings => Ok(self.tell(Signal::NoSignal)),
            event => Ok(event),
        }
    }

    /// The queue broke: the device is gone, or its driver wants it started anew.
    fn lost(&mut self, source: std::io::Error) -> Result<Option<Event>, CaptureError> {
        self.running = None;
        if source.raw_os_error() == Some(libc::ENODEV) {
            self.device = None;
            return Ok(self.tell(Signal::DeviceGone));
        }
        Err(CaptureError::Io {
            device: self.path.display().to_string(),
            what: "take a picture",
            source,
        })
    }

    fn next_look(&self) -> Instant {
        let recent = self.changed_at.elapsed() < RECENT;
        Instant::now() + if recent { LOOK_SOON } else { LOOK }
    }

    fn tell(&mut self, signal: Signal) -> Option<Event> {
        (self.told.replace(signal) != Some(signal)).then_some(Event::Signal(signal))
    }

    fn opened(&mut self) -> Result<&Device, CaptureError> {
        if self.device.is_none() {
            let opened = Device::open(&self.path, self.only)?;
            self.device = opened.ok();
        }
        self.device
            .as_ref()
            .ok_or_else(|| CaptureError::Unsupported {
                device: self.path.display().to_string(),
                what: "it is not there".to_owned(),
            })
    }
}

impl Screen for V4l2Screen {
    fn next(&mut self, wait: Duration) -> Result<Event, CaptureError> {
        let deadline = Instant::now() + wait;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.advance(left) {
                Ok(Some(event)) => return Ok(event),
                Ok(None) if left.is_zero() => return Ok(Event::Unchanged),
                Ok(None) => {}
                Err(error) => {
                    self.running = None;
                    self.device = None;
                    self.told = None;
                    return Err(error);
                }
            }
        }
    }

    fn picture(&self) -> Option<Picture<'_>> {
        self.running.as_ref()?.queue.picture()
    }

    fn edid(&mut self) -> Result<Vec<u8>, CaptureError> {
        self.opened()?.edid()
    }

    fn set_edid(&mut self, edid: &[u8]) -> Result<(), CaptureError> {
        self.running = None;
        self.look_at = Instant::now();
        self.opened()?.set_edid(edid)
    }
}
