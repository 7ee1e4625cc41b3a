//! Shortcuts: keys that are pressed together, kept on the relay and shared by its operators.
//!
//! They are JSON, under `GET` and `PUT /api/v1/shortcuts`. Keys are named by `KeyboardEvent.code`, so that a file of
//! them can be read: `{"name": "Task manager", "keys": ["ControlLeft", "ShiftLeft", "Escape"], "pinned": true}`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{input::Usage, keys};

/// The most shortcuts that a relay keeps.
pub const SHORTCUTS_MAX: usize = 200;

/// The most keys of one.
pub const KEYS_MAX: usize = 8;

/// The longest name, in characters.
pub const NAME_MAX: usize = 60;

/// Keys that are pressed in this order and released in the reverse one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shortcut {
    /// What it is called, 1 to [`NAME_MAX`] characters.
    pub name: String,
    /// `KeyboardEvent.code` of each key, 1 to [`KEYS_MAX`], none twice.
    pub keys: Vec<String>,
    /// Whether it stands in the toolbar.
    #[serde(default)]
    pub pinned: bool,
}

/// All shortcuts, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortcuts {
    /// Counts the changes; 0 where nobody has made one.
    pub revision: u32,
    /// The shortcuts.
    pub shortcuts: Vec<Shortcut>,
}

/// What is wrong with shortcuts. Places count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShortcutError {
    /// More than [`SHORTCUTS_MAX`].
    #[error("{0} shortcuts are more than the {SHORTCUTS_MAX} that the relay keeps")]
    TooMany(usize),
    /// No name, a long one, or one with control characters.
    #[error(
        "the name of shortcut {0} must have 1 to {NAME_MAX} characters, without control characters"
    )]
    Name(usize),
    /// Too few keys or too many.
    #[error("shortcut {0} must have 1 to {KEYS_MAX} keys")]
    Keys(usize),
    /// There is no such key.
    #[error("shortcut {place} has a key {code:?} that no keyboard has")]
    UnknownKey {
        /// Which shortcut.
        place: usize,
        /// The key, cut short.
        code: String,
    },
    /// A key is pressed twice.
    #[error("shortcut {place} has the key {code} twice")]
    Twice {
        /// Which shortcut.
        place: usize,
        /// The key.
        code: String,
    },
}

impl Shortcut {
    /// A shortcut of these keys; those without a `KeyboardEvent.code` are left out.
    #[must_use]
    pub fn new(name: String, usages: &[Usage]) -> Self {
        let keys = usages.iter().filter_map(|usage| keys::code(*usage));
        Self {
            name,
            keys: keys.map(str::to_owned).collect(),
            pinned: false,
        }
    }

    /// Its keys as usages, in order.
    #[must_use]
    pub fn usages(&self) -> Vec<Usage> {
        self.keys
            .iter()
            .filter_map(|code| keys::usage(code))
            .collect()
    }

    fn check(&self, place: usize) -> Result<(), ShortcutError> {
        let length = self.name.trim().chars().count();
        if length == 0
            || self.name.chars().count() > NAME_MAX
            || self.name.chars().any(char::is_control)
        {
            return Err(ShortcutError::Name(place));
        }
        if self.keys.is_empty() || self.keys.len() > KEYS_MAX {
            return Err(ShortcutError::Keys(place));
        }
        let mut seen = HashSet::new();
        for code in &self.keys {
            let Some(usage) = keys::usage(code) else {
                let code = code.chars().take(30).collect();
                return Err(ShortcutError::UnknownKey { place, code });
            };
            if !seen.insert(usage) {
                let code = code.clone();
                return Err(ShortcutError::Twice { place, code });
            }
        }
        Ok(())
    }
}

/// Checks shortcuts that come from elsewhere.
///
/// # Errors
/// The first thing that is wrong with them.
pub fn check(shortcuts: &[Shortcut]) -> Result<(), ShortcutError> {
    if shortcuts.len() > SHORTCUTS_MAX {
        return Err(ShortcutError::TooMany(shortcuts.len()));
    }
    shortcuts
        .iter()
        .zip(1..)
        .try_for_each(|(shortcut, place)| shortcut.check(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortcut(name: &str, keys: &[&str]) -> Shortcut {
        Shortcut {
            name: name.to_owned(),
            keys: keys.iter().map(|code| (*code).to_owned()).collect(),
            pinned: false,
        }
    }

    #[test]
    fn usual_ones_are_fine() {
        let close = shortcut("Close the window", &["AltLeft", "F4"]);
        assert_eq!(
            close.usages(),
            [Usage::Keyboard(0xE2), Usage::Keyboard(0x3D)]
        );
        assert_eq!(Shortcut::new(close.name.clone(), &close.usages()), close);
        assert_eq!(check(&vec![close; SHORTCUTS_MAX]), Ok(()));
        assert_eq!(check(&[]), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good = shortcut("Copy", &["ControlLeft", "KeyC"]);
        let wrong = |bad: Shortcut| check(&[good.clone(), bad]).unwrap_err();
        assert_eq!(wrong(shortcut(" ", &["KeyC"])), ShortcutError::Name(2));
        assert_eq!(wrong(shortcut("a\u{7}", &["KeyC"])), ShortcutError::Name(2));
        assert_eq!(
            wrong(shortcut(&"x".repeat(61), &["KeyC"])),
            ShortcutError::Name(2)
        );
        assert_eq!(wrong(shortcut("None", &[])), ShortcutError::Keys(2));
        assert_eq!(
            wrong(shortcut("Nine", &["KeyC"; 9])),
            ShortcutError::Keys(2)
        );
        assert!(matches!(
            wrong(shortcut("What", &["AnyKey"])),
            ShortcutError::UnknownKey { place: 2, .. }
        ));
        assert!(matches!(
            wrong(shortcut("Twice", &["MetaLeft", "OSLeft"])),
            ShortcutError::Twice { place: 2, .. }
        ));
        let many = vec![good.clone(); SHORTCUTS_MAX + 1];
        assert_eq!(check(&many), Err(ShortcutError::TooMany(SHORTCUTS_MAX + 1)));
    }
}
