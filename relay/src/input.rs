//! Keys and pointer on their way to a machine.

use std::{io, sync::Arc};

use shared::message::{Leds, Usb};
use thiserror::Error;
use tokio::sync::watch;

pub mod controls;
pub mod descriptor;
pub mod gadget;
mod held;
mod jiggler;
mod keys;
mod pointing;
mod queue;
pub mod report;
pub mod type_out;

pub use controls::{Controls, Gate, Hotkey, NobodyListens, Order, Run, TypingRefused};
pub use report::{Interface, Report};

/// A machine's keyboard and pointer. It lives on a thread of its own and may block.
pub trait Hid: Send {
    /// Writes one report. A busy endpoint is waited for, as long as the host is there. A host that sleeps is asked to
    /// wake by a report that presses something.
    ///
    /// # Errors
    /// [`HidError::NotConnected`] where no host takes reports; the report is not sent.
    fn write(&mut self, report: &Report) -> Result<(), HidError>;

    /// What the host says, now and from now on.
    fn host(&self) -> watch::Receiver<Host>;

    /// The reports that this device can send; others are never given to it.
    fn capabilities(&self) -> Capabilities;

    /// What wakes a host that sleeps, without a key.
    fn waker(&self) -> Arc<dyn Waker>;
}

/// Wakes a machine that sleeps by its USB link.
pub trait Waker: Send + Sync {
    /// Asks the host to wake. It does so where it has allowed the device to ask; that it does is seen by
    /// [`Host::usb`] only.
    ///
    /// # Errors
    /// Where it cannot be asked.
    fn wake(&self) -> io::Result<()>;
}

/// What the USB host of the machine has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Whether it listens.
    pub usb: Usb,
    /// Its lock lights; `None` until it has set them.
    pub leds: Option<Leds>,
    /// Whether it takes the absolute pointer's wheel in 1/120 of a detent: it has set HID's Resolution Multiplier.
    pub fine_wheel: bool,
}

/// Which functions a HID device has; a controller with few endpoints has fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// An absolute pointer.
    pub pointer: bool,
    /// A relative mouse.
    pub mouse: bool,
    /// Consumer and system control.
    pub consumer: bool,
}

/// Why a report was not sent.
#[derive(Debug, Error)]
pub enum HidError {
    /// Nobody listens at the other end.
    #[error("the machine's USB host is not there")]
    NotConnected,
    /// The device failed.
    #[error("{device}: {source}")]
    Io {
        /// The device's path.
        device: String,
        /// Why it failed.
        source: std::io::Error,
    },
}
