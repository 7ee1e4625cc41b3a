//! Keys as the bytes that a terminal sends for them (those of a VT102 and xterm).

/// A key that is pressed.
#[derive(Clone, Copy, Debug)]
pub struct Pressed<'a> {
    /// `KeyboardEvent.key`.
    pub key: &'a str,
    /// Whether Control is down.
    pub ctrl: bool,
    /// Whether Alt is down.
    pub alt: bool,
    /// Whether Shift is down.
    pub shift: bool,
}

/// The bytes of a key that is more than text. `application` is the mode of the cursor keys. `None` for text, which is
/// better taken from what is written, and for keys that mean nothing here.
#[must_use]
pub fn bytes(pressed: Pressed<'_>, application: bool) -> Option<Vec<u8>> {
    let Pressed {
        key,
        ctrl,
        alt,
        shift,
    } = pressed;
    let mut characters = key.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return match (ctrl, alt) {
            (true, false) => control(character).map(|byte| vec![byte]),
            (false, true) => Some(format!("\x1b{character}").into_bytes()),
            // Both together write another character on many keyboards.
            _ => None,
        };
    }
    let modifiers = 1 + u8::from(shift) + 2 * u8::from(alt) + 4 * u8::from(ctrl);
    let letter = |last: char| match (modifiers, application) {
        (1, true) => format!("\x1bO{last}"),
        (1, false) => format!("\x1b[{last}"),
        _ => format!("\x1b[1;{modifiers}{last}"),
    };
    let number = |number: u8| match modifiers {
        1 => format!("\x1b[{number}~"),
        _ => format!("\x1b[{number};{modifiers}~"),
    };
    let function = |last: char| match modifiers {
        1 => format!("\x1bO{last}"),
        _ => format!("\x1b[1;{modifiers}{last}"),
    };
    let sequence = match key {
        "Enter" if alt => "\x1b\r".to_owned(),
        "Enter" if ctrl => "\r".to_owned(),
        "Backspace" if ctrl => "\x08".to_owned(),
        "Backspace" if alt => "\x1b\x7f".to_owned(),
        "Escape" => "\x1b".to_owned(),
        "Tab" if !shift => "\t".to_owned(),
        "ArrowUp" => letter('A'),
        "ArrowDown" => letter('B'),
        "ArrowRight" => letter('C'),
        "ArrowLeft" => letter('D'),
        "Home" => letter('H'),
        "End" => letter('F'),
        "Insert" => number(2),
        "Delete" => number(3),
        "PageUp" => number(5),
        "PageDown" => number(6),
        "F1" => function('P'),
        "F2" => function('Q'),
        "F3" => function('R'),
        "F4" => function('S'),
        "F5" => number(15),
        "F6" => number(17),
        "F7" => number(18),
        "F8" => number(19),
        "F9" => number(20),
        "F10" => number(21),
        "F11" => number(23),
        "F12" => number(24),
        _ => return None,
    };
    Some(sequence.into_bytes())
}

/// The control character of a key.
#[must_use]
pub fn control(character: char) -> Option<u8> {
    match character {
        'a'..='z' | '@'..='_' => Some(character.to_ascii_uppercase() as u8 & 0x1f),
        ' ' | '2' => Some(0x00),
        '3' => Some(0x1b),
        '4' => Some(0x1c),
        '5' => Some(0x1d),
        '6' => Some(0x1e),
        '7' | '/' => Some(0x1f),
        '8' | '?' => Some(0x7f),
        _ => None,
    }
}

/// Written text as bytes: a line ends with Return, as on a terminal.
#[must_use]
pub fn written(text: &str) -> Vec<u8> {
    text.replace("\r\n", "\r").replace('\n', "\r").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Pressed, bytes, written};

    fn sent(key: &str, modifiers: &str) -> Option<String> {
        let pressed = Pressed {
            key,
            ctrl: modifiers.contains('c'),
            alt: modifiers.contains('a'),
            shift: modifiers.contains('s'),
        };
        bytes(pressed, modifiers.contains('A')).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn keys_are_those_of_a_vt102() {
        for (key, modifiers, expected) in [
            ("ArrowUp", "", "\x1b[A"),
            ("ArrowUp", "A", "\x1bOA"),
            ("ArrowLeft", "c", "\x1b[1;5D"),
            ("Delete", "", "\x1b[3~"),
            ("PageUp", "s", "\x1b[5;2~"),
            ("F1", "", "\x1bOP"),
            ("F12", "", "\x1b[24~"),
            ("Escape", "", "\x1b"),
            ("Tab", "", "\t"),
            ("c", "c", "\x03"),
            ("C", "cs", "\x03"),
            ("[", "c", "\x1b"),
            (" ", "c", "\0"),
            ("x", "a", "\x1bx"),
        ] {
            assert_eq!(sent(key, modifiers).as_deref(), Some(expected), "{key}");
        }
    }

    #[test]
    fn what_is_written_is_taken_from_the_field() {
        for (key, modifiers) in [
            ("a", ""),
            ("A", "s"),
            ("@", "ca"),
            ("Enter", ""),
            ("Backspace", ""),
            ("Tab", "s"),
            ("Shift", "s"),
            ("Dead", ""),
            ("é", "c"),
        ] {
            assert_eq!(sent(key, modifiers), None, "{key}");
        }
        assert_eq!(written("a\nb\r\nc"), b"a\rb\rc");
    }
}
