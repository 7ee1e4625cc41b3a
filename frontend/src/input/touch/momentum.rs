//! Scrolling that goes on after the fingers are lifted.

use std::collections::VecDeque;

use super::Point;

/// How much of the fingers' way counts for their speed, in milliseconds.
const LOOK_BACK_MS: f64 = 90.0;

/// How long fingers that rest before they are lifted still count as moving, in milliseconds.
const REST_MS: f64 = 50.0;

/// The speed falls to 1/e in this time, in milliseconds.
const FALL_MS: f64 = 325.0;

/// What is slower than this does not go on, in CSS pixels a millisecond.
const SLOWEST: f64 = 0.04;

/// How often it moves, in milliseconds.
const STEP_MS: f64 = 16.0;

/// The way of the fingers of late, and after they are lifted the rest of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Momentum {
    ways: VecDeque<(f64, Point)>,
    running: Option<Running>,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    speed: Point,
    at_ms: f64,
}

impl Momentum {
    /// The fingers are down again.
    pub(super) fn stop(&mut self) {
        self.ways.clear();
        self.running = None;
    }

    /// The fingers have moved.
    pub(super) fn moved(&mut self, at_ms: f64, way: Point) {
        self.ways.push_back((at_ms, way));
        while self
            .ways
            .front()
            .is_some_and(|(then, _)| at_ms - then > LOOK_BACK_MS)
        {
            self.ways.pop_front();
        }
    }

    /// The fingers are lifted.
    pub(super) fn lifted(&mut self, at_ms: f64) {
        self.running = self
            .speed(at_ms)
            .filter(|speed| speed.0.hypot(speed.1) > SLOWEST)
            .map(|speed| Running { speed, at_ms });
        self.ways.clear();
    }

    pub(super) fn due(&self) -> Option<f64> {
        self.running.map(|running| running.at_ms + STEP_MS)
    }

    /// The way that is gone by `now_ms`.
    pub(super) fn tick(&mut self, now_ms: f64) -> Option<Point> {
        // The same sum as told by `due`: a difference may be a rounding error short of the step.
        let due_ms = self.due()?;
        let running = self.running.as_mut()?;
        if now_ms < due_ms {
            return None;
        }
        let passed = now_ms - running.at_ms;
        let left = (-passed / FALL_MS).exp();
        let gone = FALL_MS * (1.0 - left);
        let way = (running.speed.0 * gone, running.speed.1 * gone);
        running.speed = (running.speed.0 * left, running.speed.1 * left);
        running.at_ms = now_ms;
        if running.speed.0.hypot(running.speed.1) < SLOWEST {
            self.running = None;
        }
        Some(way)
    }

    fn speed(&self, now_ms: f64) -> Option<Point> {
        let (first_ms, _) = *self.ways.front()?;
        let (last_ms, _) = *self.ways.back()?;
        let took = last_ms - first_ms;
        if took <= 0.0 || now_ms - last_ms > REST_MS {
            return None;
        }
        let (x, y) = self
            .ways
            .iter()
            .skip(1)
            .fold((0.0, 0.0), |sum, (_, way)| (sum.0 + way.0, sum.1 + way.1));
        Some((x / took, y / took))
    }
}

#[cfg(test)]
mod tests {
    use super::Momentum;

    #[test]
    fn it_moves_whenever_it_is_due() {
        for tenths in 10_000..11_000 {
            let at_ms = f64::from(tenths) / 10.0;
            let mut momentum = Momentum::default();
            momentum.moved(at_ms - 20.0, (0.0, 0.0));
            momentum.moved(at_ms, (0.0, 40.0));
            momentum.lifted(at_ms);
            let due_ms = momentum.due().expect("it goes on");
            assert!(momentum.tick(due_ms).is_some(), "lifted at {at_ms}");
        }
    }
}
