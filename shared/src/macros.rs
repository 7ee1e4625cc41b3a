//! Macros: what the relay does at a machine step by step, as a JSON document that page, relay and files share.
//!
//! `docs/macro.schema.json` says the same for other programs, and is held against this code by a test.

mod check;
mod fill;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use check::{
    DESCRIPTION_MAX, MacroFault, NAME_MAX, StepFault, TEXT_MAX, VALUE_MAX, VARIABLE_NAME_MAX,
    VARIABLES_MAX,
};
pub use fill::fill;

use crate::{
    input::{Buttons, Usage},
    keys,
    layout::{LineEnd, TabStop, Untypable},
    power::PowerAction,
};

/// The most steps of a macro.
pub const STEPS_MAX: usize = 2_000;

/// The largest document, in bytes of JSON.
pub const DOCUMENT_MAX: usize = 512 * 1024;

/// A macro.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Macro {
    /// Says that a file is one.
    pub format: Format,
    /// What it is called: 1 to 80 characters.
    pub name: String,
    /// What it is for: up to 1,000 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What is asked for whenever it is run: up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// What it does, in this order: up to [`STEPS_MAX`].
    pub steps: Vec<Step>,
}

/// The format of a macro's document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// The only one yet.
    #[default]
    #[serde(rename = "armchair-macro/1")]
    One,
}

/// What is asked for when a macro is run. `{{name}}` in its texts stands for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Lower-case letters, digits and underscores: 1 to 30.
    pub name: String,
    /// What people see; the name where it is empty. Up to 80 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Whether its value is asked for as a password, and is never kept.
    #[serde(default, skip_serializing_if = "is_default")]
    pub secret: bool,
    /// What it is where nothing else is said; none for a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl Variable {
    /// What people see.
    #[must_use]
    pub fn label(&self) -> &str {
        match self.label.is_empty() {
            true => &self.name,
            false => &self.label,
        }
    }
}

/// One step. Times are in milliseconds and at most an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A key goes down and, so much later, up.
    Tap {
        /// Which.
        key: Key,
        /// How long it is down.
        #[serde(default, skip_serializing_if = "is_default")]
        hold_ms: u32,
    },
    /// A key goes down.
    Press {
        /// Which.
        key: Key,
    },
    /// A key goes up.
    Release {
        /// Which.
        key: Key,
    },
    /// Keys go down in this order and, so much later, up in the other: 1 to 8.
    Chord {
        /// Which.
        keys: Vec<Key>,
        /// How long the last one is down.
        #[serde(default, skip_serializing_if = "is_default")]
        hold_ms: u32,
    },
    /// The pointer goes to a place of the picture, 0..=[`crate::input::POINTER_MAX`] on each axis.
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
    /// A button goes down and, so much later, up.
    Click {
        /// Which.
        button: Button,
        /// How long it is down.
        #[serde(default, skip_serializing_if = "is_default")]
        hold_ms: u32,
    },
    /// All buttons that are down from now on.
    Buttons {
        /// Which.
        down: Vec<Button>,
    },
    /// The wheel turns; [`crate::input::WHEEL_DETENT`] is one detent.
    Wheel {
        /// Away from the user is positive.
        #[serde(default)]
        vertical: i16,
        /// To the right is positive.
        #[serde(default)]
        horizontal: i16,
    },
    /// A text is typed.
    Text {
        /// With `{{name}}` for variables; 1 to 10,000 characters.
        text: String,
        /// The machine's keyboard layout.
        layout: String,
        /// What a line end becomes.
        #[serde(default, skip_serializing_if = "is_default")]
        line_end: LineEnd,
        /// What a tab becomes.
        #[serde(default, skip_serializing_if = "is_default")]
        tab: TabStop,
        /// What becomes of characters that the layout cannot make.
        #[serde(default, skip_serializing_if = "is_default")]
        untypable: Untypable,
    },
    /// Nothing happens for so long.
    Pause {
        /// How long.
        ms: u32,
    },
    /// Waits for the machine; where it takes longer, the macro ends.
    WaitFor {
        /// For what.
        what: Awaited,
        /// How long at most.
        at_most_ms: u32,
    },
    /// The machine's power.
    Power {
        /// What is done.
        action: PowerAction,
    },
    /// An image goes into a drive; another one that is in it is ejected first. A drive that does not take it ends the
    /// macro.
    Insert {
        /// Which drive, by its name.
        slot: String,
        /// Which image, by its name in the library. Spellings that differ in case are the same name.
        image: String,
        /// Whether the machine may write to it.
        #[serde(default, skip_serializing_if = "is_default")]
        writable: bool,
    },
    /// A drive is emptied. One in which the machine has locked its disc ends the macro.
    Eject {
        /// Which drive, by its name.
        slot: String,
    },
}

/// A key, in JSON as its `KeyboardEvent.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(Usage);

impl Key {
    /// `None` where no code stands for the usage.
    #[must_use]
    pub fn new(usage: Usage) -> Option<Self> {
        keys::code(usage).map(|_| Self(usage))
    }

    /// By its `KeyboardEvent.code`.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        keys::usage(code).and_then(Self::new)
    }

    /// The HID usage.
    #[must_use]
    pub fn usage(self) -> Usage {
        self.0
    }

    /// The `KeyboardEvent.code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        keys::code(self.0).unwrap_or_default()
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::named(&code)
            .ok_or_else(|| de::Error::custom(format_args!("there is no key {code:?}")))
    }
}

/// A button of a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Button {
    /// The primary one.
    Left,
    /// The secondary one.
    Right,
    /// The wheel's.
    Middle,
    /// The first thumb button.
    Back,
    /// The second thumb button.
    Forward,
}

impl Button {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Left,
        Self::Right,
        Self::Middle,
        Self::Back,
        Self::Forward,
    ];

    /// As a set of one.
    #[must_use]
    pub fn bit(self) -> Buttons {
        match self {
            Self::Left => Buttons::LEFT,
            Self::Right => Buttons::RIGHT,
            Self::Middle => Buttons::MIDDLE,
            Self::Back => Buttons::BACK,
            Self::Forward => Buttons::FORWARD,
        }
    }

    /// Those in a set.
    #[must_use]
    pub fn of(buttons: Buttons) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|button| buttons.contains(button.bit()))
            .collect()
    }
}

/// What of the machine can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// It listens to its keyboard.
    Listening,
    /// It does not: it is off, or restarts.
    NotListening,
    /// Caps Lock is on.
    CapsLockOn,
    /// Caps Lock is off.
    CapsLockOff,
    /// Num Lock is on.
    NumLockOn,
    /// Num Lock is off.
    NumLockOff,
    /// Scroll Lock is on.
    ScrollLockOn,
    /// Scroll Lock is off.
    ScrollLockOff,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests;
