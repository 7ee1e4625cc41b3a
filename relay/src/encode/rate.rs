//! Which quantizer each picture gets, so that the stream keeps to its bitrate and a still screen becomes sharp.
//!
//! The link is a bucket that drains at the bitrate. A picture may fill a part of what is free; how many bits it takes is foretold from how
//! much of it has changed and from how many bits such changes took before.

use std::time::{Duration, Instant};

use shared::message::VideoSettings;

use super::Kind;

/// The finest quantizer: a picture at this one counts as sharp.
pub const QP_FINEST: u8 = 18;

/// The coarsest quantizer.
pub const QP_MAX: u8 = 48;

/// How much finer than the picture before a picture may be; the whole picture is refined by it, not only what changed.
const STEP: u8 = 4;

/// What the bucket takes of pictures that change, as time at the full bitrate.
const BURST: Duration = Duration::from_millis(160);

/// What it takes of key frames.
const KEY_BURST: Duration = Duration::from_millis(300);

/// A refinement waits until no more than this is in the bucket.
const IDLE: Duration = Duration::from_millis(30);

/// How fast estimates follow: the weight of the newest.
const FOLLOW: f64 = 0.5;

/// Bits of a key frame at quantizer 0 for each pixel, before one was seen: dense text.
const KEY_BITS: f64 = 10.0;

/// Bits at quantizer 0 for each step of luma that changed, before any was seen: new text.
const CHANGE_BITS: f64 = 0.8;

/// The least change that a picture counts as, for each pixel.
const CHANGE_MIN: f64 = 0.002;

/// The rate control of one encoder.
#[derive(Clone, Debug)]
pub struct RateControl {
    pixels: f64,
    settings: VideoSettings,
    /// Bits in the bucket at `at`.
    level: f64,
    at: Option<Instant>,
    /// Bits of a key frame at quantizer 0.
    key_bits: f64,
    /// Bits at quantizer 0 for each step of luma that changed.
    change_bits: f64,
    planned: Plan,
}

/// The last picture's.
#[derive(Clone, Copy, Debug)]
struct Plan {
    quantizer: u8,
    change: f64,
}

impl RateControl {
    /// For pictures of so many pixels.
    #[must_use]
    pub fn new(pixels: usize, settings: VideoSettings) -> Self {
        let pixels = pixels as f64;
        Self {
            pixels,
            settings,
            level: 0.0,
            at: None,
            key_bits: KEY_BITS * pixels,
            change_bits: CHANGE_BITS,
            planned: Plan {
                quantizer: QP_MAX,
                change: 0.0,
            },
        }
    }

    /// Takes new settings.
    pub fn set(&mut self, settings: VideoSettings) {
        self.settings = settings;
    }

    /// The quantizer of the next picture, or `None` where a refinement must wait or is of no use. `change` is how much
    /// its luma differs from the picture before.
    pub fn plan(&mut self, now: Instant, kind: Kind, change: u64) -> Option<u8> {
        self.drain(now);
        let finest = self.planned.quantizer.saturating_sub(STEP).max(QP_FINEST);
        let change = (change as f64).max(CHANGE_MIN * self.pixels);
        let quantizer = match kind {
            Kind::Key => quantizer_for(self.key_bits, self.room(KEY_BURST)),
            Kind::Change => {
                quantizer_for(change * self.change_bits, self.room(BURST) / 2.0).max(finest)
            }
            Kind::Refinement if self.settled() || self.level > self.bits_in(IDLE) => return None,
            Kind::Refinement => finest,
        };
        self.planned = Plan { quantizer, change };
        Some(quantizer)
    }

    /// Takes in how many bits the planned picture took.
    pub fn spent(&mut self, kind: Kind, bits: u64) {
        let bits = bits as f64;
        self.level += bits;
        let at_zero = bits * 2f64.powf(f64::from(self.planned.quantizer) / 6.0);
        match kind {
            Kind::Key => self.key_bits += FOLLOW * (at_zero - self.key_bits),
            Kind::Change => {
                let seen = at_zero / self.planned.change;
                self.change_bits += FOLLOW * (seen - self.change_bits);
            }
            Kind::Refinement => {}
        }
    }

    /// Whether the last picture is as sharp as it gets.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.planned.quantizer <= QP_FINEST
    }

    fn drain(&mut self, now: Instant) {
        if let Some(at) = self.at.replace(now) {
            self.level = (self.level - self.bits_in(now.saturating_duration_since(at))).max(0.0);
        }
    }

    fn bits_in(&self, time: Duration) -> f64 {
        f64::from(self.settings.bitrate_kbps) * 1000.0 * time.as_secs_f64()
    }

    /// Bits that are free, and at least half of a picture's share.
    fn room(&self, burst: Duration) -> f64 {
        let share = self.bits_in(Duration::from_secs(1)) / f64::from(self.settings.frame_rate);
        (self.bits_in(burst) - self.level).max(share / 2.0)
    }
}

/// Six steps of the quantizer halve the bits.
fn quantizer_for(bits_at_zero: f64, room: f64) -> u8 {
    let quantizer = 6.0 * (bits_at_zero / room).log2();
    quantizer
        .ceil()
        .clamp(f64::from(QP_FINEST), f64::from(QP_MAX)) as u8
}
