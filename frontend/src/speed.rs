//! How fast something arrives, and when the rest of it will be here.

use std::collections::VecDeque;

/// Over how long the speed is taken, in milliseconds.
const WINDOW_MS: f64 = 5_000.0;

/// Follows a number of bytes that grows.
#[derive(Clone, Debug, Default)]
pub struct Speed {
    seen: VecDeque<(f64, u64)>,
}

impl Speed {
    /// So many bytes are here at `now_ms`. Fewer than before begin anew.
    pub fn seen(&mut self, bytes: u64, now_ms: f64) {
        if self.seen.back().is_some_and(|(_, last)| *last > bytes) {
            self.seen.clear();
        }
        self.seen.push_back((now_ms, bytes));
        let old = |(at, _): &(f64, u64)| *at < now_ms - WINDOW_MS;
        while self.seen.len() > 2 && self.seen.front().is_some_and(old) {
            self.seen.pop_front();
        }
    }

    /// In bytes a second; `None` before it can be told, and where nothing arrives.
    #[must_use]
    pub fn bytes_per_second(&self) -> Option<f64> {
        let ((from_ms, from), (to_ms, to)) = (self.seen.front()?, self.seen.back()?);
        let speed = (to - from) as f64 / ((to_ms - from_ms) / 1000.0);
        (speed.is_finite() && speed > 0.0).then_some(speed)
    }

    /// In how many seconds all of `total` bytes will be here.
    #[must_use]
    pub fn seconds_left(&self, total: u64) -> Option<u32> {
        let (_, here) = self.seen.back()?;
        let left = total.saturating_sub(*here) as f64 / self.bytes_per_second()?;
        Some(left.ceil().min(f64::from(u32::MAX)) as u32)
    }
}

/// A number of bytes for people, in powers of a thousand as on a disk's box: `702 MB`, `5.8 GB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match value < 9.95 {
        true => format!("{value:.1} {}", UNITS[unit]),
        false => format!("{value:.0} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::{Speed, bytes};

    #[test]
    fn sizes_are_those_on_a_box() {
        let expected = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (702_000_000, "702 MB"),
            (999_600_000, "1.0 GB"),
            (5_800_000_000, "5.8 GB"),
            (u64::MAX, "18 EB"),
        ];
        for (number, words) in expected {
            assert_eq!(bytes(number), words);
        }
    }

    #[test]
    fn the_speed_is_that_of_the_last_seconds() {
        let mut speed = Speed::default();
        speed.seen(0, 0.0);
        assert_eq!(speed.bytes_per_second(), None);
        for second in 1..=20u32 {
            let fast = if second > 10 { 2_000 } else { 1_000 };
            let before = speed.seen.back().unwrap().1;
            speed.seen(before + fast, f64::from(second) * 1000.0);
        }
        assert_eq!(speed.bytes_per_second(), Some(2_000.0));
        assert_eq!(speed.seconds_left(31_000), Some(1));
        assert_eq!(speed.seconds_left(130_000), Some(50));
    }

    #[test]
    fn what_stands_still_has_no_end_and_what_begins_anew_no_speed() {
        let mut speed = Speed::default();
        speed.seen(500, 0.0);
        speed.seen(500, 3_000.0);
        assert_eq!(speed.seconds_left(1_000), None);
        speed.seen(100, 4_000.0);
        assert_eq!(speed.bytes_per_second(), None);
    }
}
