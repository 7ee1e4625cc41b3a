//! Which addresses the relay may fetch from: those of the public Internet, and those that its settings name.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, de::Error as _};
use thiserror::Error;

/// A network of addresses, as `10.0.0.0/8`; without a slash, the one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no [`Network`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadNetwork {
    /// Neither an address nor a network.
    #[error("\"{0}\" is no network like \"10.0.0.0/8\"")]
    Unreadable(String),
    /// An address within a network.
    #[error("\"{given}\" is an address within the network \"{network}\"")]
    HostBits {
        /// What was given.
        given: String,
        /// What may be meant.
        network: Network,
    },
}

/// What stands for no public host. Source: the special-purpose address registries of IANA (RFC 6890), and RFC 5771.
const NOT_PUBLIC_V4: [(Ipv4Addr, u8); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// All that is global unicast. Source: IANA's registry of the IPv6 address space.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What of it stands for no public host; Teredo (2001::/32) is among the first.
const NOT_PUBLIC_V6: [(Ipv6Addr, u8); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// IPv4 behind a translator (RFC 6052).
const NAT64: (Ipv6Addr, u8) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// IPv4 in a tunnel (RFC 3056).
const SIX_TO_FOUR: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16);

/// Whether the relay may connect to an address.
#[must_use]
pub fn is_permitted(address: IpAddr, allowed: &[Network]) -> bool {
    let address = address.to_canonical();
    is_public(address) || allowed.iter().any(|network| network.contains(address))
}

/// Whether an address is a host's of the public Internet, in whatever form it is written.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(embedded) => is_public_v4(embedded),
            None => {
                is_within_v6(address, GLOBAL_V6)
                    && !NOT_PUBLIC_V6
                        .iter()
                        .any(|&network| is_within_v6(address, network))
            }
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !NOT_PUBLIC_V4
        .iter()
        .any(|&network| is_within_v4(address, network))
}

/// The IPv4 address that packets to this one go to in the end.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    if is_within_v6(address, NAT64) {
        return Some(Ipv4Addr::from_bits((bits & 0xffff_ffff) as u32));
    }
    is_within_v6(address, SIX_TO_FOUR)
        .then(|| Ipv4Addr::from_bits((bits >> 80 & 0xffff_ffff) as u32))
}

fn is_within_v4(address: Ipv4Addr, (network, prefix): (Ipv4Addr, u8)) -> bool {
    (address.to_bits() ^ network.to_bits()) & mask_v4(prefix) == 0
}

fn is_within_v6(address: Ipv6Addr, (network, prefix): (Ipv6Addr, u8)) -> bool {
    (address.to_bits() ^ network.to_bits()) & mask_v6(prefix) == 0
}

fn mask_v4(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

fn mask_v6(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

impl Network {
    /// Whether an address is one of the network's.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                is_within_v4(address, (network, self.prefix))
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                is_within_v6(address, (network, self.prefix))
            }
            _ => false,
        }
    }

    fn of(address: IpAddr, prefix: u8) -> Self {
        let address = match address {
            IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & mask_v4(prefix)).into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & mask_v6(prefix)).into(),
        };
        Self { address, prefix }
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let unreadable = || BadNetwork::Unreadable(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| unreadable())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| unreadable())?,
            None => most,
        };
        if prefix > most {
            return Err(unreadable());
        }
        let network = Self::of(address, prefix);
        match network.address == address {
            true => Ok(network),
            false => Err(BadNetwork::HostBits {
                given: text.to_owned(),
                network,
            }),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn public(address: &str) -> bool {
        is_public(address.parse().unwrap())
    }

    #[test]
    fn public_hosts_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn what_is_near_or_special_is_not() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::101:101",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:c0a8:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn what_the_settings_name_is_permitted_and_its_neighbours_are_not() {
        let allowed: Vec<Network> = ["10.1.0.0/16", "fd00::/8", "127.0.0.1"]
            .map(|text| text.parse().unwrap())
            .to_vec();
        let permitted = |address: &str| is_permitted(address.parse().unwrap(), &allowed);
        for address in [
            "10.1.2.3",
            "::ffff:10.1.2.3",
            "fd12::1",
            "127.0.0.1",
            "8.8.8.8",
        ] {
            assert!(permitted(address), "{address}");
        }
        for address in ["10.2.0.0", "10.0.255.255", "fc00::1", "127.0.0.2", "::1"] {
            assert!(!permitted(address), "{address}");
        }
    }

    #[test]
    fn what_is_no_network_is_said() {
        for text in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "example.com",
            "10.0.0.0/",
            "/8",
        ] {
            let error = text.parse::<Network>().unwrap_err();
            assert_eq!(error, BadNetwork::Unreadable(text.to_owned()));
        }
        let error = "10.1.2.3/8".parse::<Network>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"10.1.2.3/8\" is an address within the network \"10.0.0.0/8\""
        );
        assert_eq!(
            "0.0.0.0/0".parse::<Network>().unwrap().to_string(),
            "0.0.0.0/0"
        );
    }

    proptest! {
        /// The standard library knows some of the ranges by itself.
        #[test]
        fn no_address_that_the_standard_library_calls_local_is_public(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let is_local = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_broadcast() || address.is_documentation() || address.is_multicast()
                || address.is_unspecified();
            prop_assert!(!(is_local && is_public(address.into())));
        }

        #[test]
        fn no_form_of_an_address_is_more_public_than_the_address(bits: u32, rest: u64) {
            let address = Ipv4Addr::from_bits(bits);
            let tunnel = 0x2002_u128 << 112 | u128::from(bits) << 80 | u128::from(rest);
            let translated = 0x0064_ff9b_u128 << 96 | u128::from(bits);
            for form in [
                address.to_ipv6_mapped(),
                Ipv6Addr::from_bits(tunnel),
                Ipv6Addr::from_bits(translated),
            ] {
                prop_assert_eq!(is_public(form.into()), is_public(address.into()));
            }
        }

        #[test]
        fn a_network_contains_what_shares_its_prefix(bits: u32, other: u32, prefix in 0..=32_u8) {
            let network = Network::of(Ipv4Addr::from_bits(bits).into(), prefix);
            let is_within = network.contains(Ipv4Addr::from_bits(other).into());
            let same = (0..u32::from(prefix)).all(|bit| (bits ^ other) >> (31 - bit) & 1 == 0);
            prop_assert_eq!(is_within, same);
            prop_assert_eq!(network.to_string().parse(), Ok(network));
        }
    }
}
