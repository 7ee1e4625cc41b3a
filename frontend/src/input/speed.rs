//! How far the pointer goes for a way of the hand.

use crate::view::Point;

/// What is slower than this is not accelerated, and what is faster by as much again is so in full, in CSS pixels a
/// millisecond.
const SLOW: f64 = 0.4;

/// How much further the fastest motion goes at full acceleration.
const MOST: f64 = 2.0;

/// Sensitivity and acceleration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// What a slow motion is multiplied by; 1 is as the hand moves.
    pub sensitivity: f64,
    /// How much faster than that a quick one is: 0 not at all, 1 three times as fast.
    pub acceleration: f64,
}

impl Speed {
    /// The pointer's way for a way of the hand that took so many milliseconds.
    #[must_use]
    pub fn way(self, (x, y): Point, took_ms: f64) -> Point {
        let speed = if took_ms > 0.0 {
            x.hypot(y) / took_ms
        } else {
            0.0
        };
        let quick = ((speed - SLOW) / SLOW).clamp(0.0, 1.0);
        let factor = self.sensitivity * (1.0 + MOST * self.acceleration * quick);
        (x * factor, y * factor)
    }
}

#[cfg(test)]
mod tests {
    use super::Speed;

    const USUAL: Speed = Speed {
        sensitivity: 1.0,
        acceleration: 0.0,
    };

    #[test]
    fn without_acceleration_only_the_sensitivity_counts() {
        assert_eq!(USUAL.way((30.0, -4.0), 1.0), (30.0, -4.0));
        let doubled = Speed {
            sensitivity: 2.0,
            ..USUAL
        };
        assert_eq!(doubled.way((3.0, -4.0), 100.0), (6.0, -8.0));
    }

    #[test]
    fn slow_motion_is_exact_and_quick_motion_goes_further() {
        let speed = Speed {
            acceleration: 1.0,
            ..USUAL
        };
        assert_eq!(speed.way((3.0, 4.0), 20.0), (3.0, 4.0));
        assert_eq!(speed.way((30.0, 40.0), 20.0), (90.0, 120.0));
        let (between, _) = speed.way((12.0, 0.0), 20.0);
        assert!((12.0..36.0).contains(&between), "{between}");
    }

    #[test]
    fn a_motion_without_a_time_is_a_slow_one() {
        let speed = Speed {
            acceleration: 1.0,
            ..USUAL
        };
        assert_eq!(speed.way((300.0, 0.0), 0.0), (300.0, 0.0));
    }
}
