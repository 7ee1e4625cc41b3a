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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::input::Buttons;

    use super::{Mouse, Pointer, Queue, Report, Step};

    fn move_by(dx: i64, dy: i64) -> Step {
        let buttons = Buttons::LEFT;
        Step::MoveBy { buttons, dx, dy }
    }

    fn move_to(x: u16) -> Step {
        Step::MoveTo(pointer(x))
    }

    fn pointer(x: u16) -> Pointer {
        let y = 7;
        Pointer {
            x,
            y,
            ..Pointer::default()
        }
    }

    fn taken(mut queue: Queue) -> Vec<Report> {
        std::iter::from_fn(|| queue.take()).collect()
    }

    fn queue(steps: impl IntoIterator<Item = Step>) -> Queue {
        let mut queue = Queue::default();
        for step in steps {
            queue.push(step);
        }
        queue
    }

    #[test]
    fn of_several_places_in_a_row_the_last_one_is_sent() {
        let click = Step::Report(Report::Pointer(Pointer {
            buttons: Buttons::LEFT,
            ..pointer(2)
        }));
        let steps = [move_to(1), move_to(2), click, move_to(3), move_to(4)];
        let expected = [
            Report::Pointer(pointer(2)),
            Report::Pointer(Pointer {
                buttons: Buttons::LEFT,
                ..pointer(2)
            }),
            Report::Pointer(pointer(4)),
        ];
        assert_eq!(taken(queue(steps)), expected);
    }

    #[test]
    fn a_click_that_waits_is_never_merged_with_motion() {
        let press = Step::Report(Report::Pointer(pointer(1)));
        let steps = [press, press, move_to(1), press];
        assert_eq!(taken(queue(steps)).len(), 4);
    }

    #[test]
    fn a_long_motion_is_sent_in_equal_pieces() {
        let reports = taken(queue([move_by(-200, 0), move_by(-54, 2)]));
        let piece = Report::Mouse(Mouse {
            buttons: Buttons::LEFT,
            dx: -127,
            dy: 1,
            ..Mouse::default()
        });
        assert_eq!(reports, [piece, piece]);
    }

    #[test]
    fn no_motion_is_no_report() {
        assert_eq!(taken(queue([move_by(5, -5), move_by(-5, 5)])), []);
    }

    proptest! {
        #[test]
        fn motion_adds_up_exactly_whenever_it_is_taken(
            steps in prop::collection::vec((any::<i16>(), any::<i16>(), any::<bool>()), 0..40),
        ) {
            let mut queue = Queue::default();
            let mut sent = (0, 0);
            let mut reports = Vec::new();
            for (dx, dy, take) in steps {
                sent = (sent.0 + i64::from(dx), sent.1 + i64::from(dy));
                queue.push(move_by(dx.into(), dy.into()));
                if take {
                    reports.extend(queue.take());
                }
            }
            reports.extend(taken(queue));
            let mut arrived = (0, 0);
            for report in reports {
                let Report::Mouse(mouse) = report else { panic!("{report:?}") };
                prop_assert!(mouse.dx != i8::MIN && mouse.dy != i8::MIN);
                prop_assert!((mouse.dx, mouse.dy) != (0, 0));
                arrived = (arrived.0 + i64::from(mouse.dx), arrived.1 + i64::from(mouse.dy));
            }
            prop_assert_eq!(arrived, sent);
        }
    }
}
