//! The keys that have what is on the clipboard typed.

use crate::typing::Choices;

/// A key that goes down, and the modifiers that are held meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pressed<'a> {
    /// Its `KeyboardEvent.code`.
    pub code: &'a str,
    /// Control.
    pub ctrl: bool,
    /// Shift.
    pub shift: bool,
    /// Alt, Option on a Mac.
    pub alt: bool,
    /// The Windows key, Command on a Mac.
    pub meta: bool,
}

/// Which keys they are. On a Mac, Command does what Ctrl does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasteKeys {
    /// None: all keys go to the machine.
    Off,
    /// Ctrl, Shift and V.
    #[default]
    CtrlShiftV,
    /// Ctrl, Alt and V.
    CtrlAltV,
    /// Shift and Insert.
    ShiftInsert,
}

impl PasteKeys {
    /// What can be chosen.
    pub const CHOICES: Choices<Self, 4> = [
        ("ctrl-shift-v", Self::CtrlShiftV),
        ("ctrl-alt-v", Self::CtrlAltV),
        ("shift-insert", Self::ShiftInsert),
        ("off", Self::Off),
    ];

    /// What is printed on them, where there are any.
    #[must_use]
    pub const fn keys(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::CtrlShiftV => Some("Ctrl + Shift + V"),
            Self::CtrlAltV => Some("Ctrl + Alt + V"),
            Self::ShiftInsert => Some("Shift + Insert"),
        }
    }

    /// Whether it is these that are pressed.
    #[must_use]
    pub fn are(self, pressed: Pressed<'_>) -> bool {
        let Pressed {
            code,
            ctrl,
            shift,
            alt,
            meta,
        } = pressed;
        match self {
            Self::Off => false,
            Self::CtrlShiftV => code == "KeyV" && ctrl != meta && shift && !alt,
            Self::CtrlAltV => code == "KeyV" && ctrl != meta && alt && !shift,
            Self::ShiftInsert => code == "Insert" && shift && !ctrl && !alt && !meta,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_chord_pastes() {
        let control_shift_v = Pressed {
            code: "KeyV",
            ctrl: true,
            shift: true,
            ..Pressed::default()
        };
        let command_shift_v = Pressed {
            ctrl: false,
            meta: true,
            ..control_shift_v
        };
        assert!(PasteKeys::CtrlShiftV.are(control_shift_v));
        assert!(PasteKeys::CtrlShiftV.are(command_shift_v));
        for other in [
            Pressed {
                shift: false,
                ..control_shift_v
            },
            Pressed {
                alt: true,
                ..control_shift_v
            },
            Pressed {
                code: "KeyC",
                ..control_shift_v
            },
        ] {
            for (_, keys) in PasteKeys::CHOICES {
                assert!(!keys.are(other), "{keys:?}, {other:?}");
            }
        }
    }

    #[test]
    fn each_choice_has_its_own_keys() {
        let shift_insert = Pressed {
            code: "Insert",
            shift: true,
            ..Pressed::default()
        };
        let control_alt_v = Pressed {
            code: "KeyV",
            ctrl: true,
            alt: true,
            ..Pressed::default()
        };
        for (_, keys) in PasteKeys::CHOICES {
            assert_eq!(keys.are(shift_insert), keys == PasteKeys::ShiftInsert);
            assert_eq!(keys.are(control_alt_v), keys == PasteKeys::CtrlAltV);
        }
    }
}
