//! Which of a device's formats to take.

use v4l::FourCC;

use crate::capture::PixelFormat;

/// The formats that can be taken, the cheapest to encode first.
const PREFERENCE: [(&[u8; 4], PixelFormat); 7] = [
    (b"NV12", PixelFormat::Nv12),
    (b"YUYV", PixelFormat::Yuyv),
    (b"UYVY", PixelFormat::Uyvy),
    (b"XR24", PixelFormat::Xrgb),
    (b"BGR4", PixelFormat::Xrgb),
    (b"RGB3", PixelFormat::Rgb3),
    (b"BGR3", PixelFormat::Bgr3),
];

/// A frame rate that is enough to work with, in frames a second.
const FLUENT: f64 = 24.0;

/// A way in which a device without timings can deliver pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mode {
    pub(super) code: FourCC,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Frames a second.
    pub(super) rate: f64,
}

/// What the code of a format stands for, where it can be taken.
pub(super) fn pixel_format(code: FourCC) -> Option<PixelFormat> {
    PREFERENCE
        .iter()
        .find(|(known, _)| **known == code.repr)
        .map(|(_, format)| *format)
}

/// The cheapest of a device's formats.
pub(super) fn cheapest(codes: impl Iterator<Item = FourCC>) -> Option<FourCC> {
    codes
        .filter(|code| pixel_format(*code).is_some())
        .min_by_key(|code| cost(*code))
}

/// The largest picture at a rate to work with; where there is none, the fastest. Between equals, the cheapest format.
pub(super) fn best(modes: &[Mode]) -> Option<Mode> {
    let rank = |mode: &Mode| {
        let fluent = mode.rate.min(FLUENT);
        let area = f64::from(mode.width) * f64::from(mode.height);
        [fluent, area, mode.rate, -(cost(mode.code) as f64)]
    };
    modes.iter().copied().max_by(|a, b| {
        let ranks = rank(a).into_iter().zip(rank(b));
        ranks
            .map(|(a, b)| a.total_cmp(&b))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    })
}

fn cost(code: FourCC) -> usize {
    PREFERENCE
        .iter()
        .position(|(known, _)| **known == code.repr)
        .unwrap_or(PREFERENCE.len())
}

#[cfg(test)]
mod tests {
    use super::{FourCC, Mode, PixelFormat, best, cheapest, pixel_format};

    fn mode(code: &[u8; 4], width: u32, height: u32, rate: f64) -> Mode {
        Mode {
            code: FourCC::new(code),
            width,
            height,
            rate,
        }
    }

    #[test]
    fn the_cheapest_format_is_taken_whatever_the_device_lists_first() {
        let listed = [b"MJPG", b"BGR3", b"YUYV", b"NV12"].map(FourCC::new);
        assert_eq!(cheapest(listed.into_iter()), Some(FourCC::new(b"NV12")));
        assert_eq!(
            cheapest(listed[..2].iter().copied()),
            Some(FourCC::new(b"BGR3"))
        );
        assert_eq!(cheapest(listed[..1].iter().copied()), None);
    }

    #[test]
    fn codes_that_differ_in_what_is_not_a_colour_are_one_layout() {
        assert_eq!(pixel_format(FourCC::new(b"XR24")), Some(PixelFormat::Xrgb));
        assert_eq!(pixel_format(FourCC::new(b"BGR4")), Some(PixelFormat::Xrgb));
        assert_eq!(pixel_format(FourCC::new(b"MJPG")), None);
    }

    #[test]
    fn a_dongle_on_usb_2_is_taken_at_its_largest_fluent_picture() {
        let modes = [
            mode(b"YUYV", 1920, 1080, 5.0),
            mode(b"YUYV", 1280, 720, 10.0),
            mode(b"YUYV", 800, 600, 30.0),
            mode(b"YUYV", 640, 480, 60.0),
        ];
        assert_eq!(best(&modes), Some(modes[2]));
        assert_eq!(best(&modes[..2]), Some(modes[1]));
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn of_equal_pictures_the_faster_and_then_the_cheaper_is_taken() {
        let modes = [
            mode(b"BGR3", 1920, 1080, 60.0),
            mode(b"NV12", 1920, 1080, 30.0),
            mode(b"NV12", 1920, 1080, 60.0),
            mode(b"YUYV", 1920, 1080, 60.0),
        ];
        assert_eq!(best(&modes), Some(modes[2]));
    }
}
