//! Where on the machine's screen the tip of the pointer is.

use shared::input::POINTER_MAX;

/// A box on the page, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// From the left edge of the viewport.
    pub left: f64,
    /// From the upper edge of the viewport.
    pub top: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// The machine's screen in its own pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its width.
    pub width: u16,
    /// Its height.
    pub height: u16,
}

/// A place on the machine's screen, each axis in 0..=[`POINTER_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the left edge.
    pub x: u16,
    /// From the upper edge.
    pub y: u16,
}

/// The place under a point of the viewport, where `area` shows the whole of `size`, centred, with bars where the
/// shapes differ. A point outside is brought to the nearest edge.
#[must_use]
pub fn under(point: (f64, f64), area: Area, size: Size) -> Option<Place> {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let scale = (area.width / width).min(area.height / height);
    if !scale.is_finite() || scale <= 0.0 {
        return None;
    }
    let left = area.left + (area.width - width * scale) / 2.0;
    let top = area.top + (area.height - height * scale) / 2.0;
    Some(Place {
        x: axis((point.0 - left) / scale, size.width),
        y: axis((point.1 - top) / scale, size.height),
    })
}

/// The middle of the pixel that `at` (in pixels of the screen) falls into, as a part of the way from the first pixel
/// to the last.
fn axis(at: f64, pixels: u16) -> u16 {
    let last = f64::from(pixels.saturating_sub(1));
    if last == 0.0 {
        return 0;
    }
    let pixel = at.floor().clamp(0.0, last);
    (pixel * f64::from(POINTER_MAX) / last).round() as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Area, Place, Size, under};

    const FULL_HD: Size = Size {
        width: 1920,
        height: 1080,
    };

    /// The pixel that an absolute pointer with this logical range is at (HID 1.11, 5.7: linear from end to end).
    fn pixel(value: u16, pixels: u16) -> u16 {
        (f64::from(value) * f64::from(pixels - 1) / 32767.0).round() as u16
    }

    #[test]
    fn corners_are_corners() {
        let area = Area {
            left: 10.0,
            top: 20.0,
            width: 960.0,
            height: 540.0,
        };
        assert_eq!(
            under((10.0, 20.0), area, FULL_HD),
            Some(Place { x: 0, y: 0 })
        );
        assert_eq!(
            under((969.9, 559.9), area, FULL_HD),
            Some(Place { x: 32767, y: 32767 })
        );
    }

    #[test]
    fn bars_beside_the_picture_belong_to_its_edge() {
        let area = Area {
            left: 0.0,
            top: 0.0,
            width: 1000.0,
            height: 270.0,
        };
        let edge = under((100.0, 135.0), area, FULL_HD).unwrap();
        assert_eq!((edge.x, pixel(edge.y, 1080)), (0, 540));
        let centre = under((500.0, 135.0), area, FULL_HD).unwrap();
        assert_eq!(pixel(centre.x, 1920), 960);
    }

    #[test]
    fn a_page_without_room_has_no_place() {
        let nothing = Area {
            left: 0.0,
            top: 0.0,
            width: 0.0,
            height: 0.0,
        };
        assert_eq!(under((0.0, 0.0), nothing, FULL_HD), None);
    }

    #[test]
    fn a_screen_one_pixel_wide_has_one_place() {
        let area = Area {
            left: 0.0,
            top: 0.0,
            width: 50.0,
            height: 50.0,
        };
        let size = Size {
            width: 1,
            height: 1,
        };
        assert_eq!(under((40.0, 40.0), area, size), Some(Place { x: 0, y: 0 }));
    }

    proptest! {
        /// The pixel under the tip is the pixel that is hit, at any size, zoom and place of the picture.
        #[test]
        fn the_pixel_under_the_tip_is_hit(
            width in 2u16..4096, height in 2u16..4096, scale in 0.05f64..4.0,
            left in -500.0f64..500.0, top in -500.0f64..500.0,
            bar in 0.0f64..300.0, x in 0.0f64..1.0, y in 0.0f64..1.0,
        ) {
            let size = Size { width, height };
            let area = Area { left, top, width: f64::from(width) * scale + 2.0 * bar, height: f64::from(height) * scale };
            let column = (x * f64::from(width)).floor();
            let row = (y * f64::from(height)).floor();
            let tip = (left + bar + (column + 0.5) * scale, top + (row + 0.5) * scale);
            let place = under(tip, area, size).unwrap();
            prop_assert_eq!(f64::from(pixel(place.x, width)), column);
            prop_assert_eq!(f64::from(pixel(place.y, height)), row);
        }
    }
}
