//! Typing a text, as a state machine: it is asked for the next report whenever the one before has been written, and is
//! told the lock lights.
//!
//! A machine that is busy drops keys: Linux, for one, gives each reader of a keyboard room for 64 events. So after a few
//! reports a lock key is pressed twice. Its light goes on and off only when the machine has come to those presses, which
//! proves that it has taken everything before them. Where no lock light answers, the text goes at a fixed pace.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use shared::{
    layout::Stroke,
    message::{Leds, TypingPhase},
};

use super::report::Keyboard;

mod lock;
mod text;

pub use lock::Lock;
pub use text::Text;

/// The reports between two proofs. Each is up to three of the 64 events that Linux keeps for a reader (scan code, key,
/// synchronization), and the lock key's first press adds two reports.
const UNPROVEN_MAX: usize = 18;

/// A text with fewer characters than this is not worth looking for a lock light.
const SHORT: usize = 8;

/// How long a lock light is waited for before the next one is tried.
const SEARCH: Duration = Duration::from_millis(400);

/// How long a lock light that has answered before may take before that is said.
const PATIENCE: Duration = Duration::from_secs(2);

/// From report to report where nothing answers: slower than the eight milliseconds at which old machines poll.
const UNANSWERED_INTERVAL: Duration = Duration::from_millis(9);

/// HID Usage Tables 1.5, page 0x07.
const CAPS_LOCK: u8 = 0x39;

/// How fast a text is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the machine takes it.
    #[default]
    Adaptive,
    /// From character to character.
    Fixed(Duration),
}

/// What is known of the lock lights. Looked at anew for each text: what listens may be another program by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Echo {
    /// Nothing yet.
    Unknown,
    /// This one answers.
    By(Lock),
    /// None answers.
    Silent,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Write this.
    Write(Keyboard),
    /// Wait for the lock lights, or until then.
    Wait(Option<Instant>),
    /// All is typed, and nothing is down.
    Done,
}

/// A text on its way.
#[derive(Debug)]
pub struct TypeOut {
    text: Text,
    pace: Pace,
    echo: Echo,
    steps: VecDeque<Step>,
    typed: usize,
    /// What is down by the last report.
    down: Keyboard,
    unproven: usize,
    /// Caps Lock before a character that switches it there and back: its light may lag behind.
    caps_lock: Option<bool>,
    paused: bool,
    not_before: Option<Instant>,
    /// When a lock light began to be waited for.
    asked: Option<Instant>,
    waiting: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Write(Keyboard),
    /// A character is typed.
    Typed,
    /// Wait until this lock light is in this state.
    Answer(Lock, bool),
    /// The lock light has answered twice: all before is taken.
    Proven(Lock),
    /// This lock light has not answered; its key is pressed again.
    Next(Lock),
}

impl TypeOut {
    /// From the first character on.
    #[must_use]
    pub fn new(text: Text, pace: Pace) -> Self {
        Self {
            text,
            pace,
            echo: Echo::Unknown,
            steps: VecDeque::new(),
            typed: 0,
            down: Keyboard::default(),
            unproven: 0,
            caps_lock: None,
            paused: false,
            not_before: None,
            asked: None,
            waiting: false,
        }
    }

    /// Characters whose keys have all been written.
    #[must_use]
    pub fn typed(&self) -> usize {
        self.typed
    }

    /// As [`Self::typed`], with the character whose last key is just being written.
    #[must_use]
    pub fn typed_or_on_its_way(&self) -> usize {
        self.typed + usize::from(self.steps.front() == Some(&Step::Typed))
    }

