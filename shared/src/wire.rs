//! Messages to bytes and back, with every limit checked before anything is allocated.

use thiserror::Error;

use crate::message::{ToBrowser, ToRelay};

/// The largest message that the relay takes, in bytes.
pub const TO_RELAY_MAX: usize = 4 * 1024;

/// The largest message that the page takes, in bytes: a key frame of a large picture.
pub const TO_BROWSER_MAX: usize = 16 * 1024 * 1024;

/// The first byte of every [`ToBrowser::Video`] message, and of no other: whoever passes video on need not decode it.
pub const VIDEO: u8 = 3;

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WireError {
    /// Longer than the limit of its direction.
    #[error("a message of {size} bytes, and {limit} is the limit")]
    Oversized {
        /// Its length in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Cut off, of an unknown variant, or not postcard.
    #[error("not a message of this protocol")]
    Malformed,
    /// A whole message with bytes behind it that do not belong there.
    #[error("{0} bytes behind the message")]
    Trailing(usize),
}

/// The bytes of a message to the relay.
#[must_use]
pub fn encode_to_relay(message: &ToRelay) -> Vec<u8> {
    encode(message, &[])
}

/// The message that the relay got.
///
/// # Errors
/// Any [`WireError`]; a message to the relay has no tail.
pub fn decode_to_relay(bytes: &[u8]) -> Result<ToRelay, WireError> {
    check_size(bytes, TO_RELAY_MAX)?;
    let (message, tail) = postcard::take_from_bytes(bytes).map_err(|_| WireError::Malformed)?;
    if tail.is_empty() {
        Ok(message)
    } else {
        Err(WireError::Trailing(tail.len()))
    }
}

/// The bytes of a message to the page, with its raw tail (empty for all but video).
#[must_use]
pub fn encode_to_browser(message: &ToBrowser, tail: &[u8]) -> Vec<u8> {
    encode(message, tail)
}

/// The message that the page got, and its raw tail.
///
/// # Errors
/// Any [`WireError`]; only video may have a tail.
pub fn decode_to_browser(bytes: &[u8]) -> Result<(ToBrowser, &[u8]), WireError> {
    check_size(bytes, TO_BROWSER_MAX)?;
    let (message, tail) = postcard::take_from_bytes(bytes).map_err(|_| WireError::Malformed)?;
    match message {
        ToBrowser::Video(_) => Ok((message, tail)),
        _ if tail.is_empty() => Ok((message, tail)),
        _ => Err(WireError::Trailing(tail.len())),
    }
}

pub(crate) fn check_size(bytes: &[u8], limit: usize) -> Result<(), WireError> {
    if bytes.len() > limit {
        return Err(WireError::Oversized {
            size: bytes.len(),
            limit,
        });
    }
    Ok(())
}

#[expect(
    clippy::expect_used,
    reason = "writing to a Vec cannot fail, and every message is serializable"
)]
pub(crate) fn encode(message: &impl serde::Serialize, tail: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 + tail.len());
    bytes = postcard::to_extend(message, bytes).expect("a message serializes");
    bytes.extend_from_slice(tail);
    bytes
}

#[cfg(test)]
mod tests {
    use super::{VIDEO, encode_to_browser};
    use crate::{message::ToBrowser, video::Frame};

    #[test]
    fn the_first_byte_tells_video_from_all_else() {
        let frame = Frame {
            stream: 1,
            sequence: 2,
            key: false,
            captured_us: 3,
            encode_us: 4,
            format: None,
        };
        let video = encode_to_browser(&ToBrowser::Video(frame), &[9]);
        let hello = encode_to_browser(&ToBrowser::Hello { version: 1 }, &[]);
        assert_eq!(video[0], VIDEO);
        assert_ne!(hello[0], VIDEO);
    }
}
