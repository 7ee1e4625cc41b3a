//! Bytes to the parts of a table. Every length is checked against what is left before anything is allocated.

use super::{
    Composition, HALF_TURNED, Key, LEVELS, LayoutError, Level, NOTHING, OTHER, OWN, SEQUENCE_MAX,
    Stroke, Symbol, TURNED, UNTOUCHED,
};

const ACCENTS_MAX: usize = 64;

/// What is left to be read.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], LayoutError> {
        let (taken, left) = self
            .0
            .split_at_checked(count)
            .ok_or(LayoutError::Truncated)?;
        self.0 = left;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, LayoutError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn end(&self) -> Result<(), LayoutError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(LayoutError::Damaged("bytes behind the end"))
        }
    }

    pub(super) fn label(&mut self) -> Result<String, LayoutError> {
        let length = self.byte()?;
        let label = std::str::from_utf8(self.take(length.into())?);
        label
            .map(str::to_owned)
            .map_err(|_| LayoutError::Damaged("label"))
    }

    pub(super) fn caps_lock(&mut self) -> Result<Option<Stroke>, LayoutError> {
        let stroke = Stroke::new(self.byte()?, self.byte()?);
        Ok((stroke.usage != 0).then_some(stroke))
    }

    pub(super) fn accents(&mut self) -> Result<Vec<char>, LayoutError> {
        let number = usize::from(self.byte()?);
        if number > ACCENTS_MAX {
            return Err(LayoutError::Damaged("number of dead keys"));
        }
        (0..number).map(|_| character(self.varint()?)).collect()
    }

    pub(super) fn keys(&mut self) -> Result<Vec<Key>, LayoutError> {
        let number = self.byte()?;
        (0..number).map(|_| self.key()).collect()
    }

    fn key(&mut self) -> Result<Key, LayoutError> {
        let usage = self.byte()?;
        let kind = self.byte()?;
        let sources = match kind >> 4 {
            0 => UNTOUCHED,
            1 => TURNED,
            2 => HALF_TURNED,
            OTHER => {
                let (low, high) = (self.byte()?, self.byte()?);
                [low & 15, low >> 4, high & 15, high >> 4]
            }
            _ => return Err(LayoutError::Damaged("kind of a key")),
        };
        let mut levels = [None; LEVELS];
        for (level, symbol) in levels.iter_mut().enumerate() {
            if kind >> level & 1 == 1 {
                *symbol = Some(self.symbol()?);
            }
        }
        let mut with_caps_lock = [None; LEVELS];
        for (symbol, source) in with_caps_lock.iter_mut().zip(sources) {
            *symbol = match source {
                NOTHING => None,
                OWN => Some(self.symbol()?),
                level => *levels
                    .get(usize::from(level))
                    .ok_or(LayoutError::Damaged("what Caps Lock does to a key"))?,
            };
        }
        Ok(Key {
            usage,
            levels,
            with_caps_lock,
        })
    }

    pub(super) fn avoided(&mut self) -> Result<Vec<(u8, Level)>, LayoutError> {
        let number = self.byte()?;
        (0..number)
            .map(|_| {
                let (usage, level) = (self.byte()?, self.byte()?);
                let level = Level::ALL.get(usize::from(level));
                Ok((usage, *level.ok_or(LayoutError::Damaged("level"))?))
            })
            .collect()
    }

    pub(super) fn compositions(&mut self) -> Result<Vec<Composition>, LayoutError> {
        let mut compositions = Vec::new();
        for _ in 0..self.varint()? {
            self.group(&mut compositions)?;
        }
        Ok(compositions)
    }

    fn group(&mut self, compositions: &mut Vec<Composition>) -> Result<(), LayoutError> {
        let length = usize::from(self.byte()?);
        if length >= SEQUENCE_MAX {
            return Err(LayoutError::Damaged("length of a composition"));
        }
        let mut prefix = Vec::with_capacity(length + 1);
        for _ in 0..length {
            prefix.push(self.symbol()?);
        }
        let mut scalar: u32 = 0;
        for _ in 0..self.varint()? {
            let further = self.varint()?;
            scalar = scalar
                .checked_add(further)
                .ok_or(LayoutError::Damaged("character"))?;
            let mut sequence = prefix.clone();
            sequence.push(self.symbol()?);
            compositions.push(Composition {
                character: character(scalar)?,
                sequence,
            });
        }
        Ok(())
    }

    fn symbol(&mut self) -> Result<Symbol, LayoutError> {
        let value = self.varint()?;
        if value & 1 == 0 {
            return Ok(Symbol::Character(character(value >> 1)?));
        }
        u8::try_from(value >> 1)
            .map(Symbol::Dead)
            .map_err(|_| LayoutError::Damaged("number of a dead key"))
    }

    fn varint(&mut self) -> Result<u32, LayoutError> {
        let mut value: u32 = 0;
        for shift in (0..u32::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7F);
            if bits > u32::MAX >> shift {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(LayoutError::Damaged("number"))
    }
}

fn character(scalar: u32) -> Result<char, LayoutError> {
    char::from_u32(scalar).ok_or(LayoutError::Damaged("character"))
}
