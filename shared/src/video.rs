//! Encoded pictures on their way to the page.

use serde::{Deserialize, Serialize};

/// How a stream is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Codec {
    /// H.264, an Annex B access unit a frame; a key frame carries its SPS and PPS.
    H264,
}

/// What a decoder must know before the first frame, and whenever it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// The codec of the tail.
    pub codec: Codec,
    /// The picture's width in pixels; the coded width may be larger by one.
    pub width: u16,
    /// The picture's height in pixels; the coded height may be larger by one.
    pub height: u16,
}

/// The head of a video message; the access unit follows as the raw tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Which stream this belongs to. One that changes starts a new decoder.
    pub stream: u32,
    /// Counts encoded frames of a stream; a hole means that frames were left out for this viewer.
    pub sequence: u32,
    /// Whether a decoder can start here.
    pub key: bool,
    /// When the picture was captured, in microseconds of Unix time by the relay's clock.
    pub captured_us: u64,
    /// From capture until the access unit was ready, in microseconds.
    pub encode_us: u32,
    /// Present on every key frame.
    pub format: Option<Format>,
}

/// What became of a frame in the page. Sent for each frame that was shown, and for one that will not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The frame's stream.
    pub stream: u32,
    /// The frame's sequence; all before it are settled, too.
    pub sequence: u32,
    /// From arrival to the canvas, in microseconds; 0 where it was decoded but not shown.
    pub shown_us: u32,
}
