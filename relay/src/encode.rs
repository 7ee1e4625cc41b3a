//! Pictures to access units.

use std::time::Instant;

use shared::{message::VideoSettings, video::Codec};
use thiserror::Error;
use tracing::{info, warn};

pub mod convert;
pub mod h264;
pub mod openh264;
pub mod rate;

pub use convert::I420;

/// Something that compresses pictures of one size. It lives on the stream's thread.
pub trait Encoder: Send {
    /// Compresses one picture, at the time `now`. Pictures come in the order in which they are shown, and the access unit of
    /// each is ready when the call returns.
    ///
    /// # Errors
    /// [`EncodeError`]; the encoder is of no use afterwards.
    fn encode(
        &mut self,
        now: Instant,
        picture: &I420,
        kind: Kind,
    ) -> Result<Encoding<'_>, EncodeError>;

    /// Takes new settings; they hold from the next picture on.
    fn set(&mut self, settings: VideoSettings);

    /// Whether encoding the last picture once more would not make it any sharper.
    fn settled(&self) -> bool;
}

/// Why a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A decoder must be able to start with it.
    Key,
    /// It differs from the one before.
    Change,
    /// It is the same as the one before, and can be sharper. An encoder skips it where the link is not yet free for that.
    Refinement,
}

/// What became of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding<'a> {
    /// One access unit, for H.264 in Annex B with the parameter sets before a key frame.
    Unit {
        /// The bytes.
        data: &'a [u8],
        /// Whether a decoder can start here. An encoder may make a key frame that was not asked for.
        key: bool,
    },
    /// Left out by the encoder; the picture before stays the reference.
    Skipped,
}

/// What an encoder is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// In pixels, even, at least 16.
    pub width: usize,
    /// In pixels, even, at least 16.
    pub height: usize,
    /// Bitrate and frame rate to start with.
    pub settings: VideoSettings,
}

/// An encoder that does not work.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// The encoder's own words.
    #[error("{encoder}: {reason}")]
    Failed {
        /// Its name in the table.
        encoder: &'static str,
        /// What it says.
        reason: String,
    },
    /// None of the candidates made a key frame of such a picture.
    #[error("no encoder takes pictures of {width}x{height}: {reasons}")]
    None {
        /// In pixels.
        width: usize,
        /// In pixels.
        height: usize,
        /// What each candidate said.
        reasons: String,
    },
}

/// An encoder that may work on this machine.
pub struct Candidate {
    /// As it is logged and shown.
    pub name: &'static str,
    /// What it makes.
    pub codec: Codec,
    /// Opens it.
    pub open: fn(Options) -> Result<Box<dyn Encoder>, EncodeError>,
}

/// The candidates, the best first. One is taken when it has really encoded a picture.
pub const CANDIDATES: &[Candidate] = &[Candidate {
    name: openh264::NAME,
    codec: Codec::H264,
    open: openh264::open,
}];

/// The first candidate that makes a key frame of a picture of this size.
///
/// # Errors
/// [`EncodeError::None`], with what each candidate said.
pub fn open(options: Options) -> Result<(Codec, Box<dyn Encoder>), EncodeError> {
    open_first(CANDIDATES, options)
}

fn open_first(
    candidates: &[Candidate],
    options: Options,
) -> Result<(Codec, Box<dyn Encoder>), EncodeError> {
    let mut reasons = Vec::new();
    for candidate in candidates {
        match try_out(candidate, options) {
            Ok(encoder) => {
                info!(
                    encoder = candidate.name,
                    width = options.width,
                    height = options.height,
                    "encoder opened"
                );
                return Ok((candidate.codec, encoder));
            }
            Err(error) => {
                warn!(%error, "encoder does not work");
                reasons.push(error.to_string());
            }
        }
    }
    Err(EncodeError::None {
        width: options.width,
        height: options.height,
        reasons: reasons.join("; "),
    })
}

fn try_out(candidate: &Candidate, options: Options) -> Result<Box<dyn Encoder>, EncodeError> {
    let mut encoder = (candidate.open)(options)?;
    let picture = I420::grey(options.width, options.height);
    match encoder.encode(Instant::now(), &picture, Kind::Key)? {
        Encoding::Unit { data, key: true } if !data.is_empty() => Ok(encoder),
        _ => Err(EncodeError::Failed {
            encoder: candidate.name,
            reason: "the first picture did not become a key frame".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Candidate, Codec, EncodeError, Encoder, Encoding, I420, Instant, Kind, Options,
        VideoSettings, open, open_first,
    };

    /// Opens, and then makes nothing of any picture.
    struct Mute;

    impl Encoder for Mute {
        fn encode(&mut self, _: Instant, _: &I420, _: Kind) -> Result<Encoding<'_>, EncodeError> {
            Ok(Encoding::Skipped)
        }
        fn set(&mut self, _: VideoSettings) {}
        fn settled(&self) -> bool {
            true
        }
    }

    const ABSENT: Candidate = Candidate {
        name: "absent",
        codec: Codec::H264,
        open: |_| {
            Err(EncodeError::Failed {
                encoder: "absent",
                reason: "no such device".to_owned(),
            })
        },
    };
    const MUTE: Candidate = Candidate {
        name: "mute",
        codec: Codec::H264,
        open: |_| Ok(Box::new(Mute)),
    };
    const WORKS: Candidate = Candidate {
        name: super::openh264::NAME,
        codec: Codec::H264,
        open: super::openh264::open,
    };

    fn options(width: usize, height: usize) -> Options {
        Options {
            width,
            height,
            settings: VideoSettings::default(),
        }
    }

    #[test]
    fn a_candidate_is_taken_only_when_it_has_encoded() {
        let (_, mut encoder) = open_first(&[ABSENT, MUTE, WORKS], options(64, 48)).unwrap();
        let picture = I420::grey(64, 48);
        assert!(matches!(
            encoder.encode(Instant::now(), &picture, Kind::Key).unwrap(),
            Encoding::Unit { key: true, .. }
        ));
    }

    #[test]
    fn what_each_candidate_said_is_told() {
        let error = open_first(&[ABSENT, MUTE], options(64, 48)).err().unwrap();
        let text = error.to_string();
        assert!(text.contains("64x48"), "{text}");
        assert!(text.contains("absent: no such device"), "{text}");
        assert!(text.contains("mute: the first picture"), "{text}");
    }

    #[test]
    fn a_picture_too_large_for_every_encoder_is_an_error() {
        assert!(matches!(
            open(options(8192, 8192)),
            Err(EncodeError::None { .. })
        ));
    }
}
