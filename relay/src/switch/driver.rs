//! What drives a switch.

use std::{net::Ipv6Addr, path::PathBuf, sync::Arc};

use serde::Deserialize;

use super::{
    Switch,
    hotkeys::{self, HotkeySwitch},
    lines::{self, LineSwitch, pins::GpioPins},
    settings::Port,
    text::{
        self, Model, Protocol,
        line::{Place, TextSwitch},
    },
};
use crate::{
    config::{
        self,
        serial::{FlowControl, Frame, Parity},
    },
    input::Controls,
    power::settings::Line,
    serial::device::Device,
};

/// A driver with its settings, as in `[switch.driver.serial]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// Keys that a switch listens to.
    Hotkeys(hotkeys::Settings),
    /// GPIO lines.
    Lines(lines::settings::Settings),
    /// A protocol on a serial line.
    Serial(Serial),
    /// A protocol on a TCP connection.
    Tcp(Tcp),
}

/// A switch at a serial line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serial {
    /// The device of the port.
    pub device: PathBuf,
    /// What kind of switch it is, if it is one that is known.
    pub model: Option<Model>,
    /// In bits a second; without it, as the model has it, or 9600.
    pub speed: Option<u32>,
    /// 5 to 8.
    pub data_bits: u8,
    /// What a parity bit says.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
    /// What is said on the line.
    pub protocol: text::Settings,
}

/// A switch at a TCP port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tcp {
    /// Its address and port, as in `192.168.1.10:5000`.
    pub address: String,
    /// What kind of switch it is, if it is one that is known.
    pub model: Option<Model>,
    /// What is said on the connection.
    pub protocol: text::Settings,
}

/// The speed of a serial line where nobody says otherwise, in bits a second.
const SPEED: u32 = 9_600;

/// The dotted name of a setting, and what is wrong with it.
pub type Problem = (String, String);

impl Driver {
    /// Whether all of it can be used, for a switch with so many ports.
    ///
    /// # Errors
    /// The dotted name of the first setting that cannot, without `switch.driver.`, and why.
    pub fn check(&self, ports: usize) -> Result<(), Problem> {
        match self {
            Self::Hotkeys(settings) => settings.check(ports).map_err(within("hotkeys")),
            Self::Lines(settings) => settings.check(ports).map_err(within("lines")),
            Self::Serial(settings) => settings.open(ports).map(drop).map_err(within("serial")),
            Self::Tcp(settings) => settings.open(ports).map(drop).map_err(within("tcp")),
        }
    }

    /// Its GPIO lines, each with the dotted name of its setting, without `switch.driver.`.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, &Line)> {
        match self {
            Self::Lines(settings) => (settings.lines().into_iter())
                .map(|(setting, line)| (format!("lines.{setting}"), line))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Opens the switch. One that cannot be reached now is an error of each thing that it is asked for; lines that cannot be
    /// had now are most likely wrong settings.
    ///
    /// # Errors
    /// The dotted name of the setting that cannot be used, without `switch.`, and why.
    pub fn open(&self, controls: &Controls, ports: &[Port]) -> Result<Box<dyn Switch>, Problem> {
        let count = ports.len();
        Ok(match self {
            Self::Hotkeys(settings) => {
                Box::new(HotkeySwitch::new(settings.clone(), controls.clone()))
            }
            Self::Lines(settings) => {
                let pins = GpioPins::open(settings)
                    .map_err(|(setting, fault)| (setting, fault.to_string()))
                    .map_err(within("driver.lines"))?;
                Box::new(LineSwitch::new(settings, count, Box::new(pins)))
            }
            Self::Serial(settings) => {
                Box::new(settings.open(count).map_err(within("driver.serial"))?)
            }
            Self::Tcp(settings) => Box::new(settings.open(count).map_err(within("driver.tcp"))?),
        })
    }
}

impl Default for Serial {
    fn default() -> Self {
        let Frame {
            data_bits,
            parity,
            stop_bits,
            ..
        } = config::serial::Serial::default().frame();
        Self {
            device: PathBuf::new(),
            model: None,
            speed: None,
            data_bits,
            parity,
            stop_bits,
            protocol: text::Settings::default(),
        }
    }
}

impl Serial {
    /// Its port, and the speed of that in bits a second.
    #[must_use]
    pub fn port(&self) -> (Device, u32) {
        let speed = self.speed.or(self.model.map(Model::speed));
        let device = Device::new(&self.device, self.frame());
        (device, speed.unwrap_or(SPEED))
    }

