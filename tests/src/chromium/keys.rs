//! Keys of a US keyboard as Chromium's input wants them.

/// What a key event carries besides its `code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `KeyboardEvent.key`, without modifiers.
    pub key: String,
    /// The Windows virtual-key code.
    pub virtual_key: u32,
}

/// The key of a `KeyboardEvent.code`.
#[must_use]
pub fn key(code: &str) -> Key {
    let (key, virtual_key) = match code {
        "Enter" => ("Enter", 13),
        "Escape" => ("Escape", 27),
        "Backspace" => ("Backspace", 8),
        "Tab" => ("Tab", 9),
        "Space" => (" ", 32),
        "Minus" => ("-", 189),
        "Period" => (".", 190),
        "ShiftLeft" | "ShiftRight" => ("Shift", 16),
        "ControlLeft" | "ControlRight" => ("Control", 17),
        "AltLeft" | "AltRight" => ("Alt", 18),
        "MetaLeft" => ("Meta", 91),
        "CapsLock" => ("CapsLock", 20),
        "NumLock" => ("NumLock", 144),
        "ScrollLock" => ("ScrollLock", 145),
        "ArrowLeft" => ("ArrowLeft", 37),
        "ArrowUp" => ("ArrowUp", 38),
        "ArrowRight" => ("ArrowRight", 39),
        "ArrowDown" => ("ArrowDown", 40),
        "F12" => ("F12", 123),
        _ => {
            let letter = code.trim_start_matches("Key").trim_start_matches("Digit");
            let virtual_key = letter.bytes().next().unwrap_or(0).into();
            return Key {
                key: letter.to_lowercase(),
                virtual_key,
            };
        }
    };
    Key {
        key: key.to_owned(),
        virtual_key,
    }
}

/// The bit of a modifier in DevTools' `modifiers`; 0 for other keys.
#[must_use]
pub fn modifier(code: &str) -> u8 {
    match code {
        "AltLeft" | "AltRight" => 1,
        "ControlLeft" | "ControlRight" => 2,
        "MetaLeft" | "MetaRight" => 4,
        "ShiftLeft" | "ShiftRight" => 8,
        _ => 0,
    }
}

/// The `code` of the key that types a lower-case letter, a digit, a space, `-`, `.` or a new line.
#[must_use]
pub fn code(character: char) -> Option<String> {
    Some(match character {
        'a'..='z' => format!("Key{}", character.to_ascii_uppercase()),
        '0'..='9' => format!("Digit{character}"),
        ' ' => "Space".to_owned(),
        '-' => "Minus".to_owned(),
        '.' => "Period".to_owned(),
        '\n' => "Enter".to_owned(),
        _ => return None,
    })
}
