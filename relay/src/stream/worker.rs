//! The thread: captures, converts, encodes and hands out.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use bytes::Bytes;
use shared::{
    message::{Signal, ToBrowser, VideoSettings},
    video::{Codec, Format, Frame},
    wire,
};
use thiserror::Error;
use tracing::{info, warn};

use super::{Encoded, Shared, WantedEdid, lock, pace::Pace};
use crate::{
    capture::{CaptureError, Event, Screen},
    clock::unix_us,
    encode::{
        self, EncodeError, Encoder, Encoding, I420, Kind, Options,
        convert::{ConvertError, Converter},
        h264::Level,
    },
};

/// How long the screen is waited for before the viewers' wishes are looked at again.
const TICK: Duration = Duration::from_millis(15);

/// The pause after an error before the next try.
const RETRY: Duration = Duration::from_millis(500);

/// How soon after a key frame another one is made for a viewer who has lost frames.
const RECOVERY: Duration = Duration::from_millis(200);

/// How long the screen is waited for while a picture waits for a viewer.
const IMPATIENT: Duration = Duration::from_millis(4);

pub(super) struct Worker {
    screen: Box<dyn Screen>,
    shared: Arc<Shared>,
    /// What the screen said last.
    signal: Signal,
    converter: Converter,
    encoder: Option<Opened>,
    settings: VideoSettings,
    pace: Pace,
    /// Whether there is a picture that was not encoded yet.
    fresh: bool,
    last_key: Option<Instant>,
    /// The number of the last stream.
    streams: u32,
    /// The last error that was logged.
    complaint: Option<String>,
    /// Whether pictures of this signal are more than can be encoded.
    out_of_range: bool,
}

/// An encoder and the stream it makes.
struct Opened {
    encoder: Box<dyn Encoder>,
    format: Format,
    level: Level,
    stream: u32,
    sequence: u32,
}

