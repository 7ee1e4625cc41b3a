//! The settings: one TOML file, described by `relay/armchair.toml`.

use std::{
    fmt::Display,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use shared::{
    media::{DRIVES_MAX, DriveKind},
    message::VideoSettings,
};

use crate::{
    audit::Place,
    capture::PixelFormat,
    media::{fetch::address::Network, slots::Slot},
    power::settings::Settings as Power,
    switch::settings::Settings as Switch,
};

pub mod serial;
mod source;

use serial::Serial;
pub use source::ConfigError;
use source::{Source, one_line};

/// Where the settings are looked for when nobody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/armchair/armchair.toml";

/// The most characters of a machine's name.
pub const MACHINE_MAX: usize = 64;

/// The most characters of a drive's name.
pub const SLOT_NAME_MAX: usize = 16;

/// All settings. What the file does not name has its default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the relay listens.
    pub listen: SocketAddr,
    /// The machine's name for people.
    pub machine: String,
    /// The folder of what must survive: users, sessions, the certificate.
    pub state: PathBuf,
    /// What kind of machine is served.
    pub target: TargetKind,
    /// How the link is encrypted.
    pub tls: Tls,
    /// The capture side.
    pub video: Video,
    /// The USB side.
    pub usb: Usb,
    /// What can be put into the machine's drives.
    pub drives: Drives,
    /// The machine's power.
    pub power: Power,
    /// The serial console's port.
    pub serial: Serial,
    /// The switch between the relay and several machines, where there is one.
    pub switch: Option<Switch>,
    #[serde(skip)]
    source: Source,
}

/// What kind of machine is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// The simulated PC.
    Sim,
    /// A real one, by a capture device and a USB controller.
    Hardware,
}

/// How the link is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// When TLS is spoken.
    pub mode: TlsMode,
    /// The owner's certificate chain in PEM; without it, the relay makes one itself.
    pub certificate: Option<PathBuf>,
    /// The private key of `certificate` in PEM.
    pub key: Option<PathBuf>,
}

/// When TLS is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// Everywhere but on loopback.
    #[default]
    Auto,
    /// Everywhere.
    On,
    /// Never; only for a loopback address.
    Off,
}

/// The capture side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Video {
    /// The V4L2 device.
    pub device: PathBuf,
    /// The only layout of pixels to capture; without it, the one that is cheapest to encode.
    pub format: Option<PixelFormat>,
    /// A file with the EDID that the machine shall read; without it, the device's own is left alone.
    pub edid: Option<PathBuf>,
    /// See [`VideoSettings::bitrate_kbps`].
    pub bitrate_kbps: u32,
    /// See [`VideoSettings::frame_rate`].
    pub frame_rate: u8,
}

/// The USB side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usb {
    /// The USB device controller, as named in `/sys/class/udc`; without it, the first one.
    pub udc: Option<String>,
    /// The gadget's name in configfs.
    pub gadget: String,
    /// The vendor that the machine sees.
    pub vendor_id: u16,
    /// The product that the machine sees.
    pub product_id: u16,
    /// The manufacturer's name that the machine sees.
    pub manufacturer: String,
    /// The product's name that the machine sees.
    pub product: String,
    /// The serial number that the machine sees; where it is empty, one of this relay's own.
    pub serial: String,
}

/// What can be put into the machine's drives.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drives {
    /// The folder of the images; without it, `images` in the state folder.
    pub images: Option<PathBuf>,
    /// The largest image, in MiB.
    pub image_max_mib: u32,
    /// The networks that are not public, and that images may be fetched from nevertheless.
    pub allow_networks: Vec<Network>,
    /// The drives that the machine sees, in order.
    pub slot: Vec<Slot>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8443)),
            machine: "Machine".to_owned(),
            state: PathBuf::from("/var/lib/armchair"),
            target: TargetKind::Hardware,
            tls: Tls::default(),
            video: Video::default(),
            usb: Usb::default(),
            drives: Drives::default(),
            power: Power::default(),
            serial: Serial::default(),
            switch: None,
            source: Source::default(),
        }
    }
}

impl Default for Video {
    fn default() -> Self {
        let encoding = VideoSettings::default();
        Self {
            device: PathBuf::from("/dev/video0"),
            format: None,
            edid: None,
            bitrate_kbps: encoding.bitrate_kbps,
            frame_rate: encoding.frame_rate,
        }
    }
}

impl Default for Usb {
    fn default() -> Self {
        Self {
            udc: None,
            gadget: "armchair".to_owned(),
            vendor_id: 0x1d6b,
            product_id: 0x0104,
            manufacturer: "Armchair".to_owned(),
            product: "Remote keyboard and mouse".to_owned(),
            serial: String::new(),
        }
    }
}

impl Default for Drives {
    fn default() -> Self {
        let slot = |name: &str, kind| Slot {
            name: name.to_owned(),
            kind,
        };
        Self {
            images: None,
            image_max_mib: 64 * 1024,
            allow_networks: Vec::new(),
            slot: vec![slot("cd", DriveKind::Cd), slot("usb", DriveKind::Disk)],
        }
    }
}

