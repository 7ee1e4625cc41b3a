//! H.264 as MP4 keeps it: parameter sets beside the samples, and lengths in the place of start codes (ISO/IEC
//! 14496-15, sections 5.3.3 and 5.4.2).

/// NAL unit types (ITU-T H.264, table 7-1).
const SEQUENCE_PARAMETER_SET: u8 = 7;
const PICTURE_PARAMETER_SET: u8 = 8;
const ACCESS_UNIT_DELIMITER: u8 = 9;

/// The profiles whose sequence parameter set tells the chroma format and the bit depths.
const HIGH_PROFILES: [u8; 4] = [100, 110, 122, 144];

/// The parameter sets of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    sequence: Vec<Vec<u8>>,
    picture: Vec<Vec<u8>>,
}

impl Parameters {
    /// The parameter sets of an Annex B access unit. `None` where it has none of one kind, or ones that no file can
    /// hold.
    #[must_use]
    pub fn of(access_unit: &[u8]) -> Option<Self> {
        let of_kind = |kind| -> Vec<Vec<u8>> {
            units(access_unit)
                .filter(|unit| kind_of(unit) == kind)
                .map(<[u8]>::to_vec)
                .collect()
        };
        let sets = Self {
            sequence: of_kind(SEQUENCE_PARAMETER_SET),
            picture: of_kind(PICTURE_PARAMETER_SET),
        };
        let fits = |sets: &[Vec<u8>], most| {
            (1..=most).contains(&sets.len())
                && sets.iter().all(|set| {
                    (4..=usize::from(u16::MAX)).contains(&set.len())
                        || kind_of(set) == PICTURE_PARAMETER_SET
                            && set.len() <= usize::from(u16::MAX)
                })
        };
        (fits(&sets.sequence, 31) && fits(&sets.picture, 255)).then_some(sets)
    }

    /// The `AVCDecoderConfigurationRecord`, for lengths of four bytes.
    #[must_use]
    pub fn configuration(&self) -> Vec<u8> {
        let first = &self.sequence[0];
        let (profile, constraints, level) = (first[1], first[2], first[3]);
        let mut record = vec![1, profile, constraints, level, 0xFC | 3];
        record.push(0xE0 | self.sequence.len() as u8);
        append_sets(&mut record, &self.sequence);
        record.push(self.picture.len() as u8);
        append_sets(&mut record, &self.picture);
        if HIGH_PROFILES.contains(&profile) {
            let [chroma, luma_depth, chroma_depth] = high_fields(first).unwrap_or([1, 0, 0]);
            record.extend([0xFC | chroma, 0xF8 | luma_depth, 0xF8 | chroma_depth, 0]);
        }
        record
    }
}

fn append_sets(record: &mut Vec<u8>, sets: &[Vec<u8>]) {
    for set in sets {
        record.extend((set.len() as u16).to_be_bytes());
        record.extend(set);
    }
}

/// An Annex B access unit as a sample: a length of four bytes before each unit, without parameter sets and
/// delimiters.
#[must_use]
pub fn sample(access_unit: &[u8]) -> Vec<u8> {
    let mut sample = Vec::with_capacity(access_unit.len() + 16);
    let beside = [
        SEQUENCE_PARAMETER_SET,
        PICTURE_PARAMETER_SET,
        ACCESS_UNIT_DELIMITER,
    ];
    for unit in units(access_unit).filter(|unit| !beside.contains(&kind_of(unit))) {
        sample.extend((unit.len() as u32).to_be_bytes());
        sample.extend(unit);
    }
    sample
}

fn kind_of(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |head| head & 0x1F)
}

/// The NAL units of an Annex B byte stream, without start codes and the zeros that may follow a unit. Empty ones are
/// left out.
fn units(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = start_code(bytes).map_or(&[][..], |at| &bytes[at + 3..]);
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = start_code(rest);
            let unit = &rest[..end.unwrap_or(rest.len())];
            rest = end.map_or(&[][..], |end| &rest[end + 3..]);
            let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
            if zeros < unit.len() {
                return Some(&unit[..unit.len() - zeros]);
            }
        }
        None
    })
}

