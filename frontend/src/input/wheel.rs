//! The wheel, from what browsers count (pixels, lines, pages) to parts of a detent.

use shared::input::{Input, WHEEL_DETENT};

use super::pointer::whole;

/// What one detent of a usual wheel is in each of `WheelEvent.deltaMode`'s units.
const PIXELS_A_DETENT: f64 = 100.0;
const LINES_A_DETENT: f64 = 3.0;
const PAGES_A_DETENT: f64 = 1.0;

/// The unit of a `WheelEvent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `DOM_DELTA_PIXEL`.
    Pixel,
    /// `DOM_DELTA_LINE`.
    Line,
    /// `DOM_DELTA_PAGE`.
    Page,
}

impl Unit {
    /// From `WheelEvent.deltaMode`.
    #[must_use]
    pub fn from_mode(mode: u32) -> Self {
        match mode {
            1 => Self::Line,
            2 => Self::Page,
            _ => Self::Pixel,
        }
    }

    fn per_detent(self) -> f64 {
        match self {
            Self::Pixel => PIXELS_A_DETENT,
            Self::Line => LINES_A_DETENT,
            Self::Page => PAGES_A_DETENT,
        }
    }
}

/// Keeps what is less than a hundred-and-twentieth of a detent for the next turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wheel {
    vertical: f64,
    horizontal: f64,
}

impl Wheel {
    /// A turn as the browser counts it (down and right are positive), `speed` times as fast; negative to reverse it.
    pub fn turn(&mut self, delta_x: f64, delta_y: f64, unit: Unit, speed: f64) -> Option<Input> {
        let factor = f64::from(WHEEL_DETENT) / unit.per_detent() * speed;
        let vertical = whole(&mut self.vertical, -delta_y * factor);
        let horizontal = whole(&mut self.horizontal, delta_x * factor);
        ((vertical, horizontal) != (0, 0)).then_some(Input::Wheel {
            vertical,
            horizontal,
        })
    }
}

#[cfg(test)]
mod tests {
    use shared::input::Input;

    use super::{Unit, Wheel};

    fn wheel(vertical: i16, horizontal: i16) -> Option<Input> {
        Some(Input::Wheel {
            vertical,
            horizontal,
        })
    }

    #[test]
    fn a_detent_is_a_detent_in_every_unit() {
        let mut turned = Wheel::default();
        assert_eq!(turned.turn(0.0, 100.0, Unit::Pixel, 1.0), wheel(-120, 0));
        assert_eq!(turned.turn(0.0, -3.0, Unit::Line, 1.0), wheel(120, 0));
        assert_eq!(turned.turn(1.0, 0.0, Unit::Page, 1.0), wheel(0, 120));
    }

    #[test]
    fn a_touch_pads_small_steps_add_up() {
        let mut turned = Wheel::default();
        let sum: i32 = (0..1000)
            .filter_map(|_| turned.turn(0.0, 0.1, Unit::Pixel, 1.0))
            .map(|input| match input {
                Input::Wheel { vertical, .. } => i32::from(vertical),
                other => panic!("{other:?}"),
            })
            .sum();
        assert!((-120..=-119).contains(&sum), "{sum}");
    }

    #[test]
    fn speed_and_direction_are_the_operators() {
        let mut turned = Wheel::default();
        assert_eq!(turned.turn(0.0, 100.0, Unit::Pixel, -0.5), wheel(60, 0));
    }

    #[test]
    fn units_are_those_of_the_dom() {
        assert_eq!(Unit::from_mode(0), Unit::Pixel);
        assert_eq!(Unit::from_mode(1), Unit::Line);
        assert_eq!(Unit::from_mode(2), Unit::Page);
    }
}
