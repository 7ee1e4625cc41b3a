//! What keys are called. It is what stands on them, the same in every language.

use shared::{input::Usage, keys};

/// What a key is called, and what is written on it where there is little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyName {
    /// In full, as assistive technology reads it out.
    pub name: &'static str,
    /// On the key.
    pub cap: &'static str,
}

/// The name of a key. Keys that type a character are named by what they type on a US keyboard; what they type on
/// the target is for its layout to say.
#[must_use]
pub fn key_name(usage: Usage) -> KeyName {
    let code = keys::code(usage).unwrap_or("?");
    let (name, cap) = NAMES
        .iter()
        .find(|(known, ..)| *known == code)
        .map_or_else(|| plain(code), |(_, name, cap)| (*name, *cap));
    KeyName { name, cap }
}

/// The names of keys that are pressed together: "Ctrl + Alt + Delete".
#[must_use]
pub fn chord_name(usages: &[Usage]) -> String {
    let names: Vec<_> = usages.iter().map(|usage| key_name(*usage).name).collect();
    names.join(" + ")
}

/// The character that a key types on a US keyboard, without Shift.
#[must_use]
pub fn us_character(usage: Usage, shift: bool) -> Option<char> {
    let Usage::Keyboard(number) = usage else {
        return None;
    };
    let (plain, shifted) = match number {
        0x04..=0x1D => {
            let letter = char::from(b'a' + (number - 0x04));
            (letter, letter.to_ascii_uppercase())
        }
        0x1E..=0x27 => {
            let at = usize::from(number - 0x1E);
            let row = |row: &'static [u8; 10]| char::from(row[at]);
            (row(b"1234567890"), row(b"!@#$%^&*()"))
        }
        0x2D => ('-', '_'),
        0x2E => ('=', '+'),
        0x2F => ('[', '{'),
        0x30 => (']', '}'),
        0x31 | 0x64 => ('\\', '|'),
        0x33 => (';', ':'),
        0x34 => ('\'', '"'),
        0x35 => ('`', '~'),
        0x36 => (',', '<'),
        0x37 => ('.', '>'),
        0x38 => ('/', '?'),
        _ => return None,
    };
    Some(if shift { shifted } else { plain })
}

/// `KeyA` is A, `Digit1` is 1, `Numpad1` is Numpad 1, `F1` is itself.
fn plain(code: &'static str) -> (&'static str, &'static str) {
    let cap = ["Key", "Digit"]
        .into_iter()
        .find_map(|prefix| code.strip_prefix(prefix))
        .unwrap_or(code);
    (cap, cap)
}

/// `KeyboardEvent.code`, name, cap.
const NAMES: &[(&str, &str, &str)] = &[
    ("Escape", "Esc", "Esc"),
    ("Backspace", "Backspace", "⌫"),
    ("Tab", "Tab", "Tab"),
    ("Enter", "Enter", "Enter"),
    ("CapsLock", "Caps Lock", "Caps"),
    ("Space", "Space", ""),
    ("ControlLeft", "Ctrl", "Ctrl"),
    ("ShiftLeft", "Shift", "Shift"),
    ("AltLeft", "Alt", "Alt"),
    ("MetaLeft", "Meta", "Meta"),
    ("ControlRight", "Right Ctrl", "Ctrl"),
    ("ShiftRight", "Right Shift", "Shift"),
    ("AltRight", "AltGr", "AltGr"),
    ("MetaRight", "Right Meta", "Meta"),
    ("ContextMenu", "Menu", "Menu"),
    ("PrintScreen", "Print Screen", "PrtSc"),
    ("ScrollLock", "Scroll Lock", "ScrLk"),
    ("Pause", "Pause", "Pause"),
    ("Insert", "Insert", "Ins"),
    ("Delete", "Delete", "Del"),
    ("Home", "Home", "Home"),
    ("End", "End", "End"),
    ("PageUp", "Page Up", "PgUp"),
    ("PageDown", "Page Down", "PgDn"),
    ("ArrowLeft", "Arrow Left", "←"),
    ("ArrowRight", "Arrow Right", "→"),
    ("ArrowUp", "Arrow Up", "↑"),
    ("ArrowDown", "Arrow Down", "↓"),
    ("NumLock", "Num Lock", "Num"),
    ("Numpad0", "Numpad 0", "0"),
    ("Numpad1", "Numpad 1", "1"),
    ("Numpad2", "Numpad 2", "2"),
    ("Numpad3", "Numpad 3", "3"),
    ("Numpad4", "Numpad 4", "4"),
    ("Numpad5", "Numpad 5", "5"),
    ("Numpad6", "Numpad 6", "6"),
    ("Numpad7", "Numpad 7", "7"),
    ("Numpad8", "Numpad 8", "8"),
    ("Numpad9", "Numpad 9", "9"),
    ("NumpadDecimal", "Numpad .", "."),
    ("NumpadComma", "Numpad ,", ","),
    ("NumpadDivide", "Numpad /", "/"),
    ("NumpadMultiply", "Numpad *", "*"),
    ("NumpadSubtract", "Numpad -", "-"),
    ("NumpadAdd", "Numpad +", "+"),
    ("NumpadEqual", "Numpad =", "="),
    ("NumpadEnter", "Numpad Enter", "Enter"),
    ("Minus", "-", "-"),
    ("Equal", "=", "="),
    ("BracketLeft", "[", "["),
    ("BracketRight", "]", "]"),
    ("Backslash", "\\", "\\"),
    ("Semicolon", ";", ";"),
    ("Quote", "'", "'"),
    ("Backquote", "`", "`"),
    ("Comma", ",", ","),
    ("Period", ".", "."),
    ("Slash", "/", "/"),
    ("IntlBackslash", "ISO key", "ISO"),
    ("IntlRo", "Ro", "ろ"),
    ("IntlYen", "Yen", "¥"),
    ("KanaMode", "Kana", "かな"),
    ("Convert", "Convert", "変換"),
    ("NonConvert", "Non-convert", "無変換"),
    ("Lang1", "Lang 1", "한/영"),
    ("Lang2", "Lang 2", "한자"),
    ("AudioVolumeMute", "Mute", "Mute"),
    ("AudioVolumeDown", "Volume Down", "Vol −"),
    ("AudioVolumeUp", "Volume Up", "Vol +"),
    ("MediaPlayPause", "Play", "Play"),
    ("MediaStop", "Stop playing", "Stop"),
    ("MediaTrackPrevious", "Previous Track", "Prev"),
    ("MediaTrackNext", "Next Track", "Next"),
    ("BrightnessUp", "Brightness Up", "Bri +"),
    ("BrightnessDown", "Brightness Down", "Bri −"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use shared::keys::{self, CODES};

    use super::{NAMES, chord_name, key_name, us_character};

    #[test]
    fn no_two_keys_have_one_name() {
        let names: HashSet<_> = CODES
            .iter()
            .map(|(_, usage)| key_name(*usage).name)
            .collect();
        assert_eq!(names.len(), CODES.len());
    }

    #[test]
    fn every_name_is_of_a_key() {
        for (code, ..) in NAMES {
            assert!(keys::usage(code).is_some(), "{code}");
        }
    }

    #[test]
    fn chords_are_named_in_the_order_of_their_keys() {
        let usage = |code| keys::usage(code).unwrap();
        let chord = ["ControlLeft", "AltLeft", "Delete"].map(usage);
        assert_eq!(chord_name(&chord), "Ctrl + Alt + Delete");
        assert_eq!(chord_name(&[usage("KeyW")]), "W");
        assert_eq!(us_character(usage("Digit2"), true), Some('@'));
    }
}
