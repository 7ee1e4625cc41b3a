//! What is on its way to the machine: typed bytes and breaks, in their order.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// The most bytes that wait.
pub const WAITING_MAX: usize = 64 * 1024;

/// How long the break signal lasts.
pub const BREAK: Duration = Duration::from_millis(300);

/// How long a break waits for what was typed before it. What a machine has not taken by then is thrown away: behind a
/// break it could mean another thing, as with the magic SysRq key of Linux.
pub const BREAK_WAITS: Duration = Duration::from_secs(1);

/// How often it is looked whether the line has sent what it was given.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The most bytes that are written at a time.
const STEP: usize = 4096;

/// What waits for the line.
#[derive(Debug, Default)]
pub struct Outbox {
    before: VecDeque<u8>,
    /// When the break that waits is due at last.
    wanted: Option<Instant>,
    /// Typed after the break that waits.
    after: VecDeque<u8>,
    /// When the break that is on the line ends.
    ends: Option<Instant>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Offer these bytes to the line, and tell [`Outbox::written`] how many it has taken.
    Write(Vec<u8>),
    /// Begin the break; throw away first what the line has not sent, where `discard`.
    Begin {
        /// Whether anything may be left.
        discard: bool,
    },
    /// End the break.
    End,
    /// Nothing, until then or until there is more.
    Wait(Option<Instant>),
}

impl Outbox {
    /// Adds bytes, all or none: false where too many wait.
    #[must_use]
    pub fn add(&mut self, bytes: &[u8]) -> bool {
        if self.before.len() + self.after.len() + bytes.len() > WAITING_MAX {
            return false;
        }
        match self.wanted {
            Some(_) => self.after.extend(bytes),
            None => self.before.extend(bytes),
        }
        true
    }

    /// Adds a break. One that waits already is the same.
    pub fn add_break(&mut self, now: Instant) {
        self.wanted.get_or_insert(now + BREAK_WAITS);
    }

    /// What to do now. `is_sent` says whether the line has sent all that it was given.
    pub fn next(&mut self, now: Instant, is_sent: impl FnOnce() -> bool) -> Step {
        if let Some(ends) = self.ends {
            if now < ends {
                return Step::Wait(Some(ends));
            }
            self.ends = None;
            return Step::End;
        }
        let Some(due) = self.wanted else {
            return match self.before.is_empty() {
                true => Step::Wait(None),
                false => Step::Write(self.before.iter().take(STEP).copied().collect()),
            };
        };
        let is_due = now >= due;
        if !is_due && !self.before.is_empty() {
            return Step::Write(self.before.iter().take(STEP).copied().collect());
        }
        if !is_due && !is_sent() {
            return Step::Wait(Some((now + LOOK_AGAIN).min(due)));
        }
        self.wanted = None;
        self.before = std::mem::take(&mut self.after);
        self.ends = Some(now + BREAK);
        Step::Begin { discard: is_due }
    }

    /// When [`Self::next`] has to be asked again at the latest, though the line takes nothing.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.wanted
    }

    /// So many of the bytes have gone.
    pub fn written(&mut self, count: usize) {
        self.before.drain(..count.min(self.before.len()));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{BREAK, BREAK_WAITS, Outbox, Step, WAITING_MAX};

    fn typed(outbox: &mut Outbox, now: Instant) -> Vec<u8> {
        let mut typed = Vec::new();
        while let Step::Write(bytes) = outbox.next(now, || true) {
            outbox.written(bytes.len());
            typed.extend(bytes);
        }
        typed
    }

    #[test]
    fn bytes_go_in_their_order_as_the_line_takes_them() {
        let now = Instant::now();
        let mut outbox = Outbox::default();
        assert!(outbox.add(b"abc"));
        assert!(outbox.add(b"def"));
        assert_eq!(outbox.next(now, || true), Step::Write(b"abcdef".to_vec()));
        outbox.written(2);
        assert_eq!(outbox.next(now, || true), Step::Write(b"cdef".to_vec()));
        outbox.written(4);
        assert_eq!(outbox.next(now, || true), Step::Wait(None));
    }

    #[test]
    fn all_of_it_is_taken_or_nothing() {
        let mut outbox = Outbox::default();
        assert!(outbox.add(&vec![1; WAITING_MAX - 1]));
        assert!(!outbox.add(b"ab"));
        assert!(outbox.add(b"a"));
        assert_eq!(typed(&mut outbox, Instant::now()).len(), WAITING_MAX);
    }

    #[test]
    fn a_break_stands_between_what_was_typed_before_and_after() {
        let now = Instant::now();
        let mut outbox = Outbox::default();
        assert!(outbox.add(b"ab"));
        outbox.add_break(now);
        assert!(outbox.add(b"h"));
        assert_eq!(outbox.next(now, || true), Step::Write(b"ab".to_vec()));
        outbox.written(2);
        let Step::Wait(Some(again)) = outbox.next(now, || false) else {
            panic!("the line has not sent it yet");
        };
        assert!(again > now && again < now + BREAK_WAITS);
        assert_eq!(outbox.next(again, || true), Step::Begin { discard: false });
        assert_eq!(outbox.next(again, || true), Step::Wait(Some(again + BREAK)));
        assert_eq!(outbox.next(again + BREAK, || true), Step::End);
        assert_eq!(typed(&mut outbox, again + BREAK), b"h");
    }

    #[test]
    fn a_break_gets_through_where_the_machine_takes_nothing() {
        let now = Instant::now();
        let mut outbox = Outbox::default();
        assert!(outbox.add(b"stuck"));
        outbox.add_break(now);
        outbox.add_break(now + Duration::from_millis(500));
        assert!(outbox.add(b"h"));
        assert_eq!(outbox.due(), Some(now + BREAK_WAITS));
        let due = now + BREAK_WAITS;
        assert_eq!(outbox.next(due, || false), Step::Begin { discard: true });
        assert_eq!(outbox.next(due + BREAK, || false), Step::End);
        assert_eq!(typed(&mut outbox, due + BREAK), b"h");
    }
}
