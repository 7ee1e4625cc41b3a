//! How the picture does: latency stage by stage, rate, bits.

use std::collections::VecDeque;

use crate::video::report::Shown;

/// Over how long figures are taken, in microseconds.
const WINDOW_US: u64 = 1_000_000;

/// Collects; [`Figures::summary`] sums up. Times are microseconds of the page's clock.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    received: VecDeque<(u64, usize)>,
    shown: VecDeque<Stages>,
    latest: Option<Latency>,
    last: Option<(u32, u32)>,
    left_out: u32,
    queue: u32,
}

#[derive(Clone, Copy, Debug)]
struct Stages {
    at_us: u64,
    latency: Latency,
}

/// Milliseconds from stage to stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latency {
    /// From capture to access unit.
    pub encode: f32,
    /// From the relay to the page; `None` until both clocks are compared.
    pub network: Option<f32>,
    /// From arrival out of the decoder.
    pub decode: f32,
    /// From the decoder to the canvas.
    pub draw: f32,
}

impl Latency {
    /// From capture to canvas.
    #[must_use]
    pub fn total(&self) -> Option<f32> {
        Some(self.encode + self.network? + self.decode + self.draw)
    }
}

/// The figures of the last second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Frames shown.
    pub frames: u32,
    /// Kilobits received.
    pub kilobits: u32,
    /// The median of each stage; of the last frames, if none came in this second.
    pub latency: Option<Latency>,
    /// Frames that were in the decoder when the last one came out.
    pub queue: u32,
    /// Frames that the relay left out or the page did not show, since the page was opened.
    pub left_out: u32,
    /// The link's last round trip in milliseconds.
    pub round_trip: Option<f32>,
}

impl Figures {
    /// A video message of `bytes` arrived.
    pub fn received(&mut self, bytes: usize, now_us: u64) {
        self.received.push_back((now_us, bytes));
    }

    /// A frame is on the canvas at `now_us`. `captured_us`: when it was captured, by the page's clock, where that is
    /// known.
    pub fn shown(&mut self, shown: &Shown, captured_us: Option<i64>, now_us: u64) {
        if let Some((stream, sequence)) = self.last
            && stream == shown.stream
        {
            self.left_out += shown.sequence.saturating_sub(sequence + 1);
        }
        self.last = Some((shown.stream, shown.sequence));
        self.queue = shown.queue;
        let network = captured_us.map(|captured_us| {
            let sent_us = captured_us + i64::from(shown.encode_us);
            (shown.arrived_us.cast_signed() - sent_us).max(0) as f32 / 1000.0
        });
        self.shown.push_back(Stages {
            at_us: now_us,
            latency: Latency {
                encode: shown.encode_us as f32 / 1000.0,
                network,
                decode: between(shown.arrived_us, shown.decoded_us),
                draw: between(shown.decoded_us, now_us),
            },
        });
    }

    /// What the last second was like.
    pub fn summary(&mut self, now_us: u64, round_trip_us: Option<u64>) -> Summary {
        let since_us = now_us.saturating_sub(WINDOW_US);
        self.received.retain(|(at_us, _)| *at_us > since_us);
        self.shown.retain(|stages| stages.at_us > since_us);
        if !self.shown.is_empty() {
            self.latest = Some(self.median());
        }
        let bytes: usize = self.received.iter().map(|(_, bytes)| bytes).sum();
        Summary {
            frames: self.shown.len() as u32,
            kilobits: (bytes * 8 / 1000) as u32,
            latency: self.latest,
            queue: self.queue,
            left_out: self.left_out,
            round_trip: round_trip_us.map(|round_trip_us| round_trip_us as f32 / 1000.0),
        }
    }

    fn median(&self) -> Latency {
        let of = |stage: fn(&Latency) -> Option<f32>| {
            let mut values: Vec<_> = self
                .shown
                .iter()
                .filter_map(|stages| stage(&stages.latency))
                .collect();
            values.sort_by(f32::total_cmp);
            values.get(values.len() / 2).copied()
        };
        Latency {
            encode: of(|latency| Some(latency.encode)).unwrap_or_default(),
            network: of(|latency| latency.network),
            decode: of(|latency| Some(latency.decode)).unwrap_or_default(),
            draw: of(|latency| Some(latency.draw)).unwrap_or_default(),
        }
    }
}

fn between(from_us: u64, to_us: u64) -> f32 {
    to_us.saturating_sub(from_us) as f32 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::{Figures, Latency};
    use crate::video::report::Shown;

    fn shown(sequence: u32, shown_us: u64) -> Shown {
        Shown {
            stream: 1,
            sequence,
            captured_us: 0,
            encode_us: 6_000,
            arrived_us: shown_us - 5_000,
            decoded_us: shown_us - 1_000,
            queue: 2,
        }
    }

    #[test]
    fn stages_add_up_to_the_whole() {
        let mut figures = Figures::default();
        figures.shown(&shown(0, 20_000), Some(7_000), 20_000);
        let latency = figures.summary(20_000, None).latency.unwrap();
        assert_eq!(
            latency,
            Latency {
                encode: 6.0,
                network: Some(2.0),
                decode: 4.0,
                draw: 1.0
            }
        );
        assert_eq!(latency.total(), Some(13.0));
    }

    #[test]
    fn without_a_common_clock_there_is_no_total() {
        let mut figures = Figures::default();
        figures.shown(&shown(0, 20_000), None, 20_000);
        let latency = figures.summary(20_000, None).latency.unwrap();
        assert_eq!(latency.total(), None);
    }

    #[test]
    fn rates_are_those_of_the_last_second() {
        let mut figures = Figures::default();
        for index in 0..120u32 {
            let at_us = 10_000 + u64::from(index) * 16_667;
            figures.received(12_500, at_us);
            figures.shown(&shown(index, at_us), None, at_us);
        }
        let summary = figures.summary(10_000 + 119 * 16_667, Some(1_500));
        assert!((59..=61).contains(&summary.frames), "{}", summary.frames);
        assert!(
            (5_900..=6_100).contains(&summary.kilobits),
            "{}",
            summary.kilobits
        );
        assert_eq!((summary.queue, summary.round_trip), (2, Some(1.5)));
    }

    #[test]
    fn a_still_screen_keeps_its_last_latency() {
        let mut figures = Figures::default();
        figures.shown(&shown(0, 20_000), Some(7_000), 20_000);
        figures.summary(20_000, None);
        let later = figures.summary(9_000_000, None);
        assert_eq!(later.frames, 0);
        assert_eq!(
            later.latency.and_then(|latency| latency.total()),
            Some(13.0)
        );
    }

    #[test]
    fn holes_count_as_left_out_within_a_stream() {
        let mut figures = Figures::default();
        for sequence in [0, 1, 5] {
            figures.shown(&shown(sequence, 20_000), None, 20_000);
        }
        figures.shown(
            &Shown {
                stream: 2,
                ..shown(40, 20_000)
            },
            None,
            20_000,
        );
        assert_eq!(figures.summary(20_000, None).left_out, 3);
    }
}
