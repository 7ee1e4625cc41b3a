//! Which frames are decoded and which are shown: the newest, never an old one, and none that the decoder cannot start
//! at.

use std::collections::VecDeque;

use shared::video::{Format, Frame};

use super::annex_b;

/// With more frames than this in the decoder, a key frame drops them and starts anew.
const QUEUE_MAX: u32 = 3;

/// A frame that has waited longer than this since it arrived is not shown while a newer one is on its way...
const STALE_US: u64 = 100_000;

/// ...unless nothing at all was shown for this long: a slow picture is better than none.
const SHOW_AT_LEAST_US: u64 = 250_000;

/// After this many failures without a frame between them the browser is taken at its word.
const FAILURES_MAX: u32 = 4;

/// What to do with a frame that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Give it to the decoder, which is to be set up with this first, if anything.
    Decode(Option<Setup>),
    /// Leave it: the decoder cannot use it. Ask for a key frame, if that has not been done yet.
    Leave {
        /// Whether to ask.
        ask: bool,
    },
}

/// How a decoder is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The codec string, from the stream.
    pub codec: String,
    /// The picture's true size.
    pub format: Format,
}

/// A frame in the decoder.
#[derive(Clone, Copy, Debug)]
pub struct InDecoder {
    /// Its head.
    pub frame: Frame,
    /// When it arrived, in microseconds of the page's clock.
    pub arrived_us: u64,
}

/// The order of frames between the link and the canvas. Times are microseconds of the page's clock.
#[derive(Clone, Debug, Default)]
pub struct Order {
    setup: Option<Setup>,
    last: Option<(u32, u32)>,
    asked: bool,
    in_decoder: VecDeque<InDecoder>,
    newest: u32,
    shown_us: u64,
    failures: u32,
}

impl Order {
    /// A frame arrived while `queue` frames wait in the decoder.
    pub fn arrived(&mut self, frame: Frame, unit: &[u8], queue: u32, now_us: u64) -> Arrival {
        let arrival = if frame.key {
            self.key_frame(frame, unit, queue)
        } else if self.follows(frame) {
            Arrival::Decode(None)
        } else {
            self.leave()
        };
        if matches!(arrival, Arrival::Decode(_)) {
            self.last = Some((frame.stream, frame.sequence));
            self.newest = frame.sequence;
            self.in_decoder.push_back(InDecoder {
                frame,
                arrived_us: now_us,
            });
        }
        arrival
    }

    /// The decoder gave a frame out: which it is, and whether it is to be shown.
    pub fn decoded(&mut self, sequence: u32, now_us: u64) -> Option<(InDecoder, bool)> {
        self.failures = 0;
        while let Some(decoded) = self.in_decoder.pop_front() {
            if decoded.frame.sequence != sequence {
                continue;
            }
            let newest = sequence == self.newest;
            let fresh = now_us.saturating_sub(decoded.arrived_us) <= STALE_US;
            let starved = now_us.saturating_sub(self.shown_us) >= SHOW_AT_LEAST_US;
            let show = newest || fresh || starved;
            if show {
                self.shown_us = now_us;
            }
            return Some((decoded, show));
        }
        None
    }

    /// The decoder failed: the newest frame that was in it, and whether there is any use in going on with a new one.
    pub fn failed(&mut self) -> (Option<Frame>, bool) {
        self.setup = None;
        self.last = None;
        self.asked = true;
        let lost = self.in_decoder.back().map(|lost| lost.frame);
        self.in_decoder.clear();
        self.failures += 1;
        (lost, self.failures < FAILURES_MAX)
    }

    fn key_frame(&mut self, frame: Frame, unit: &[u8], queue: u32) -> Arrival {
        let (Some(format), Some(codec)) = (frame.format, annex_b::codec_string(unit)) else {
            return self.leave();
        };
        let setup = Setup { codec, format };
        let same_stream = self.last.is_some_and(|(stream, _)| stream == frame.stream);
        let goes_on = same_stream && queue <= QUEUE_MAX && self.setup.as_ref() == Some(&setup);
        self.asked = false;
        if goes_on {
            return Arrival::Decode(None);
        }
        self.in_decoder.clear();
        self.setup = Some(setup.clone());
        Arrival::Decode(Some(setup))
    }

    fn follows(&self, frame: Frame) -> bool {
        let next = self
            .last
            .map(|(stream, sequence)| (stream, sequence.wrapping_add(1)));
        next == Some((frame.stream, frame.sequence))
    }

    fn leave(&mut self) -> Arrival {
        self.last = None;
        let ask = !self.asked;
        self.asked = true;
        Arrival::Leave { ask }
    }
}

#[cfg(test)]
mod tests {
    use shared::video::{Codec, Format, Frame};

    use super::{Arrival, Order};

    const UNIT: &[u8] = &[0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1F];

    fn frame(sequence: u32) -> Frame {
        Frame {
            stream: 1,
            sequence,
            key: false,
            captured_us: 0,
            encode_us: 0,
            format: None,
        }
    }

