//! The serial console: the bytes of a serial line, kept by the relay and shared by all who watch.
//!
//! It has a WebSocket of its own at [`PATH`], subprotocol [`SUBPROTOCOL`], so that no key and no picture waits behind
//! what a machine prints. A message is one binary frame: a postcard head, and for [`FromTerminal::Type`] and
//! [`ToTerminal::Output`] the bytes behind it.
//!
//! | way | messages | ordering |
//! |---|---|---|
//! | to the relay | [`FromTerminal::Open`] | first |
//! | to the page | [`ToTerminal::Opened`] | first |
//! | to the page | [`ToTerminal::Output`] | in order; where an offset is beyond the end of the last, what lies between is not kept any more |
//! | to the relay | [`FromTerminal::Type`], [`FromTerminal::Break`], [`FromTerminal::SetSpeed`] | in order; taken from the page that has the controls |
//! | to the page | [`ToTerminal::Refused`] | for each of them that was not done |
//!
//! How the port is, is said on the link of the page: [`crate::message::Change::Serial`]. Whoever ends this link says why
//! by its close code, see [`End`].

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::wire::{WireError, check_size, encode};

/// Where the relay is found.
pub const PATH: &str = "/link/serial";

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "armchair.serial.v1";

/// The most bytes that are typed by one message.
pub const TYPED_MAX: usize = 4096;

/// The most bytes of output in one message.
pub const OUTPUT_MAX: usize = 16 * 1024;

/// The largest message from a page, in bytes.
pub const FROM_TERMINAL_MAX: usize = TYPED_MAX + 32;

/// The largest message to a page, in bytes.
pub const TO_TERMINAL_MAX: usize = OUTPUT_MAX + 32;

/// The slowest and the fastest speed of a port, in bits a second.
pub const SPEEDS: (u32, u32) = (50, 4_000_000);

/// The speeds that are offered; a port may have another one.
pub const USUAL_SPEEDS: [u32; 12] = [
    1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_500_000,
];

/// From the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromTerminal {
    /// The first message.
    Open {
        /// Where it goes on; from the oldest byte that is kept, where there is none.
        resumes: Option<Place>,
    },
    /// Bytes for the machine: the message's raw tail, 1..=[`TYPED_MAX`].
    Type {
        /// The viewer that has the controls: [`crate::message::State::you`] of the page.
        viewer: u32,
    },
    /// The break signal, behind all that was typed before.
    Break {
        /// As above.
        viewer: u32,
    },
    /// Another speed of the port, for everybody.
    SetSpeed {
        /// As above.
        viewer: u32,
        /// In bits a second, within [`SPEEDS`].
        speed: u32,
    },
}

/// A place in what a port has printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The number of the log: another one, where the relay has started anew.
    pub log: u64,
    /// Bytes before it.
    pub offset: u64,
}

/// To the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToTerminal {
    /// What comes now.
    Opened {
        /// The number of the log.
        log: u64,
        /// Where the output begins that comes first.
        from: u64,
        /// Where the present begins: what comes before it is the past, in which no question of the machine is open.
        now: u64,
    },
    /// What the machine has printed: the message's raw tail, 1..=[`OUTPUT_MAX`] bytes.
    Output {
        /// Bytes before it.
        offset: u64,
    },
    /// Something was not done.
    Refused(Refused),
}

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    /// This page does not have the controls.
    NoControl,
    /// The port is not open.
    Closed,
    /// The machine takes nothing: flow control holds back all that was typed before.
    Full,
    /// The port cannot have this speed.
    Speed,
}

/// Why a link ends. Its number is the WebSocket close code, too: 4200 + the variant's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// The session has ended, or is no longer what it was.
    SignedOut,
    /// A message was cut off, oversized, unknown or out of order.
    BadMessage,
    /// The relay stops or restarts.
    Restarting,
    /// Nothing was heard for too long.
    Silent,
}

/// The serial port of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// The device on the relay, for people.
    pub name: String,
    /// In bits a second.
    pub speed: u32,
    /// How it is.
    pub state: PortState,
}

/// How a port is. One that is not open is tried again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PortState {
    /// Not yet known.
    Opening,
    /// Bytes come and go.
    Open,
    /// The device is not there.
    Missing,
    /// The relay may not open it.
    NotPermitted,
    /// Another program has it.
    Held,
    /// It cannot be used; the relay's log says why.
    Failed,
}

impl End {
    const ALL: [Self; 4] = [
        Self::SignedOut,
        Self::BadMessage,
        Self::Restarting,
        Self::Silent,
    ];

    /// The WebSocket close code.
    #[must_use]
    pub fn code(self) -> u16 {
        4200 + self as u16
    }

    /// The reason of a WebSocket close code, where one was given.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.code() == code)
    }
}

/// The bytes of a message from a page, with its raw tail (empty for all but [`FromTerminal::Type`]).
#[must_use]
pub fn encode_from_terminal(message: &FromTerminal, tail: &[u8]) -> Vec<u8> {
    encode(message, tail)
}

/// The message that the relay got, and its raw tail.
///
/// # Errors
/// Any [`WireError`]; only what is typed has a tail, and no empty one.
pub fn decode_from_terminal(bytes: &[u8]) -> Result<(FromTerminal, &[u8]), WireError> {
    let (message, tail) = decode(bytes, FROM_TERMINAL_MAX)?;
    let limit = match message {
        FromTerminal::Type { .. } => Some(TYPED_MAX),
        _ => None,
    };
    check_tail(tail, limit)?;
    Ok((message, tail))
}

/// The bytes of a message to a page, with its raw tail (empty for all but [`ToTerminal::Output`]).
#[must_use]
pub fn encode_to_terminal(message: &ToTerminal, tail: &[u8]) -> Vec<u8> {
    encode(message, tail)
}

/// The message that the page got, and its raw tail.
///
/// # Errors
/// Any [`WireError`]; only output has a tail, and no empty one.
pub fn decode_to_terminal(bytes: &[u8]) -> Result<(ToTerminal, &[u8]), WireError> {
    let (message, tail) = decode(bytes, TO_TERMINAL_MAX)?;
    let limit = match message {
        ToTerminal::Output { .. } => Some(OUTPUT_MAX),
        _ => None,
    };
    check_tail(tail, limit)?;
    Ok((message, tail))
}

fn decode<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<(T, &[u8]), WireError> {
    check_size(bytes, limit)?;
    postcard::take_from_bytes(bytes).map_err(|_| WireError::Malformed)
}

/// `limit` is that of a message with a tail.
fn check_tail(tail: &[u8], limit: Option<usize>) -> Result<(), WireError> {
    match limit {
        Some(_) if tail.is_empty() => Err(WireError::Malformed),
        Some(limit) => check_size(tail, limit),
        None if tail.is_empty() => Ok(()),
        None => Err(WireError::Trailing(tail.len())),
    }
}
