//! Switches at GPIO lines: a button for each port, a level for each port, or one button that steps.
//!
//! A line that presses a button is at rest but for the presses, whatever ends: it is released by whoever holds it, and where
//! the relay is killed, by the same guard as the buttons of a front panel. A level is another thing: it *is* which port is
//! selected. It is taken as it is when the relay starts, and left as it is when it ends, so that no machine changes by
//! either; whether it lasts then is up to its chip.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::task::spawn_blocking;

use super::{Asked, Switch, SwitchError};

pub mod pins;
pub mod settings;

use settings::{How, Settings};

/// How often it is looked whether the switch has moved.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The lines to a switch.
pub trait Pins: Send {
    /// Makes a line active or inactive, by its place in the settings.
    ///
    /// # Errors
    /// Why not, in words.
    fn set(&mut self, at: usize, active: bool) -> Result<(), String>;

    /// Which ports the switch says are selected; without lines that say so, which levels are active.
    ///
    /// # Errors
    /// Why that cannot be known, in words.
    fn selected(&mut self) -> Result<Vec<bool>, String>;
}

/// A switch at lines.
#[derive(Clone)]
pub struct LineSwitch(Arc<Inner>);

struct Inner {
    how: How,
    /// Whether there are lines that say which port is selected.
    reads_back: bool,
    ports: usize,
    pulse: Duration,
    limit: Duration,
    pins: Mutex<Box<dyn Pins>>,
}

impl LineSwitch {
    /// A switch with so many ports at these lines.
    #[must_use]
    pub fn new(settings: &Settings, ports: usize, pins: Box<dyn Pins>) -> Self {
        Self(Arc::new(Inner {
            how: settings.how(),
            reads_back: !settings.read_back.is_empty(),
            ports,
            pulse: Duration::from_millis(settings.pulse_ms.into()),
            limit: Duration::from_millis(settings.limit_ms.into()),
            pins: Mutex::new(pins),
        }))
    }

    /// Whoever does not wait for it leaves no button pressed: what has begun is finished.
    async fn asked<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Inner, &mut dyn Pins) -> Result<T, SwitchError> + Send + 'static,
    ) -> Result<T, SwitchError> {
        let inner = self.0.clone();
        let done = spawn_blocking(move || {
            let mut pins = inner.pins.lock().unwrap_or_else(PoisonError::into_inner);
            what(&inner, &mut **pins)
        });
        let done = done.await;
        done.unwrap_or_else(|error| Err(SwitchError::Lost(error.to_string())))
    }
}

impl Switch for LineSwitch {
    fn name(&self) -> String {
        "the switch at GPIO lines".to_owned()
    }

    fn select(&self, port: usize) -> Asked<'_, ()> {
        Box::pin(self.asked(move |inner, pins| inner.select(pins, port)))
    }

    fn selected(&self) -> Asked<'_, Option<usize>> {
        Box::pin(self.asked(|inner, pins| inner.selected(pins)))
    }
}

impl Inner {
    fn select(&self, pins: &mut dyn Pins, port: usize) -> Result<(), SwitchError> {
        match self.how {
            How::Pulse => self.press(pins, port)?,
            How::Level => {
                for other in (0..self.ports).filter(|other| *other != port) {
                    pins.set(other, false).map_err(SwitchError::Lost)?;
                }
                pins.set(port, true).map_err(SwitchError::Lost)?;
            }
            How::Next => return self.step_to(pins, port),
        }
        match self.reads_back {
            true => self
                .arrive(pins, |selected| selected == Some(port))
                .map(drop),
            false => Ok(()),
        }
    }

    fn selected(&self, pins: &mut dyn Pins) -> Result<Option<usize>, SwitchError> {
        match self.reads_back || self.how == How::Level {
            true => Ok(only(&pins.selected().map_err(SwitchError::Lost)?)),
            false => Ok(None),
        }
    }

    fn press(&self, pins: &mut dyn Pins, at: usize) -> Result<(), SwitchError> {
        let pressed = pins.set(at, true);
        if pressed.is_ok() {
            thread::sleep(self.pulse);
        }
        let released = pins.set(at, false);
        pressed.and(released).map_err(SwitchError::Lost)
    }

    /// Presses the one button until the switch says that it stands on a port: once for each of them at most.
    fn step_to(&self, pins: &mut dyn Pins, port: usize) -> Result<(), SwitchError> {
        let mut before = self.selected(pins)?;
        for _ in 0..self.ports {
            if before == Some(port) {
                return Ok(());
            }
            self.press(pins, 0)?;
            before = self.arrive(pins, |selected| selected.is_some() && selected != before)?;
        }
        match before == Some(port) {
            true => Ok(()),
            false => Err(SwitchError::Refused(format!(
                "it steps, but does not come to port {}: are the lines that say where it stands in order?",
                port + 1
            ))),
        }
    }

    /// Waits until the switch says that it is somewhere.
    fn arrive(
        &self,
        pins: &mut dyn Pins,
        is_there: impl Fn(Option<usize>) -> bool,
    ) -> Result<Option<usize>, SwitchError> {
        let until = Instant::now() + self.limit;
        loop {
            let selected = self.selected(pins)?;
            if is_there(selected) {
                return Ok(selected);
            }
            if Instant::now() >= until {
                return Err(match selected {
                    Some(other) => SwitchError::Refused(format!(
                        "its lines say that it stands on port {}",
                        other + 1
                    )),
                    None => {
                        SwitchError::NoAnswer("Its lines say no port, or more than one".to_owned())
                    }
                });
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// The port that alone is selected.
fn only(selected: &[bool]) -> Option<usize> {
    let mut ports = (0..)
        .zip(selected)
        .filter_map(|(port, selected)| selected.then_some(port));
    match (ports.next(), ports.next()) {
        (Some(port), None) => Some(port),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