    fn key(sequence: u32, width: u16) -> Frame {
        Frame {
            key: true,
            format: Some(Format {
                codec: Codec::H264,
                width,
                height: 400,
            }),
            ..frame(sequence)
        }
    }

    fn started() -> Order {
        let mut order = Order::default();
        let arrival = order.arrived(key(0, 720), UNIT, 0, 0);
        assert!(matches!(arrival, Arrival::Decode(Some(_))));
        order
    }

    #[test]
    fn a_decoder_is_set_up_from_the_stream() {
        let mut order = Order::default();
        let Arrival::Decode(Some(setup)) = order.arrived(key(0, 720), UNIT, 0, 0) else {
            panic!("a key frame starts a decoder");
        };
        assert_eq!(setup.codec, "avc1.42C01F");
        assert_eq!((setup.format.width, setup.format.height), (720, 400));
    }

    #[test]
    fn before_a_key_frame_nothing_is_decoded_and_one_is_asked_for_once() {
        let mut order = Order::default();
        assert_eq!(
            order.arrived(frame(5), &[], 0, 0),
            Arrival::Leave { ask: true }
        );
        assert_eq!(
            order.arrived(frame(6), &[], 0, 0),
            Arrival::Leave { ask: false }
        );
    }

    #[test]
    fn a_frame_behind_a_hole_is_left() {
        let mut order = started();
        assert_eq!(order.arrived(frame(1), &[], 0, 0), Arrival::Decode(None));
        assert_eq!(
            order.arrived(frame(3), &[], 0, 0),
            Arrival::Leave { ask: true }
        );
        assert_eq!(
            order.arrived(frame(4), &[], 0, 0),
            Arrival::Leave { ask: false }
        );
        assert!(matches!(
            order.arrived(key(9, 720), UNIT, 0, 0),
            Arrival::Decode(_)
        ));
        assert_eq!(order.arrived(frame(10), &[], 0, 0), Arrival::Decode(None));
    }

    #[test]
    fn a_key_frame_of_the_same_stream_goes_on_with_the_decoder() {
        let mut order = started();
        assert_eq!(
            order.arrived(key(1, 720), UNIT, 0, 0),
            Arrival::Decode(None)
        );
    }

    #[test]
    fn another_size_stream_or_a_full_decoder_starts_a_new_one() {
        let mut order = started();
        assert!(matches!(
            order.arrived(key(1, 800), UNIT, 0, 0),
            Arrival::Decode(Some(_))
        ));
        assert!(matches!(
            order.arrived(key(2, 800), UNIT, 9, 0),
            Arrival::Decode(Some(_))
        ));
        let other = Frame {
            stream: 2,
            ..key(0, 800)
        };
        assert!(matches!(
            order.arrived(other, UNIT, 0, 0),
            Arrival::Decode(Some(_))
        ));
    }

    #[test]
    fn a_frame_in_time_is_shown_even_when_the_next_is_already_here() {
        let mut order = started();
        order.arrived(frame(1), &[], 1, 16_000);
        assert!(order.decoded(0, 20_000).unwrap().1);
        assert!(order.decoded(1, 36_000).unwrap().1);
    }

    #[test]
    fn after_a_stall_only_the_newest_is_shown() {
        let mut order = started();
        assert!(order.decoded(0, 10_000).unwrap().1);
        for sequence in 1..=20 {
            order.arrived(frame(sequence), &[], 0, 1_000_000);
        }
        assert!(order.decoded(1, 1_150_000).unwrap().1, "starved until here");
        let shown: Vec<_> = (2..=20)
            .filter(|sequence| order.decoded(*sequence, 1_200_000).unwrap().1)
            .collect();
        assert_eq!(shown, [20]);
    }

    #[test]
    fn frames_that_the_decoder_swallowed_are_forgotten() {
        let mut order = started();
        order.arrived(frame(1), &[], 0, 0);
        assert_eq!(order.decoded(1, 0).unwrap().0.frame.sequence, 1);
        assert!(order.decoded(0, 0).is_none());
    }

    #[test]
    fn a_failed_decoder_starts_at_the_next_key_frame() {
        let mut order = started();
        order.arrived(frame(1), &[], 0, 0);
        let (lost, goes_on) = order.failed();
        assert_eq!((lost.map(|lost| lost.sequence), goes_on), (Some(1), true));
        assert_eq!(
            order.arrived(frame(2), &[], 0, 0),
            Arrival::Leave { ask: false }
        );
        assert!(matches!(
            order.arrived(key(3, 720), UNIT, 0, 0),
            Arrival::Decode(Some(_))
        ));
    }

    #[test]
    fn a_browser_that_only_fails_is_given_up() {
        let mut order = started();
        let goes_on: Vec<_> = (0..4).map(|_| order.failed().1).collect();
        assert_eq!(goes_on, [true, true, true, false]);
    }
}
