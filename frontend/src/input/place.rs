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

/// The machine's whole desktop, of which the screen may be a part. All of it in pixels of the machine; 0 stands for a
/// desktop that ends where the screen does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Desktop {
    /// Its width.
    pub width: u16,
    /// Its height.
    pub height: u16,
    /// Where the screen's left edge is.
    pub left: u16,
    /// Where the screen's upper edge is.
    pub top: u16,
}

impl Desktop {
    /// The place of a pixel of the screen; fractions are parts of that pixel. One outside is brought to the nearest
    /// edge.
    #[must_use]
    pub fn at(self, pixel: (f64, f64), screen: Size) -> Place {
        Place {
            x: axis(pixel.0, screen.width, self.left, self.width),
            y: axis(pixel.1, screen.height, self.top, self.height),
        }
    }
}

/// The middle of the pixel that `at` (in pixels of the screen) falls into, as a part of the way from the first pixel of
/// the desktop to the last.
fn axis(at: f64, pixels: u16, offset: u16, desktop: u16) -> u16 {
    let (pixels, offset) = (f64::from(pixels), f64::from(offset));
    let last = f64::from(desktop).max(offset + pixels) - 1.0;
    if last <= 0.0 {
        return 0;
    }
    let pixel = offset + at.floor().clamp(0.0, pixels - 1.0);
    (pixel * f64::from(POINTER_MAX) / last).round() as u16
}

#[cfg(test)]
mod tests {
    use super::{Desktop, Place, Size};

    const FULL_HD: Size = Size {
        width: 1920,
        height: 1080,
    };

    /// The pixel that an absolute pointer is at, where the host stretches its range over a desktop (HID 1.11, 5.7).
    fn pixel(value: u16, pixels: u16) -> f64 {
        (f64::from(value) * f64::from(pixels - 1) / 32767.0).round()
    }

    #[test]
    fn a_screen_alone_has_all_of_the_range() {
        let desktop = Desktop::default();
        assert_eq!(desktop.at((0.5, 0.5), FULL_HD), Place { x: 0, y: 0 });
        let last = desktop.at((1919.5, 5000.0), FULL_HD);
        assert_eq!(last, Place { x: 32767, y: 32767 });
    }

    #[test]
    fn the_right_one_of_two_screens_is_hit_to_the_pixel() {
        let desktop = Desktop {
            width: 2560 + 1920,
            height: 1440,
            left: 2560,
            top: 360,
        };
        for (x, y) in [(0, 0), (1, 1), (959, 540), (1919, 1079)] {
            let at = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            let place = desktop.at(at, FULL_HD);
            assert_eq!(pixel(place.x, 4480), f64::from(2560 + x));
            assert_eq!(pixel(place.y, 1440), f64::from(360 + y));
        }
    }

    #[test]
    fn a_desktop_that_is_too_small_ends_where_the_screen_does() {
        let desktop = Desktop {
            width: 100,
            left: 1920,
            ..Desktop::default()
        };
        let last = desktop.at((1919.0, 0.0), FULL_HD);
        assert_eq!(last, Place { x: 32767, y: 0 });
    }
}
