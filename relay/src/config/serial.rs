//! `[serial]`: the serial console's port.

use std::{fmt, path::PathBuf};

use serde::Deserialize;
use shared::serial::SPEEDS;

use super::{Config, ConfigError};

/// The least and the most that is kept of what a port prints, in KiB.
const SCROLLBACK: (u32, u32) = (16, 65_536);

/// The serial console's port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serial {
    /// The device of a port of the relay.
    pub device: Option<PathBuf>,
    /// Whether the machine gets a serial port by USB instead.
    pub usb: bool,
    /// In bits a second.
    pub speed: u32,
    /// 5 to 8.
    pub data_bits: u8,
    /// What a parity bit says.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
    /// How each end holds the other back.
    pub flow_control: FlowControl,
    /// How much is kept of what the port prints, in KiB.
    pub scrollback_kib: u32,
}

/// How a byte stands on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// 5 to 8.
    pub data_bits: u8,
    /// What a parity bit says.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
    /// How each end holds the other back.
    pub flow_control: FlowControl,
}

/// What a parity bit says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// There is none.
    #[default]
    None,
    /// The ones are even.
    Even,
    /// The ones are odd.
    Odd,
}

/// How each end holds the other back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FlowControl {
    /// Not at all.
    #[default]
    None,
    /// By the lines RTS and CTS.
    Hardware,
    /// By the bytes XON and XOFF.
    Software,
}

impl Default for Serial {
    fn default() -> Self {
        Self {
            device: None,
            usb: false,
            speed: 115_200,
            data_bits: 8,
            parity: Parity::None,
            stop_bits: 1,
            flow_control: FlowControl::None,
            scrollback_kib: 1024,
        }
    }
}

impl Serial {
    /// How a byte stands on the line.
    #[must_use]
    pub fn frame(&self) -> Frame {
        Frame {
            data_bits: self.data_bits,
            parity: self.parity,
            stop_bits: self.stop_bits,
            flow_control: self.flow_control,
        }
    }

    /// How many bytes are kept of what the port prints.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.scrollback_kib as usize * 1024
    }

    /// Whether all is in its range and goes together.
    pub(super) fn check(&self, config: &Config) -> Result<(), ConfigError> {
        let fault = |key, problem: &dyn fmt::Display| {
            Err(config.fault(&format!("serial.{key}"), problem.to_string()))
        };
        let (least, most) = SCROLLBACK;
        if self.usb && self.device.is_some() {
            return fault("usb", &"one port only: `device`, or the one by USB");
        }
        if let Err((setting, problem)) = self.frame().check(self.speed) {
            return fault(setting, &problem);
        }
        if !(least..=most).contains(&self.scrollback_kib) {
            return fault("scrollback_kib", &format_args!("{least} to {most}"));
        }
        Ok(())
    }
}

impl Frame {
    /// Whether all of it is in its range, with a speed in bits a second.
    ///
    /// # Errors
    /// The name of the first setting that is not, and why.
    pub fn check(&self, speed: u32) -> Result<(), (&'static str, String)> {
        let (slowest, fastest) = SPEEDS;
        if !(slowest..=fastest).contains(&speed) {
            return Err(("speed", format!("{slowest} to {fastest}")));
        }
        if !(5..=8).contains(&self.data_bits) {
            return Err(("data_bits", "5 to 8".to_owned()));
        }
        match (1..=2).contains(&self.stop_bits) {
            true => Ok(()),
            false => Err(("stop_bits", "1 or 2".to_owned())),
        }
    }
}
