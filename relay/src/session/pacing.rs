//! How many frames may be on their way to a viewer: as few as keep its picture moving.
//!
//! On a short link two are enough: one that is decoded and shown, one that travels. A long link needs as many as fit into
//! its round trip, or it would stand still between acknowledgements. More would only be old by the time that a viewer who
//! stalls comes back. How long a viewer takes to show a frame does not count: for one that is slow, more frames on their
//! way would only wait at its end.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use shared::video::{Ack, Frame};

/// The fewest frames on their way.
const LEAST: usize = 2;

/// The most frames on their way: half a second at 60 frames a second.
const MOST: usize = 32;

/// How many round trips, without what the viewer took to show the frame, are remembered. The shortest of them counts: a
/// longer one was spent in a queue, or in a stall.
/// More than [`MOST`], so that a stall, which spoils all that are on their way, does not fill them.
const REMEMBERED: usize = 64;

/// Which frames are on their way to one viewer.
#[derive(Clone, Debug)]
pub struct Pacing {
    on_their_way: VecDeque<Sent>,
    round_trips: VecDeque<Duration>,
    interval: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    stream: u32,
    sequence: u32,
    at: Instant,
}

impl Pacing {
    /// Nothing is on its way.
    #[must_use]
    pub fn new(frame_rate: u8) -> Self {
        Self {
            on_their_way: VecDeque::new(),
            round_trips: VecDeque::new(),
            interval: interval(frame_rate),
        }
    }

    /// The stream's frame rate has changed, in frames a second.
    pub fn set_frame_rate(&mut self, frame_rate: u8) {
        self.interval = interval(frame_rate);
    }

    /// Whether another frame may be sent.
    #[must_use]
    pub fn may_send(&self) -> bool {
        self.on_their_way.len() < self.window()
    }

    /// How many frames may be on their way.
    #[must_use]
    pub fn window(&self) -> usize {
        let Some(round_trip) = self.round_trips.iter().min() else {
            return LEAST;
        };
        let frames = round_trip.as_micros().div_ceil(self.interval.as_micros());
        usize::try_from(frames).map_or(MOST, |frames| (frames + 1).clamp(LEAST, MOST))
    }

    /// A frame is being sent.
    pub fn sent(&mut self, now: Instant, frame: &Frame) {
        self.on_their_way.push_back(Sent {
            stream: frame.stream,
            sequence: frame.sequence,
            at: now,
        });
    }

    /// A frame, and with it all before it, has arrived.
    pub fn acknowledged(&mut self, now: Instant, ack: &Ack) {
        let arrived = self
            .on_their_way
            .iter()
            .position(|sent| sent.stream == ack.stream && sent.sequence == ack.sequence);
        let Some(last) = arrived else {
            return;
        };
        if let Some(sent) = self.on_their_way.drain(..=last).next_back() {
            if self.round_trips.len() == REMEMBERED {
                self.round_trips.pop_front();
            }
            let shown = Duration::from_micros(ack.shown_us.into());
            let round_trip = now.duration_since(sent.at).saturating_sub(shown);
            self.round_trips.push_back(round_trip);
        }
    }
}

