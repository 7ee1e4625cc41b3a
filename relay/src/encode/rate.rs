//! Which quantizer each picture gets, so that the stream keeps to its bitrate and a still screen becomes sharp.
//!
//! The link is a bucket that drains at the bitrate. A picture may fill a part of what is free; how many bits it takes is
//! foretold from how much of it has changed and from how many bits such changes took before.

use std::time::{Duration, Instant};

use shared::message::VideoSettings;

use super::Kind;

/// The finest quantizer: a picture at this one counts as sharp.
pub const QP_FINEST: u8 = 20;

/// The coarsest quantizer.
pub const QP_MAX: u8 = 48;

/// How much finer than the picture before a refinement is.
const REFINE_STEP: u8 = 4;

/// How much finer than the picture before a changed picture may be: all of it is refined, not only what changed.
const CHANGE_STEP: u8 = 2;

/// What the bucket holds, as time at the full bitrate.
const CAPACITY: Duration = Duration::from_millis(500);

/// What a key frame may take, as time at the full bitrate.
const KEY: Duration = Duration::from_millis(400);

/// What a picture may take of the room in the bucket.
const PART: f64 = 0.25;

/// What it may take of its share of the bitrate however full the bucket is.
const SHARE_MIN: f64 = 0.6;

/// A refinement waits until no more than this is in the bucket.
const IDLE: Duration = Duration::from_millis(30);

/// How fast estimates follow: the weight of the newest.
const FOLLOW: f64 = 0.5;

/// Bits of a key frame at quantizer 0 for each pixel, before one was seen: dense text.
const KEY_BITS: f64 = 25.0;

/// A key frame with fewer bits for each pixel than this is of an empty screen, which says nothing about the next one.
const KEY_BITS_MIN: f64 = 0.1;

/// Bits at quantizer 0 for each step of luma that changed, before any was seen: new text.
const CHANGE_BITS: f64 = 0.8;

/// A change smaller than this for each pixel, such as a cursor's, takes next to no bits, and says nothing about larger ones.
const CHANGE_MIN: f64 = 0.1;

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
    /// Whether the last picture is as sharp as it gets.
    settled: bool,
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
            settled: true,
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
        let finer = |step| self.planned.quantizer.saturating_sub(step).max(QP_FINEST);
        let change = change as f64;
        let quantizer = match kind {
            Kind::Key => quantizer_for(self.key_bits, self.room(KEY)),
            Kind::Change => {
                let room = self.room(CAPACITY) * PART;
                quantizer_for(
                    change * self.change_bits,
                    room.max(self.share() * SHARE_MIN),
                )
                .max(finer(CHANGE_STEP))
            }
            Kind::Refinement if self.settled || self.level > self.bits_in(IDLE) => return None,
            Kind::Refinement => finer(REFINE_STEP),
        };
        self.planned = Plan { quantizer, change };
        Some(quantizer)
    }

    /// Takes in how many bits the planned picture took.
    pub fn spent(&mut self, kind: Kind, bits: u64) {
        let bits = bits as f64;
        self.level = (self.level + bits).min(self.bits_in(CAPACITY));
        self.settled = kind != Kind::Key && self.planned.quantizer <= QP_FINEST;
        let at_zero = bits * 2f64.powf(f64::from(self.planned.quantizer) / 6.0);
        match kind {
            Kind::Key if bits < KEY_BITS_MIN * self.pixels => {}
            Kind::Key => self.key_bits += FOLLOW * (at_zero - self.key_bits),
            Kind::Change if self.planned.change < CHANGE_MIN * self.pixels => {}
            Kind::Change => {
                let seen = at_zero / self.planned.change;
                self.change_bits += FOLLOW * (seen - self.change_bits);
            }
            Kind::Refinement => {}
        }
    }

    /// Whether the last picture is as sharp as it gets. A key frame is not: the picture after it at the same quantizer is
    /// better.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.settled
    }

    fn drain(&mut self, now: Instant) {
        if let Some(at) = self.at.replace(now) {
            self.level = (self.level - self.bits_in(now.saturating_duration_since(at))).max(0.0);
        }
    }

    fn bits_in(&self, time: Duration) -> f64 {
        f64::from(self.settings.bitrate_kbps) * 1000.0 * time.as_secs_f64()
    }

    /// Bits that are free of those that the link takes in some time.
    fn room(&self, time: Duration) -> f64 {
        (self.bits_in(time) - self.level).max(self.share())
    }

    /// Bits of each picture at the full rate.
    fn share(&self) -> f64 {
        self.bits_in(Duration::from_secs(1)) / f64::from(self.settings.frame_rate)
    }
}

