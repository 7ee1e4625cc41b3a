//! Which keys of the keyboard are down.

use super::{
    descriptor::{KEYS, MODIFIERS},
    report::{Keyboard, Report},
};

/// HID's answer to more keys than a boot report can name.
const ROLLOVER: [u8; 6] = [0x01; 6];

/// The keys that are down, in the order in which they went down.
#[derive(Debug, Default)]
pub(super) struct Keys {
    ordinary: Vec<u8>,
    modifiers: u8,
}

impl Keys {
    /// Puts a key down or up; `false` where nothing changes, or the keyboard has no such key.
    pub(super) fn set(&mut self, usage: u8, down: bool) -> bool {
        if MODIFIERS.contains(&usage) {
            let bit = 1 << (usage - MODIFIERS.start());
            let before = self.modifiers;
            self.modifiers = if down { before | bit } else { before & !bit };
            return self.modifiers != before;
        }
        match self.ordinary.iter().position(|&key| key == usage) {
            None if down && KEYS.contains(&usage) => self.ordinary.push(usage),
            Some(place) if !down => {
                self.ordinary.remove(place);
            }
            _ => return false,
        }
        true
    }

    /// Lets go of the ordinary keys that `keep` does not want; `false` where there are none.
    pub(super) fn retain(&mut self, keep: impl Fn(u8) -> bool) -> bool {
        let before = self.ordinary.len();
        self.ordinary.retain(|&key| keep(key));
        self.ordinary.len() != before
    }

    /// Holds exactly these modifiers; `false` where that is so already.
    pub(super) fn set_modifiers(&mut self, modifiers: u8) -> bool {
        std::mem::replace(&mut self.modifiers, modifiers) != modifiers
    }

    pub(super) fn modifiers(&self) -> u8 {
        self.modifiers
    }

    pub(super) fn any_ordinary(&self) -> bool {
        !self.ordinary.is_empty()
    }

    pub(super) fn report(&self) -> Report {
        let mut keys = [0; 6];
        match keys.get_mut(..self.ordinary.len()) {
            Some(named) => named.copy_from_slice(&self.ordinary),
            None => keys = ROLLOVER,
        }
        Report::Keyboard(Keyboard {
            modifiers: self.modifiers,
            keys,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, Report};

    fn report(keys: &Keys) -> (u8, [u8; 6]) {
        match keys.report() {
            Report::Keyboard(keyboard) => (keyboard.modifiers, keyboard.keys),
            other => panic!("{other:?} is not of the keyboard"),
        }
    }

    #[test]
    fn keys_are_named_in_the_order_in_which_they_went_down() {
        let mut keys = Keys::default();
        for usage in [0x06, 0x04, 0xE1, 0x05] {
            assert!(keys.set(usage, true));
        }
        assert_eq!(report(&keys), (0x02, [6, 4, 5, 0, 0, 0]));
        assert!(keys.set(0x04, false));
        assert_eq!(report(&keys), (0x02, [6, 5, 0, 0, 0, 0]));
    }

    #[test]
    fn a_second_down_and_a_second_up_change_nothing() {
        let mut keys = Keys::default();
        assert!(keys.set(0x04, true) && !keys.set(0x04, true));
        assert!(keys.set(0xE0, true) && !keys.set(0xE0, true));
        assert_eq!(report(&keys), (1, [4, 0, 0, 0, 0, 0]));
        assert!(keys.set(0x04, false) && !keys.set(0x04, false));
        assert!(keys.set(0xE0, false) && !keys.set(0xE0, false));
        assert_eq!(report(&keys), (0, [0; 6]));
    }

    #[test]
    fn a_seventh_key_is_rollover_with_the_modifiers_kept_and_the_first_six_come_back() {
        let mut keys = Keys::default();
        for usage in 0x04..=0x0A {
            keys.set(usage, true);
        }
        keys.set(0xE1, true);
        assert_eq!(report(&keys), (0x02, [1; 6]));
        keys.set(0x0A, false);
        assert_eq!(report(&keys), (0x02, [4, 5, 6, 7, 8, 9]));
    }

    #[test]
    fn usages_that_are_no_key_are_not_taken() {
        let mut keys = Keys::default();
        for usage in [0x00, 0x01, 0x02, 0x03, 0xDE, 0xDF, 0xE8, 0xFF] {
            assert!(!keys.set(usage, true), "{usage:#x}");
        }
        assert_eq!(report(&keys), (0, [0; 6]));
    }
}