fn interval(frame_rate: u8) -> Duration {
    Duration::from_secs(1) / u32::from(frame_rate.max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FRAME: Frame = Frame {
        stream: 1,
        sequence: 0,
        key: false,
        captured_us: 0,
        encode_us: 0,
        format: None,
    };

    fn frame(sequence: u32) -> Frame {
        Frame { sequence, ..FRAME }
    }

    fn ack(sequence: u32) -> Ack {
        Ack {
            stream: 1,
            sequence,
            shown_us: 0,
        }
    }

    /// A link of a fixed round trip on which the stream has a new frame each millisecond.
    struct Simulation {
        pacing: Pacing,
        now: Instant,
        next: u32,
        arriving: VecDeque<(Instant, u32)>,
    }

    impl Simulation {
        fn new(frame_rate: u8) -> Self {
            Self {
                pacing: Pacing::new(frame_rate),
                now: Instant::now(),
                next: 0,
                arriving: VecDeque::new(),
            }
        }

        /// Frames that the viewer gets in this time.
        fn run(&mut self, time: Duration, round_trip: Duration, frame_rate: u32) -> u32 {
            let (end, first) = (self.now + time, self.next);
            let mut frame_at = self.now;
            while self.now < end {
                while self.arriving.front().is_some_and(|(at, _)| *at <= self.now) {
                    if let Some((_, sequence)) = self.arriving.pop_front() {
                        self.pacing.acknowledged(self.now, &ack(sequence));
                    }
                }
                if self.now >= frame_at && self.pacing.may_send() {
                    self.pacing.sent(self.now, &frame(self.next));
                    self.arriving.push_back((self.now + round_trip, self.next));
                    self.next += 1;
                    frame_at = self.now + Duration::from_secs(1) / frame_rate;
                }
                self.now += Duration::from_millis(1);
            }
            self.next - first
        }
    }

    #[test]
    fn the_first_frames_need_no_acknowledgement() {
        let mut pacing = Pacing::new(60);
        for sequence in 0..2 {
            assert!(pacing.may_send());
            pacing.sent(Instant::now(), &frame(sequence));
        }
        assert!(!pacing.may_send());
    }

    #[test]
    fn a_short_link_has_two_or_three_frames_on_their_way() {
        for milliseconds in [1, 5, 16, 20, 30] {
            let mut simulation = Simulation::new(60);
            simulation.run(
                Duration::from_secs(2),
                Duration::from_millis(milliseconds),
                60,
            );
            let window = simulation.pacing.window();
            assert!((2..=3).contains(&window), "{milliseconds} ms: {window}");
        }
    }

    #[test]
    fn a_viewer_who_is_slow_to_show_gets_no_more_frames_to_wait_for() {
        let mut pacing = Pacing::new(60);
        let mut now = Instant::now();
        let shown = Duration::from_millis(80);
        for sequence in 0..100 {
            pacing.sent(now, &frame(sequence));
            now += shown + Duration::from_millis(2);
            let shown_us = u32::try_from(shown.as_micros()).unwrap();
            pacing.acknowledged(
                now,
                &Ack {
                    shown_us,
                    ..ack(sequence)
                },
            );
        }
        assert_eq!(pacing.window(), LEAST);
    }

    #[test]
    fn a_long_link_keeps_the_frame_rate() {
        for milliseconds in [50, 100, 200, 350, 500] {
            let mut simulation = Simulation::new(60);
            let round_trip = Duration::from_millis(milliseconds);
            simulation.run(Duration::from_secs(5), round_trip, 60);
            let frames = simulation.run(Duration::from_secs(10), round_trip, 60);
            assert!(frames >= 570, "{milliseconds} ms: {frames} frames in 10 s");
        }
    }

    #[test]
    fn a_link_that_becomes_long_gets_its_frame_rate_back() {
        let mut simulation = Simulation::new(60);
        simulation.run(Duration::from_secs(5), Duration::from_millis(5), 60);
        let long = Duration::from_millis(200);
        simulation.run(Duration::from_secs(10), long, 60);
        assert!(simulation.run(Duration::from_secs(10), long, 60) >= 570);
    }

    #[test]
    fn a_viewer_who_stalls_has_no_more_than_the_window_on_its_way() {
        let mut simulation = Simulation::new(60);
        simulation.run(Duration::from_secs(5), Duration::from_millis(10), 60);
        let stalled = Duration::from_secs(3600);
        assert!(simulation.run(Duration::from_secs(6), stalled, 60) <= 3);
    }

    #[test]
    fn a_stall_does_not_widen_the_window() {
        let mut pacing = Pacing::new(60);
        let mut now = Instant::now();
        for sequence in 0..100 {
            pacing.sent(now, &frame(sequence));
            now += Duration::from_millis(10);
            pacing.acknowledged(now, &ack(sequence));
        }
        for stall in 0..10 {
            let sequence = 100 + stall;
            pacing.sent(now, &frame(sequence));
            now += Duration::from_secs(60);
            pacing.acknowledged(now, &ack(sequence));
        }
        assert!(pacing.window() <= 3);
    }

    #[test]
    fn an_acknowledgement_settles_all_before_it() {
        let mut pacing = Pacing::new(60);
        let now = Instant::now();
        pacing.sent(now, &frame(0));
        pacing.sent(now, &frame(7));
        pacing.acknowledged(now, &ack(7));
        assert!(pacing.on_their_way.is_empty());
    }

    #[test]
    fn a_new_stream_settles_the_old_one() {
        let mut pacing = Pacing::new(60);
        let now = Instant::now();
        pacing.sent(now, &frame(900));
        pacing.sent(now, &Frame { stream: 2, ..FRAME });
        pacing.acknowledged(
            now,
            &Ack {
                stream: 2,
                sequence: 0,
                shown_us: 1,
            },
        );
        assert!(pacing.on_their_way.is_empty());
    }

    proptest! {
        #[test]
        fn whatever_a_viewer_says_the_window_holds(
            acks in proptest::collection::vec((0_u32..3, 0_u32..100, 0_u64..2_000), 0..200),
            frame_rate in 0_u8..=255,
        ) {
            let mut pacing = Pacing::new(frame_rate);
            let mut now = Instant::now();
            let mut sequence = 0;
            for (stream, acked, passed) in acks {
                now += Duration::from_millis(passed);
                while pacing.may_send() {
                    pacing.sent(now, &frame(sequence));
                    sequence += 1;
                }
                prop_assert!(pacing.on_their_way.len() <= MOST);
                prop_assert!((LEAST..=MOST).contains(&pacing.window()));
                pacing.acknowledged(now, &Ack { stream, sequence: acked, shown_us: 0 });
            }
        }

        #[test]
        fn who_acknowledges_everything_can_always_be_sent_more(
            trips in proptest::collection::vec(0_u64..1_000, 1..200),
        ) {
            let mut pacing = Pacing::new(60);
            let mut now = Instant::now();
            for (sequence, trip) in (0..).zip(trips) {
                prop_assert!(pacing.may_send());
                pacing.sent(now, &frame(sequence));
                now += Duration::from_millis(trip);
                pacing.acknowledged(now, &ack(sequence));
            }
        }
    }
}
