//! What a panel's buttons do when, as a state machine: told of the time, of lights and of what is wanted, it says what to
//! press and to release, and how it ended.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use shared::power::{Actions, Outcome, PowerAction, Supply};

use super::{
    Button, Light, Lit, Parts,
    lights::{DiskLight, PowerLight},
    settings::Times,
};

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A button is pressed or released.
    Set(Button, bool),
    /// The action has ended; every button is released.
    End(Outcome),
}

/// One panel: its lights, and the one action that is done at a time.
#[derive(Debug)]
pub struct Policy {
    parts: Parts,
    times: Times,
    power: PowerLight,
    disk: DiskLight,
    doing: Option<Doing>,
}

/// An action on its way.
#[derive(Debug)]
struct Doing {
    steps: VecDeque<Step>,
    /// Since when the first step goes on.
    since: Option<Instant>,
    down: Option<Button>,
    ends: Option<Outcome>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Down(Button),
    Up,
    Pause(Duration),
    /// Until the light says so; no longer than this.
    Await(Supply, Duration),
}

impl Policy {
    /// Nothing is pressed, and no light is known.
    #[must_use]
    pub fn new(parts: Parts, times: Times) -> Self {
        Self {
            parts,
            times,
            power: PowerLight::default(),
            disk: DiskLight::default(),
            doing: None,
        }
    }

    /// What can be done at a panel with these parts. What follows a machine or depends on whether it is on needs its
    /// light.
    #[must_use]
    pub fn actions(parts: Parts) -> Actions {
        let mut actions = Actions::default();
        if parts.power_button {
            actions = [PowerAction::Press, PowerAction::Hold, PowerAction::Cycle]
                .into_iter()
                .fold(actions, Actions::with);
        }
        if parts.power_button && parts.power_light {
            actions = actions.with(PowerAction::On).with(PowerAction::ShutDown);
        }
        if parts.reset_button {
            actions = actions.with(PowerAction::Reset);
        }
        actions
    }

    /// Begins an action; `false` where one goes on, or the panel cannot do it.
    pub fn begin(&mut self, now: Instant, action: PowerAction) -> bool {
        if self.doing.is_some() || !Self::actions(self.parts).has(action) {
            return false;
        }
        self.doing = Some(Doing {
            steps: self.steps(now, action),
            since: None,
            down: None,
            ends: None,
        });
        true
    }

    /// Ends what goes on, with every button released.
    pub fn break_off(&mut self) {
        self.end(Outcome::Stopped);
    }

    /// A button could not be pressed or released.
    pub fn failed(&mut self, button: Button, down: bool) {
        if let Some(doing) = &mut self.doing
            && !down
            && doing.down == Some(button)
        {
            doing.down = None;
        }
        self.end(Outcome::LineLost);
    }

    /// A light is lit, dark, or cannot be seen.
    pub fn saw(&mut self, now: Instant, light: Light, lit: Option<bool>) {
        match light {
            Light::Power => self.power.saw(now, lit),
            Light::Disk => self.disk.saw(now, lit),
        }
    }

    /// What the lights say.
    pub fn lit(&mut self, now: Instant) -> Lit {
        Lit {
            supply: self.power.supply(now),
            disk: self.disk.shown(now),
        }
    }

    /// What is to be done now; asked again until it is nothing.
    pub fn poll(&mut self, now: Instant) -> Option<Deed> {
        let supply = self.power.supply(now);
        let doing = self.doing.as_mut()?;
        loop {
            if let Some(outcome) = doing.ends {
                if let Some(button) = doing.down.take() {
                    return Some(Deed::Set(button, false));
                }
                self.doing = None;
                return Some(Deed::End(outcome));
            }
            let since = *doing.since.get_or_insert(now);
            match doing.steps.front().copied() {
                None => doing.ends = Some(Outcome::Done),
                Some(Step::Down(button)) => {
                    doing.go_on();
                    doing.down = Some(button);
                    return Some(Deed::Set(button, true));
                }
                Some(Step::Up) => {
                    doing.go_on();
                    if let Some(button) = doing.down.take() {
                        return Some(Deed::Set(button, false));
                    }
                }
                Some(Step::Pause(pause)) if now >= since + pause => doing.go_on(),
                Some(Step::Await(wanted, _)) if supply == wanted => doing.go_on(),
                Some(Step::Await(_, limit)) if now >= since + limit => {
                    doing.ends = Some(Outcome::NotFollowed);
                }
                Some(Step::Pause(_) | Step::Await(..)) => return None,
            }
        }
    }

    /// When [`Self::poll`] or [`Self::lit`] may say something else though nothing happens.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        let step = self.doing.as_ref().and_then(Doing::next);
        [step, self.power.next(), self.disk.next()]
            .into_iter()
            .flatten()
            .min()
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(doing) = &mut self.doing {
            doing.ends.get_or_insert(outcome);
        }
    }

    fn steps(&mut self, now: Instant, action: PowerAction) -> VecDeque<Step> {
        let Times {
            press_ms,
            hold_ms,
            reset_ms,
            on_limit_s,
            off_limit_s,
            pause_ms,
        } = self.times;
        let press = |button, ms: u32| {
            let pause = Step::Pause(Duration::from_millis(ms.into()));
            [Step::Down(button), pause, Step::Up]
        };
        let short = press(Button::Power, press_ms);
        let long = press(Button::Power, hold_ms);
        let seconds = |limit: u32| Duration::from_secs(limit.into());
        let is = |supply, limit| {
            let light = self.parts.power_light;
            light.then_some(Step::Await(supply, seconds(limit)))
        };
        let on = is(Supply::On, on_limit_s);
        let off_by_force = is(Supply::Off, on_limit_s);
        let off_in_order = is(Supply::Off, off_limit_s);
        let mut steps = VecDeque::new();
        match (action, self.power.supply(now)) {
            (PowerAction::On, Supply::On) | (PowerAction::ShutDown, Supply::Off) => {}
            (PowerAction::Press, _) => steps.extend(short),
            (PowerAction::Reset, _) => steps.extend(press(Button::Reset, reset_ms)),
            (PowerAction::Hold, _) => steps.extend(long.into_iter().chain(off_by_force)),
            (PowerAction::On, _) => steps.extend(short.into_iter().chain(on)),
            (PowerAction::ShutDown, _) => steps.extend(short.into_iter().chain(off_in_order)),
            (PowerAction::Cycle, supply) => {
                if supply != Supply::Off {
                    steps.extend(long.into_iter().chain(off_by_force));
                    let pause = Duration::from_millis(pause_ms.into());
                    steps.push_back(Step::Pause(pause));
                }
                steps.extend(short.into_iter().chain(on));
            }
            (PowerAction::Wake, _) => {}
        }
        steps
    }
}

impl Doing {
    fn go_on(&mut self) {
        self.steps.pop_front();
        self.since = None;
    }

    /// A step that has not begun, and an end that has not been told, are due at once: the caller has not asked yet.
    fn next(&self) -> Option<Instant> {
        match self.steps.front()? {
            Step::Pause(limit) | Step::Await(_, limit) => self.since.map(|since| since + *limit),
            Step::Down(_) | Step::Up => None,
        }
    }
}

#[cfg(test)]
mod tests;
