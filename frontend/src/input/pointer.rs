//! Where the pointer is and which buttons are down.

use shared::input::{Buttons, Input};

use super::place::Place;

/// The pointer as the machine knows it through this page. Buttons may be held in several ways at once: by a mouse, by
/// fingers on the picture, by buttons of the page.
#[derive(Clone, Debug, Default)]
pub struct Pointer {
    place: Option<Place>,
    by_mouse: Buttons,
    by_hand: Buttons,
    sent: Buttons,
    left_over: (f64, f64),
}

impl Pointer {
    /// The buttons that are down.
    #[must_use]
    pub fn buttons(&self) -> Buttons {
        self.sent
    }

    /// The pointer is at a place.
    pub fn to(&mut self, place: Place) -> Option<Input> {
        (self.place != Some(place)).then(|| {
            self.place = Some(place);
            Input::PointerTo {
                x: place.x,
                y: place.y,
            }
        })
    }

    /// The pointer moved by counts of a mouse, or fractions of one.
    pub fn by(&mut self, dx: f64, dy: f64) -> Option<Input> {
        self.place = None;
        let (dx, dy) = (
            whole(&mut self.left_over.0, dx),
            whole(&mut self.left_over.1, dy),
        );
        ((dx, dy) != (0, 0)).then_some(Input::PointerBy { dx, dy })
    }

    /// These of `MouseEvent.buttons` are down on the mouse (their bits are those of HID).
    pub fn mouse(&mut self, buttons: u16) -> Option<Input> {
        self.by_mouse = Buttons((buttons & 0x1F) as u8);
        self.press()
    }

    /// A button goes down or up in another way than on the mouse.
    pub fn hold(&mut self, button: Buttons, down: bool) -> Option<Input> {
        self.by_hand = match down {
            true => self.by_hand.with(button),
            false => self.by_hand.without(button),
        };
        self.press()
    }

    /// Forgets what is down; the caller tells the machine.
    pub fn clear(&mut self) {
        *self = Self {
            left_over: self.left_over,
            ..Self::default()
        };
    }

    fn press(&mut self) -> Option<Input> {
        let buttons = self.by_mouse.with(self.by_hand);
        (self.sent != buttons).then(|| {
            self.sent = buttons;
            Input::Buttons(buttons)
        })
    }
}

/// `MouseEvent.buttons` with the first two buttons in each other's place.
#[must_use]
pub fn swapped(buttons: u16) -> u16 {
    buttons & !3 | (buttons & 1) << 1 | (buttons & 2) >> 1
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

    use super::{Place, Pointer, swapped};

    const HERE: Place = Place { x: 100, y: 200 };

    fn to(place: Place) -> Input {
        Input::PointerTo {
            x: place.x,
            y: place.y,
        }
    }

    #[test]
    fn the_place_is_told_once() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.to(HERE), Some(to(HERE)));
        assert_eq!(pointer.to(HERE), None);
        pointer.clear();
        assert_eq!(pointer.to(HERE), Some(to(HERE)));
    }

    #[test]
    fn chords_and_side_buttons_keep_their_bits() {
        let mut pointer = Pointer::default();
        let told = |buttons| Some(Input::Buttons(buttons));
        assert_eq!(pointer.mouse(3), told(Buttons(3)));
        assert_eq!(pointer.mouse(4), told(Buttons::MIDDLE));
        assert_eq!(pointer.mouse(8), told(Buttons::BACK));
        assert_eq!(pointer.mouse(16), told(Buttons::FORWARD));
        assert_eq!(pointer.mouse(32), told(Buttons::default()));
        assert_eq!(pointer.mouse(0), None);
    }

    #[test]
    fn a_button_is_down_as_long_as_it_is_held_in_any_way() {
        let mut pointer = Pointer::default();
        let left = Some(Input::Buttons(Buttons::LEFT));
        assert_eq!(pointer.hold(Buttons::LEFT, true), left);
        assert_eq!(pointer.mouse(1), None);
        assert_eq!(pointer.hold(Buttons::LEFT, false), None);
        assert_eq!(pointer.mouse(0), Some(Input::Buttons(Buttons::default())));
    }

    #[test]
    fn swapping_changes_the_first_two_buttons_only() {
        assert_eq!([0, 1, 2, 3, 4, 8, 29].map(swapped), [0, 2, 1, 3, 4, 8, 30]);
    }

    #[test]
    fn fractions_of_a_count_add_up() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.by(0.5, -0.25), None);
        assert_eq!(
            pointer.by(0.5, -0.75),
            Some(Input::PointerBy { dx: 1, dy: -1 })
        );
    }

    #[test]
    fn nothing_of_a_large_move_is_lost() {
        let mut pointer = Pointer::default();
        let by = |dx| Some(Input::PointerBy { dx, dy: 0 });
        assert_eq!(pointer.by(40_000.0, 0.0), by(i16::MAX));
        assert_eq!(pointer.by(0.0, 0.0), by(7_233));
    }

    #[test]
    fn after_clearing_nothing_is_down() {
        let mut pointer = Pointer::default();
        pointer.mouse(1);
        pointer.hold(Buttons::RIGHT, true);
        pointer.clear();
        assert!(pointer.buttons().is_empty());
    }
}
