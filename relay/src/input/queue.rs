//! What waits for the writer, in order. Motion merges with motion that waits; nothing else ever does.

use std::collections::VecDeque;

use shared::input::Buttons;

use super::report::{Mouse, Pointer, Report};

/// How many steps may wait before those who send have to wait, too.
const BOUND: usize = 512;

/// The longest motion of one mouse report on an axis.
const MOTION_MAX: i64 = 127;

/// One thing to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A report that is sent as it is.
    Report(Report),
    /// The absolute pointer has moved; of several in a row, the last one counts.
    MoveTo(Pointer),
    /// The mouse has moved; several in a row add up, and are sent in as many reports as that takes.
    MoveBy {
        /// The buttons that are down meanwhile.
        buttons: Buttons,
        /// To the right.
        dx: i64,
        /// Downwards.
        dy: i64,
    },
}

/// An ordered queue of steps.
#[derive(Debug, Default)]
pub(super) struct Queue {
    steps: VecDeque<Step>,
}

impl Queue {
    pub(super) fn push(&mut self, step: Step) {
        if !self.merge(step) {
            self.steps.push_back(step);
        }
    }

    fn merge(&mut self, step: Step) -> bool {
        match (self.steps.back_mut(), step) {
            (Some(Step::MoveTo(last)), Step::MoveTo(new)) if last.buttons == new.buttons => {
                *last = new;
                true
            }
            (
                Some(Step::MoveBy { buttons, dx, dy }),
                Step::MoveBy {
                    buttons: new,
                    dx: right,
                    dy: down,
                },
            ) if *buttons == new => {
                *dx += right;
                *dy += down;
                true
            }
            _ => false,
        }
    }

    /// The next report, taken out.
    pub(super) fn take(&mut self) -> Option<Report> {
        loop {
            match self.steps.front_mut()? {
                Step::MoveBy { buttons, dx, dy } if (*dx, *dy) != (0, 0) => {
                    return Some(Report::Mouse(Mouse {
                        buttons: *buttons,
                        ..piece(dx, dy)
                    }));
                }
                Step::MoveBy { .. } => {
                    self.steps.pop_front();
                }
                Step::Report(report) => {
                    let report = *report;
                    self.steps.pop_front();
                    return Some(report);
                }
                Step::MoveTo(pointer) => {
                    let report = Report::Pointer(*pointer);
                    self.steps.pop_front();
                    return Some(report);
                }
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.steps.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.steps.len() >= BOUND
    }
}

/// Cuts off the first of the equal pieces that a motion is sent in, so that a long one stays a straight line.
fn piece(dx: &mut i64, dy: &mut i64) -> Mouse {
    let pieces = (dx.abs().max(dy.abs()) + MOTION_MAX - 1) / MOTION_MAX;
    let cut = |rest: &mut i64| {
        let part = *rest / pieces;
        *rest -= part;
        part as i8
    };
    Mouse {
        dx: cut(dx),
        dy: cut(dy),
        ..Mouse::default()
    }
}
