//! The relay's clock as the page knows it.

use std::collections::VecDeque;

/// How many round trips are remembered.
const REMEMBERED: usize = 30;

/// One answered ping.
#[derive(Clone, Copy, Debug)]
struct Sample {
    round_trip_us: i64,
    ahead_us: i64,
}

/// Estimates how far the relay's clock is ahead of the page's, from the quickest of the latest round trips: the
/// quicker one was, the less can have been uneven about it.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    samples: VecDeque<Sample>,
}

impl Clock {
    /// Takes in an answered ping; all three in microseconds of their own clock.
    pub fn answered(&mut self, sent_us: u64, relay_us: u64, received_us: u64) {
        let round_trip_us = received_us.saturating_sub(sent_us).cast_signed();
        let middle_us = sent_us.cast_signed() + round_trip_us / 2;
        if self.samples.len() == REMEMBERED {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            round_trip_us,
            ahead_us: relay_us.cast_signed() - middle_us,
        });
    }

    /// A time of the relay's clock by the page's clock, both in microseconds; `None` before the first answer.
    #[must_use]
    pub fn to_page_us(&self, relay_us: u64) -> Option<i64> {
        let best = self
            .samples
            .iter()
            .min_by_key(|sample| sample.round_trip_us)?;
        Some(relay_us.cast_signed() - best.ahead_us)
    }

    /// The latest round trip in microseconds.
    #[must_use]
    pub fn round_trip_us(&self) -> Option<u64> {
        self.samples
            .back()
            .map(|sample| sample.round_trip_us.cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn nothing_is_known_before_the_first_answer() {
        assert_eq!(Clock::default().to_page_us(5), None);
        assert_eq!(Clock::default().round_trip_us(), None);
    }

    #[test]
    fn the_quickest_round_trip_sets_the_offset() {
        let mut clock = Clock::default();
        clock.answered(1_000, 501_500, 2_000);
        clock.answered(10_000, 510_100, 10_200);
        clock.answered(20_000, 529_900, 30_000);
        assert_eq!(clock.to_page_us(600_000), Some(100_000));
        assert_eq!(clock.round_trip_us(), Some(10_000));
    }

    #[test]
    fn an_old_quick_round_trip_is_forgotten_in_time() {
        let mut clock = Clock::default();
        clock.answered(0, 1_000, 0);
        for second in 1..=30u64 {
            let sent = second * 1_000_000;
            clock.answered(sent, sent + 2_050, sent + 100);
        }
        assert_eq!(clock.to_page_us(10_000), Some(8_000));
    }

    #[test]
    fn a_relay_whose_clock_is_behind_is_mapped_too() {
        let mut clock = Clock::default();
        clock.answered(1_000_000, 400_050, 1_000_100);
        assert_eq!(clock.to_page_us(400_050), Some(1_000_050));
    }
}