    /// Characters in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.text.plain.characters()
    }

    /// What goes on.
    #[must_use]
    pub fn phase(&self) -> TypingPhase {
        match (self.paused, self.waiting) {
            (true, _) => TypingPhase::Paused,
            (_, true) => TypingPhase::Waiting,
            _ => TypingPhase::Typing,
        }
    }

    /// Whether a key is down by the last report.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.down != Keyboard::default()
    }

    /// Whether it is paused, and the character before is all written.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused && self.steps.is_empty()
    }

    /// Stops before the next character.
    pub fn pause(&mut self) {
        self.paused = true;
    }

    /// Goes on; a lock light that is still waited for is waited for no longer, and the rest goes at a fixed pace.
    pub fn resume(&mut self) {
        self.paused = false;
        if std::mem::take(&mut self.waiting) {
            self.steps
                .retain(|step| matches!(step, Step::Write(_) | Step::Typed));
            self.asked = None;
            self.echo = Echo::Silent;
        }
    }

    /// What comes next. Whoever asks has written the report before.
    pub fn next(&mut self, now: Instant, leds: Option<Leds>) -> Next {
        loop {
            if let Some(until) = self.not_before.filter(|until| now < *until) {
                return Next::Wait(Some(until));
            }
            match self.steps.pop_front() {
                Some(Step::Write(report)) => return self.write(now, report),
                Some(Step::Typed) => self.has_typed(now),
                Some(Step::Answer(lock, on)) => {
                    if let Some(wait) = self.answer(now, lock, on, leds) {
                        return wait;
                    }
                }
                Some(Step::Proven(lock)) => {
                    self.echo = Echo::By(lock);
                    self.unproven = 0;
                    self.caps_lock = None;
                }
                Some(Step::Next(lock)) => self.search_after(lock, leds),
                None if self.paused => return Next::Wait(None),
                None if self.plan(leds) => {}
                None => return Next::Done,
            }
        }
    }

    fn write(&mut self, now: Instant, report: Keyboard) -> Next {
        self.down = report;
        self.unproven += 1;
        self.not_before = match (self.pace, self.echo) {
            (Pace::Adaptive, Echo::Silent) => Some(now + UNANSWERED_INTERVAL),
            _ => None,
        };
        Next::Write(report)
    }

    fn has_typed(&mut self, now: Instant) {
        self.typed += 1;
        if let Pace::Fixed(interval) = self.pace {
            self.not_before = Some(now + interval);
        }
    }

    /// `None` where the light is as it should be, or is given up.
    fn answer(&mut self, now: Instant, lock: Lock, on: bool, leds: Option<Leds>) -> Option<Next> {
        if lock.is_on(leds) == on {
            self.asked = None;
            self.waiting = false;
            return None;
        }
        let asked = *self.asked.get_or_insert(now);
        let searching = self.echo == Echo::Unknown;
        let patience = if searching { SEARCH } else { PATIENCE };
        if now < asked + patience {
            self.steps.push_front(Step::Answer(lock, on));
            return Some(Next::Wait(Some(asked + patience)));
        }
        if searching {
            self.asked = None;
            self.steps.clear();
            self.tap(lock);
            self.steps.push_back(Step::Next(lock));
            return None;
        }
        self.waiting = true;
        self.steps.push_front(Step::Answer(lock, on));
        Some(Next::Wait(None))
    }

    /// Puts the next steps down; `false` at the end.
    fn plan(&mut self, leds: Option<Leds>) -> bool {
        let left = self.total() - self.typed;
        let adaptive = self.pace == Pace::Adaptive;
        match self.echo {
            Echo::Unknown if adaptive && left >= SHORT => self.prove(Lock::SEARCHED[0], leds),
            Echo::By(lock) if adaptive && self.unproven > 0 && self.is_due(leds) => {
                self.prove(lock, leds);
            }
            _ if left == 0 => return false,
            _ => self.plan_piece(leds),
        }
        true
    }

    /// Whether the next character would go beyond what may be unproven; so does the end of the text.
    fn is_due(&self, leds: Option<Leds>) -> bool {
        let next = self.piece(leds);
        self.typed == self.total() || self.unproven + reports(next) > UNPROVEN_MAX
    }

    fn piece(&self, leds: Option<Leds>) -> &[Stroke] {
        let text = match self.caps_lock(leds) {
            true => &self.text.caps_lock,
            false => &self.text.plain,
        };
        text.piece(self.typed).unwrap_or_default()
    }

    fn caps_lock(&self, leds: Option<Leds>) -> bool {
        let light = leds.is_some_and(|leds| leds.caps_lock);
        self.caps_lock.unwrap_or(light)
    }

    fn plan_piece(&mut self, leds: Option<Leds>) {
        let strokes = self.piece(leds).to_vec();
        if strokes.iter().any(|stroke| stroke.usage == CAPS_LOCK) {
            self.caps_lock = Some(self.caps_lock(leds));
        }
        let mut modifiers = 0;
        for stroke in strokes {
            if stroke.modifiers != modifiers {
                modifiers = stroke.modifiers;
                self.steps.push_back(Step::Write(report(modifiers, 0)));
            }
            self.steps
                .push_back(Step::Write(report(modifiers, stroke.usage)));
            self.steps.push_back(Step::Write(report(modifiers, 0)));
        }
        let last_release = self.steps.len().saturating_sub(1);
        self.steps.insert(last_release, Step::Typed);
        if modifiers != 0 {
            self.steps.push_back(Step::Write(report(0, 0)));
        }
    }

    /// Presses a lock key twice and waits for its light each time.
    fn prove(&mut self, lock: Lock, leds: Option<Leds>) {
        let on = lock.is_on(leds);
        self.tap(lock);
        self.steps.push_back(Step::Answer(lock, !on));
        self.tap(lock);
        self.steps.push_back(Step::Answer(lock, on));
        self.steps.push_back(Step::Proven(lock));
    }

    fn search_after(&mut self, lock: Lock, leds: Option<Leds>) {
        let mut others = Lock::SEARCHED
            .into_iter()
            .skip_while(|other| *other != lock);
        match others.nth(1) {
            Some(next) => self.prove(next, leds),
            None => self.echo = Echo::Silent,
        }
    }

    fn tap(&mut self, lock: Lock) {
        self.steps.push_back(Step::Write(report(0, lock.usage())));
        self.steps.push_back(Step::Write(report(0, 0)));
    }
}

fn report(modifiers: u8, key: u8) -> Keyboard {
    Keyboard {
        modifiers,
        keys: [key, 0, 0, 0, 0, 0],
    }
}

/// How many reports a character takes.
fn reports(strokes: &[Stroke]) -> usize {
    let ends = strokes.iter().map(|stroke| stroke.modifiers).chain([0]);
    let starts = std::iter::once(0).chain(strokes.iter().map(|stroke| stroke.modifiers));
    2 * strokes.len() + starts.zip(ends).filter(|(from, to)| from != to).count()
}
