//! Where the keys of a keyboard are.
//!
//! Sources: ISO/IEC 9995-2 and the ANSI, JIS, ABNT2 and Korean variants of the PC keyboard for which keys there are;
//! the arrow keys stand within the letters, as on laptops, so that all fits a tablet.

use shared::input::Usage;

mod block;
mod form;
mod main;
mod phone;
mod rows;
mod side;

pub use block::{Block, Key};
pub use form::Form;
use main::{Beside, main};
use phone::{SIGNS_IN_A_ROW, letters, signs};
use side::{navigation, numeric_pad};

/// How much of the keyboard is shown at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Page {
    /// Everything.
    All,
    /// Functions, letters and arrows; for tablets.
    Main,
    /// Letters; for phones.
    Letters,
    /// Digits, signs and functions; for phones held upright.
    Signs,
    /// The same in fewer rows; for phones on their side.
    LowSigns,
    /// Navigation, numeric pad and media keys.
    Navigation,
}

/// The blocks of a page, from the left. `is_letter` tells which keys type letters; it decides what stands with the
/// letters on a phone.
#[must_use]
pub fn blocks(page: Page, form: Form, is_letter: impl Fn(Usage) -> bool) -> Vec<Block> {
    match page {
        Page::All => vec![
            main(form, Beside::Navigation),
            navigation(&["", "ArrowUp", ""]),
            numeric_pad(),
        ],
        Page::Main => vec![main(form, Beside::Nothing)],
        Page::Letters => vec![letters(form, is_letter)],
        Page::Signs => vec![signs(form, SIGNS_IN_A_ROW, is_letter)],
        Page::LowSigns => vec![signs(form, usize::MAX, is_letter)],
        Page::Navigation => vec![
            navigation(&["ContextMenu", "ArrowUp", "MetaRight"]),
            numeric_pad(),
        ],
    }
}

#[cfg(test)]
mod tests;
