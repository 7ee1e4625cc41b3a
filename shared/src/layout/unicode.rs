//! Characters by their numbers, as systems take them from any keyboard.

use serde::{Deserialize, Serialize};

use super::{LEFT_ALT, LEFT_CONTROL, LEFT_SHIFT, Layout, Stroke};

/// How the target takes a character by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// GTK's and IBus's way: Ctrl+Shift+U, the number in hexadecimal, Space.
    Linux,
    /// Alt held, and 0 and the number in Windows-1252 on the keypad: Western letters and signs only, on a Windows of a
    /// Western language, with Num Lock on.
    Windows,
    /// Alt held, and plus and the number in hexadecimal: a Windows whose registry says `EnableHexNumpad`; characters
    /// up to U+FFFF.
    WindowsHex,
    /// Option held, and the number in hexadecimal, in UTF-16: a Mac whose input source is *Unicode Hex Input*, which is
    /// a US keyboard.
    MacOs,
}

/// The digits 0 to F on a US keyboard.
const HEX_KEYS: [u8; 16] = [
    0x27, 0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
];

/// The digits 0 to 9 of the keypad.
const KEYPAD_KEYS: [u8; 10] = [0x62, 0x59, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61];
const KEYPAD_PLUS: u8 = 0x57;

/// Windows-1252 from 0x80 to 0x9F, where it differs from Unicode. NUL: no character.
const WINDOWS_1252: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', //
    '\0', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// The strokes that enter a character by its number. Modifiers that neighbouring strokes share stay down between them.
pub(super) fn enter(
    character: char,
    system: System,
    layout: &Layout,
    caps_lock: bool,
) -> Option<Vec<Stroke>> {
    if character.is_control() {
        return None;
    }
    match system {
        System::Linux => linux(character, layout, caps_lock),
        System::Windows => windows(character),
        System::WindowsHex => windows_hex(character),
        System::MacOs => Some(mac_os(character)),
    }
}

fn linux(character: char, layout: &Layout, caps_lock: bool) -> Option<Vec<Stroke>> {
    let [start] = layout.strokes('u', false)?[..] else {
        return None;
    };
    if start.modifiers != 0 {
        return None;
    }
    let mut strokes = vec![Stroke::new(start.usage, LEFT_CONTROL | LEFT_SHIFT)];
    let digits = format!("{:x} ", u32::from(character));
    for digit in digits.chars() {
        strokes.extend(layout.strokes(digit, caps_lock)?);
    }
    Some(strokes)
}

fn windows(character: char) -> Option<Vec<Stroke>> {
    let number = match u32::from(character) {
        number @ (0x20..=0x7E | 0xA0..=0xFF) => number,
        _ => (0x80..)
            .zip(WINDOWS_1252)
            .find(|(_, known)| *known == character)
            .map(|(number, _)| number)?,
    };
    let digits = [0, number / 100, number / 10 % 10, number % 10];
    let keys = digits.map(|digit| KEYPAD_KEYS[digit as usize]);
    Some(keys.map(|usage| Stroke::new(usage, LEFT_ALT)).to_vec())
}

fn windows_hex(character: char) -> Option<Vec<Stroke>> {
    let number = u16::try_from(u32::from(character)).ok()?;
    let digits =
        hex_digits(number).map(|digit| KEYPAD_KEYS.get(digit).copied().unwrap_or(HEX_KEYS[digit]));
    let keys = std::iter::once(KEYPAD_PLUS).chain(digits);
    Some(keys.map(|usage| Stroke::new(usage, LEFT_ALT)).collect())
}

fn mac_os(character: char) -> Vec<Stroke> {
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units);
    let digits = units.iter().flat_map(|unit| hex_digits(*unit));
    digits
        .map(|digit| Stroke::new(HEX_KEYS[digit], LEFT_ALT))
        .collect()
}

fn hex_digits(number: u16) -> impl Iterator<Item = usize> {
    [12, 8, 4, 0]
        .map(|shift| usize::from(number >> shift & 15))
        .into_iter()
}