fn start_code(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|code| code == [0, 0, 1])
}

/// `chroma_format_idc`, `bit_depth_luma_minus8` and `bit_depth_chroma_minus8` of a sequence parameter set of a high
/// profile (ITU-T H.264, section 7.3.2.1.1).
fn high_fields(set: &[u8]) -> Option<[u8; 3]> {
    let mut bits = Bits {
        bytes: set.get(4..)?,
        at: 0,
    };
    bits.golomb()?;
    let chroma = bits.golomb()?;
    if chroma == 3 {
        bits.bit()?;
    }
    let depths = [bits.golomb()?, bits.golomb()?];
    (chroma <= 3 && depths.iter().all(|depth| *depth <= 6))
        .then(|| [chroma as u8, depths[0] as u8, depths[1] as u8])
}

/// Bits, most significant first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit.into())
    }

    /// An unsigned Exp-Golomb code (section 9.1).
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 16 {
                return None;
            }
        }
        let mut value = 1;
        for _ in 0..zeros {
            value = value << 1 | self.bit()?;
        }
        Some(value - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Parameters, sample, units};

    const KEY: [u8; 30] = [
        0, 0, 0, 1, 0x09, 0xF0, 0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1F, 0x8C, 0, 0, 1, 0x68, 0xCE,
        0x3C, 0x80, 0, 0, 1, 0x65, 0x88, 0x84, 0, 0,
    ];

    #[test]
    fn the_record_holds_the_sets_as_they_stand_in_the_stream() {
        let record = Parameters::of(&KEY).unwrap().configuration();
        let expected = [
            1, 0x42, 0xC0, 0x1F, 0xFF, 0xE1, 0, 5, 0x67, 0x42, 0xC0, 0x1F, 0x8C, 1, 0, 4, 0x68,
            0xCE, 0x3C, 0x80,
        ];
        assert_eq!(record, expected);
    }

    #[test]
    fn a_high_profile_tells_its_chroma_format_and_depths() {
        let high = [
            0,
            0,
            1,
            0x67,
            100,
            0,
            40,
            0b1010_1100,
            0x80,
            0,
            0,
            1,
            0x68,
            0xEE,
        ];
        let record = Parameters::of(&high).unwrap().configuration();
        assert_eq!(record[record.len() - 4..], [0xFC | 1, 0xF8, 0xF8, 0]);
    }

    #[test]
    fn a_sample_has_lengths_and_no_parameter_sets() {
        assert_eq!(sample(&KEY), [0, 0, 0, 3, 0x65, 0x88, 0x84]);
    }

    #[test]
    fn a_stream_without_sets_has_none() {
        for bytes in [
            &[][..],
            &[0, 0, 1],
            &[0, 0, 1, 0x65, 1],
            &[0, 0, 1, 0x67, 66],
        ] {
            assert_eq!(Parameters::of(bytes), None);
        }
        assert!(sample(&[0, 0, 0, 0]).is_empty());
    }

    proptest! {
        #[test]
        fn units_come_back_as_they_went_in(
            parts in prop::collection::vec(prop::collection::vec(1_u8..=255, 1..40), 0..8),
            long in any::<bool>(),
        ) {
            let mut bytes = Vec::new();
            for part in &parts {
                bytes.extend(if long { &[0, 0, 0, 1][..] } else { &[0, 0, 1] });
                bytes.extend(part);
            }
            prop_assert_eq!(units(&bytes).map(<[u8]>::to_vec).collect::<Vec<_>>(), parts);
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in prop::collection::vec(0_u8..4, 0..200)) {
            let _ = Parameters::of(&bytes).map(|sets| sets.configuration());
            let _ = sample(&bytes);
        }
    }
}
