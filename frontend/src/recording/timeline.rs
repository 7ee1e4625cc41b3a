//! When a frame is shown in the recording: by its time of capture, as long as that agrees with its arrival.

/// The recording's units of time a second: what video has used for long, and fine enough for 60 and 59.94 Hz.
pub const TICKS_A_SECOND: u64 = 90_000;

/// How far the times of capture may run ahead of those of arrival, in microseconds. More is a picture that was
/// captured before the recording began, or a clock that was set.
const AHEAD_US: u64 = 500_000;

/// Puts times of capture on a line that begins at zero and only goes forward.
#[derive(Clone, Debug)]
pub struct Timeline {
    first_arrived_us: u64,
    last_captured_us: u64,
    last_arrived_us: u64,
    at_us: u64,
}

impl Timeline {
    /// Begins with a frame that was captured at one time, by the relay's clock, and arrived at another, by the page's.
    #[must_use]
    pub fn begin(captured_us: u64, arrived_us: u64) -> Self {
        Self {
            first_arrived_us: arrived_us,
            last_captured_us: captured_us,
            last_arrived_us: arrived_us,
            at_us: 0,
        }
    }

    /// When the next frame is shown, in ticks since the first: later than the one before.
    pub fn next(&mut self, captured_us: u64, arrived_us: u64) -> u64 {
        let captured = captured_us.saturating_sub(self.last_captured_us);
        let latest = (arrived_us + AHEAD_US).saturating_sub(self.first_arrived_us);
        let earliest = ticks(self.at_us) + 1;
        self.at_us = (self.at_us + captured).min(latest.max(self.at_us));
        if ticks(self.at_us) < earliest {
            self.at_us = (earliest * 1_000_000).div_ceil(TICKS_A_SECOND);
        }
        self.last_captured_us = captured_us;
        self.last_arrived_us = arrived_us;
        ticks(self.at_us)
    }

    /// When the recording ends if it ends now, by the page's clock: later than the last frame.
    #[must_use]
    pub fn end(&self, now_us: u64) -> u64 {
        let since = now_us.saturating_sub(self.last_arrived_us);
        ticks(self.at_us + since).max(ticks(self.at_us) + 1)
    }
}

/// Microseconds as ticks.
#[must_use]
pub fn ticks(us: u64) -> u64 {
    us * TICKS_A_SECOND / 1_000_000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Timeline, ticks};

    #[test]
    fn frames_stand_where_they_were_captured_however_they_arrive() {
        let mut line = Timeline::begin(5_000_000, 100);
        assert_eq!(line.next(5_016_667, 30_000), ticks(16_667));
        assert_eq!(line.next(5_033_333, 30_001), ticks(33_333));
        assert_eq!(line.next(5_050_000, 400_000), ticks(50_000));
    }

    #[test]
    fn a_picture_that_is_older_than_the_recording_does_not_stretch_it() {
        let mut line = Timeline::begin(0, 1_000_000);
        assert_eq!(line.next(600_000_000, 2_000_000), ticks(1_500_000));
        assert_eq!(line.next(600_100_000, 2_100_000), ticks(1_600_000));
    }

    #[test]
    fn the_last_picture_is_shown_until_the_end() {
        let mut line = Timeline::begin(0, 0);
        line.next(100_000, 100_000);
        assert_eq!(line.end(3_100_000), ticks(3_100_000));
        assert_eq!(line.end(0), ticks(100_000) + 1);
    }

    proptest! {
        #[test]
        fn time_only_goes_forward(
            steps in prop::collection::vec((0_u64..1 << 40, 0_u64..1_000_000), 1..50)
        ) {
            let mut arrived_us = 0;
            let mut line = Timeline::begin(steps[0].0, 0);
            let mut last = 0;
            for (captured_us, step_us) in steps {
                arrived_us += step_us;
                let next = line.next(captured_us, arrived_us);
                prop_assert!(next > last);
                last = next;
            }
            prop_assert!(line.end(arrived_us) > last);
        }
    }
}
