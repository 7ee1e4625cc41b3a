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
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use crate::{
    capture::PixelFormat,
    media::{fetch::address::Network, slots::Slot},
};

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

/// A setting or an argument that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    /// The file with the line, or the argument.
    pub place: String,
    /// What is wrong with it.
    pub problem: String,
}

impl ConfigError {
    /// An argument of the command line that cannot be used.
    pub fn argument(name: &str, problem: impl Display) -> Self {
        Self {
            place: name.to_owned(),
            problem: one_line(problem),
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

/// The text that settings came from, for naming lines in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn error(&self, at: Option<usize>, problem: impl Display) -> ConfigError {
        let path = if self.path.as_os_str().is_empty() {
            "settings".to_owned()
        } else {
            self.path.display().to_string()
        };
        let line = at
            .and_then(|at| self.text.get(..at))
            .map(|before| before.matches('\n').count() + 1);
        ConfigError {
            place: line.map_or_else(|| path.clone(), |line| format!("{path}:{line}")),
            problem: one_line(problem),
        }
    }

    /// The dotted name of the setting whose value stands at this place.
    fn key_of(&self, at: usize) -> Option<String> {
        let table = DeTable::parse(&self.text).ok()?;
        key_in(table.get_ref(), at)
    }

    fn find(&self, key: &str) -> Option<usize> {
        let table = DeTable::parse(&self.text).ok()?;
        let mut parts = key.split('.');
        let first = parts.next()?;
        let (name, mut value) = table
            .get_ref()
            .iter()
            .find(|(name, _)| name.get_ref() == first)?;
        let mut at = name.span().start;
        for part in parts {
            (at, value) = match value.get_ref() {
                DeValue::Table(inner) => {
                    let (name, value) = inner.iter().find(|(name, _)| name.get_ref() == part)?;
                    (name.span().start, value)
                }
                DeValue::Array(values) => {
                    let value = values.get(part.parse::<usize>().ok()?)?;
                    (value.span().start, value)
                }
                _ => break,
            };
        }
        Some(at)
    }
}

fn key_in(table: &DeTable<'_>, at: usize) -> Option<String> {
    table
        .iter()
        .find_map(|(name, value)| match value.get_ref() {
            DeValue::Table(inner) => Some(format!("{}.{}", name.get_ref(), key_in(inner, at)?)),
            DeValue::Array(values) if item_in(values, at).is_some() => {
                Some(format!("{}.{}", name.get_ref(), item_in(values, at)?))
            }
            _ => value
                .span()
                .contains(&at)
                .then(|| name.get_ref().to_string()),
        })
}

/// The number of the table in a list that has this place, and the name in it.
fn item_in(values: &[toml::Spanned<DeValue<'_>>], at: usize) -> Option<String> {
    values
        .iter()
        .enumerate()
        .find_map(|(number, value)| match value.get_ref() {
            DeValue::Table(inner) => Some(format!("{number}.{}", key_in(inner, at)?)),
            _ => None,
        })
}

fn one_line(problem: impl Display) -> String {
    problem
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("armchair.toml"), text.to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_file_is_all_defaults() {
        let config = parse("").unwrap();
        assert_eq!(config.listen.to_string(), "0.0.0.0:8443");
        assert_eq!(config.target, TargetKind::Hardware);
        assert!(config.speaks_tls());
    }

    #[test]
    fn the_example_holds_the_defaults() {
        let example = parse(include_str!("../armchair.toml")).unwrap();
        let expected = Config {
            source: example.source.clone(),
            ..Config::default()
        };
        assert_eq!(example, expected);
    }

    #[test]
    fn the_example_names_every_optional_setting_in_a_comment() {
        let example: String = include_str!("../armchair.toml")
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n");
        let config = parse(&example).unwrap();
        assert!(config.tls.certificate.is_some() && config.tls.key.is_some());
        assert!(config.video.format.is_some());
        assert!(config.video.edid.is_some() && config.usb.udc.is_some());
        assert!(config.drives.images.is_some());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = parse("machine = \"pc\"\n\n[video]\ndevise = \"/dev/video1\"\n").unwrap_err();
        assert!(
            error.starts_with("armchair.toml:4: unknown field `devise`"),
            "{error}"
        );
        let error = parse("colour = 1\n").unwrap_err();
        assert!(
            error.starts_with("armchair.toml:1: unknown field `colour`"),
            "{error}"
        );
    }

    #[test]
    fn a_wrong_type_is_named_with_its_line() {
        let error = parse("[video]\n# comment\nframe_rate = \"fast\"\n").unwrap_err();
        assert!(
            error.starts_with("armchair.toml:3: video.frame_rate: invalid type"),
            "{error}"
        );
        let error = parse("\nlisten = \"nowhere\"\n").unwrap_err();
        assert!(error.starts_with("armchair.toml:2: listen: "), "{error}");
        let error =
            parse("[drives]\nallow_networks = [\n  \"10.0.0.0/8\",\n  \"10.1.2.3/8\",\n]\n");
        let error = error.unwrap_err();
        assert!(
            error.starts_with("armchair.toml:2: drives.allow_networks: \"10.1.2.3/8\" is an"),
            "{error}"
        );
        let error = parse("[[drives.slot]]\nname = \"cd\"\nkind = \"tape\"\n").unwrap_err();
        assert!(
            error.starts_with("armchair.toml:3: drives.slot.0.kind: unknown variant"),
            "{error}"
        );
        let nine = "[[drives.slot]]\nname = \"a\"\nkind = \"cd\"\n".repeat(9);
        let error = parse(&nine).unwrap_err();
        assert!(
            error.starts_with("armchair.toml:25: drives.slot.8: a USB device has at most 8"),
            "{error}"
        );
        let error = parse("target = \"toaster\"\n").unwrap_err();
        assert!(
            error.starts_with("armchair.toml:1: target: unknown variant"),
            "{error}"
        );
    }

    #[test]
    fn broken_toml_is_named_with_its_line_and_on_one_line() {
        let error = parse("machine = \"pc\"\nlisten = [\n").unwrap_err();
        assert!(error.starts_with("armchair.toml:"), "{error}");
        assert_eq!(error.lines().count(), 1);
    }

    #[test]
    fn a_value_out_of_its_range_is_named_with_its_line() {
        for (text, expected) in [
            (
                "[video]\nbitrate_kbps = 1\n",
                "armchair.toml:2: video.bitrate_kbps: 250 to 50000",
            ),
            (
                "[video]\n\nframe_rate = 0\n",
                "armchair.toml:3: video.frame_rate: 1 to 60",
            ),
            (
                "machine = \" \"\n",
                "armchair.toml:1: machine: 1 to 64 characters",
            ),
            (
                "[drives]\nimage_max_mib = 0\n",
                "armchair.toml:2: drives.image_max_mib: at least 1",
            ),
            (
                "[[drives.slot]]\nname = \"cd\"\nkind = \"cd\"\n[[drives.slot]]\nname = \"A b\"\nkind = \"cd\"\n",
                "armchair.toml:5: drives.slot.1.name: 1 to 16 characters of a to z, 0 to 9 and hyphens",
            ),
            (
                "[[drives.slot]]\nname = \"cd\"\nkind = \"cd\"\n\n[[drives.slot]]\nname = \"cd\"\nkind = \"disk\"\n",
                "armchair.toml:6: drives.slot.1.name: there are two drives \"cd\"",
            ),
            (
                "[tls]\nkey = \"key.pem\"\n",
                "armchair.toml:2: tls.key: certificate and key go together",
            ),
            (
                "listen = \"192.0.2.1:443\"\ntls.mode = \"off\"\n",
                "armchair.toml:2: tls.mode: \"off\" needs a loopback address to listen on",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_default_that_fails_later_is_named_without_a_line() {
        let error = parse("").unwrap().fault("video.device", "not there");
        assert_eq!(error.to_string(), "armchair.toml: video.device: not there");
    }

    #[test]
    fn loopback_is_plain_unless_told_otherwise() {
        assert!(!parse("listen = \"127.0.0.1:0\"").unwrap().speaks_tls());
        assert!(!parse("listen = \"[::1]:0\"").unwrap().speaks_tls());
        assert!(
            parse("listen = \"127.0.0.1:0\"\ntls.mode = \"on\"")
                .unwrap()
                .speaks_tls()
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Config::read(Path::new("/nowhere/armchair.toml")).unwrap_err();
        assert_eq!(error.place, "/nowhere/armchair.toml");
    }
}
