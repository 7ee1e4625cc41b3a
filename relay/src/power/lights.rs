//! What lights mean: a power light that is lit, dark or blinks, and a disk light that flickers. Pure; told of changes and
//! times.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use shared::power::Supply;

/// How long a light must stay as it is to count: shorter is a contact or a line that bounces.
pub const BOUNCE: Duration = Duration::from_millis(30);

/// The longest that a blinking light is lit or dark. A light that stays as it is for longer is steady.
pub const BLINK_MAX: Duration = Duration::from_millis(2_500);

/// So many changes, each within [`BLINK_MAX`] of the one before, are blinking: a machine that starts may flicker once.
const BLINKS: usize = 4;

/// How long the disk light is shown as it is, at least.
pub const DISK_SHOWN: Duration = Duration::from_millis(250);

/// A machine's power light.
#[derive(Clone, Debug, Default)]
pub struct PowerLight {
    /// As it was last told, and when.
    told: Option<(bool, Instant)>,
    /// As it counts.
    lit: Option<bool>,
    /// When it has changed, newest last.
    changes: VecDeque<Instant>,
    supply: Supply,
}

impl PowerLight {
    /// It is lit, dark, or cannot be seen.
    pub fn saw(&mut self, now: Instant, lit: Option<bool>) {
        self.settle(now);
        match lit {
            None => *self = Self::default(),
            Some(lit) if self.told.is_none_or(|(told, _)| told != lit) => {
                self.told = Some((lit, now));
            }
            Some(_) => {}
        }
    }

    /// What it says at `now`.
    pub fn supply(&mut self, now: Instant) -> Supply {
        self.settle(now);
        self.supply
    }

    /// When it may say something else though nothing changes.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        let (told, since) = self.told?;
        if self.lit != Some(told) {
            return Some(since + BOUNCE);
        }
        let steady = match told {
            true => Supply::On,
            false => Supply::Off,
        };
        (self.supply != steady).then(|| self.changed_at(since) + BLINK_MAX)
    }

    fn settle(&mut self, now: Instant) {
        let Some((told, since)) = self.told else {
            return;
        };
        if self.lit != Some(told) && now >= since + BOUNCE {
            self.steady_by(since);
            self.lit = Some(told);
            let apart = |last: &Instant| since.saturating_duration_since(*last) > BLINK_MAX;
            if self.changes.back().is_some_and(apart) {
                self.changes.clear();
            }
            self.changes.push_back(since);
            if self.changes.len() > BLINKS {
                self.changes.pop_front();
            }
            if self.changes.len() == BLINKS {
                self.supply = Supply::Asleep;
            } else if told && matches!(self.supply, Supply::Off | Supply::Unknown) {
                self.supply = Supply::On;
            }
        }
        if self.lit == Some(told) {
            self.steady_by(now);
        }
    }

    /// What follows from the light having been as it counts until `until`.
    fn steady_by(&mut self, until: Instant) {
        if let (Some(lit), Some(last)) = (self.lit, self.changes.back())
            && until >= *last + BLINK_MAX
        {
            self.supply = match lit {
                true => Supply::On,
                false => Supply::Off,
            };
        }
    }

    fn changed_at(&self, otherwise: Instant) -> Instant {
        self.changes.back().copied().unwrap_or(otherwise)
    }
}

/// The light of a machine's disk.
#[derive(Clone, Debug, Default)]
pub struct DiskLight {
    lit: Option<bool>,
    /// Whether it was lit since it was shown last.
    was_lit: bool,
    shown: Option<bool>,
    /// Until when it is shown as it is.
    until: Option<Instant>,
}

impl DiskLight {
    /// It is lit, dark, or cannot be seen.
    pub fn saw(&mut self, now: Instant, lit: Option<bool>) {
        self.lit = lit;
        self.was_lit |= lit == Some(true);
        self.settle(now);
    }

    /// How it is shown at `now`: no flicker is lost, and it changes a few times a second at most.
    pub fn shown(&mut self, now: Instant) -> Option<bool> {
        self.settle(now);
        self.shown
    }

    /// When it may be shown otherwise though nothing changes.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.until.filter(|_| self.wanted() != self.shown)
    }

    fn wanted(&self) -> Option<bool> {
        self.lit.map(|lit| lit || self.was_lit)
    }

    fn settle(&mut self, now: Instant) {
        if self.until.is_some_and(|until| now < until) {
            return;
        }
        let wanted = self.wanted();
        self.was_lit = false;
        if wanted != self.shown {
            self.shown = wanted;
            self.until = Some(now + DISK_SHOWN);
        }
    }
}

#[cfg(test)]
mod tests;
