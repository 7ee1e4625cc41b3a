//! The packet itself: AMD's Magic Packet Technology, publication 20213.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};
use thiserror::Error;

/// How often the address stands in a packet.
const REPETITIONS: usize = 16;

/// The address of a network card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac([u8; 6]);

/// The password of a network card that is woken by nobody else (SecureOn).
#[derive(Clone, PartialEq, Eq)]
pub struct Password([u8; 6]);

/// Six bytes that are not written as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadBytes {
    /// Not six bytes.
    #[error("six bytes in hexadecimal, as in 00:11:22:aa:bb:cc")]
    Form,
    /// No one card has it.
    #[error("the address of one network card: this one is of none or of many")]
    NotOne,
}

/// What a sleeping card wakes at, in whatever it stands: six times 0xFF, its address sixteen times, and its password
/// where it has one.
#[must_use]
pub fn packet(mac: Mac, password: Option<&Password>) -> Vec<u8> {
    let mut bytes = vec![0xFF; 6];
    bytes.extend(mac.0.repeat(REPETITIONS));
    bytes.extend(password.iter().flat_map(|password| password.0));
    bytes
}

fn six_bytes(text: &str) -> Result<[u8; 6], BadBytes> {
    let separator = if text.contains('-') { '-' } else { ':' };
    let mut bytes = [0; 6];
    let mut parts = text.split(separator);
    for byte in &mut bytes {
        let part = parts.next().ok_or(BadBytes::Form)?;
        let digits = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_hexdigit());
        let value = digits.then(|| u8::from_str_radix(part, 16).ok()).flatten();
        *byte = value.ok_or(BadBytes::Form)?;
    }
    match parts.next() {
        None => Ok(bytes),
        Some(_) => Err(BadBytes::Form),
    }
}

impl FromStr for Mac {
    type Err = BadBytes;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = six_bytes(text)?;
        let of_many = bytes[0] & 1 != 0;
        if of_many || bytes == [0; 6] {
            return Err(BadBytes::NotOne);
        }
        Ok(Self(bytes))
    }
}

impl FromStr for Password {
    type Err = BadBytes;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        six_bytes(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f] = self.0;
        write!(formatter, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BadBytes, Mac, Password, packet};

    /// The example of AMD's publication 20213, page 2: the station with the address 11h 22h 33h 44h 55h 66h.
    const EXAMPLE: [u8; 102] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, //
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, //
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, //
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, //
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, //
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, //
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, //
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, //
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, //
    ];

    /// As the card has it: bytes come one by one; after a synchronization stream the next ninety-six are compared with
    /// its own address, and the six behind are its password, where it has one.
    fn wakes(card: [u8; 6], secret: Option<[u8; 6]>, frame: &[u8]) -> bool {
        let mut ones = 0;
        for (at, byte) in frame.iter().enumerate() {
            ones = if *byte == 0xFF { ones + 1 } else { 0 };
            if ones < 6 {
                continue;
            }
            let behind = &frame[at + 1..];
            let matched = (0..96).all(|n| behind.get(n) == Some(&card[n % 6]));
            let allowed = secret.is_none_or(|secret| behind.get(96..102) == Some(&secret[..]));
            if matched && allowed {
                return true;
            }
        }
        false
    }

    fn written(bytes: [u8; 6], separator: &str) -> String {
        bytes.map(|byte| format!("{byte:02X}")).join(separator)
    }

    #[test]
    fn it_is_the_specifications_example() {
        let mac = Mac([0x11, 0x22, 0x33, 0x44, 0x55, 0x66]);
        assert_eq!(packet(mac, None), EXAMPLE);
    }

    #[test]
    fn an_address_is_of_one_card_and_a_password_is_not_told() {
        for text in [
            "",
            "11:22:33:44:55",
            "11:22:33:44:55:66:77",
            "11:22:33:44:55:6",
            "+1:22:33:44:55:66",
            "11-22:33:44:55:66",
            "112233445566",
            "11:22:33:44:55:gg",
        ] {
            assert_eq!(text.parse::<Mac>(), Err(BadBytes::Form), "{text}");
            assert_eq!(text.parse::<Password>(), Err(BadBytes::Form), "{text}");
        }
        for text in [
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "01:00:5e:00:00:01",
        ] {
            assert_eq!(text.parse::<Mac>(), Err(BadBytes::NotOne), "{text}");
        }
        let password: Password = "de:ad:be:ef:00:01".parse().unwrap();
        assert!(!format!("{password:?}").contains("de"));
    }

    proptest! {
        #[test]
        fn the_card_wakes_and_no_other(
            card in any::<[u8; 6]>(),
            other in any::<[u8; 6]>(),
            secret in any::<[u8; 6]>(),
            wrong in any::<[u8; 6]>(),
        ) {
            let card = [card[0] & !1 | 2, card[1], card[2], card[3], card[4], card[5]];
            let mac: Mac = written(card, "-").parse().unwrap();
            prop_assert_eq!(&mac.to_string(), &written(card, ":").to_lowercase());
            let password: Password = written(secret, ":").parse().unwrap();
            let open = packet(mac, None);
            let locked = packet(mac, Some(&password));
            prop_assert!(wakes(card, None, &open) && wakes(card, None, &locked));
            prop_assert!(wakes(card, Some(secret), &locked));
            prop_assert_eq!(wakes(card, Some(wrong), &locked), wrong == secret);
            prop_assert!(!wakes(card, Some(secret), &open));
            prop_assert_eq!(wakes(other, None, &open), other == card);
        }
    }
}
