//! Files that an operator's browser has, and that are in a drive without being uploaded: the relay asks for a part when
//! the machine reads it.
//!
//! Each has a WebSocket of its own at [`PATH`], subprotocol [`SUBPROTOCOL`], so that no key and no picture waits behind
//! a block. A message is one binary frame: a postcard head, and for [`FromHolder::Part`] the bytes behind it.
//!
//! | way | messages | ordering |
//! |---|---|---|
//! | to the relay | [`FromHolder::Offer`] | first |
//! | to the page | [`ToHolder::Taken`] | first |
//! | to the page | [`ToHolder::Ask`] | at most [`ASKED_MAX`] bytes wait for their answers |
//! | to the relay | [`FromHolder::Part`] or [`FromHolder::Unread`] | one for each `Ask`, in any order |
//!
//! What is taken is inserted by `POST /api/v1/drives/{slot}/insert` with its number. Whoever ends the link says why by its
//! close code, see [`End`]. A page that comes back names the number, and goes on where it has the same file.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    list::List,
    wire::{WireError, check_size, encode},
};

/// Where the relay is found.
pub const PATH: &str = "/link/held";

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "armchair.held.v1";

/// The most bytes of a part.
pub const PART_MAX: usize = 256 * 1024;

/// The most bytes that are asked for at a time.
pub const ASKED_MAX: usize = 2 << 20;

/// The largest message from a page, in bytes.
pub const FROM_HOLDER_MAX: usize = PART_MAX + 16;

/// The largest message to a page, in bytes.
pub const TO_HOLDER_MAX: usize = 64;

/// The longest name of a file, in bytes of UTF-8.
pub const NAME_MAX: usize = 1024;

/// The most files that are held at a time.
pub const HELD_MAX: usize = 16;

/// How many samples tell a file from another one, and how long each is, in bytes.
const SAMPLES: (u64, u64) = (8, 64 * 1024);

/// Who holds which files.
pub type Holders = List<Holder, HELD_MAX>;

/// Somebody who holds a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The number of the file.
    pub held: u32,
    /// The name that they signed in with.
    pub name: String,
}

/// From the page that has the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromHolder {
    /// The first message.
    Offer(Offer),
    /// What was asked for. Its bytes are the message's raw tail.
    Part {
        /// The number of the [`Ask`].
        number: u32,
    },
    /// What was asked for cannot be read now.
    Unread {
        /// The number of the [`Ask`].
        number: u32,
    },
    /// The file has changed or is gone: nothing of it can be read any more.
    Changed,
}

/// To the page that has the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToHolder {
    /// The offer is taken.
    Taken {
        /// The number of the file, while the relay runs.
        held: u32,
    },
    /// Some of its bytes are wanted.
    Ask(Ask),
}

/// A file that a page offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The file.
    pub file: File,
    /// Where this is to go on: the number that the file had. The file must be the same.
    pub resumes: Option<u32>,
}

/// What a file is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was changed last, in milliseconds of Unix time.
    pub modified_ms: i64,
    /// The SHA-256 of its [`samples`], one behind the other.
    pub samples: [u8; 32],
}

/// A part that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Unique on this link.
    pub number: u32,
    /// Where it begins.
    pub offset: u64,
    /// How long it is: 1..=[`PART_MAX`].
    pub length: u32,
}

/// Why a link ends. Its number is the WebSocket close code, too: 4100 + the variant's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// The drive that had the file was emptied.
    Ejected,
    /// This is another file than the one that is to go on.
    OtherFile,
    /// Nothing of this number waits for a file any more.
    Unknown,
    /// Another page has the file now.
    Superseded,
    /// The session has ended, or may no longer do this.
    SignedOut,
    /// A message was cut off, oversized or unknown, or an answer to what was not asked.
    BadMessage,
    /// The relay stops or restarts.
    Restarting,
    /// Nothing was heard for too long.
    Silent,
    /// As many files as the relay takes are held.
    Full,
}

impl End {
    /// The WebSocket close code.
    #[must_use]
    pub fn code(self) -> u16 {
        4100 + self as u16
    }

    /// The reason of a WebSocket close code, where one was given.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        [
            Self::Ejected,
            Self::OtherFile,
            Self::Unknown,
            Self::Superseded,
            Self::SignedOut,
            Self::BadMessage,
            Self::Restarting,
            Self::Silent,
            Self::Full,
        ]
        .into_iter()
        .find(|end| end.code() == code)
    }

    /// Whether the same page may come back with the same file.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Restarting | Self::Silent)
    }
}

/// The places of a file by which it is told from another one, as offsets and lengths: spread evenly, with its
/// beginning and its end. All of it where it is small.
pub fn samples(bytes: u64) -> impl Iterator<Item = (u64, u64)> {
    let (count, length) = SAMPLES;
    let (count, length) = match bytes <= count * length {
        true => (1, bytes),
        false => (count, length),
    };
    let spread = move |place: u64| match count {
        1 => 0,
        _ => (bytes - length) / (count - 1) * place,
    };
    let place = move |place| match place + 1 == count {
        true => (bytes - length, length),
        false => (spread(place), length),
    };
    (0..count).map(place)
}

/// The bytes of a message from a page, with its raw tail (empty for all but [`FromHolder::Part`]).
#[must_use]
pub fn encode_from_holder(message: &FromHolder, tail: &[u8]) -> Vec<u8> {
    encode(message, tail)
}

/// The message that the relay got, and its raw tail.
///
/// # Errors
/// Any [`WireError`]; only a part may have a tail.
pub fn decode_from_holder(bytes: &[u8]) -> Result<(FromHolder, &[u8]), WireError> {
    let (message, tail) = decode(bytes, FROM_HOLDER_MAX)?;
    match message {
        FromHolder::Part { .. } => Ok((message, tail)),
        _ if tail.is_empty() => Ok((message, tail)),
        _ => Err(WireError::Trailing(tail.len())),
    }
}

/// The bytes of a message to a page.
#[must_use]
pub fn encode_to_holder(message: &ToHolder) -> Vec<u8> {
    encode(message, &[])
}

/// The message that the page got.
///
/// # Errors
/// Any [`WireError`].
pub fn decode_to_holder(bytes: &[u8]) -> Result<ToHolder, WireError> {
    match decode(bytes, TO_HOLDER_MAX)? {
        (message, []) => Ok(message),
        (_, tail) => Err(WireError::Trailing(tail.len())),
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<(T, &[u8]), WireError> {
    check_size(bytes, limit)?;
    postcard::take_from_bytes(bytes).map_err(|_| WireError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::samples;

    #[test]
    fn a_small_file_is_sampled_whole() {
        for bytes in [1, 1000, 512 * 1024] {
            assert_eq!(samples(bytes).collect::<Vec<_>>(), [(0, bytes)]);
        }
    }

    #[test]
    fn a_large_file_is_sampled_from_its_beginning_to_its_end() {
        for bytes in [512 * 1024 + 1, 5_000_000_001, u64::MAX] {
            let samples: Vec<_> = samples(bytes).collect();
            assert_eq!(samples.len(), 8);
            assert_eq!(samples[0], (0, 65_536));
            assert_eq!(samples[7], (bytes - 65_536, 65_536));
            for pair in samples.windows(2) {
                assert!(pair[0].0 < pair[1].0, "{samples:?}");
            }
        }
    }
}
