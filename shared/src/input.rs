//! What an operator's hands do: keys by physical position, buttons, motion and wheel.

use serde::{Deserialize, Serialize};

use crate::list::List;

/// The far edge of an absolute pointer position on both axes; 0 is the near edge.
pub const POINTER_MAX: u16 = 0x7FFF;

/// One detent of a wheel. Finer motion is a fraction of it (as in Windows' and Linux' high-resolution wheels).
pub const WHEEL_DETENT: i16 = 120;

/// The most keys that one held state can name.
pub const HELD_MAX: usize = 64;

/// How often the page sends [`Held`] while anything is held, in milliseconds.
pub const HELD_INTERVAL_MS: u32 = 100;

/// A key as a HID usage (HID Usage Tables 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Usage {
    /// Page 0x07, keyboard and keypad: 0x04 is `KeyA`, 0xE0..=0xE7 are the modifiers.
    Keyboard(u8),
    /// Page 0x0C, consumer: 0xE9 is volume up.
    Consumer(u16),
    /// Page 0x01, system control: 0x81 power down, 0x82 sleep, 0x83 wake up.
    System(u8),
}

impl Usage {
    /// Whether this is one of the eight modifiers (Ctrl, Shift, Alt, Meta, left and right).
    #[must_use]
    pub fn is_modifier(self) -> bool {
        matches!(self, Self::Keyboard(0xE0..=0xE7))
    }
}

/// Pointer buttons as a set of bits, in the order of HID's button page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Buttons(pub u8);

impl Buttons {
    /// The primary button.
    pub const LEFT: Self = Self(1);
    /// The secondary button.
    pub const RIGHT: Self = Self(2);
    /// The wheel's button.
    pub const MIDDLE: Self = Self(4);
    /// The first thumb button.
    pub const BACK: Self = Self(8);
    /// The second thumb button.
    pub const FORWARD: Self = Self(16);

    /// Whether all of `other` are in this set.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// This set with `other` added.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set with `other` taken out.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no button is in this set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// One act of the operator. Applied in the order in which the page sent them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A key goes down or up. A second `down` of a held key changes nothing.
    Key {
        /// Which key.
        usage: Usage,
        /// Down, or up.
        down: bool,
    },
    /// The pointer goes to a place of the picture, 0..=[`POINTER_MAX`] on each axis.
    PointerTo {
        /// From the left edge.
        x: u16,
        /// From the upper edge.
        y: u16,
    },
    /// The pointer moves by counts of a mouse.
    PointerBy {
        /// To the right.
        dx: i16,
        /// Downwards.
        dy: i16,
    },
    /// The whole set of buttons that are down from now on, at the pointer's present place.
    Buttons(Buttons),
    /// The wheel turns; [`WHEEL_DETENT`] is one detent.
    Wheel {
        /// Away from the user is positive.
        vertical: i16,
        /// To the right is positive.
        horizontal: i16,
    },
    /// All that is held now; what is not named is released, what is named and not down is pressed.
    Held(Held),
    /// Everything is released at once.
    ReleaseAll,
}

/// The full held state of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The keys that are down.
    pub keys: List<Usage, HELD_MAX>,
    /// The buttons that are down.
    pub buttons: Buttons,
}
