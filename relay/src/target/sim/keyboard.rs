//! The PC's keyboard driver: modifiers, locks, dead keys and auto-repeat.

use std::{collections::BTreeSet, time::Duration};

use shared::message::Leds;

use super::layout::{self, Layout};

const REPEAT_DELAY: Duration = Duration::from_millis(500);
const REPEAT_INTERVAL: Duration = Duration::from_millis(33);

/// Usages of the keyboard page (0x07) that mean something to the PC besides writing.
pub mod key {
    #![expect(missing_docs, reason = "the names are those printed on the keys")]

    pub const C: u8 = 0x06;
    pub const L: u8 = 0x0F;
    pub const ENTER: u8 = 0x28;
    pub const ESCAPE: u8 = 0x29;
    pub const BACKSPACE: u8 = 0x2A;
    pub const TAB: u8 = 0x2B;
    pub const SPACE: u8 = 0x2C;
    pub const CAPS_LOCK: u8 = 0x39;
    pub const F12: u8 = 0x45;
    pub const SCROLL_LOCK: u8 = 0x47;
    pub const HOME: u8 = 0x4A;
    pub const PAGE_UP: u8 = 0x4B;
    pub const DELETE: u8 = 0x4C;
    pub const END: u8 = 0x4D;
    pub const PAGE_DOWN: u8 = 0x4E;
    pub const RIGHT: u8 = 0x4F;
    pub const LEFT: u8 = 0x50;
    pub const DOWN: u8 = 0x51;
    pub const UP: u8 = 0x52;
    pub const NUM_LOCK: u8 = 0x53;
    pub const KEYPAD_ENTER: u8 = 0x58;
    pub const POWER: u8 = 0x66;
}

/// A key going down, or repeating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// Which key, by what it does: the keypad without Num Lock gives arrows, its Enter is Enter.
    pub usage: u8,
    /// Ctrl is held.
    pub ctrl: bool,
    /// Shift is held.
    pub shift: bool,
    /// Alt is held, and is not AltGr.
    pub alt: bool,
    /// What it types under the layout; Enter and Tab are characters, too.
    pub text: String,
}

/// The driver's state.
pub struct Keyboard {
    /// What writing keys type.
    pub layout: &'static Layout,
    /// The lock lights.
    pub locks: Leds,
    down: BTreeSet<u8>,
    accent: Option<char>,
    repeat: Option<(u8, Duration)>,
}

impl Default for Keyboard {
    fn default() -> Self {
        Self {
            layout: &layout::US,
            locks: Leds::default(),
            down: BTreeSet::new(),
            accent: None,
            repeat: None,
        }
    }
}

impl Keyboard {
    /// A key goes down. Modifiers and locks give no press.
    pub fn press(&mut self, now: Duration, usage: u8) -> Option<Press> {
        self.down.insert(usage);
        match usage {
            0xE0..=0xFF => return None,
            key::CAPS_LOCK => self.locks.caps_lock ^= true,
            key::NUM_LOCK => self.locks.num_lock ^= true,
            key::SCROLL_LOCK => self.locks.scroll_lock ^= true,
            _ => {
                self.repeat = Some((usage, now + REPEAT_DELAY));
                return Some(self.strike(usage));
            }
        }
        None
    }

    /// A key goes up.
    pub fn release(&mut self, usage: u8) {
        self.down.remove(&usage);
        self.repeat.take_if(|(repeating, _)| *repeating == usage);
    }

    /// When the held key repeats next.
    #[must_use]
    pub fn next_repeat(&self) -> Option<Duration> {
        self.repeat.map(|(_, at)| at)
    }

    /// The held key once more, where its time has come.
    pub fn repeat(&mut self, now: Duration) -> Option<Press> {
        let (usage, at) = self.repeat.filter(|(_, at)| *at <= now)?;
        self.repeat = Some((usage, at + REPEAT_INTERVAL));
        Some(self.strike(usage))
    }

    /// Whether Ctrl, Alt and Delete are down together.
    #[must_use]
    pub fn asks_for_restart(&self) -> bool {
        let delete = self.down.contains(&key::DELETE) || self.down.contains(&0x63);
        self.either(0xE0, 0xE4) && self.either(0xE2, 0xE6) && delete
    }

    fn strike(&mut self, usage: u8) -> Press {
        let alt_gr = self.layout.has_alt_gr() && self.down.contains(&0xE6);
        let alt = self.down.contains(&0xE2) || (self.down.contains(&0xE6) && !alt_gr);
        let (ctrl, shift) = (self.either(0xE0, 0xE4), self.either(0xE1, 0xE5));
        let usage = self.function(usage);
        let writes = !ctrl && !alt && !self.either(0xE3, 0xE7);
        let symbol = if writes {
            self.symbol(usage, shift, alt_gr)
        } else {
            None
        };
        let text = symbol.map_or_else(String::new, |symbol| self.accented(symbol));
        Press {
            usage,
            ctrl,
            shift,
            alt,
            text,
        }
    }

