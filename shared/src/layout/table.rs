//! The table of a layout, as bytes.
//!
//! | part | bytes |
//! |---|---|
//! | magic, version | `AKL`, then 1 |
//! | label | its length, then UTF-8 |
//! | Caps Lock's key | usage (0: there is none), modifiers |
//! | dead keys | their number, then the accent of each as a varint |
//! | keys | their number, then each: usage (ascending); kind; symbols |
//! | avoided | their number, then each: usage, level (0 to 3) |
//! | groups of compositions | their number as a varint, then each: length of the prefix; the prefix as symbols; number of compositions as a varint; each as the varint of how far its character is from the one before, and its last symbol |
//!
//! The low four bits of a key's *kind* say which levels have a symbol, the upper four what Caps Lock does: 0 nothing,
//! 1 it turns Shift round at all levels, 2 at the first two levels, 15 other. After 15 come two bytes, a nibble a
//! level from the lowest bits on: 0 to 3 the symbol of that level, 4 nothing, 5 a symbol of its own, which follows
//! those of the levels.
//!
//! A *symbol* is a varint: twice a character's scalar value, or twice a dead key's number plus 1. A varint is LEB128
//! of at most 32 bits.

use thiserror::Error;

use super::{Level, Stroke};

mod reader;

use reader::Reader;

/// The levels of a key.
pub const LEVELS: usize = 4;

/// The largest table, in bytes.
pub const TABLE_MAX: usize = 64 * 1024;

/// The most symbols of a composition.
pub const SEQUENCE_MAX: usize = 6;

const MAGIC: [u8; 3] = *b"AKL";
const VERSION: u8 = 1;

const UNTOUCHED: [u8; LEVELS] = [0, 1, 2, 3];
const TURNED: [u8; LEVELS] = [1, 0, 3, 2];
const HALF_TURNED: [u8; LEVELS] = [1, 0, 2, 3];
const OTHER: u8 = 15;
const NOTHING: u8 = 4;
const OWN: u8 = 5;

/// Why bytes are not a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// They do not begin as a table does.
    #[error("not a keyboard layout")]
    Foreign,
    /// The table has a version that this program does not read.
    #[error("a keyboard layout of version {0}, and {VERSION} is what this program reads")]
    Version(u8),
    /// Longer than [`TABLE_MAX`].
    #[error("a keyboard layout of {0} bytes, and {TABLE_MAX} is the limit")]
    Oversized(usize),
    /// It ends too early.
    #[error("the keyboard layout is cut off")]
    Truncated,
    /// Something in it cannot be; the word says what.
    #[error("the keyboard layout is damaged: {0}")]
    Damaged(&'static str),
}

/// What a key gives at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// This character.
    Character(char),
    /// The dead key of this number in [`Table::accents`].
    Dead(u8),
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// HID page 0x07.
    pub usage: u8,
    /// What it gives at each level.
    pub levels: [Option<Symbol>; LEVELS],
    /// The same while Caps Lock is on.
    pub with_caps_lock: [Option<Symbol>; LEVELS],
}

impl Key {
    /// What it gives.
    #[must_use]
    pub fn symbol(&self, level: Level, caps_lock: bool) -> Option<Symbol> {
        let levels = if caps_lock {
            &self.with_caps_lock
        } else {
            &self.levels
        };
        levels[level as usize]
    }
}

/// A sequence of symbols that gives one character: a dead key and a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composition {
    /// What it gives.
    pub character: char,
    /// What is typed for it: 2 to [`SEQUENCE_MAX`] symbols.
    pub sequence: Vec<Symbol>,
}

/// All that is known of a layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name for people, at most 255 bytes.
    pub label: String,
    /// What switches Caps Lock.
    pub caps_lock: Option<Stroke>,
    /// The accents of the dead keys, at most 64.
    pub accents: Vec<char>,
    /// In ascending order of usages.
    pub keys: Vec<Key>,
    /// Where keys give what they do not give on other systems, or what is not printed on them: there is a better way to
    /// the same characters, or none.
    pub avoided: Vec<(u8, Level)>,
    /// In the order of their prefixes, and then of their characters.
    pub compositions: Vec<Composition>,
}

