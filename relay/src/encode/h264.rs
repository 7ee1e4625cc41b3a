//! What H.264 asks of a stream as a whole.

use shared::message::VideoSettings;

/// Limits of a level, from table A-1 of the standard.
struct Limits {
    level: Level,
    /// Macroblocks a second.
    rate: u32,
    /// Macroblocks a frame.
    frame: u32,
    /// Bitrate of the baseline profile, in kbit/s.
    bitrate: u32,
}

/// A level, as `level_idc` counts: 10 times its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub u8);

const LEVELS: &[Limits] = &[
    limits(10, 1_485, 99, 64),
    limits(11, 3_000, 396, 192),
    limits(12, 6_000, 396, 384),
    limits(13, 11_880, 396, 768),
    limits(20, 11_880, 396, 2_000),
    limits(21, 19_800, 792, 4_000),
    limits(22, 20_250, 1_620, 4_000),
    limits(30, 40_500, 1_620, 10_000),
    limits(31, 108_000, 3_600, 14_000),
    limits(32, 216_000, 5_120, 20_000),
    limits(40, 245_760, 8_192, 20_000),
    limits(41, 245_760, 8_192, 50_000),
    limits(42, 522_240, 8_704, 50_000),
    limits(50, 589_824, 22_080, 135_000),
    limits(51, 983_040, 36_864, 240_000),
    limits(52, 2_073_600, 36_864, 240_000),
];

const fn limits(level: u8, rate: u32, frame: u32, bitrate: u32) -> Limits {
    Limits {
        level: Level(level),
        rate,
        frame,
        bitrate,
    }
}

impl Level {
    /// The lowest level that takes pictures of this size at these rates.
    #[must_use]
    pub fn fitting(width: usize, height: usize, settings: VideoSettings) -> Self {
        let (columns, rows) = (width.div_ceil(16), height.div_ceil(16));
        let frame = u32::try_from(columns * rows).unwrap_or(u32::MAX);
        let side = columns.max(rows);
        LEVELS
            .iter()
            .find(|limits| {
                frame <= limits.frame
                    && frame.saturating_mul(u32::from(settings.frame_rate)) <= limits.rate
                    && settings.bitrate_kbps <= limits.bitrate
                    && side * side <= 8 * limits.frame as usize
            })
            .map_or(Self(52), |limits| limits.level)
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, VideoSettings};

    fn fitting(width: usize, height: usize, frame_rate: u8, bitrate_kbps: u32) -> Level {
        Level::fitting(
            width,
            height,
            VideoSettings {
                bitrate_kbps,
                frame_rate,
            },
        )
    }

    #[test]
    fn levels_are_those_that_are_known_for_common_pictures() {
        assert_eq!(fitting(1280, 720, 30, 8_000), Level(31));
        assert_eq!(fitting(1280, 720, 60, 8_000), Level(32));
        assert_eq!(fitting(1920, 1080, 30, 8_000), Level(40));
        assert_eq!(fitting(1920, 1080, 60, 8_000), Level(42));
        assert_eq!(fitting(3840, 2160, 30, 8_000), Level(51));
        assert_eq!(fitting(3840, 2160, 60, 8_000), Level(52));
    }

    #[test]
    fn a_high_bitrate_or_a_long_side_asks_for_a_higher_level() {
        assert_eq!(fitting(1280, 720, 60, 50_000), Level(41));
        assert!(fitting(2048, 16, 1, 250) > fitting(16, 16, 1, 250));
    }
}
