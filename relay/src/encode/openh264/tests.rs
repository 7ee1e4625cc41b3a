use std::time::{Duration, Instant};

use super::open;
use crate::{
    capture::{Picture, PixelFormat},
    encode::{Encoder, Encoding, I420, Kind, Options, convert::Converter},
};
use shared::message::VideoSettings;

fn opened(width: usize, height: usize) -> Box<dyn Encoder> {
    open(Options {
        width,
        height,
        settings: VideoSettings::default(),
    })
    .unwrap()
}

fn unit(encoder: &mut dyn Encoder, now: Instant, picture: &I420, kind: Kind) -> (Vec<u8>, bool) {
    match encoder.encode(now, picture, kind).unwrap() {
        Encoding::Unit { data, key } => (data.to_vec(), key),
        Encoding::Skipped => panic!("a picture was left out"),
    }
}

/// The NAL units of an Annex B stream, without their start codes.
fn nals(mut stream: &[u8]) -> Vec<&[u8]> {
    let code = |bytes: &[u8]| bytes.windows(3).position(|bytes| bytes == [0, 0, 1]);
    let mut nals = Vec::new();
    while let Some(start) = code(stream) {
        stream = &stream[start + 3..];
        let end = code(stream).unwrap_or(stream.len());
        let nal = &stream[..end];
        nals.push(
            nal.strip_suffix(&[0])
                .filter(|_| end < stream.len())
                .unwrap_or(nal),
        );
    }
    nals
}

fn kinds(stream: &[u8]) -> Vec<u8> {
    nals(stream).iter().map(|nal| nal[0] & 0x1F).collect()
}

/// Bits of a NAL unit as clause 7.2 of the standard reads them.
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn of(nal: &[u8]) -> Self {
        let mut bytes = Vec::new();
        for byte in &nal[1..] {
            if !(*byte == 3 && bytes.ends_with(&[0, 0])) {
                bytes.push(*byte);
            }
        }
        Self { bytes, at: 0 }
    }

    fn u(&mut self, count: usize) -> u32 {
        (0..count).fold(0, |value, _| {
            let bit = self.bytes[self.at / 8] >> (7 - self.at % 8) & 1;
            self.at += 1;
            value << 1 | u32::from(bit)
        })
    }

    fn flag(&mut self) -> bool {
        self.u(1) == 1
    }

    fn ue(&mut self) -> u32 {
        let zeros = (0..32).take_while(|_| self.u(1) == 0).count();
        (1 << zeros) - 1 + self.u(zeros)
    }
}

/// What matters of a sequence parameter set.
#[derive(Debug, PartialEq)]
struct Sps {
    profile: u32,
    level: u32,
    reference_frames: u32,
    width: u32,
    height: u32,
    /// Whether full range, then primaries, transfer and matrix.
    colour: Option<(bool, u32, u32, u32)>,
    /// Frames that are reordered, and frames that a decoder holds.
    restriction: Option<(u32, u32)>,
}

/// Clauses 7.3.2.1.1 and E.1.1, for the baseline profile.
fn sps(nal: &[u8]) -> Sps {
    let mut bits = Bits::of(nal);
    let profile = bits.u(8);
    bits.u(8);
    let level = bits.u(8);
    bits.ue();
    bits.ue();
    match bits.ue() {
        0 => {
            bits.ue();
        }
        2 => {}
        other => panic!("picture order of type {other}"),
    }
    let reference_frames = bits.ue();
    bits.flag();
    let columns = bits.ue() + 1;
    let rows = bits.ue() + 1;
    assert!(bits.flag(), "frames only");
    bits.flag();
    let (mut width, mut height) = (16 * columns, 16 * rows);
    if bits.flag() {
        width -= 2 * (bits.ue() + bits.ue());
        height -= 2 * (bits.ue() + bits.ue());
    }
    let (mut colour, mut restriction) = (None, None);
    if bits.flag() {
        assert!(!bits.flag(), "no aspect ratio");
        assert!(!bits.flag(), "no overscan");
        if bits.flag() {
            bits.u(3);
            let full = bits.flag();
            if bits.flag() {
                colour = Some((full, bits.u(8), bits.u(8), bits.u(8)));
            }
        }
        assert!(!bits.flag(), "no chroma location");
        assert!(!bits.flag(), "no timing");
        assert!(!bits.flag() && !bits.flag(), "no buffer model");
        bits.flag();
        if bits.flag() {
            bits.flag();
            for _ in 0..4 {
                bits.ue();
            }
            restriction = Some((bits.ue(), bits.ue()));
        }
    }
    Sps {
        profile,
        level,
        reference_frames,
        width,
        height,
        colour,
        restriction,
    }
}

#[test]
fn the_stream_says_what_a_decoder_needs_to_be_quick_and_right() {
    let sizes = [
        (16, 16, 30),
        (720, 400, 31),
        (1282, 722, 40),
        (1920, 1080, 42),
        (3840, 2160, 52),
    ];
    for (width, height, level) in sizes {
        let mut encoder = opened(width, height);
        let picture = I420::grey(width, height);
        let (data, key) = unit(&mut *encoder, Instant::now(), &picture, Kind::Key);
        assert!(key);
        let found = nals(&data);
        let set = found.iter().find(|nal| nal[0] & 0x1F == 7).unwrap();
        let expected = Sps {
            profile: 66,
            level,
            reference_frames: 1,
            width: width as u32,
            height: height as u32,
            colour: Some((false, 1, 1, 1)),
            restriction: Some((0, 1)),
        };
        assert_eq!(sps(set), expected);
    }
}

#[test]
fn every_key_frame_carries_its_parameter_sets_and_none_comes_unasked() {
    let mut encoder = opened(64, 64);
    let mut converter = Converter::default();
    let start = Instant::now();
    for number in 0..600u32 {
        let shade = if number % 100 < 50 {
            number as u8
        } else {
            !(number as u8)
        };
        let data: Vec<u8> = (0..64 * 64 * 4)
            .map(|at: usize| (at / 37) as u8 ^ shade)
            .collect();
        let picture = Picture {
            format: PixelFormat::Xrgb,
            width: 64,
            height: 64,
            stride: 256,
            data: &data,
            captured_us: 0,
        };
        let planes = converter.convert(&picture).unwrap();
        let asked = number == 0 || number == 333;
        let kind = if asked { Kind::Key } else { Kind::Change };
        let now = start + Duration::from_millis(16) * number;
        let (data, key) = unit(&mut *encoder, now, planes, kind);
        assert_eq!(key, asked, "picture {number}");
        assert!(data.starts_with(&[0, 0, 0, 1]) || data.starts_with(&[0, 0, 1]));
        let wanted: &[u8] = if asked { &[7, 8, 5] } else { &[1] };
        assert_eq!(kinds(&data), wanted, "picture {number}");
    }
}

#[test]
fn a_large_picture_is_one_access_unit_of_two_slices_where_there_are_two_processors() {
    let mut encoder = opened(1280, 720);
    let picture = I420::grey(1280, 720);
    let now = Instant::now();
    let (data, _) = unit(&mut *encoder, now, &picture, Kind::Key);
    let slices = std::thread::available_parallelism().unwrap().get().min(2);
    assert_eq!(kinds(&data)[2..], vec![5; slices]);
    let (data, _) = unit(&mut *encoder, now, &picture, Kind::Change);
    assert_eq!(kinds(&data), vec![1; slices]);
}
