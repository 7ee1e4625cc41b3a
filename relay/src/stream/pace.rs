//! When the next picture may be encoded: at most so many in a second.

use std::time::{Duration, Instant};

/// Keeps to a frame rate, on the average and not picture by picture: after a pause or a late picture the next may follow at
/// once, or each picture of a source at this rate would wait from then on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// When the next picture is due; `None` before the first.
    due: Option<Instant>,
}

impl Pace {
    /// So many pictures a second, and a 63rd more: the modes that are called 60 Hz have up to 60.32 (VESA DMT, 800x600).
    #[must_use]
    pub(super) fn new(frame_rate: u8) -> Self {
        Self {
            interval: Duration::from_secs(63) / (64 * u32::from(frame_rate.max(1))),
            due: None,
        }
    }

    /// Takes another rate.
    pub(super) fn set(&mut self, frame_rate: u8) {
        let interval = Self::new(frame_rate).interval;
        self.due = self.due.map(|due| due - self.interval + interval);
        self.interval = interval;
    }

    /// How long to wait until a picture may be taken; zero where it may be now.
    #[must_use]
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.due
            .map_or(Duration::ZERO, |due| due.saturating_duration_since(now))
    }

    /// A picture has been taken.
    pub(super) fn taken(&mut self, now: Instant) {
        self.due = Some(self.due.map_or(now, |due| now.max(due + self.interval)));
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    /// How many of the pictures that come at `times` are taken in `rate` a second.
    fn taken(rate: u8, times: impl Iterator<Item = Duration>) -> Vec<Duration> {
        let start = Instant::now();
        let mut pace = Pace::new(rate);
        times
            .filter(|time| {
                let now = start + *time;
                let free = pace.wait(now).is_zero();
                if free {
                    pace.taken(now);
                }
                free
            })
            .collect()
    }

    #[test]
    fn a_source_at_the_limit_loses_no_picture() {
        let jitter = [0, 1_900, -2_000, 700, -1_500];
        let times = (0..600).map(|n: i64| {
            Duration::from_micros((10_000 + n * 1_000_000 / 60 + jitter[n as usize % 5]) as u64)
        });
        assert_eq!(taken(60, times).len(), 600);
    }

    #[test]
    fn a_late_picture_delays_none_that_follow() {
        let on_time = (0..600).map(|n| Duration::from_micros(n * 1_000_000 / 60));
        let times = on_time.enumerate().map(|(n, time)| match n % 50 {
            49 => time + Duration::from_millis(15),
            _ => time,
        });
        assert_eq!(taken(60, times).len(), 600);
    }

    #[test]
    fn after_a_pause_two_pictures_are_taken_at_once() {
        let times = [0, 5_000, 5_001, 5_002].map(Duration::from_millis);
        assert_eq!(taken(10, times.into_iter()), times[..3]);
    }

    #[test]
    fn a_higher_rate_holds_at_once() {
        let start = Instant::now();
        let mut pace = Pace::new(1);
        pace.taken(start);
        pace.taken(start);
        assert!(!pace.wait(start + Duration::from_millis(20)).is_zero());
        pace.set(50);
        assert!(pace.wait(start + Duration::from_millis(20)).is_zero());
    }

    proptest! {
        #[test]
        fn the_rate_is_kept(rate in 1u8..=60, gaps in prop::collection::vec(0u64..40_000, 1..500)) {
            let mut time = 0;
            let times = gaps.iter().map(|gap| { time += gap; Duration::from_micros(time) });
            let taken = taken(rate, times);
            let span = taken.last().unwrap().as_secs_f64() - taken[0].as_secs_f64();
            let most = span * f64::from(rate) * 64.0 / 63.0 + 2.0;
            prop_assert!(taken.len() as f64 <= most + 1e-3, "{} in {span} s at {rate}", taken.len());
        }
    }
}
