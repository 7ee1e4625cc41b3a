//! Sizes of the PC's screen, and where its text stands.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// The size of the screen in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// 320..=3840.
    pub width: u16,
    /// 200..=2160.
    pub height: u16,
}

/// Why a size was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no size from 320x200 to 3840x2160: {0:?} (write it as 1280x720)")]
pub struct BadSize(String);

impl Size {
    /// A size within the limits.
    ///
    /// # Errors
    /// [`BadSize`] where it is not.
    pub fn new(width: u16, height: u16) -> Result<Self, BadSize> {
        let taken = (320..=3840).contains(&width) && (200..=2160).contains(&height);
        taken
            .then_some(Self { width, height })
            .ok_or_else(|| BadSize(format!("{width}x{height}")))
    }
}

impl FromStr for Size {
    type Err = BadSize;

    fn from_str(text: &str) -> Result<Self, BadSize> {
        let bad = || BadSize(text.chars().take(40).collect());
        let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(bad)?;
        let number = |digits: &str| digits.parse().map_err(|_| bad());
        Self::new(number(width)?, number(height)?).map_err(|_| bad())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x{}", self.width, self.height)
    }
}

/// Which bitmap font the text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FontSize {
    /// 6 by 10 pixels.
    Small,
    /// 8 by 13 pixels.
    Medium,
    /// 10 by 20 pixels.
    Large,
}

impl FontSize {
    /// A character's width and height.
    #[must_use]
    pub fn cell(self) -> (usize, usize) {
        match self {
            Self::Small => (6, 10),
            Self::Medium => (8, 13),
            Self::Large => (10, 20),
        }
    }
}

/// The grid of the text on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// The font.
    pub font: FontSize,
    /// How many pixels one of the font's takes, on each axis.
    pub scale: usize,
    /// A cell's width in pixels.
    pub cell_width: usize,
    /// A cell's height in pixels.
    pub cell_height: usize,
    /// Free pixels around the console.
    pub margin: usize,
    /// Characters in a line.
    pub columns: usize,
    /// Lines of the console.
    pub rows: usize,
    /// Where the status bar begins, from the top; it reaches down to the edge.
    pub status_top: usize,
}

impl Metrics {
    /// The grid that suits a size.
    #[must_use]
    pub fn of(size: Size) -> Self {
        let (width, height) = (usize::from(size.width), usize::from(size.height));
        let (font, scale) = match (width, height) {
            (1280.., 1440..) => (FontSize::Large, 2),
            (640.., 700..) => (FontSize::Large, 1),
            (480.., 400..) => (FontSize::Medium, 1),
            _ => (FontSize::Small, 1),
        };
        let (cell_width, cell_height) = font.cell();
        let (cell_width, cell_height) = (cell_width * scale, cell_height * scale);
        let margin = cell_width;
        let status_top = height - cell_height - cell_height / 2;
        Self {
            font,
            scale,
            cell_width,
            cell_height,
            margin,
            columns: (width - 2 * margin) / cell_width,
            rows: (status_top - 2 * margin) / cell_height,
            status_top,
        }
    }
}

/// The pixel under an absolute position of 0..=`max`, where 0 is the first of `pixels` and `max` the last; to the nearest.
#[must_use]
pub fn pixel_of(position: u32, max: u32, pixels: u16) -> u16 {
    let (position, max) = (u64::from(position.min(max)), u64::from(max.max(1)));
    let last = u64::from(pixels.saturating_sub(1));
    let pixel = (2 * position * last + max) / (2 * max);
    u16::try_from(pixel).unwrap_or(pixels)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Metrics, Size, pixel_of};

    #[test]
    fn edges_map_to_edges_and_the_centre_to_the_centre() {
        assert_eq!(pixel_of(0, 32767, 1281), 0);
        assert_eq!(pixel_of(32767, 32767, 1281), 1280);
        assert_eq!(pixel_of(16384, 32767, 1281), 640);
        assert_eq!(pixel_of(12, 32767, 1280), 0);
        assert_eq!(pixel_of(13, 32767, 1280), 1);
    }

    #[test]
    fn sizes_are_written_with_an_x() {
        assert_eq!("1366x768".parse(), Size::new(1366, 768));
        assert_eq!(Size::new(720, 400).unwrap().to_string(), "720x400");
        for bad in [
            "",
            "x",
            "1280",
            "0x0",
            "319x200",
            "3841x2160",
            "99999x720",
            "-1x7",
            "1280x720x3",
        ] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_pixel_is_found_again_by_the_position_of_its_centre(pixels in 2_u16..=3840, at in 0_u16..3840) {
            let at = at % pixels;
            let position = (f64::from(at) * 32767.0 / f64::from(pixels - 1)).round();
            prop_assert_eq!(f64::from(pixel_of(position as u32, 32767, pixels)), f64::from(at));
        }

        #[test]
        fn text_fits_on_every_screen(width in 320_u16..=3840, height in 200_u16..=2160) {
            let metrics = Metrics::of(Size::new(width, height).unwrap());
            prop_assert!(metrics.columns >= 40 && metrics.rows >= 12);
            prop_assert!(2 * metrics.margin + metrics.columns * metrics.cell_width <= usize::from(width));
            prop_assert!(2 * metrics.margin + metrics.rows * metrics.cell_height <= metrics.status_top);
        }
    }
}
