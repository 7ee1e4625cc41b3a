//! Lock keys and their lights.

use shared::message::Leds;

/// A lock key whose light can tell that a machine has come to a press of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Matters to the numeric keypad alone.
    NumLock,
    /// Holds the output of text consoles for the moment that it is on.
    ScrollLock,
}

impl Lock {
    /// The order in which they are tried. Caps Lock is not among them: macOS may switch its input source by it.
    pub const SEARCHED: [Self; 2] = [Self::NumLock, Self::ScrollLock];

    /// Its key (HID Usage Tables 1.5, page 0x07).
    #[must_use]
    pub fn usage(self) -> u8 {
        match self {
            Self::NumLock => 0x53,
            Self::ScrollLock => 0x47,
        }
    }

    /// Whether its light is on.
    #[must_use]
    pub fn is_on(self, leds: Option<Leds>) -> bool {
        leds.is_some_and(|leds| match self {
            Self::NumLock => leds.num_lock,
            Self::ScrollLock => leds.scroll_lock,
        })
    }
}
