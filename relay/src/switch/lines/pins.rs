//! The lines to a switch, by the kernel's character device.

use tracing::warn;

use super::{
    Pins,
    settings::{How, Settings},
};
use crate::power::gpio::{
    find::Fault,
    guard,
    held::{HeldLine, Role},
};

/// Lines that are requested. Those that press buttons are at rest from then on, and are given back at rest.
pub struct GpioPins {
    how: How,
    outputs: Vec<HeldLine>,
    inputs: Vec<HeldLine>,
}

impl GpioPins {
    /// Requests all lines that the settings name, and has those that press buttons guarded.
    ///
    /// # Errors
    /// The dotted name of the setting of the line that cannot be had, and why.
    pub fn open(settings: &Settings) -> Result<Self, (String, Fault)> {
        let how = settings.how();
        let role = match how {
            How::Level => Role::AsItIs,
            How::Pulse | How::Next => Role::AtRest,
        };
        let (mut outputs, mut inputs) = (Vec::new(), Vec::new());
        for (setting, line) in settings.lines() {
            let is_input = setting.starts_with("read_back");
            let (role, lines) = match is_input {
                true => (Role::Input, &mut inputs),
                false => (role, &mut outputs),
            };
            lines.push(HeldLine::open(line, role).map_err(|fault| (setting, fault))?);
        }
        let buttons = settings.outputs().into_iter().map(|(_, line)| line);
        if how != How::Level
            && let Err(error) = guard::start(buttons)
        {
            warn!(%error, "nobody releases the buttons of the switch if the relay is killed");
        }
        Ok(Self {
            how,
            outputs,
            inputs,
        })
    }
}

impl Pins for GpioPins {
    fn set(&mut self, at: usize, active: bool) -> Result<(), String> {
        let output = self.outputs.get_mut(at).ok_or("there is no such line")?;
        output.set(active)
    }

    fn selected(&mut self) -> Result<Vec<bool>, String> {
        let lines = match self.inputs.is_empty() {
            true => &mut self.outputs,
            false => &mut self.inputs,
        };
        lines.iter_mut().map(HeldLine::is_active).collect()
    }
}

impl Drop for GpioPins {
    fn drop(&mut self) {
        if self.how == How::Level {
            return;
        }
        for output in &mut self.outputs {
            if let Err(problem) = output.set(false) {
                warn!(problem, "a line of the switch was not put to rest");
            }
        }
    }
}
