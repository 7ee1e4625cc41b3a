//! Letters as a viewer types them and as the guest's kernel sees them.

use anyhow::Result;
use shared::input::Usage;
use tests::native::Client;

/// Key codes of the letters A to Z (linux/input-event-codes.h), whose usages are 0x04 to 0x1D.
const LETTERS: [u16; 26] = [
    30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45,
    21, 44,
];

pub(crate) const KEY_LEFTSHIFT: u16 = 42;
pub(crate) const LEFT_SHIFT: Usage = Usage::Keyboard(0xE1);

/// The usage and the key code of a letter, 0..26.
pub(crate) fn letter(number: usize) -> (Usage, u16) {
    (Usage::Keyboard(0x04 + number as u8), LETTERS[number])
}

/// Taps so many letters, mixed, and Shift, whose release is the last event; gives the events that must come.
pub(crate) fn tap_letters(client: &Client, count: usize) -> Result<Vec<(u16, i32)>> {
    let letters = (0..count).map(|number| letter(number * 7 % LETTERS.len()));
    let mut expected = Vec::new();
    for (usage, code) in letters.chain([(LEFT_SHIFT, KEY_LEFTSHIFT)]) {
        client.tap(usage)?;
        expected.extend([(code, 1), (code, 0)]);
    }
    Ok(expected)
}