impl Config {
    /// The settings of `armchair demo`, which keeps its state in this folder.
    #[must_use]
    pub fn demo(state: &Path) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)),
            machine: "Armchair PC".to_owned(),
            state: state.to_owned(),
            target: TargetKind::Sim,
            ..Self::default()
        }
    }

    /// Reads a settings file.
    ///
    /// # Errors
    /// Where it cannot be read, is not TOML, has an unknown key, a wrong type or a value out of its range.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError {
            place: path.display().to_string(),
            problem: one_line(error),
        })?;
        Self::parse(path, text)
    }

    /// Understands the text of a settings file.
    ///
    /// # Errors
    /// Where it is not TOML, has an unknown key, a wrong type or a value out of its range.
    pub fn parse(path: &Path, text: String) -> Result<Self, ConfigError> {
        let source = Source {
            path: path.to_owned(),
            text,
        };
        let mut config: Self = toml::from_str(&source.text).map_err(|error| {
            let at = error.span().map(|span| span.start);
            match at.and_then(|at| source.key_of(at)) {
                Some(key) => source.error(at, format!("{key}: {}", error.message())),
                None => source.error(at, error.message()),
            }
        })?;
        config.source = source;
        config.check()?;
        Ok(config)
    }

    /// The error of a setting, by its dotted name as in `video.device`, with the line where it stands.
    pub fn fault(&self, key: &str, problem: impl Display) -> ConfigError {
        self.source
            .error(self.source.find(key), format!("{key}: {problem}"))
    }

    /// The folder of the images.
    #[must_use]
    pub fn images(&self) -> PathBuf {
        let named = self.drives.images.clone();
        named.unwrap_or_else(|| self.state.join("images"))
    }

    /// The power of the machine or, behind a switch, of each port's, each with the dotted name of its settings.
    #[must_use]
    pub fn powers(&self) -> Vec<(String, &Power)> {
        match &self.switch {
            Some(switch) => (switch.ports.iter().enumerate())
                .map(|(at, port)| (format!("switch.port.{at}.power"), &port.power))
                .collect(),
            None => vec![("power".to_owned(), &self.power)],
        }
    }

    /// The machine behind a port of the switch, counted from 0; `None` where there is none.
    #[must_use]
    pub fn place(&self, port: usize) -> Option<Place> {
        let machine = self.switch.as_ref()?.ports.get(port)?.name.clone();
        let port = u8::try_from(port).ok()?;
        Some(Place { port, machine })
    }

    /// How the picture is encoded until somebody changes it in the page.
    #[must_use]
    pub fn encoding(&self) -> VideoSettings {
        VideoSettings {
            bitrate_kbps: self.video.bitrate_kbps,
            frame_rate: self.video.frame_rate,
        }
    }

    /// Whether the relay speaks TLS where it listens.
    #[must_use]
    pub fn speaks_tls(&self) -> bool {
        match self.tls.mode {
            TlsMode::Auto => !self.listen.ip().is_loopback(),
            TlsMode::On => true,
            TlsMode::Off => false,
        }
    }

    /// Whether all settings are in their ranges and go together.
    ///
    /// # Errors
    /// The first setting that does not.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.machine.trim().is_empty() || self.machine.chars().count() > MACHINE_MAX {
            return Err(self.fault("machine", format!("1 to {MACHINE_MAX} characters")));
        }
        let (asked, usable) = (self.encoding(), self.encoding().clamped());
        if asked.bitrate_kbps != usable.bitrate_kbps {
            return Err(self.fault("video.bitrate_kbps", "250 to 50000"));
        }
        if asked.frame_rate != usable.frame_rate {
            return Err(self.fault("video.frame_rate", "1 to 60"));
        }
        if self.drives.image_max_mib == 0 {
            return Err(self.fault("drives.image_max_mib", "at least 1"));
        }
        self.check_slots()?;
        self.power
            .check_all()
            .map_err(|(setting, problem)| self.fault(&format!("power.{setting}"), problem))?;
        self.serial.check(self)?;
        self.check_switch()?;
        if self.tls.certificate.is_some() != self.tls.key.is_some() {
            let named = if self.tls.key.is_some() {
                "tls.key"
            } else {
                "tls.certificate"
            };
            return Err(self.fault(named, "certificate and key go together"));
        }
        if self.tls.mode == TlsMode::Off && !self.listen.ip().is_loopback() {
            return Err(self.fault("tls.mode", "\"off\" needs a loopback address to listen on"));
        }
        Ok(())
    }

    fn check_switch(&self) -> Result<(), ConfigError> {
        let Some(switch) = &self.switch else {
            return Ok(());
        };
        switch
            .check()
            .map_err(|(setting, problem)| self.fault(&format!("switch.{setting}"), problem))?;
        if self.power != Power::default() {
            let problem = "behind a switch, each machine has its own: [switch.port.power]";
            return Err(self.fault("power", problem));
        }
        Ok(())
    }

    fn check_slots(&self) -> Result<(), ConfigError> {
        let slots = &self.drives.slot;
        if slots.len() > DRIVES_MAX {
            let problem = format!("a USB device has at most {DRIVES_MAX} drives");
            return Err(self.fault(&format!("drives.slot.{DRIVES_MAX}"), problem));
        }
        for (at, slot) in slots.iter().enumerate() {
            let fits = (1..=SLOT_NAME_MAX).contains(&slot.name.len())
                && slot
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            let key = format!("drives.slot.{at}.name");
            if !fits {
                let problem =
                    format!("1 to {SLOT_NAME_MAX} characters of a to z, 0 to 9 and hyphens");
                return Err(self.fault(&key, problem));
            }
            if slots[..at].iter().any(|other| other.name == slot.name) {
                return Err(self.fault(&key, format!("there are two drives \"{}\"", slot.name)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
