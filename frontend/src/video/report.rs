//! What the worker says to the page.

use serde::{Deserialize, Serialize};

/// One report. Times are microseconds of Unix time by the page's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// The worker listens. Messages that were sent before are lost.
    Ready,
    /// A frame is decoded, and comes with this; or the page has drawn it.
    Shown(Shown),
    /// A frame will not be shown: a newer one was, or it could not be decoded. The same holds for all before it.
    LeftOut {
        /// See [`shared::video::Frame::stream`].
        stream: u32,
        /// See [`shared::video::Frame::sequence`].
        sequence: u32,
    },
    /// Frames have this size from now on.
    Resized {
        /// In pixels of the machine's screen.
        width: u16,
        /// In pixels of the machine's screen.
        height: u16,
    },
    /// The decoder cannot go on without a key frame.
    NeedsKeyFrame,
    /// The browser will not decode this stream.
    CannotDecode,
}

/// A shown frame, stage by stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// See [`shared::video::Frame::stream`].
    pub stream: u32,
    /// See [`shared::video::Frame::sequence`].
    pub sequence: u32,
    /// When it was captured, by the relay's clock.
    pub captured_us: u64,
    /// From capture to access unit.
    pub encode_us: u32,
    /// When the page got it.
    pub arrived_us: u64,
    /// When the decoder gave it out.
    pub decoded_us: u64,
    /// How many frames were still in the decoder.
    pub queue: u32,
}

impl Report {
    /// The report's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [0; 128];
        postcard::to_slice(self, &mut bytes).map_or_else(|_| Vec::new(), |used| used.to_vec())
    }

    /// The report of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, Shown};

    #[test]
    fn the_largest_report_comes_back_as_it_went() {
        let shown = Report::Shown(Shown {
            stream: u32::MAX,
            sequence: u32::MAX,
            captured_us: u64::MAX,
            encode_us: u32::MAX,
            arrived_us: u64::MAX,
            decoded_us: u64::MAX,
            queue: u32::MAX,
        });
        for report in [
            shown,
            Report::Ready,
            Report::NeedsKeyFrame,
            Report::CannotDecode,
        ] {
            assert_eq!(Report::from_bytes(&report.to_bytes()), Some(report));
        }
        assert_eq!(Report::from_bytes(&[]), None);
    }
}
