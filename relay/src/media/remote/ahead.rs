//! What will be read next, from what was read: a machine that reads on and on gets the bytes before it asks, and one
//! that jumps about makes nobody send what it does not read.

use std::ops::Range;

/// How many runs are followed at a time: a machine that starts reads a kernel, and its file system's tables in between.
const RUNS: usize = 4;

/// How far from a run's end a read may begin to continue it, in bytes: reads of several threads overtake each other.
const SLACK: u64 = 256 * 1024;

/// What is read ahead of a run once it has proved to be one, in bytes.
const FIRST: u64 = 64 * 1024;

/// The most that is read ahead of a run, in bytes.
const MOST: u64 = 2 << 20;

/// The reads of a medium as runs, the latest last.
#[derive(Default)]
pub(super) struct Runs(Vec<Run>);

#[derive(Clone, Copy)]
struct Run {
    end: u64,
    window: u64,
}

impl Runs {
    /// Something was read.
    pub(super) fn read(&mut self, offset: u64, length: u64) {
        let end = offset.saturating_add(length);
        let continued = self
            .0
            .iter()
            .position(|run| run.end.abs_diff(offset) <= SLACK);
        let run = match continued {
            Some(at) => {
                let run = self.0.remove(at);
                run.continued(end)
            }
            None => Run { end, window: 0 },
        };
        if self.0.len() == RUNS {
            self.0.remove(0);
        }
        self.0.push(run);
    }

    /// The bytes that will most likely be read, the likeliest first.
    pub(super) fn ahead(&self) -> impl Iterator<Item = Range<u64>> {
        let window = |run: &Run| run.end..run.end.saturating_add(run.window);
        self.0
            .iter()
            .rev()
            .map(window)
            .filter(|ahead| !ahead.is_empty())
    }
}

impl Run {
    fn continued(self, end: u64) -> Self {
        if end <= self.end {
            return self;
        }
        Self {
            end,
            window: (self.window * 2).clamp(FIRST, MOST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: u64 = 120 * 1024;

    fn ahead(runs: &Runs) -> Vec<Range<u64>> {
        runs.ahead().collect()
    }

    #[test]
    fn a_run_is_read_ahead_twice_as_far_each_time_up_to_a_bound() {
        let mut runs = Runs::default();
        let mut windows = Vec::new();
        for part in 0..8 {
            runs.read(part * PART, PART);
            windows.push(
                runs.ahead()
                    .next()
                    .map_or(0, |ahead| ahead.end - ahead.start),
            );
        }
        assert_eq!(
            windows,
            [0, 64, 128, 256, 512, 1024, 2048, 2048].map(|kib| kib * 1024)
        );
        assert_eq!(runs.ahead().next().map(|ahead| ahead.start), Some(8 * PART));
    }

    #[test]
    fn jumping_about_reads_nothing_ahead() {
        let mut runs = Runs::default();
        for jump in 0..100_u64 {
            runs.read((jump * 7919 % 100) << 24, 4096);
            assert_eq!(ahead(&runs), []);
        }
    }

    #[test]
    fn runs_side_by_side_are_all_followed() {
        let mut runs = Runs::default();
        for part in 0..3 {
            for start in [0, 1 << 30, 2 << 30] {
                runs.read(start + part * PART, PART);
            }
        }
        let starts: Vec<_> = runs.ahead().map(|ahead| ahead.start).collect();
        assert_eq!(
            starts,
            [2 << 30, 1 << 30, 0].map(|start: u64| start + 3 * PART)
        );
    }

    #[test]
    fn reads_that_overtake_each_other_are_one_run() {
        let mut runs = Runs::default();
        for part in [1, 0, 3, 2, 5, 4] {
            runs.read(part * PART, PART);
        }
        let expected = 6 * PART..6 * PART + (128 << 10);
        assert_eq!(ahead(&runs).as_slice(), std::slice::from_ref(&expected));
    }
}
