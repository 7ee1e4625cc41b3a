//! Keyboard layouts: what the keys of the target's layout type, and which strokes make a text.
//!
//! A [`Layout`] is read from a table of some hundred bytes to a few kilobytes, one a layout. The relay serves them:
//! `GET /api/v1/layouts` lists names and labels, and `GET /api/v1/layouts/{name}` gives the bytes for
//! [`Layout::parse`].
//!
//! - [`Layout::strokes`]: the strokes of one character.
//! - [`Layout::legend`]: what is printed on a key.
//! - [`compile`]: the strokes of a text, and what cannot be typed.
//!
//! The tables are made from xkeyboard-config and the compose rules of `en_US.UTF-8` by `shared/layout-tables`, so they
//! say what a target with Linux types. Windows agrees on the keys of these layouts but for a few at level 3 and 4, and
//! has fewer letters for its dead keys.

pub mod compile;
mod cost;
pub mod table;
mod unicode;

use serde::{Deserialize, Serialize};

pub use compile::{Compiled, LineEnd, Options, TabStop, Untypable, compile};
pub use table::LayoutError;
pub use unicode::System;

use table::{LEVELS, Symbol, Table};

/// The left Control key, in [`Stroke::modifiers`].
pub const LEFT_CONTROL: u8 = 0x01;
/// The left Shift key.
pub const LEFT_SHIFT: u8 = 0x02;
/// The left Alt key.
pub const LEFT_ALT: u8 = 0x04;
/// The left Meta key: Windows, Command.
pub const LEFT_META: u8 = 0x08;
/// The right Control key.
pub const RIGHT_CONTROL: u8 = 0x10;
/// The right Shift key.
pub const RIGHT_SHIFT: u8 = 0x20;
/// The right Alt key, which is AltGr where a layout has it.
pub const RIGHT_ALT: u8 = 0x40;
/// The right Meta key.
pub const RIGHT_META: u8 = 0x80;

/// One press of a key, and its release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stroke {
    /// The key (HID page 0x07).
    pub usage: u8,
    /// What is held meanwhile: the first byte of the boot report.
    pub modifiers: u8,
}

impl Stroke {
    /// A key with these modifiers.
    #[must_use]
    pub const fn new(usage: u8, modifiers: u8) -> Self {
        Self { usage, modifiers }
    }
}

/// The most strokes that one character takes: a sequence of dead keys, between two strokes of Caps Lock.
pub const STROKES_MAX: usize = table::SEQUENCE_MAX + 2;

/// The strokes of one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strokes {
    strokes: [Stroke; STROKES_MAX],
    count: u8,
}

impl Strokes {
    fn none() -> Self {
        Self {
            strokes: [Stroke::default(); STROKES_MAX],
            count: 0,
        }
    }

    /// Adds a stroke, if there is room.
    fn push(&mut self, stroke: Stroke) -> Option<()> {
        *self.strokes.get_mut(usize::from(self.count))? = stroke;
        self.count += 1;
        Some(())
    }
}

impl std::ops::Deref for Strokes {
    type Target = [Stroke];

    fn deref(&self) -> &[Stroke] {
        &self.strokes[..usize::from(self.count)]
    }
}

impl IntoIterator for Strokes {
    type Item = Stroke;
    type IntoIter = std::iter::Take<std::array::IntoIter<Stroke, STROKES_MAX>>;

    fn into_iter(self) -> Self::IntoIter {
        self.strokes.into_iter().take(usize::from(self.count))
    }
}

/// Which of a key's symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Nothing is held.
    Plain,
    /// Shift is held.
    Shift,
    /// AltGr is held.
    AltGr,
    /// Shift and AltGr are held.
    ShiftAltGr,
}

impl Level {
    /// Every level, in the order of tables.
    pub const ALL: [Self; LEVELS] = [Self::Plain, Self::Shift, Self::AltGr, Self::ShiftAltGr];

    /// What is held for it, as in [`Stroke::modifiers`].
    #[must_use]
    pub const fn modifiers(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Shift => LEFT_SHIFT,
            Self::AltGr => RIGHT_ALT,
            Self::ShiftAltGr => LEFT_SHIFT | RIGHT_ALT,
        }
    }
}

/// What is printed on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Legend {
    /// It types this.
    Character(char),
    /// It is a dead key: this accent goes onto the next character.
    Dead(char),
}

/// A keyboard layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    table: Table,
    /// The strokes of each character, in the order of characters; without and with Caps Lock.
    typing: [Vec<(char, Strokes)>; 2],
}

impl Layout {
    /// Reads a table.
    ///
    /// # Errors
    /// Where the bytes are no table, or one of a version that this does not read.
    pub fn parse(bytes: &[u8]) -> Result<Self, LayoutError> {
        let table = Table::parse(bytes)?;
        let typing = cost::cheapest(&table);
        Ok(Self { table, typing })
    }

    /// Its name for people: "German (Switzerland)".
    #[must_use]
    pub fn label(&self) -> &str {
        &self.table.label
    }

    /// The strokes that make a character while Caps Lock is off or on; `None` where no keys make it. They leave Caps
    /// Lock as it is. Line ends and tabs are no characters in this sense; see [`compile`].
    #[must_use]
    pub fn strokes(&self, character: char, caps_lock: bool) -> Option<Strokes> {
        let typing = &self.typing[usize::from(caps_lock)];
        let at = typing
            .binary_search_by_key(&character, |(known, _)| *known)
            .ok()?;
        Some(typing[at].1)
    }

    /// What a key types at a level.
    #[must_use]
    pub fn legend(&self, usage: u8, level: Level, caps_lock: bool) -> Option<Legend> {
        let key = self.table.keys.iter().find(|key| key.usage == usage)?;
        match key.symbol(level, caps_lock)? {
            Symbol::Character(character) => Some(Legend::Character(character)),
            Symbol::Dead(dead) => self
                .table
                .accents
                .get(usize::from(dead))
                .copied()
                .map(Legend::Dead),
        }
    }

    /// Whether the right Alt key is AltGr: it chooses levels, and is no Alt key.
    #[must_use]
    pub fn has_alt_gr(&self) -> bool {
        self.table.keys.iter().any(|key| {
            key.levels[2..]
                .iter()
                .chain(&key.with_caps_lock[2..])
                .any(Option::is_some)
        })
    }

    /// Every character that can be typed, in order.
    pub fn characters(&self) -> impl Iterator<Item = char> {
        self.typing[0].iter().map(|(character, _)| *character)
    }
}

#[cfg(test)]
mod tests;
