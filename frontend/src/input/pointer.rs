//! Buttons and motion, in the order in which a hand does them: first there, then the click.

use shared::input::{Buttons, Input};

use super::place::Place;

/// The furthest that a finger may move, and the longest that it may stay, for a tap.
const TAP_PIXELS: f64 = 12.0;
const TAP_MS: f64 = 350.0;

/// The pointer as the machine knows it through this page.
#[derive(Clone, Debug, Default)]
pub struct Pointer {
    place: Option<Place>,
    buttons: Buttons,
    left_over: (f64, f64),
    touch: Option<Touch>,
}

#[derive(Clone, Copy, Debug)]
struct Touch {
    from: (f64, f64),
    at_ms: f64,
}

impl Pointer {
    /// The buttons that are down.
    #[must_use]
    pub fn buttons(&self) -> Buttons {
        self.buttons
    }

    /// The pointer is at a place with these of `MouseEvent.buttons` down (their bits are those of HID).
    pub fn at(&mut self, place: Place, buttons: u16) -> Vec<Input> {
        let mut inputs = Vec::new();
        if self.place != Some(place) {
            self.place = Some(place);
            inputs.push(Input::PointerTo {
                x: place.x,
                y: place.y,
            });
        }
        inputs.extend(self.press(buttons));
        inputs
    }

    /// The pointer moved by counts of a mouse, or fractions of one.
    pub fn by(&mut self, dx: f64, dy: f64, buttons: u16) -> Vec<Input> {
        self.place = None;
        let mut inputs = Vec::new();
        let (dx, dy) = (
            whole(&mut self.left_over.0, dx),
            whole(&mut self.left_over.1, dy),
        );
        if (dx, dy) != (0, 0) {
            inputs.push(Input::PointerBy { dx, dy });
        }
        inputs.extend(self.press(buttons));
        inputs
    }

    /// A finger comes down; `point` is in CSS pixels.
    pub fn touch_down(&mut self, point: (f64, f64), place: Place, at_ms: f64) -> Vec<Input> {
        self.touch = Some(Touch { from: point, at_ms });
        self.at(place, 0)
    }

    /// A finger is lifted; if it was a tap, that is a click where it was.
    pub fn touch_up(&mut self, point: (f64, f64), at_ms: f64) -> Vec<Input> {
        let Some(touch) = self.touch.take() else {
            return Vec::new();
        };
        let moved = (point.0 - touch.from.0).hypot(point.1 - touch.from.1);
        if moved > TAP_PIXELS || at_ms - touch.at_ms > TAP_MS {
            return Vec::new();
        }
        vec![
            Input::Buttons(Buttons::LEFT),
            Input::Buttons(Buttons::default()),
        ]
    }

    /// Forgets what is down; the caller tells the machine.
    pub fn clear(&mut self) {
        self.buttons = Buttons::default();
        self.place = None;
        self.touch = None;
    }

    fn press(&mut self, buttons: u16) -> Option<Input> {
        let buttons = Buttons((buttons & 0x1F) as u8);
        (self.buttons != buttons).then(|| {
            self.buttons = buttons;
            Input::Buttons(buttons)
        })
    }
}

/// The whole counts in what was left over and what is new; the rest is kept.
pub(super) fn whole(left_over: &mut f64, new: f64) -> i16 {
    let sum = *left_over + new;
    let whole = sum.trunc().clamp(f64::from(i16::MIN), f64::from(i16::MAX));
    *left_over = sum - whole;
    whole as i16
}

#[cfg(test)]
mod tests {
    use shared::input::{Buttons, Input};

    use super::{Place, Pointer};

    const HERE: Place = Place { x: 100, y: 200 };

    fn to(place: Place) -> Input {
        Input::PointerTo {
            x: place.x,
            y: place.y,
        }
    }

    #[test]
    fn the_pointer_goes_there_before_it_clicks() {
        let mut pointer = Pointer::default();
        assert_eq!(
            pointer.at(HERE, 1),
            [to(HERE), Input::Buttons(Buttons::LEFT)]
        );
        assert_eq!(pointer.at(HERE, 0), [Input::Buttons(Buttons::default())]);
        assert_eq!(pointer.at(HERE, 0), []);
    }

    #[test]
    fn chords_and_side_buttons_keep_their_bits() {
        let mut pointer = Pointer::default();
        pointer.at(HERE, 0);
        assert_eq!(pointer.at(HERE, 3), [Input::Buttons(Buttons(3))]);
        assert_eq!(pointer.at(HERE, 4), [Input::Buttons(Buttons::MIDDLE)]);
        assert_eq!(pointer.at(HERE, 8), [Input::Buttons(Buttons::BACK)]);
        assert_eq!(pointer.at(HERE, 16), [Input::Buttons(Buttons::FORWARD)]);
        assert_eq!(pointer.at(HERE, 32), [Input::Buttons(Buttons::default())]);
    }

    #[test]
    fn fractions_of_a_count_add_up() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.by(0.5, -0.25, 0), []);
        assert_eq!(
            pointer.by(0.5, -0.75, 0),
            [Input::PointerBy { dx: 1, dy: -1 }]
        );
    }

    #[test]
    fn nothing_of_a_large_move_is_lost() {
        let mut pointer = Pointer::default();
        assert_eq!(
            pointer.by(40_000.0, 0.0, 0),
            [Input::PointerBy {
                dx: i16::MAX,
                dy: 0
            }]
        );
        assert_eq!(
            pointer.by(0.0, 0.0, 0),
            [Input::PointerBy { dx: 7_233, dy: 0 }]
        );
    }

    #[test]
    fn a_tap_is_a_click_and_a_drag_is_not() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.touch_down((5.0, 5.0), HERE, 0.0), [to(HERE)]);
        assert_eq!(
            pointer.touch_up((7.0, 6.0), 90.0),
            [
                Input::Buttons(Buttons::LEFT),
                Input::Buttons(Buttons::default())
            ]
        );
        pointer.touch_down((5.0, 5.0), HERE, 0.0);
        assert_eq!(pointer.touch_up((60.0, 5.0), 90.0), []);
        pointer.touch_down((5.0, 5.0), HERE, 0.0);
        assert_eq!(pointer.touch_up((5.0, 5.0), 900.0), []);
    }

    #[test]
    fn after_clearing_the_place_is_told_anew() {
        let mut pointer = Pointer::default();
        pointer.at(HERE, 1);
        pointer.clear();
        assert!(pointer.buttons().is_empty());
        assert_eq!(pointer.at(HERE, 0), [to(HERE)]);
    }
}