    /// The switch, which is not yet spoken to.
    ///
    /// # Errors
    /// The dotted name of the setting that cannot be used, and why.
    pub fn open(&self, ports: usize) -> Result<TextSwitch, Problem> {
        if self.device.as_os_str().is_empty() {
            let problem = "name the port that leads to the switch, as in \"/dev/ttyUSB0\"";
            return Err(("device".to_owned(), problem.to_owned()));
        }
        let (device, speed) = self.port();
        self.frame()
            .check(speed)
            .map_err(|(setting, problem)| (setting.to_owned(), problem))?;
        let protocol = protocol(&self.protocol, self.model, ports)?;
        let place = Place::Serial(Arc::new(device), speed);
        Ok(TextSwitch::new(place, protocol, ports))
    }

    fn frame(&self) -> Frame {
        Frame {
            data_bits: self.data_bits,
            parity: self.parity,
            stop_bits: self.stop_bits,
            flow_control: FlowControl::None,
        }
    }
}

impl Tcp {
    /// The switch, which is not yet spoken to.
    ///
    /// # Errors
    /// The dotted name of the setting that cannot be used, and why.
    pub fn open(&self, ports: usize) -> Result<TextSwitch, Problem> {
        let address = self
            .address()
            .map_err(|problem| ("address".to_owned(), problem.to_owned()))?;
        let protocol = protocol(&self.protocol, self.model, ports)?;
        Ok(TextSwitch::new(Place::Tcp(address), protocol, ports))
    }

    /// Its address, with a port.
    fn address(&self) -> Result<String, &'static str> {
        let address = self.address.trim();
        let is_bare_v6 = address.parse::<Ipv6Addr>().is_ok();
        let named = address.rsplit_once(':').filter(|_| !is_bare_v6);
        match (named, self.model.and_then(Model::tcp_port)) {
            _ if address.is_empty() => {
                Err("name the switch's address, as in \"192.168.1.10:5000\"")
            }
            (Some((host, port)), _) => match port.parse::<u16>() {
                Ok(1..) if !host.is_empty() => Ok(address.to_owned()),
                _ => Err("the address has a port of 1 to 65535, as in \"192.168.1.10:5000\""),
            },
            (None, Some(port)) if is_bare_v6 => Ok(format!("[{address}]:{port}")),
            (None, Some(port)) => Ok(format!("{address}:{port}")),
            (None, None) => Err("say the port, too, as in \"192.168.1.10:5000\""),
        }
    }
}

fn protocol(own: &text::Settings, model: Option<Model>, ports: usize) -> Result<Protocol, Problem> {
    own.protocol(model, ports)
        .map_err(|(setting, problem)| (format!("protocol.{setting}"), problem))
}

fn within(name: &'static str) -> impl Fn(Problem) -> Problem {
    move |(setting, problem)| (format!("{name}.{setting}"), problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(address: &str, model: Option<Model>) -> Result<String, &'static str> {
        let settings = Tcp {
            address: address.to_owned(),
            model,
            ..Tcp::default()
        };
        settings.address()
    }

    #[test]
    fn a_known_switch_needs_no_port_and_others_do() {
        let tesmart = Some(Model::Tesmart);
        for (given, expected) in [
            ("192.168.1.10", "192.168.1.10:5000"),
            ("192.168.1.10:5001", "192.168.1.10:5001"),
            ("fd00::7", "[fd00::7]:5000"),
            ("[fd00::7]:23", "[fd00::7]:23"),
            ("switch.lan", "switch.lan:5000"),
        ] {
            assert_eq!(address(given, tesmart).as_deref(), Ok(expected));
        }
        assert!(address("192.168.1.10", None).is_err());
        for wrong in [
            "",
            " ",
            ":5000",
            "switch.lan:0",
            "switch.lan:99999",
            "switch.lan:",
        ] {
            assert!(address(wrong, tesmart).is_err(), "{wrong}");
        }
    }
}
