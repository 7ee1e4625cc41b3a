//! When a move to another port is over, by what the capture side sees: pure, and told of times and signals.
//!
//! The picture that is there when the switch is asked is the old machine's. One that comes after the signal was lost, or
//! that is another one, is the new machine's. A switch that keeps a signal up all the time shows the new machine
//! without a sign of it, so that a picture that has stood for a while after the switch was told is taken for that.

use std::time::{Duration, Instant};

use shared::{message::Signal, switch::Outcome};

/// How long after the switch was told a picture must stand that was never lost. Switches that cut the signal do so
/// sooner.
pub const QUIET: Duration = Duration::from_millis(1_500);

/// A move, as the capture side sees it.
#[derive(Clone, Debug)]
pub struct Settle {
    signal: Signal,
    /// Whether the picture that is there, or the next one, came after the switch was asked.
    is_new: bool,
    /// When the switch had done its part.
    told: Option<Instant>,
    quiet: Duration,
    limit: Duration,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The signal is waited for, and this moment, if there is one.
    Wait(Option<Instant>),
    /// The move is over.
    Over(Outcome),
}

impl Settle {
    /// The switch is being asked, at this signal. The picture is waited for so long after it has done its part.
    #[must_use]
    pub fn new(signal: Signal, limit: Duration) -> Self {
        Self {
            signal,
            is_new: !is_picture(signal),
            told: None,
            quiet: QUIET.min(limit),
            limit,
        }
    }

    /// The same, to the port that is selected: its picture is the old one.
    #[must_use]
    pub fn in_place(self) -> Self {
        Self {
            quiet: Duration::ZERO,
            ..self
        }
    }

    /// The same, to a machine whose power light is dark: no picture of it is waited for long.
    #[must_use]
    pub fn to_the_dark(self) -> Self {
        Self {
            limit: self.quiet,
            ..self
        }
    }

    /// The signal has changed. One that is told again was lost in between.
    pub fn signal(&mut self, signal: Signal) {
        self.signal = signal;
        self.is_new = true;
    }

    /// The switch has done its part.
    pub fn told(&mut self, now: Instant) {
        self.told.get_or_insert(now);
    }

    /// What there is to do now.
    #[must_use]
    pub fn next(&self, now: Instant) -> Next {
        let Some(told) = self.told else {
            return Next::Wait(None);
        };
        let lit = is_picture(self.signal);
        let until = match (lit, self.is_new) {
            (true, true) => return Next::Over(Outcome::Done),
            (true, false) => told + self.quiet,
            (false, _) => told + self.limit,
        };
        match (now < until, lit) {
            (true, _) => Next::Wait(Some(until)),
            (false, true) => Next::Over(Outcome::Done),
            (false, false) => Next::Over(Outcome::NoSignal),
        }
    }
}

