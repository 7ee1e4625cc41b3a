//! The protocols of known switches.
//!
//! Only facts stand here: bytes, speeds and what was seen to be answered, each with the public document that it is from.

use serde::Deserialize;

use super::Settings;

/// A switch whose protocol is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// ezcoo EZ-SW41HA-KVM and its like, with commands that begin with EZ.
    ///
    /// Sources: the device's own help text (firmware 1.20 and 2.03) and traffic of an EZ-SW41HA-KVMU3L at 115200 bit/s,
    /// recorded by the project ezcoo-cli (PROTOCOL.md, tests/test_integration.jsonl): `EZS OUT1 VS IN2\n` is not answered,
    /// and `EZG OUT1 VS\n` is, with `OUT1 VS 4\r\n`. That each command is sent twice is PiKVM's advice for this family.
    Ezcoo,
    /// Older ones of the same maker, with commands that begin with SET.
    ///
    /// Sources: the maker's commands for PiKVM (ezcoo1.docx in PiKVM's handbook), which has no command to ask for the port and
    /// speaks of 57600 bit/s; PiKVM drives them with 115200, which holds here.
    EzcooSet,
    /// TESmart switches with a serial or a network port (TCP 5000 at 192.168.1.10 as they come).
    ///
    /// Sources: TESmart's table of commands, as described by the project bbeaudoin/bash (tesmart/README.md): 9600 bit/s,
    /// `AA BB 03 01 n EE` selects (from 1), `AA BB 03 10 00 EE` asks, `AA BB 03 11 n EE` answers (from 0), and at most one
    /// command a second. Captures of real devices end the answer with a checksum instead (`AA BB 03 11 06 1C`), so that its
    /// last byte may be any. They say the same by themselves when their own button is pressed.
    Tesmart,
    /// XH-HK4401: four ports, 19200 bit/s.
    ///
    /// Sources: PiKVM's handbook (xh_hk4401) and its driver: `SW1\r\nAG01gA` selects, and the switch says `AG01gA` by itself
    /// every two seconds.
    XhHk4401,
    /// BliSwitch v1 and v2: four or eight ports, 19200 bit/s.
    ///
    /// Source: *Control Protocol* in the maker's guide to BliSwitch v2: `SW1\r\nG01gA` selects, and the switch says `G01gA`.
    Bliswitch,
}

impl Model {
    /// Bits a second on its serial line.
    #[must_use]
    pub fn speed(self) -> u32 {
        match self {
            Self::Ezcoo | Self::EzcooSet => 115_200,
            Self::Tesmart => 9_600,
            Self::XhHk4401 | Self::Bliswitch => 19_200,
        }
    }

    /// Its TCP port, where it has a usual one.
    #[must_use]
    pub fn tcp_port(self) -> Option<u16> {
        (self == Self::Tesmart).then_some(5_000)
    }

    /// How many ports such a switch has at most.
    #[must_use]
    pub fn ports_max(self) -> usize {
        match self {
            Self::Ezcoo | Self::EzcooSet | Self::XhHk4401 => 4,
            Self::Tesmart => 16,
            Self::Bliswitch => 8,
        }
    }

    /// Its protocol.
    #[must_use]
    pub fn protocol(self) -> Settings {
        let text = |text: &str| Some(text.to_owned());
        match self {
            Self::Ezcoo => Settings {
                select: text(r"EZS OUT1 VS IN{port}\nEZS OUT1 VS IN{port}\n"),
                status: text(r"EZG OUT1 VS\n"),
                status_answer: text(r"OUT1 VS {port}\r"),
                ..Settings::default()
            },
            Self::EzcooSet => Settings {
                select: text(r"SET OUT1 VS IN{port}\nSET OUT1 VS IN{port}\n"),
                ..Settings::default()
            },
            Self::Tesmart => Settings {
                select: text(r"\xAA\xBB\x03\x01{port:byte}\xEE"),
                status: text(r"\xAA\xBB\x03\x10\x00\xEE"),
                status_answer: text(r"\xAA\xBB\x03\x11{port0:byte}{any}"),
                limit_ms: Some(5_000),
                pause_ms: Some(1_000),
                ..Settings::default()
            },
            Self::XhHk4401 => Settings {
                select: text(r"SW{port}\r\nAG{port:02}gA"),
                status_answer: text("AG{port:02}gA"),
                limit_ms: Some(5_000),
                ..Settings::default()
            },
            Self::Bliswitch => Settings {
                select: text(r"SW{port}\r\nG{port:02}gA"),
                status_answer: text("G{port:02}gA"),
                limit_ms: Some(5_000),
                ..Settings::default()
            },
        }
    }
}
