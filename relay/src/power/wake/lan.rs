//! Wake-on-LAN: a packet that the network card of a sleeping machine waits for.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU16,
};

use serde::Deserialize;
use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;

use super::packet::{Mac, Password, packet};

/// Where the kernel lists network interfaces.
const INTERFACES: &str = "/sys/class/net";

/// How often the packet is sent: nobody answers to it, and networks lose packets.
const TIMES: usize = 3;

/// Where the packet goes unless the settings say otherwise: the port of the discard service.
const PORT: NonZeroU16 = NonZeroU16::new(9).unwrap();

/// How the machine's network card is woken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WakeOnLan {
    /// The card's address.
    pub mac: Mac,
    /// The relay's interface that leads to it; without it, the one that the routes say.
    pub interface: Option<String>,
    /// Whom the packet is sent to: everybody in the interface's network, a network, or one host.
    #[serde(default = "everybody")]
    pub address: IpAddr,
    /// The UDP port, which the card does not look at, but what stands between may.
    #[serde(default = "port")]
    pub port: NonZeroU16,
    /// The card's SecureOn password.
    pub password: Option<Password>,
}

fn everybody() -> IpAddr {
    IpAddr::V4(Ipv4Addr::BROADCAST)
}

fn port() -> NonZeroU16 {
    PORT
}

/// Why no packet was sent.
#[derive(Debug, Error)]
pub enum LanError {
    /// The interface of the settings is not there.
    #[error("the relay has no network interface \"{name}\"; it has {}", known.join(", "))]
    NoInterface {
        /// The name in the settings.
        name: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// No route, or the interface is down.
    #[error(
        "there is no way to {address}{}: is the network up?",
        through(interface)
    )]
    NoWay {
        /// Where it should have gone.
        address: IpAddr,
        /// The interface in the settings.
        interface: Option<String>,
    },
    /// A system call failed.
    #[error("the wake-up packet cannot be sent: {0}")]
    Io(#[from] io::Error),
}

fn through(interface: &Option<String>) -> String {
    let through = |name| format!(" through the network interface \"{name}\"");
    interface.as_ref().map(through).unwrap_or_default()
}

impl WakeOnLan {
    /// Sends the packet. That the machine wakes by it is not known.
    ///
    /// # Errors
    /// Any [`LanError`]; then nothing was sent.
    pub fn send(&self) -> Result<(), LanError> {
        let packet = packet(self.mac, self.password.as_ref());
        let to = SocketAddr::new(self.address, self.port.get()).into();
        let socket = self.socket()?;
        for _ in 0..TIMES {
            socket
                .send_to(&packet, &to)
                .map_err(|error| self.not_sent(error))?;
        }
        Ok(())
    }

    /// Whether the interface of the settings is there.
    ///
    /// # Errors
    /// [`LanError::NoInterface`] where it is not.
    pub fn check(&self) -> Result<(), LanError> {
        self.socket().map(drop)
    }

    fn socket(&self) -> Result<Socket, LanError> {
        let domain = match self.address {
            IpAddr::V4(_) => Domain::IPV4,
            IpAddr::V6(_) => Domain::IPV6,
        };
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        if self.address.is_ipv4() {
            socket.set_broadcast(true)?;
        }
        if let Some(name) = &self.interface {
            socket
                .bind_device(Some(name.as_bytes()))
                .map_err(|error| self.not_sent(error))?;
        }
        Ok(socket)
    }

    fn not_sent(&self, error: io::Error) -> LanError {
        match (error.raw_os_error(), &self.interface) {
            (Some(libc::ENODEV), Some(name)) => LanError::NoInterface {
                name: name.clone(),
                known: interfaces(),
            },
            (Some(libc::ENETUNREACH | libc::EHOSTUNREACH | libc::ENETDOWN), _) => LanError::NoWay {
                address: self.address,
                interface: self.interface.clone(),
            },
            _ => error.into(),
        }
    }
}

/// The names of the relay's network interfaces, in order.
fn interfaces() -> Vec<String> {
    let listed = std::fs::read_dir(INTERFACES).into_iter().flatten();
    let mut names: Vec<String> = listed
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests;