impl Table {
    /// Reads a table.
    ///
    /// # Errors
    /// Any [`LayoutError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LayoutError> {
        if bytes.len() > TABLE_MAX {
            return Err(LayoutError::Oversized(bytes.len()));
        }
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len()).ok() != Some(&MAGIC) {
            return Err(LayoutError::Foreign);
        }
        let version = reader.byte()?;
        if version != VERSION {
            return Err(LayoutError::Version(version));
        }
        let table = Self {
            label: reader.label()?,
            caps_lock: reader.caps_lock()?,
            accents: reader.accents()?,
            keys: reader.keys()?,
            avoided: reader.avoided()?,
            compositions: reader.compositions()?,
        };
        reader.end()?;
        table.check()?;
        Ok(table)
    }

    /// Its bytes. What [`parse`](Self::parse) refuses has no bytes either.
    ///
    /// # Errors
    /// Where something is out of its limits or its order.
    pub fn encode(&self) -> Result<Vec<u8>, LayoutError> {
        self.check()?;
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        bytes.push(count(self.label.len())?);
        bytes.extend_from_slice(self.label.as_bytes());
        let caps_lock = self.caps_lock.unwrap_or_default();
        bytes.extend([caps_lock.usage, caps_lock.modifiers]);
        bytes.push(count(self.accents.len())?);
        for accent in &self.accents {
            varint(&mut bytes, u32::from(*accent));
        }
        bytes.push(count(self.keys.len())?);
        for key in &self.keys {
            encode_key(&mut bytes, key);
        }
        bytes.push(count(self.avoided.len())?);
        for (usage, level) in &self.avoided {
            bytes.extend([*usage, *level as u8]);
        }
        self.encode_compositions(&mut bytes)?;
        if Self::parse(&bytes)? != *self {
            return Err(LayoutError::Damaged("it does not come back from its bytes"));
        }
        Ok(bytes)
    }

    fn encode_compositions(&self, bytes: &mut Vec<u8>) -> Result<(), LayoutError> {
        let groups: Vec<&[Composition]> = self
            .compositions
            .chunk_by(|one, next| one.prefix() == next.prefix())
            .collect();
        varint(bytes, length(groups.len())?);
        for group in groups {
            let prefix = group[0].prefix();
            bytes.push(count(prefix.len())?);
            for symbol in prefix {
                encode_symbol(bytes, *symbol);
            }
            varint(bytes, length(group.len())?);
            let mut before = 0;
            for composition in group {
                let character = u32::from(composition.character);
                let further = character.checked_sub(before);
                varint(
                    bytes,
                    further.ok_or(LayoutError::Damaged("order of compositions"))?,
                );
                before = character;
                if let Some(last) = composition.sequence.last() {
                    encode_symbol(bytes, *last);
                }
            }
        }
        Ok(())
    }

    /// What the types do not say by themselves.
    fn check(&self) -> Result<(), LayoutError> {
        let damaged = |what| Err(LayoutError::Damaged(what));
        if self.caps_lock.is_some_and(|stroke| stroke.usage == 0) {
            return damaged("Caps Lock's key");
        }
        if !self.keys.is_sorted_by(|one, next| one.usage < next.usage) {
            return damaged("order of keys");
        }
        let lengths = 2..=SEQUENCE_MAX;
        if !self
            .compositions
            .iter()
            .all(|composition| lengths.contains(&composition.sequence.len()))
        {
            return damaged("length of a composition");
        }
        let is_known = |symbol: &Symbol| match symbol {
            Symbol::Character(_) => true,
            Symbol::Dead(dead) => usize::from(*dead) < self.accents.len(),
        };
        let on_keys = self
            .keys
            .iter()
            .flat_map(|key| key.levels.iter().chain(&key.with_caps_lock))
            .flatten();
        let in_sequences = self
            .compositions
            .iter()
            .flat_map(|composition| &composition.sequence);
        if !on_keys.chain(in_sequences).all(is_known) {
            return damaged("number of a dead key");
        }
        Ok(())
    }
}

impl Composition {
    fn prefix(&self) -> &[Symbol] {
        self.sequence.split_last().map_or(&[], |(_, prefix)| prefix)
    }
}

fn encode_key(bytes: &mut Vec<u8>, key: &Key) {
    let mut given = 0;
    for (level, symbol) in key.levels.iter().enumerate() {
        given |= u8::from(symbol.is_some()) << level;
    }
    let applied = |turn: [u8; LEVELS]| turn.map(|from| key.levels[usize::from(from)]);
    let kind = [UNTOUCHED, TURNED, HALF_TURNED]
        .iter()
        .zip(0..)
        .find(|(turn, _)| applied(**turn) == key.with_caps_lock)
        .map(|(_, kind)| kind);
    bytes.extend([key.usage, given | kind.unwrap_or(OTHER) << 4]);
    let sources = key.with_caps_lock.map(|symbol| match symbol {
        None => NOTHING,
        Some(_) => key
            .levels
            .iter()
            .zip(0..)
            .find(|(known, _)| **known == symbol)
            .map_or(OWN, |(_, level)| level),
    });
    if kind.is_none() {
        bytes.extend([sources[0] | sources[1] << 4, sources[2] | sources[3] << 4]);
    }
    for symbol in key.levels.iter().flatten() {
        encode_symbol(bytes, *symbol);
    }
    if kind.is_none() {
        for (symbol, source) in key.with_caps_lock.iter().zip(sources) {
            if let (Some(symbol), OWN) = (symbol, source) {
                encode_symbol(bytes, *symbol);
            }
        }
    }
}

fn encode_symbol(bytes: &mut Vec<u8>, symbol: Symbol) {
    varint(
        bytes,
        match symbol {
            Symbol::Character(character) => u32::from(character) << 1,
            Symbol::Dead(dead) => u32::from(dead) << 1 | 1,
        },
    );
}

fn varint(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn count(length: usize) -> Result<u8, LayoutError> {
    u8::try_from(length).map_err(|_| LayoutError::Damaged("too much of something"))
}

fn length(length: usize) -> Result<u32, LayoutError> {
    u32::try_from(length).map_err(|_| LayoutError::Damaged("too much of something"))
}
