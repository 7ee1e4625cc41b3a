//! The front panel of the PC: what its buttons do to it and what its lights say, and the relay's end of both.

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use super::{
    live::Live,
    machine::{Machine, Power},
};
use crate::power::{Button, Light, Panel, PanelError, Parts, Told};

/// How long the power button is held until the PC is off, whatever it does.
const CUT: Duration = Duration::from_secs(4);

/// How long the power light of a PC that sleeps is lit, and then dark.
const BLINK: Duration = Duration::from_millis(500);

/// How many presses are remembered.
const PRESSES_MAX: usize = 100;

/// The buttons of a PC.
#[derive(Clone, Debug, Default)]
pub struct Front {
    power: Option<Duration>,
    reset: Option<Duration>,
    /// Whether the power button has switched the PC off since it went down.
    has_cut: bool,
    presses: Vec<Press>,
}

/// A press of a button that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Press {
    /// `power` or `reset`.
    pub button: &'static str,
    /// How long it was down, in milliseconds.
    pub ms: u64,
}

/// The panel in `/sim/state`.
#[derive(Clone, Debug, Serialize)]
pub struct PanelState {
    /// Whether the power button is down.
    pub power_down: bool,
    /// Whether the reset button is down.
    pub reset_down: bool,
    /// Whether the power light is lit.
    pub power_light: bool,
    /// Whether the light of the disk is lit.
    pub disk_light: bool,
    /// The last presses that are over.
    pub presses: Vec<Press>,
}

impl Front {
    /// A button goes down or up.
    pub fn set(&mut self, now: Duration, button: Button, down: bool, machine: &mut Machine) {
        let (since, name) = match button {
            Button::Power => (&mut self.power, "power"),
            Button::Reset => (&mut self.reset, "reset"),
        };
        match (*since, down) {
            (None, true) => {
                *since = Some(now);
                match button {
                    Button::Power => machine.press_power(now),
                    Button::Reset => machine.press_reset(now),
                }
            }
            (Some(pressed), false) => {
                *since = None;
                if button == Button::Power {
                    self.has_cut = false;
                }
                let ms = now.saturating_sub(pressed).as_millis();
                self.presses.push(Press {
                    button: name,
                    ms: u64::try_from(ms).unwrap_or(u64::MAX),
                });
                if self.presses.len() > PRESSES_MAX {
                    self.presses.remove(0);
                }
            }
            _ => {}
        }
    }

    /// When the button that is held switches the PC off.
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        self.power
            .filter(|_| !self.has_cut)
            .map(|since| since + CUT)
    }

    /// Lets happen what is due.
    pub fn advance(&mut self, now: Duration, machine: &mut Machine) {
        if self.next_event().is_some_and(|cut| cut <= now) {
            self.has_cut = true;
            machine.cut_power();
        }
    }

    /// What there is to see.
    #[must_use]
    pub fn state(&self, now: Duration, machine: &Machine) -> PanelState {
        PanelState {
            power_down: self.power.is_some(),
            reset_down: self.reset.is_some(),
            power_light: power_light(now, machine),
            disk_light: machine.uses_disk(now),
            presses: self.presses.clone(),
        }
    }
}

fn power_light(now: Duration, machine: &Machine) -> bool {
    match machine.power() {
        Power::On => true,
        Power::Off => false,
        Power::Sleep => blinks(now).is_multiple_of(2),
    }
}

/// How often a blinking light has changed.
fn blinks(now: Duration) -> u32 {
    u32::try_from(now.as_millis() / BLINK.as_millis()).unwrap_or(0)
}

/// The relay's end of the panel.
pub struct SimPanel {
    live: Arc<Live>,
}

impl SimPanel {
    /// At this PC.
    #[must_use]
    pub fn new(live: Arc<Live>) -> Self {
        Self { live }
    }

    fn press(&self, button: Button, down: bool) -> bool {
        let mut access = self.live.access();
        let now = access.now;
        let pc = access.pc();
        let works = !pc.faults.panel_gone();
        if works {
            pc.front.set(now, button, down, &mut pc.machine);
        }
        access.stir();
        works
    }
}

impl Panel for SimPanel {
    fn parts(&self) -> Parts {
        Parts {
            power_button: true,
            reset_button: true,
            power_light: true,
            disk_light: true,
        }
    }

    fn set(&mut self, button: Button, down: bool) -> Result<(), PanelError> {
        match self.press(button, down) {
            true => Ok(()),
            false => Err(PanelError {
                button,
                problem: "the simulated panel is unplugged".to_owned(),
            }),
        }
    }

    fn watch(&mut self, told: Told) -> std::io::Result<()> {
        let live = self.live.clone();
        let thread = std::thread::Builder::new().name("simulated lights".to_owned());
        thread.spawn(move || watch(&live, &told)).map(drop)
    }
}

impl Drop for SimPanel {
    fn drop(&mut self) {
        for button in [Button::Power, Button::Reset] {
            self.press(button, false);
        }
    }
}

/// Tells the lights until nobody listens, or the PC is taken away.
fn watch(live: &Live, told: &Told) {
    let mut known = None;
    let mut access = live.access();
    while !access.is_stopped() {
        let now = access.now;
        let pc = access.pc();
        let seen = (!pc.faults.panel_gone()).then(|| {
            let state = pc.front.state(now, &pc.machine);
            (state.power_light, state.disk_light)
        });
        if known != Some(seen) {
            known = Some(seen);
            let (power, disk) = seen.unzip();
            if !(told(Light::Power, power) && told(Light::Disk, disk)) {
                break;
            }
        }
        let blink = (pc.machine.power() == Power::Sleep).then(|| BLINK * (blinks(now) + 1));
        let until = [blink, pc.next_event()].into_iter().flatten().min();
        access = access.wait(until);
    }
    access.leave();
}

#[cfg(test)]
mod tests;