    fn symbol(&self, usage: u8, shift: bool, alt_gr: bool) -> Option<char> {
        match usage {
            key::ENTER => Some('\n'),
            key::TAB => Some('\t'),
            key::SPACE => Some(' '),
            0x54 => Some('/'),
            0x55 => Some('*'),
            0x56 => Some('-'),
            0x57 => Some('+'),
            0x59..=0x61 => char::from_digit(u32::from(usage - 0x58), 10),
            0x62 => Some('0'),
            0x63 => Some(self.layout.decimal),
            0x67 => Some('='),
            0x85 => Some(','),
            0xB6 => Some('('),
            0xB7 => Some(')'),
            usage => self
                .layout
                .symbol(usage, shift, alt_gr, self.locks.caps_lock),
        }
    }

    fn accented(&mut self, symbol: char) -> String {
        match (self.accent.take(), symbol) {
            (Some(accent), symbol) => layout::compose(accent, symbol),
            (None, symbol) if layout::is_dead(symbol) => {
                self.accent = Some(symbol);
                String::new()
            }
            (None, symbol) => symbol.to_string(),
        }
    }

    fn function(&self, usage: u8) -> u8 {
        match usage {
            key::KEYPAD_ENTER => key::ENTER,
            0xBB => key::BACKSPACE,
            0x59..=0x63 if !self.locks.num_lock => NAVIGATION[usize::from(usage - 0x59)],
            usage => usage,
        }
    }

    fn either(&self, left: u8, right: u8) -> bool {
        self.down.contains(&left) || self.down.contains(&right)
    }
}

/// What keypad 1 to 9, 0 and the decimal key do without Num Lock.
const NAVIGATION: [u8; 11] = [
    key::END,
    key::DOWN,
    key::PAGE_DOWN,
    key::LEFT,
    0,
    key::RIGHT,
    key::HOME,
    key::UP,
    key::PAGE_UP,
    0x49,
    key::DELETE,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_held_key_repeats_after_half_a_second_until_another_or_none_is_held() {
        let mut keyboard = Keyboard::default();
        assert_eq!(keyboard.press(ms(0), 0x04).unwrap().text, "a");
        assert_eq!(keyboard.repeat(ms(499)), None);
        assert_eq!(keyboard.repeat(ms(500)).unwrap().text, "a");
        assert_eq!(keyboard.next_repeat(), Some(ms(533)));
        keyboard.press(ms(510), 0x05);
        keyboard.release(0x04);
        assert_eq!(keyboard.next_repeat(), Some(ms(1010)));
        keyboard.release(0x05);
        assert_eq!(keyboard.next_repeat(), None);
    }

    #[test]
    fn locks_toggle_and_modifiers_give_no_press() {
        let mut keyboard = Keyboard::default();
        assert_eq!(keyboard.press(ms(0), key::CAPS_LOCK), None);
        keyboard.release(key::CAPS_LOCK);
        assert!(keyboard.locks.caps_lock);
        assert_eq!(keyboard.press(ms(1), 0xE1), None);
        assert_eq!(keyboard.press(ms(2), 0x04).unwrap().text, "a");
        keyboard.release(0xE1);
        assert_eq!(keyboard.press(ms(3), 0x05).unwrap().text, "B");
        keyboard.press(ms(4), key::CAPS_LOCK);
        assert!(!keyboard.locks.caps_lock);
    }

    #[test]
    fn the_keypad_follows_num_lock() {
        let mut keyboard = Keyboard::default();
        let press = keyboard.press(ms(0), 0x60).unwrap();
        assert_eq!((press.usage, press.text.as_str()), (key::UP, ""));
        keyboard.press(ms(1), key::NUM_LOCK);
        assert_eq!(keyboard.press(ms(2), 0x60).unwrap().text, "8");
        assert_eq!(keyboard.press(ms(3), 0x62).unwrap().text, "0");
        assert_eq!(keyboard.press(ms(4), key::KEYPAD_ENTER).unwrap().text, "\n");
    }

    #[test]
    fn a_dead_key_waits_for_its_letter_and_alt_gr_is_no_alt() {
        let mut keyboard = Keyboard {
            layout: Layout::named("de").unwrap(),
            ..Keyboard::default()
        };
        assert_eq!(keyboard.press(ms(0), 0x35).unwrap().text, "");
        assert_eq!(keyboard.press(ms(1), 0x08).unwrap().text, "ê");
        keyboard.press(ms(2), 0xE6);
        let at = keyboard.press(ms(3), 0x14).unwrap();
        assert_eq!((at.text.as_str(), at.alt), ("@", false));
    }

    #[test]
    fn either_ctrl_with_either_alt_and_delete_asks_for_a_restart() {
        for (ctrl, alt) in [(0xE0, 0xE2), (0xE4, 0xE6), (0xE0, 0xE6), (0xE4, 0xE2)] {
            let mut keyboard = Keyboard::default();
            keyboard.press(ms(0), ctrl);
            keyboard.press(ms(0), alt);
            assert!(!keyboard.asks_for_restart());
            keyboard.press(ms(0), key::DELETE);
            assert!(keyboard.asks_for_restart());
        }
    }
}
