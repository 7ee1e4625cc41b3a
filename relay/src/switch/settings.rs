//! The settings of a switch: what drives it, and the machines behind its ports.

use std::path::PathBuf;

use serde::Deserialize;
use shared::switch::{PORT_NAME_MAX, PORT_NOTES_MAX, PORTS_MAX};

use super::driver::Driver;
use crate::{config::Usb, power::settings::Settings as Power};

/// The fewest ports of a switch.
const PORTS_MIN: usize = 2;

/// `[switch]` in the settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What drives it; without it, the one that comes with the target, if that has one.
    pub driver: Option<Driver>,
    /// How long the picture of a machine is waited for, in seconds: 1..=60.
    pub settle_limit_s: u32,
    /// Whether pages may keep a small picture of each port while they are open.
    pub thumbnails: bool,
    /// Its ports, in order.
    #[serde(rename = "port")]
    pub ports: Vec<Port>,
}

/// A port, with the machine behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Port {
    /// The name of the machine, 1..=[`PORT_NAME_MAX`] characters.
    pub name: String,
    /// What people should know of it, at most [`PORT_NOTES_MAX`] characters.
    pub notes: String,
    /// Its power.
    pub power: Power,
    /// A file with the EDID that the machine shall read; without it, the one of `video.edid`.
    pub edid: Option<PathBuf>,
    /// What the machine sees of the relay as a USB device.
    pub usb: UsbIds,
}

/// What a machine sees of the relay as a USB device. What is left out is as in `[usb]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UsbIds {
    /// See [`Usb::vendor_id`].
    pub vendor_id: Option<u16>,
    /// See [`Usb::product_id`].
    pub product_id: Option<u16>,
    /// See [`Usb::manufacturer`].
    pub manufacturer: Option<String>,
    /// See [`Usb::product`].
    pub product: Option<String>,
    /// See [`Usb::serial`].
    pub serial: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            driver: None,
            settle_limit_s: 10,
            thumbnails: true,
            ports: Vec::new(),
        }
    }
}

impl Settings {
    /// A switch that comes with the target, with machines of these names.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let port = |name: &&str| Port {
            name: (*name).to_owned(),
            ..Port::default()
        };
        Self {
            ports: names.iter().map(port).collect(),
            ..Self::default()
        }
    }

    /// Whether all of them are in their ranges and go together.
    ///
    /// # Errors
    /// The dotted name of the first setting that is not, without `switch.`, and why.
    pub fn check(&self) -> Result<(), (String, String)> {
        if !(1..=60).contains(&self.settle_limit_s) {
            return Err(("settle_limit_s".to_owned(), "1 to 60".to_owned()));
        }
        if !(PORTS_MIN..=PORTS_MAX).contains(&self.ports.len()) {
            let problem = format!("a switch has {PORTS_MIN} to {PORTS_MAX} ports");
            return Err(("port".to_owned(), problem));
        }
        let driver = self.driver.as_ref();
        if let Some(driver) = driver {
            let within = |(setting, problem)| (format!("driver.{setting}"), problem);
            driver.check(self.ports.len()).map_err(within)?;
        }
        for (at, port) in self.ports.iter().enumerate() {
            port.check(&self.ports[..at])
                .map_err(|(setting, problem)| (format!("port.{at}.{setting}"), problem))?;
            for (setting, line) in port.power.lines() {
                let lines = driver.map(Driver::lines).unwrap_or_default();
                if let Some((other, _)) = lines.iter().find(|(_, other)| other.is_same(line)) {
                    let problem = format!("{line} is that of switch.driver.{other}, too");
                    return Err((format!("port.{at}.power.{setting}"), problem));
                }
            }
        }
        Ok(())
    }
}

impl Port {
    /// Whether it is in order, beside those before it.
    fn check(&self, before: &[Self]) -> Result<(), (String, String)> {
        let fault = |setting: &str, problem: String| Err((setting.to_owned(), problem));
        if self.name.trim().is_empty() || self.name.chars().count() > PORT_NAME_MAX {
            return fault("name", format!("1 to {PORT_NAME_MAX} characters"));
        }
        if before.iter().any(|other| other.name == self.name) {
            return fault("name", format!("there are two ports \"{}\"", self.name));
        }
        if self.notes.chars().count() > PORT_NOTES_MAX {
            return fault("notes", format!("at most {PORT_NOTES_MAX} characters"));
        }
        self.power
            .check_all()
            .map_err(|(setting, problem)| (format!("power.{setting}"), problem))?;
        for (setting, line) in self.power.lines() {
            let same = |other: &&Self| {
                let lines = other.power.lines();
                lines.iter().any(|(_, other)| other.is_same(line))
            };
            if let Some(other) = before.iter().find(same) {
                let problem = format!("{line} is one of the port \"{}\", too", other.name);
                return fault(&format!("power.{setting}"), problem);
            }
        }
        Ok(())
    }
}

impl UsbIds {
    /// These, and `usual` where they say nothing.
    #[must_use]
    pub fn over(&self, usual: &Usb) -> Usb {
        let text = |own: &Option<String>, usual: &String| own.as_ref().unwrap_or(usual).clone();
        Usb {
            udc: usual.udc.clone(),
            gadget: usual.gadget.clone(),
            vendor_id: self.vendor_id.unwrap_or(usual.vendor_id),
            product_id: self.product_id.unwrap_or(usual.product_id),
            manufacturer: text(&self.manufacturer, &usual.manufacturer),
            product: text(&self.product, &usual.product),
            serial: text(&self.serial, &usual.serial),
        }
    }
}