/// Six steps of the quantizer halve the bits.
fn quantizer_for(bits_at_zero: f64, room: f64) -> u8 {
    let quantizer = 6.0 * (bits_at_zero.max(1.0) / room).log2();
    quantizer
        .ceil()
        .clamp(f64::from(QP_FINEST), f64::from(QP_MAX)) as u8
}

#[cfg(test)]
mod tests {
    use super::{Duration, Instant, Kind, QP_FINEST, QP_MAX, RateControl, VideoSettings};
    use proptest::prelude::*;

    const PIXELS: usize = 1920 * 1080;
    const FRAME: Duration = Duration::from_micros(16_667);

    fn settings(bitrate_kbps: u32) -> VideoSettings {
        VideoSettings {
            bitrate_kbps,
            frame_rate: 60,
        }
    }

    /// What an encoder makes of a picture: bits that fall by half for so many steps of the quantizer.
    fn bits(at_zero: f64, quantizer: u8, steps: f64) -> u64 {
        (at_zero * 0.5f64.powf(f64::from(quantizer) / steps)) as u64
    }

    #[test]
    fn a_still_screen_becomes_sharp_within_a_second_and_is_done_then() {
        let mut rate = RateControl::new(PIXELS, settings(8_000));
        let start = Instant::now();
        let page = 40e6;
        let quantizer = rate.plan(start, Kind::Key, 1 << 30).unwrap();
        rate.spent(Kind::Key, bits(page, quantizer, 6.0));
        let mut last = quantizer;
        let mut now = start;
        while !rate.settled() {
            now += FRAME;
            assert!(now - start < Duration::from_secs(1), "still at {last}");
            if let Some(quantizer) = rate.plan(now, Kind::Refinement, 0) {
                assert!(quantizer <= last);
                let left = bits(page, quantizer, 6.0) - bits(page, last, 6.0);
                rate.spent(Kind::Refinement, left);
                last = quantizer;
            }
        }
        assert_eq!(last, QP_FINEST);
        assert_eq!(rate.plan(now + FRAME, Kind::Refinement, 0), None);
    }

    #[test]
    fn a_small_change_on_a_sharp_screen_stays_sharp() {
        let mut rate = RateControl::new(PIXELS, settings(8_000));
        let mut now = Instant::now();
        while rate.plan(now, Kind::Change, 0) != Some(QP_FINEST) {
            rate.spent(Kind::Change, 1_000);
            now += FRAME;
        }
        rate.spent(Kind::Change, 1_000);
        assert_eq!(
            rate.plan(now + FRAME, Kind::Change, 20_000),
            Some(QP_FINEST)
        );
    }

    #[test]
    fn a_blinking_cursor_does_not_blur_the_page_that_follows() {
        let mut rate = RateControl::new(PIXELS, settings(8_000));
        let start = Instant::now();
        for blink in 0..50 {
            rate.plan(start + 30 * FRAME * blink, Kind::Change, 500);
            rate.spent(Kind::Change, 2_400);
        }
        let page = rate.plan(start + 30 * FRAME * 50, Kind::Change, 30_000_000);
        assert!(page.is_some_and(|quantizer| quantizer <= 30), "{page:?}");
    }

    #[test]
    fn a_new_bitrate_holds_from_the_next_picture_on() {
        let run = |bitrate| {
            let mut rate = RateControl::new(PIXELS, settings(8_000));
            rate.set(settings(bitrate));
            rate.plan(Instant::now(), Kind::Key, 0).unwrap()
        };
        assert!(run(1_000) > run(8_000));
        assert!(run(8_000) > run(50_000));
    }

    proptest! {
        /// Whatever pictures come, the bits of some seconds keep to the bitrate, as far as the coarsest quantizer allows.
        #[test]
        fn the_bitrate_is_kept(
            bitrate in 1_000u32..50_000,
            complexity in 1e5f64..2e7,
            steps in 4.0f64..9.0,
            change in 1_000_000u64..100_000_000,
        ) {
            let mut rate = RateControl::new(PIXELS, settings(bitrate));
            let start = Instant::now();
            let seconds = 10;
            let mut late = 0;
            for number in 0..60 * seconds {
                let now = start + FRAME * number;
                let quantizer = rate.plan(now, Kind::Change, change).unwrap();
                prop_assert!((QP_FINEST..=QP_MAX).contains(&quantizer));
                let bits = bits(complexity, quantizer, steps);
                rate.spent(Kind::Change, bits);
                if number >= 60 * seconds / 2 {
                    late += bits;
                }
            }
            let allowed = f64::from(bitrate) * 1000.0 * f64::from(seconds) / 2.0;
            let floor = bits(complexity, QP_MAX, steps) as f64 * 60.0 * f64::from(seconds) / 2.0;
            prop_assert!(late as f64 <= (1.15 * allowed).max(1.01 * floor), "{late} of {allowed}");
        }
    }
}