#[derive(Debug, Error)]
enum WorkError {
    #[error(transparent)]
    Capture(#[from] CaptureError),
    #[error(transparent)]
    Convert(#[from] ConvertError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error("a picture of {0}x{1} is too large")]
    TooLarge(usize, usize),
}

impl Worker {
    pub(super) fn new(screen: Box<dyn Screen>, shared: Arc<Shared>) -> Self {
        let settings = *shared.settings.borrow();
        Self {
            screen,
            shared,
            signal: Signal::Starting,
            converter: Converter::default(),
            encoder: None,
            settings,
            pace: Pace::new(settings.frame_rate),
            fresh: false,
            last_key: None,
            streams: 0,
            complaint: None,
            out_of_range: false,
        }
    }

    pub(super) fn run(mut self) {
        while !self.shared.stopping.load(Ordering::Relaxed) {
            match self.step() {
                Ok(()) => {}
                Err(error) => self.recover(&error),
            }
        }
    }

    fn step(&mut self) -> Result<(), WorkError> {
        self.take_edid();
        match self.screen.next(self.wait())? {
            Event::Changed => self.fresh = true,
            Event::Unchanged => {}
            Event::Signal(signal) => {
                info!(?signal, "signal");
                self.signal = signal;
                self.out_of_range = false;
                self.converter.clear();
                self.fresh = matches!(signal, Signal::Picture { .. });
            }
        }
        self.publish(match self.out_of_range {
            true => Signal::OutOfRange,
            false => self.signal,
        });
        self.take_settings();
        match self.wanted(Instant::now()) {
            Some(kind) => self.encode(kind),
            None => Ok(()),
        }
    }

    /// How long the screen may keep this thread.
    fn wait(&self) -> Duration {
        let pending = self.fresh && self.shared.hub.demand().viewers;
        match self.pace.wait(Instant::now()) {
            _ if !pending => TICK,
            wait if wait.is_zero() => IMPATIENT,
            wait => wait.min(TICK),
        }
    }

    fn publish(&self, signal: Signal) {
        self.shared.signal.send_if_modified(|current| {
            let changed = *current != signal;
            *current = signal;
            changed
        });
    }

    fn take_edid(&mut self) {
        let wanted = lock(&self.shared.edid).take();
        if let Some(WantedEdid { edid, set }) = wanted {
            // Whoever gave up waiting does not need to know.
            let _ = set.send(self.screen.set_edid(&edid));
        }
    }

    fn take_settings(&mut self) {
        let settings = *self.shared.settings.borrow();
        if settings != self.settings {
            self.settings = settings;
            self.pace.set(settings.frame_rate);
            if let Some(opened) = &mut self.encoder {
                opened.encoder.set(settings);
            }
        }
    }

    /// What is to be encoded now.
    fn wanted(&self, now: Instant) -> Option<Kind> {
        if self.out_of_range || !matches!(self.signal, Signal::Picture { .. }) {
            return None;
        }
        let demand = self.shared.hub.demand();
        let recovered = |key: Instant| now.saturating_duration_since(key) >= RECOVERY;
        if demand.start || demand.recovery && self.last_key.is_none_or(recovered) {
            return Some(Kind::Key);
        }
        if !demand.next || !self.pace.wait(now).is_zero() {
            return None;
        }
        let settled = self
            .encoder
            .as_ref()
            .is_none_or(|opened| opened.encoder.settled());
        match (self.fresh, settled) {
            (true, _) => Some(Kind::Change),
            (false, false) => Some(Kind::Refinement),
            (false, true) => None,
        }
    }

    fn encode(&mut self, kind: Kind) -> Result<(), WorkError> {
        let started = Instant::now();
        let mut captured_us = unix_us();
        let mut size = self.encoder.as_ref().map(|opened| opened.format);
        if self.fresh || self.converter.current().is_none() {
            let Some(picture) = self.screen.picture() else {
                return Ok(());
            };
            captured_us = picture.captured_us;
            size = Some(format(picture.width, picture.height)?);
            self.converter.convert(&picture)?;
        }
        let (Some(format), Some(planes)) = (size, self.converter.current()) else {
            return Ok(());
        };
        let level = Level::fitting(planes.width(), planes.height(), self.settings);
        let reopen = |opened: &Opened| !opened.fits(format, level);
        if self.encoder.as_ref().is_none_or(reopen) {
            let (codec, encoder) = encode::open(Options {
                width: planes.width(),
                height: planes.height(),
                settings: self.settings,
            })?;
            self.streams = self.streams.wrapping_add(1);
            self.encoder = Some(Opened {
                encoder,
                format: Format { codec, ..format },
                level,
                stream: self.streams,
                sequence: 0,
            });
        }
        let Some(opened) = &mut self.encoder else {
            return Ok(());
        };
        let kind = if opened.sequence == 0 {
            Kind::Key
        } else {
            kind
        };
        let Some(encoded) = opened.encode(started, planes, kind, captured_us)? else {
            return Ok(());
        };
        if encoded.frame.key {
            self.last_key = Some(started);
        }
        self.shared.hub.put(&Arc::new(encoded));
        self.pace.taken(started);
        self.fresh = false;
        self.complaint = None;
        Ok(())
    }

    /// Tells an error once, and waits a little before the next try.
    fn recover(&mut self, error: &WorkError) {
        let text = error.to_string();
        if self.complaint.as_ref() != Some(&text) {
            warn!(%error, "no picture");
            self.complaint = Some(text);
        }
        match error {
            WorkError::Capture(_) => self.publish(Signal::DeviceGone),
            WorkError::TooLarge(..) | WorkError::Encode(EncodeError::None { .. }) => {
                self.out_of_range = true;
            }
            WorkError::Encode(EncodeError::Failed { .. }) => self.encoder = None,
            WorkError::Convert(_) => self.fresh = false,
        }
        std::thread::park_timeout(RETRY);
    }
}

impl Opened {
    /// Whether it makes such a stream; a level higher than needed does no harm.
    fn fits(&self, format: Format, level: Level) -> bool {
        self.level >= level
            && (self.format.width, self.format.height) == (format.width, format.height)
    }

    fn encode(
        &mut self,
        now: Instant,
        planes: &I420,
        kind: Kind,
        captured_us: u64,
    ) -> Result<Option<Encoded>, EncodeError> {
        let Encoding::Unit { data, key } = self.encoder.encode(now, planes, kind)? else {
            return Ok(None);
        };
        let took = unix_us().saturating_sub(captured_us);
        let frame = Frame {
            stream: self.stream,
            sequence: self.sequence,
            key,
            captured_us,
            encode_us: u32::try_from(took).unwrap_or(u32::MAX),
            format: key.then_some(self.format),
        };
        self.sequence = self.sequence.wrapping_add(1);
        let message = wire::encode_to_browser(&ToBrowser::Video(frame), data);
        Ok(Some(Encoded {
            frame,
            message: Bytes::from(message),
        }))
    }
}

fn format(width: usize, height: usize) -> Result<Format, WorkError> {
    match (u16::try_from(width), u16::try_from(height)) {
        (Ok(width), Ok(height)) => Ok(Format {
            codec: Codec::H264,
            width,
            height,
        }),
        _ => Err(WorkError::TooLarge(width, height)),
    }
}
