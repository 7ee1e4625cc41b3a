//! A machine's power: the buttons and lights of its front panel, and whatever else can switch it.
//!
//! [`control::PowerControl`] is what requests, macros and viewers use. Behind it are back ends, of which each can do some
//! actions: [`lines`] presses the buttons of a [`Panel`] as [`policy`] says, on a thread of its own; [`hooks`] runs
//! programs and asks servers; [`wake`] wakes a machine that sleeps.

use shared::power::Supply;
use thiserror::Error;

pub mod control;
pub mod gpio;
pub mod hooks;
pub mod lights;
pub mod lines;
pub mod machines;
pub mod policy;
pub mod settings;
pub mod wake;

/// A button of a front panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Button {
    /// The power button.
    Power,
    /// The reset button.
    Reset,
}

/// A light of a front panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Light {
    /// The power light.
    Power,
    /// The light of the disk.
    Disk,
}

/// Which buttons and lights a panel has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// See [`Button::Power`].
    pub power_button: bool,
    /// See [`Button::Reset`].
    pub reset_button: bool,
    /// See [`Light::Power`].
    pub power_light: bool,
    /// See [`Light::Disk`].
    pub disk_light: bool,
}

/// What the lights of a machine say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lit {
    /// Of its power.
    pub supply: Supply,
    /// Whether the light of its disk is on; `None` where there is none, or it is not seen.
    pub disk: Option<bool>,
}

/// The front panel of a machine. Its buttons are released when it is made and when it is dropped.
pub trait Panel: Send {
    /// What it has. It never changes.
    fn parts(&self) -> Parts;

    /// Presses a button, or releases it.
    ///
    /// # Errors
    /// Where it cannot; the button is released then, as far as that is possible.
    fn set(&mut self, button: Button, down: bool) -> Result<(), PanelError>;

    /// From now on, tells the lights: first as they are, then each change, from a thread of the panel's own. Called once.
    ///
    /// # Errors
    /// Where no thread can be had.
    fn watch(&mut self, told: Told) -> std::io::Result<()>;
}

/// Where a panel tells its lights: `None` for one that it cannot see. Gives `false` once nobody listens any more.
pub type Told = Box<dyn Fn(Light, Option<bool>) -> bool + Send + Sync>;

/// Why a button was not pressed or released.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the line of the {} button: {problem}", match button { Button::Power => "power", Button::Reset => "reset" })]
pub struct PanelError {
    /// Which.
    pub button: Button,
    /// What is wrong.
    pub problem: String,
}
