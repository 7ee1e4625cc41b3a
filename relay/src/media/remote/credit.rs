//! How much may be on its way at a time.
//!
//! Bytes that wait in front of a slow link make everything behind them wait, and keys and pointer use the same way. So
//! the credit grows only while answers come about as fast as they ever did, and shrinks as soon as they queue.

use std::time::{Duration, Instant};

/// At first, at least and at most, in chunks.
const FIRST: usize = 8;
const LEAST: usize = 1;
const MOST: usize = 64;

const _: () = assert!(MOST * super::desk::CHUNK as usize <= shared::held::ASKED_MAX);

/// How much longer than the quickest an answer may take: what a queue may hold.
const QUEUE: Duration = Duration::from_millis(50);

/// For how long the quickest answer counts: the way itself may become longer.
const MEMORY: Duration = Duration::from_secs(10);

/// Counted in chunks.
pub(super) struct Credit {
    chunks: usize,
    /// Whether answers have never queued: then the credit doubles a round trip.
    opening: bool,
    quickest: Quickest,
    /// Answers to what was asked before then say nothing of the credit as it is now.
    shrunk: Option<Instant>,
}

/// The shortest of the last while, kept as that of two halves.
#[derive(Default)]
struct Quickest {
    since: Option<Instant>,
    now: Option<Duration>,
    before: Option<Duration>,
}

impl Credit {
    /// As for a way of which nothing is known.
    pub(super) fn new() -> Self {
        Self {
            chunks: FIRST,
            opening: true,
            quickest: Quickest::default(),
            shrunk: None,
        }
    }

    /// How many chunks may be on their way.
    pub(super) fn chunks(&self) -> usize {
        self.chunks
    }

    /// So many chunks were answered that were asked for at `sent`. `starved` is whether more would have been asked for.
    pub(super) fn answered(&mut self, now: Instant, sent: Instant, chunks: usize, starved: bool) {
        let took = now.saturating_duration_since(sent);
        let quickest = self.quickest.with(now, took);
        if took <= quickest + QUEUE {
            if starved {
                let more = if self.opening { chunks } else { 1 };
                self.chunks = (self.chunks + more).min(MOST);
            }
        } else if self.shrunk.is_none_or(|shrunk| sent >= shrunk) {
            self.opening = false;
            self.chunks = (self.chunks / 2).max(LEAST);
            self.shrunk = Some(now);
        }
    }
}

impl Quickest {
    fn with(&mut self, now: Instant, took: Duration) -> Duration {
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) >= MEMORY / 2 {
            self.since = Some(now);
            self.before = self.now.take();
        }
        let shortest = self.now.map_or(took, |known| known.min(took));
        self.now = Some(shortest);
        self.before.map_or(shortest, |before| before.min(shortest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A link with a round trip and a rate: what is on its way when something is asked for is answered before it.
    fn settle(chunk: Duration, trip: Duration) -> usize {
        let mut credit = Credit::new();
        let mut now = Instant::now();
        for _ in 0..500 {
            let sent = now;
            let chunks = u32::try_from(credit.chunks()).unwrap();
            now += trip + chunk * chunks;
            credit.answered(now, sent, credit.chunks(), true);
        }
        credit.chunks()
    }

    #[test]
    fn a_fast_link_is_used_as_far_as_it_goes() {
        assert_eq!(
            settle(Duration::from_micros(200), Duration::from_millis(30)),
            MOST
        );
    }

    #[test]
    fn a_slow_link_has_little_on_its_way() {
        let at_2_mbit = settle(Duration::from_millis(131), Duration::from_millis(20));
        assert!(at_2_mbit <= 2, "{at_2_mbit}");
        let at_20_mbit = settle(Duration::from_millis(13), Duration::from_millis(20));
        assert!((2..=10).contains(&at_20_mbit), "{at_20_mbit}");
    }

    #[test]
    fn a_queue_shrinks_it_once_a_round_trip() {
        let mut credit = Credit::new();
        let start = Instant::now();
        let quick = start + Duration::from_millis(5);
        credit.answered(quick, start, 8, true);
        assert_eq!(credit.chunks(), 16);
        let late = start + Duration::from_millis(200);
        for _ in 0..4 {
            credit.answered(late, start, 8, true);
        }
        assert_eq!(credit.chunks(), 8);
    }

    #[test]
    fn a_way_that_becomes_longer_is_learnt_anew() {
        let mut credit = Credit::new();
        let mut now = Instant::now();
        for trip in [5, 300] {
            for _ in 0..200 {
                let sent = now;
                now += Duration::from_millis(trip);
                credit.answered(now, sent, 8, true);
            }
            assert_eq!(credit.chunks(), MOST, "{trip} ms");
        }
    }
}
