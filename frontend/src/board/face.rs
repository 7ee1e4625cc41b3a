//! What is written on a key.

use shared::{
    input::Usage,
    layout::{Layout, Legend, Level},
};

use super::name::{key_name, us_character};

/// What decides what the keys type: the layout, and what is held or on.
#[derive(Clone, Copy, Debug)]
pub struct Typing<'a> {
    /// The target's layout; `None` while it is not known, which is as with a US keyboard.
    pub layout: Option<&'a Layout>,
    /// Which of a key's symbols.
    pub level: Level,
    /// Whether Caps Lock is on.
    pub caps_lock: bool,
}

/// What is written on a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Face {
    /// What assistive technology reads out: what the key types or does.
    pub name: String,
    /// What it types or does now.
    pub cap: String,
    /// What else it types: with Shift, and with AltGr.
    pub corners: [Option<char>; 2],
    /// Whether it types nothing at this level, so that `cap` is what it types without.
    pub dim: bool,
    /// Whether it is a dead key, or does something instead of typing.
    pub acts: bool,
}

/// What is written on a key.
#[must_use]
pub fn face(usage: Usage, typing: Typing<'_>) -> Face {
    let at = |level| legend(usage, Typing { level, ..typing });
    let now = at(typing.level);
    let Some(shown) = now.or_else(|| at(Level::Plain)) else {
        return acting(usage, typing);
    };
    let character = character(shown);
    let dead = matches!(shown, Legend::Dead(_));
    Face {
        name: if dead {
            format!("dead {character}")
        } else {
            character.to_string()
        },
        cap: character.to_string(),
        corners: corners(typing.level, character, at),
        dim: now.is_none(),
        acts: dead,
    }
}

/// Whether a key types a letter, rather than a sign or a digit.
#[must_use]
pub fn is_letter(usage: Usage, layout: Option<&Layout>) -> bool {
    let typing = Typing {
        layout,
        level: Level::Plain,
        caps_lock: false,
    };
    matches!(legend(usage, typing), Some(Legend::Character(character)) if character.is_alphabetic())
}

/// A key that does something. The right Alt is Alt where a layout has no AltGr.
fn acting(usage: Usage, typing: Typing<'_>) -> Face {
    const RIGHT_ALT: Usage = Usage::Keyboard(0xE6);
    let plain_alt = usage == RIGHT_ALT && typing.layout.is_some_and(|layout| !layout.has_alt_gr());
    let (name, cap) = if plain_alt {
        ("Right Alt", "Alt")
    } else {
        let known = key_name(usage);
        (known.name, known.cap)
    };
    Face {
        name: name.to_owned(),
        cap: cap.to_owned(),
        acts: true,
        ..Face::default()
    }
}

fn legend(usage: Usage, typing: Typing<'_>) -> Option<Legend> {
    let Usage::Keyboard(number @ (0x04..=0x27 | 0x2D..=0x38 | 0x64 | 0x87 | 0x89)) = usage else {
        return None;
    };
    let legend = match typing.layout {
        Some(layout) => layout.legend(number, typing.level, typing.caps_lock)?,
        None => {
            let shift = match typing.level {
                Level::Plain => false,
                Level::Shift => true,
                Level::AltGr | Level::ShiftAltGr => return None,
            };
            let is_letter = (0x04..=0x1D).contains(&number);
            Legend::Character(us_character(
                usage,
                shift != (is_letter && typing.caps_lock),
            )?)
        }
    };
    Some(legend).filter(|legend| !character(*legend).is_whitespace())
}

fn corners(level: Level, shown: char, at: impl Fn(Level) -> Option<Legend>) -> [Option<char>; 2] {
    if level != Level::Plain {
        return [None; 2];
    }
    let other = |level| {
        let other = at(level).map(character)?;
        let same_letter = other.to_lowercase().eq(shown.to_lowercase());
        (!same_letter).then_some(other)
    };
    [other(Level::Shift), other(Level::AltGr)]
}

fn character(legend: Legend) -> char {
    match legend {
        Legend::Character(character) | Legend::Dead(character) => character,
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        input::Usage::Keyboard,
        layout::{Layout, Level},
    };

    use super::{Typing, face, is_letter};

    fn layout(name: &str) -> Layout {
        let path = format!(
            "{}/../shared/layouts/{name}.bin",
            env!("CARGO_MANIFEST_DIR")
        );
        Layout::parse(&std::fs::read(path).unwrap()).unwrap()
    }

    fn name(layout: Option<&Layout>, number: u8, level: Level, caps_lock: bool) -> String {
        let typing = Typing {
            layout,
            level,
            caps_lock,
        };
        face(Keyboard(number), typing).name
    }

    #[test]
    fn a_german_keyboard_has_german_legends() {
        let german = layout("de");
        let german = Some(&german);
        assert_eq!(name(german, 0x1C, Level::Plain, false), "z");
        assert_eq!(name(german, 0x1C, Level::Shift, false), "Z");
        assert_eq!(name(german, 0x1C, Level::Plain, true), "Z");
        assert_eq!(name(german, 0x34, Level::Plain, false), "ä");
        assert_eq!(name(german, 0x14, Level::AltGr, false), "@");
        assert_eq!(name(german, 0x31, Level::Plain, false), "#");
        assert_eq!(name(german, 0x64, Level::Plain, false), "<");
        assert_eq!(name(german, 0xE6, Level::Plain, false), "AltGr");
        assert!(is_letter(Keyboard(0x34), german) && !is_letter(Keyboard(0x31), german));
    }

    #[test]
    fn a_dead_key_says_so() {
        let german = layout("de");
        let dead = name(Some(&german), 0x2E, Level::Plain, false);
        assert!(dead.starts_with("dead "), "{dead}");
    }

    #[test]
    fn corners_say_what_else_a_key_types() {
        let german = layout("de");
        let typing = Typing {
            layout: Some(&german),
            level: Level::Plain,
            caps_lock: false,
        };
        assert_eq!(face(Keyboard(0x1F), typing).corners[0], Some('"'));
        assert_eq!(face(Keyboard(0x14), typing).corners, [None, Some('@')]);
    }

    #[test]
    fn without_a_layout_it_is_a_us_keyboard() {
        assert_eq!(name(None, 0x1F, Level::Shift, false), "@");
        assert_eq!(name(None, 0x04, Level::Plain, true), "A");
        assert_eq!(name(None, 0x04, Level::Shift, true), "a");
        assert_eq!(name(None, 0x28, Level::Plain, false), "Enter");
        assert_eq!(name(None, 0x2C, Level::Plain, false), "Space");
    }
}
