//! Which bytes of the stream go into the file, and when a recording must end.

use shared::video::Frame;

use super::{
    avc::{Parameters, sample},
    mp4::{Description, LENGTH_AT, Tables, head},
    timeline::{TICKS_A_SECOND, Timeline},
};

/// The longest recording, in seconds: what 32 bits of ticks hold, with room to spare.
pub const SECONDS_MAX: u64 = 12 * 60 * 60;

/// A recording on its way into a file.
#[derive(Debug)]
pub struct Muxer {
    tables: Tables,
    line: Option<Timeline>,
    description: Option<Description>,
    last: Option<(u32, u32)>,
    bytes_max: u64,
    created_s: u64,
}

/// What ends a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The bytes behind all others.
    pub tail: Vec<u8>,
    /// The bytes that replace those at [`LENGTH_AT`].
    pub length: [u8; 8],
    /// Where they stand.
    pub length_at: u64,
}

impl Muxer {
    /// A file of at most `bytes_max` bytes of samples, made now (seconds of Unix time).
    #[must_use]
    pub fn new(bytes_max: u64, created_s: u64) -> Self {
        Self {
            tables: Tables::default(),
            line: None,
            description: None,
            last: None,
            bytes_max,
            created_s,
        }
    }

    /// Takes a frame that arrived, and gives what is to be written behind the rest. A file begins with a key frame;
    /// what follows a hole is left out until the next one.
    pub fn frame(&mut self, frame: &Frame, access_unit: &[u8], arrived_us: u64) -> Option<Vec<u8>> {
        if frame.key {
            self.describe(frame, access_unit);
        } else if self.last != Some((frame.stream, frame.sequence.wrapping_sub(1))) {
            self.last = None;
            return None;
        }
        let description = self.description.as_ref()?;
        let sample = sample(access_unit);
        let size = u32::try_from(sample.len()).ok().filter(|size| *size > 0)?;
        let (mut bytes, begins) = match &mut self.line {
            Some(line) => (Vec::new(), line.next(frame.captured_us, arrived_us)),
            line => {
                *line = Some(Timeline::begin(frame.captured_us, arrived_us));
                (head(), 0)
            }
        };
        self.tables.add(description, begins, size, frame.key);
        self.last = Some((frame.stream, frame.sequence));
        bytes.extend(sample);
        Some(bytes)
    }

    /// Whether the recording has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.line.is_some()
    }

    /// How long it is, in whole seconds, if it ends now (microseconds of the page's clock).
    #[must_use]
    pub fn seconds(&self, now_us: u64) -> u64 {
        self.line
            .as_ref()
            .map_or(0, |line| line.end(now_us) / TICKS_A_SECOND)
    }

    /// Whether it must end: it is as long or as large as it may be.
    #[must_use]
    pub fn is_full(&self, now_us: u64) -> bool {
        self.tables.bytes() >= self.bytes_max || self.seconds(now_us) >= SECONDS_MAX
    }

    /// Ends the file. `None` where it has not begun.
    #[must_use]
    pub fn finish(&self, now_us: u64) -> Option<Ending> {
        let line = self.line.as_ref()?;
        Some(Ending {
            tail: self.tables.tail(line.end(now_us), self.created_s),
            length: self.tables.length(),
            length_at: LENGTH_AT,
        })
    }

    fn describe(&mut self, frame: &Frame, access_unit: &[u8]) {
        let parameters = Parameters::of(access_unit).zip(frame.format);
        if let Some((parameters, format)) = parameters {
            self.description = Some(Description {
                width: format.width,
                height: format.height,
                configuration: parameters.configuration(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::video::{Codec, Format, Frame};

    use super::Muxer;

    const KEY: &[u8] = &[
        0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1F, 0x8C, 0, 0, 0, 1, 0x68, 0xCE, 0, 0, 1, 0x65, 0x88,
    ];
    const DELTA: &[u8] = &[0, 0, 0, 1, 0x41, 0x9A];

    fn frame(sequence: u32, key: bool) -> Frame {
        Frame {
            stream: 1,
            sequence,
            key,
            captured_us: u64::from(sequence) * 10_000,
            encode_us: 0,
            format: key.then_some(Format {
                codec: Codec::H264,
                width: 720,
                height: 400,
            }),
        }
    }

    #[test]
    fn a_file_begins_with_a_key_frame() {
        let mut muxer = Muxer::new(1000, 0);
        assert_eq!(muxer.frame(&frame(4, false), DELTA, 0), None);
        assert!(!muxer.has_begun() && muxer.finish(0).is_none());
        let begin = muxer.frame(&frame(5, true), KEY, 10_000).unwrap();
        assert_eq!(&begin[4..8], b"ftyp");
        assert_eq!(begin[begin.len() - 6..], [0, 0, 0, 2, 0x65, 0x88]);
        let next = muxer.frame(&frame(6, false), DELTA, 20_000).unwrap();
        assert_eq!(next, [0, 0, 0, 2, 0x41, 0x9A]);
        assert_eq!(muxer.finish(30_000).unwrap().length, 28_u64.to_be_bytes());
    }

    #[test]
    fn what_follows_a_hole_is_left_out_until_the_next_key_frame() {
        let mut muxer = Muxer::new(1000, 0);
        assert!(muxer.frame(&frame(1, true), KEY, 0).is_some());
        assert!(muxer.frame(&frame(3, false), DELTA, 0).is_none());
        assert!(muxer.frame(&frame(4, false), DELTA, 0).is_none());
        assert!(muxer.frame(&frame(7, true), KEY, 0).is_some());
        assert!(muxer.frame(&frame(8, false), DELTA, 0).is_some());
    }

    #[test]
    fn a_recording_is_bounded_in_bytes_and_in_time() {
        let mut muxer = Muxer::new(12, 0);
        assert!(!muxer.is_full(0));
        muxer.frame(&frame(1, true), KEY, 0);
        assert!(!muxer.is_full(0));
        muxer.frame(&frame(2, false), DELTA, 0);
        assert!(muxer.is_full(0));
        let mut long = Muxer::new(u64::MAX, 0);
        long.frame(&frame(1, true), KEY, 0);
        assert!(!long.is_full(3_600_000_000));
        assert!(long.is_full(12 * 3_600_000_000));
    }
}
