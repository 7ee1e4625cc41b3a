//! The letters and the signs of a keyboard that is as narrow as a phone.

use shared::{input::Usage, keys};

use super::{
    Form,
    block::{Block, Cap, each},
    rows::{DIGITS, FUNCTIONS, ROW_A, ROW_Q, ROW_Z},
};

/// The most signs in a row of a narrow keyboard, so that none is narrower than a letter.
pub(super) const SIGNS_IN_A_ROW: usize = 10;

pub(super) fn letters(form: Form, is_letter: impl Fn(Usage) -> bool) -> Block {
    let mut block = Block::new(60.0);
    let rows = letter_rows(form, is_letter);
    for (index, row) in rows.into_iter().enumerate() {
        let mut caps: Vec<Cap> = row.into_iter().map(|code| (code, 1.0)).collect();
        if index == 2 {
            caps.insert(0, ("ShiftLeft", 1.5));
            caps.push(("Backspace", 1.5));
        }
        block.fill(&caps);
    }
    block.fill(&[
        ("ControlLeft", 1.2),
        ("AltLeft", 1.2),
        ("MetaLeft", 1.2),
        ("Space", 4.0),
        ("AltRight", 1.2),
        ("Enter", 2.0),
    ]);
    block
}

pub(super) fn signs(form: Form, in_a_row: usize, is_letter: impl Fn(Usage) -> bool) -> Block {
    let mut block = Block::new(60.0);
    let with_letters = letter_rows(form, is_letter).concat();
    let rest: Vec<&str> = signs_of(form)
        .into_iter()
        .filter(|code| !with_letters.contains(code))
        .collect();
    block.fill(&each(&FUNCTIONS[..6], 1.0));
    block.fill(&each(&FUNCTIONS[6..], 1.0));
    block.fill(&each(&DIGITS, 1.0));
    let rows = rest.len().div_ceil(in_a_row).max(1);
    for row in rest.chunks(rest.len().div_ceil(rows).max(1)) {
        block.fill(&each(row, 1.0));
    }
    block.fill(&[
        ("ShiftLeft", 1.5),
        ("Escape", 1.2),
        ("Tab", 1.2),
        ("CapsLock", 1.2),
        ("Delete", 1.2),
        ("AltRight", 1.2),
        ("Backspace", 1.5),
    ]);
    block.fill(&[
        ("ControlLeft", 1.2),
        ("AltLeft", 1.2),
        ("MetaLeft", 1.2),
        ("Space", 3.0),
        ("ArrowLeft", 1.0),
        ("ArrowRight", 1.0),
        ("Enter", 1.6),
    ]);
    block
}

/// The keys that type neither a letter of the alphabet nor a digit on the form's own layouts.
fn signs_of(form: Form) -> Vec<&'static str> {
    let mut signs = vec![
        "Backquote",
        "Minus",
        "Equal",
        "BracketLeft",
        "BracketRight",
        "Backslash",
        "Semicolon",
        "Quote",
        "Comma",
        "Period",
        "Slash",
    ];
    match form {
        Form::Ansi => {}
        Form::Iso => signs.push("IntlBackslash"),
        Form::Abnt => signs.extend(["IntlBackslash", "IntlRo"]),
        Form::Jis => signs.extend(["IntlYen", "IntlRo", "NonConvert", "Convert", "KanaMode"]),
        Form::Korean => signs.extend(["Lang1", "Lang2"]),
    }
    signs
}

/// The three rows of letters, with the keys beside them that type letters, too.
fn letter_rows(form: Form, is_letter: impl Fn(Usage) -> bool) -> [Vec<&'static str>; 3] {
    let letters = |codes: &[&'static str]| -> Vec<&'static str> {
        let types_letter = |code: &&str| keys::usage(code).is_some_and(&is_letter);
        codes.iter().copied().filter(types_letter).collect()
    };
    let before_z = if matches!(form, Form::Iso | Form::Abnt) {
        letters(&["IntlBackslash"])
    } else {
        Vec::new()
    };
    [
        [&ROW_Q[..], &letters(&["BracketLeft", "BracketRight"])].concat(),
        [&ROW_A[..], &letters(&["Semicolon", "Quote", "Backslash"])].concat(),
        [
            &before_z[..],
            &ROW_Z,
            &letters(&["Comma", "Period", "Slash"]),
        ]
        .concat(),
    ]
}