fn is_picture(signal: Signal) -> bool {
    matches!(signal, Signal::Picture { .. })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    const OLD: Signal = Signal::Picture {
        width: 1280,
        height: 720,
        centihertz: 6000,
    };

    const NEW: Signal = Signal::Picture {
        width: 1920,
        height: 1080,
        centihertz: 6000,
    };

    fn after(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    #[test]
    fn nothing_is_over_before_the_switch_has_done_its_part() {
        let start = Instant::now();
        let mut settle = Settle::new(OLD, LIMIT);
        assert_eq!(settle.next(after(start, 60_000)), Next::Wait(None));
        settle.signal(Signal::NoSignal);
        settle.signal(NEW);
        assert_eq!(settle.next(after(start, 60_000)), Next::Wait(None));
        settle.told(after(start, 60_000));
        let over = settle.next(after(start, 60_000));
        assert_eq!(over, Next::Over(Outcome::Done), "it had locked by then");
    }

    #[test]
    fn a_switch_that_cuts_the_signal_is_done_once_the_new_one_has_locked() {
        let start = Instant::now();
        let mut settle = Settle::new(OLD, LIMIT);
        settle.told(start);
        assert_eq!(
            settle.next(after(start, 100)),
            Next::Wait(Some(start + QUIET))
        );
        settle.signal(Signal::NoSignal);
        assert_eq!(
            settle.next(after(start, 5_000)),
            Next::Wait(Some(start + LIMIT)),
            "the old picture is not the new one"
        );
        settle.signal(Signal::NoLock);
        assert_eq!(
            settle.next(after(start, 6_000)),
            Next::Wait(Some(start + LIMIT))
        );
        settle.signal(OLD);
        assert_eq!(
            settle.next(after(start, 7_000)),
            Next::Over(Outcome::Done),
            "both machines may have the same picture's size"
        );
    }

    #[test]
    fn a_seamless_switch_is_done_after_a_quiet_span() {
        let start = Instant::now();
        let mut settle = Settle::new(OLD, LIMIT);
        settle.told(start);
        let just_before = start + QUIET - Duration::from_millis(1);
        assert_eq!(settle.next(just_before), Next::Wait(Some(start + QUIET)));
        assert_eq!(settle.next(start + QUIET), Next::Over(Outcome::Done));
    }

    #[test]
    fn another_picture_is_a_new_one_though_nothing_was_seen_lost() {
        let start = Instant::now();
        for signal in [NEW, OLD] {
            let mut settle = Settle::new(OLD, LIMIT);
            settle.told(start);
            settle.signal(signal);
            assert_eq!(settle.next(start), Next::Over(Outcome::Done));
        }
    }

    #[test]
    fn a_machine_that_is_off_is_a_port_without_a_signal() {
        let start = Instant::now();
        for before in [OLD, Signal::NoSignal, Signal::TargetOff] {
            let mut settle = Settle::new(before, LIMIT);
            settle.told(start);
            settle.signal(Signal::NoSignal);
            let until = Next::Wait(Some(start + LIMIT));
            assert_eq!(settle.next(after(start, 9_999)), until);
            assert_eq!(settle.next(start + LIMIT), Next::Over(Outcome::NoSignal));
        }
    }

    #[test]
    fn where_the_light_is_dark_no_picture_is_waited_for_long() {
        let start = Instant::now();
        let mut settle = Settle::new(OLD, LIMIT).to_the_dark();
        settle.told(start);
        settle.signal(Signal::NoSignal);
        assert_eq!(settle.next(start), Next::Wait(Some(start + QUIET)));
        assert_eq!(settle.next(start + QUIET), Next::Over(Outcome::NoSignal));
        settle.signal(NEW);
        assert_eq!(settle.next(start + QUIET), Next::Over(Outcome::Done));
    }

    #[test]
    fn from_a_machine_that_is_off_the_first_picture_is_the_new_one() {
        let start = Instant::now();
        let mut settle = Settle::new(Signal::NoSignal, LIMIT);
        settle.told(start);
        assert_eq!(settle.next(start), Next::Wait(Some(start + LIMIT)));
        settle.signal(NEW);
        assert_eq!(settle.next(start), Next::Over(Outcome::Done));
    }

    #[test]
    fn to_the_port_that_is_selected_nothing_is_waited_for_where_there_is_a_picture() {
        let start = Instant::now();
        let mut settle = Settle::new(OLD, LIMIT).in_place();
        settle.told(start);
        assert_eq!(settle.next(start), Next::Over(Outcome::Done));
        let mut settle = Settle::new(Signal::NoSignal, LIMIT).in_place();
        settle.told(start);
        assert_eq!(settle.next(start), Next::Wait(Some(start + LIMIT)));
    }

    proptest! {
        /// Whatever the signal does, it is over by the limit, and as what is then there says.
        #[test]
        fn every_move_ends(
            lit in any::<bool>(),
            told_at in 0..5_000u64,
            signals in prop::collection::vec((1..4_000u64, any::<bool>()), 0..20),
        ) {
            let signal = |lit| if lit { OLD } else { Signal::NoSignal };
            let start = Instant::now();
            let mut settle = Settle::new(signal(lit), LIMIT);
            let (mut now, mut lit, mut was_lost, mut told) = (0, lit, !lit, false);
            let mut over = None;
            let last = signals.len();
            for (at, (wait, next)) in signals.into_iter().chain([(30_000, false)]).enumerate() {
                now += wait;
                if !told && now >= told_at {
                    settle.told(after(start, told_at));
                    told = true;
                }
                if let Next::Over(outcome) = settle.next(after(start, now)) {
                    over = Some((outcome, lit, was_lost));
                    break;
                }
                if at < last {
                    settle.signal(signal(next));
                    lit = next;
                    was_lost |= true;
                }
            }
            let (outcome, lit, was_lost) = over.expect("it ends");
            prop_assert_eq!(outcome == Outcome::Done, lit);
            prop_assert!(now >= told_at);
            if lit && !was_lost {
                prop_assert!(after(start, now) >= after(start, told_at) + QUIET);
            }
            if outcome == Outcome::NoSignal {
                prop_assert!(after(start, now) >= after(start, told_at) + LIMIT);
            }
        }
    }
}
