//! A program on its way, as a state machine: it is asked what to do next, and told the time and what the machine says.
//!
//! Every pause begins where the one before should have ended, so that what a busy relay loses is made up for and a long
//! macro does not drift. What has no length of its own (a text, a wait for the machine, a drive, the power) moves all that comes
//! after it.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use shared::{
    input::Input,
    macros::Awaited,
    message::{MacroPhase, Usb},
};

use super::{
    handling::Handling,
    program::{Act, Program},
};
use crate::input::{Host, type_out::Text};

/// The shortest round: a macro without a pause that goes on until it is stopped leaves room for others.
const ROUND_MIN: Duration = Duration::from_millis(10);

/// What is to be done next.
#[derive(Debug)]
pub enum Next<'a> {
    /// The hands do this.
    Do(&'a Input),
    /// This is typed; then [`Runner::is_done`] is called.
    Type(&'a Text),
    /// This is done at a drive or to the power; then [`Runner::is_done`] is called.
    Handle(&'a Handling),
    /// Something must happen at the machine, or time must pass.
    Wait(Option<Instant>),
    /// It has ended in this way.
    End(MacroPhase),
}

/// Where a program is.
#[derive(Debug)]
pub struct Runner {
    program: Program,
    rounds: Option<NonZeroU32>,
    round: u32,
    at: usize,
    /// When the next act is due.
    due: Instant,
    began: Instant,
    /// Since when the machine has been waited for.
    awaiting: Option<Instant>,
}

impl Runner {
    /// From the first act on, so many times or until somebody stops it.
    #[must_use]
    pub fn new(program: Program, rounds: Option<NonZeroU32>, now: Instant) -> Self {
        Self {
            program,
            rounds,
            round: 1,
            at: 0,
            due: now,
            began: now,
            awaiting: None,
        }
    }

    /// The step that it is at, counted from 1.
    #[must_use]
    pub fn step(&self) -> u32 {
        let acts = self.program.acts();
        acts.get(self.at)
            .map_or(self.program.steps(), |(step, _)| *step)
    }

    /// How many steps there are.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.program.steps()
    }

    /// The round that it is in, counted from 1.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.round
    }

    /// What comes next.
    pub fn next(&mut self, now: Instant, host: &Host) -> Next<'_> {
        loop {
            if now < self.due {
                return Next::Wait(Some(self.due));
            }
            match self.program.acts().get(self.at) {
                None if self.is_last_round() => return Next::End(MacroPhase::Done),
                None => self.begin_round(),
                Some((_, Act::Pause(pause))) => {
                    self.due += *pause;
                    self.at += 1;
                }
                Some((_, Act::Await(what, at_most))) => {
                    let since = *self.awaiting.get_or_insert(now);
                    let until = since + *at_most;
                    if is_so(*what, host) {
                        self.go_on_from(now);
                    } else if now >= until {
                        return Next::End(MacroPhase::TimedOut);
                    } else {
                        return Next::Wait(Some(until));
                    }
                }
                Some((_, Act::Do(_) | Act::Type(_) | Act::Handle(_))) => break,
            }
        }
        let at = self.at;
        match &self.program.acts()[at].1 {
            Act::Type(text) => Next::Type(text),
            Act::Handle(handling) => Next::Handle(handling),
            Act::Do(input) => {
                self.at += 1;
                Next::Do(input)
            }
            Act::Pause(_) | Act::Await(..) => Next::Wait(Some(self.due)),
        }
    }

    /// The text is typed, or the drive or the power has done its part.
    pub fn is_done(&mut self, now: Instant) {
        self.go_on_from(now);
    }

    fn go_on_from(&mut self, now: Instant) {
        self.awaiting = None;
        self.due = now;
        self.at += 1;
    }

    fn is_last_round(&self) -> bool {
        self.rounds.is_some_and(|rounds| self.round >= rounds.get())
    }

    fn begin_round(&mut self) {
        self.at = 0;
        self.round = self.round.saturating_add(1);
        self.due = self.due.max(self.began + ROUND_MIN);
        self.began = self.due;
    }
}

fn is_so(what: Awaited, host: &Host) -> bool {
    let leds = host.leds;
    match what {
        Awaited::Listening => host.usb == Usb::Configured,
        Awaited::NotListening => host.usb != Usb::Configured,
        Awaited::CapsLockOn => leds.is_some_and(|leds| leds.caps_lock),
        Awaited::CapsLockOff => leds.is_some_and(|leds| !leds.caps_lock),
        Awaited::NumLockOn => leds.is_some_and(|leds| leds.num_lock),
        Awaited::NumLockOff => leds.is_some_and(|leds| !leds.num_lock),
        Awaited::ScrollLockOn => leds.is_some_and(|leds| leds.scroll_lock),
        Awaited::ScrollLockOff => leds.is_some_and(|leds| !leds.scroll_lock),
    }
}

#[cfg(test)]
mod tests;
