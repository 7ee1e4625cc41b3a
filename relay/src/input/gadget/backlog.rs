//! What an interface has not sent, because the host does not read it: firmware reads only the keyboard, and systems
//! read a mouse only once somebody uses it.

use shared::input::Buttons;

use crate::input::{
    queue::{Queue, Step},
    report::{Mouse, Pointer, Report},
};

/// Reports that wait, in order, with motion merged. When there are too many, the newest state is all that is kept.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    first: Option<Report>,
    rest: Queue,
    buttons: Buttons,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }

    pub(super) fn push(&mut self, report: &Report) {
        if self.rest.is_full() {
            *self = Self::default();
        }
        let step = match *report {
            Report::Pointer(
                pointer @ Pointer {
                    buttons,
                    wheel: 0,
                    pan: 0,
                    ..
                },
            ) if buttons == self.buttons => Step::MoveTo(pointer),
            Report::Mouse(Mouse {
                buttons,
                dx,
                dy,
                wheel: 0,
                pan: 0,
            }) if buttons == self.buttons => Step::MoveBy {
                buttons,
                dx: dx.into(),
                dy: dy.into(),
            },
            report => Step::Report(report),
        };
        if let Report::Pointer(Pointer { buttons, .. }) | Report::Mouse(Mouse { buttons, .. }) =
            report
        {
            self.buttons = *buttons;
        }
        self.rest.push(step);
    }

    /// Writes until `write` says that there is no room.
    pub(super) fn write<E>(
        &mut self,
        mut write: impl FnMut(&Report) -> Result<bool, E>,
    ) -> Result<(), E> {
        while let Some(report) = self.first.take().or_else(|| self.rest.take()) {
            if !write(&report)? {
                self.first = Some(report);
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use shared::input::Buttons;

    use super::Backlog;
    use crate::input::report::{Mouse, Pointer, Report};

    fn pointer(x: u16, buttons: Buttons) -> Report {
        Report::Pointer(Pointer {
            x,
            buttons,
            ..Pointer::default()
        })
    }

    /// What is written before the room for `room` reports is used up.
    fn written(backlog: &mut Backlog, mut room: usize) -> Vec<Report> {
        let mut reports = Vec::new();
        let result: Result<(), Infallible> = backlog.write(|report| {
            let fits = room > 0;
            if fits {
                room -= 1;
                reports.push(*report);
            }
            Ok(fits)
        });
        assert_eq!(result, Ok(()));
        reports
    }

    #[test]
    fn clicks_wait_in_order_and_motion_is_merged() {
        let none = Buttons::default();
        let mut backlog = Backlog::default();
        let reports = [
            pointer(1, none),
            pointer(2, none),
            pointer(2, Buttons::LEFT),
            pointer(3, Buttons::LEFT),
            pointer(4, Buttons::LEFT),
            pointer(4, none),
        ];
        for report in &reports {
            backlog.push(report);
        }
        assert_eq!(written(&mut backlog, 1), [reports[1]]);
        assert!(!backlog.is_empty());
        assert_eq!(
            written(&mut backlog, 9),
            [reports[2], reports[4], reports[5]]
        );
        assert!(backlog.is_empty());
    }

    #[test]
    fn a_report_for_which_there_is_no_room_is_written_later() {
        let mut backlog = Backlog::default();
        backlog.push(&Report::Consumer(0xE9));
        assert_eq!(written(&mut backlog, 0), []);
        assert_eq!(written(&mut backlog, 1), [Report::Consumer(0xE9)]);
    }

    #[test]
    fn of_too_many_clicks_the_newest_state_is_kept() {
        let mut backlog = Backlog::default();
        for click in 0..2000 {
            let buttons = if click % 2 == 0 {
                Buttons::LEFT
            } else {
                Buttons::default()
            };
            backlog.push(&Report::Mouse(Mouse {
                buttons,
                ..Mouse::default()
            }));
        }
        let reports = written(&mut backlog, usize::MAX);
        assert!(reports.len() <= 512);
        assert_eq!(reports.last(), Some(&Report::Mouse(Mouse::default())));
    }
}
