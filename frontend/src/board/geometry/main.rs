//! The block of letters and signs, as on a keyboard of one's own.

use super::{
    Form,
    block::{Block, Cap, each},
    rows::{DIGITS, FUNCTIONS, ROW_A, ROW_Q, ROW_Z},
};

/// What stands beside the letters, so that it need not be among them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    Navigation,
}

pub(super) fn main(form: Form, beside: Beside) -> Block {
    let mut block = Block::new(60.0);
    match beside {
        Beside::Nothing => block.row(&[
            &[("Escape", 4.0)],
            &each(&FUNCTIONS, 4.0)[..],
            &[("Delete", 8.0)],
        ]),
        Beside::Navigation => block.row(&[&[("Escape", 6.0)], &each(&FUNCTIONS, 4.5)[..]]),
    }
    block.row(&[
        &[("Backquote", 4.0)],
        &each(&DIGITS, 4.0)[..],
        after_digits(form),
    ]);
    let q = each(&ROW_Q, 4.0);
    let brackets: &[Cap] = &[("BracketLeft", 4.0), ("BracketRight", 4.0)];
    let a = [
        &each(&ROW_A, 4.0)[..],
        &[("Semicolon", 4.0), ("Quote", 4.0)],
    ]
    .concat();
    match form {
        Form::Ansi | Form::Korean => {
            block.row(&[&[("Tab", 6.0)], &q, brackets, &[("Backslash", 6.0)]]);
            block.row(&[&[("CapsLock", 7.0)], &a, &[("Enter", 9.0)]]);
        }
        Form::Iso | Form::Jis | Form::Abnt => {
            block.row(&[&[("Tab", 6.0)], &q, brackets]);
            block.high_enter();
            block.row(&[&[("CapsLock", 7.0)], &a, &[("Backslash", 4.0)]]);
        }
    }
    let z = [
        &each(&ROW_Z, 4.0)[..],
        &[("Comma", 4.0), ("Period", 4.0), ("Slash", 4.0)],
    ]
    .concat();
    match beside {
        Beside::Nothing => {
            block.row(&[before_z(form), &z, after_slash(form)]);
            block.row(&[
                bottom(form),
                &[("ArrowLeft", 5.0), ("ArrowDown", 5.0), ("ArrowRight", 5.0)],
            ]);
        }
        Beside::Navigation => {
            block.row(&[before_z(form), &z, wide_after_slash(form)]);
            let (_, bottom) = bottom(form).split_last().unwrap_or((&("", 0.0), &[]));
            let left = 60.0 - 12.0 - bottom.iter().map(|(_, width)| width).sum::<f32>();
            let right = [
                ("MetaRight", 6.0),
                ("ContextMenu", 6.0),
                ("ControlRight", left),
            ];
            block.row(&[bottom, &right]);
        }
    }
    block
}

fn after_digits(form: Form) -> &'static [Cap] {
    match form {
        Form::Jis => &[
            ("Minus", 4.0),
            ("Equal", 4.0),
            ("IntlYen", 4.0),
            ("Backspace", 4.0),
        ],
        _ => &[("Minus", 4.0), ("Equal", 4.0), ("Backspace", 8.0)],
    }
}

fn before_z(form: Form) -> &'static [Cap] {
    match form {
        Form::Ansi | Form::Korean => &[("ShiftLeft", 10.0)],
        Form::Iso | Form::Abnt => &[("ShiftLeft", 6.0), ("IntlBackslash", 4.0)],
        Form::Jis => &[("ShiftLeft", 8.0)],
    }
}

fn after_slash(form: Form) -> &'static [Cap] {
    match form {
        Form::Jis => &[("IntlRo", 4.0), ("ArrowUp", 4.0), ("ShiftRight", 4.0)],
        Form::Abnt => &[("IntlRo", 5.0), ("ArrowUp", 5.0)],
        _ => &[("ArrowUp", 5.0), ("ShiftRight", 5.0)],
    }
}

fn wide_after_slash(form: Form) -> &'static [Cap] {
    match form {
        Form::Jis => &[("IntlRo", 4.0), ("ShiftRight", 8.0)],
        Form::Abnt => &[("IntlRo", 5.0), ("ShiftRight", 5.0)],
        _ => &[("ShiftRight", 10.0)],
    }
}

/// The keys left of the arrow keys; the last one is the right Ctrl.
fn bottom(form: Form) -> &'static [Cap] {
    match form {
        Form::Jis => &[
            ("ControlLeft", 5.0),
            ("MetaLeft", 4.0),
            ("AltLeft", 4.0),
            ("NonConvert", 5.0),
            ("Space", 10.0),
            ("Convert", 5.0),
            ("KanaMode", 4.0),
            ("AltRight", 4.0),
            ("ControlRight", 4.0),
        ],
        Form::Korean => &[
            ("ControlLeft", 5.0),
            ("MetaLeft", 5.0),
            ("AltLeft", 5.0),
            ("Lang2", 4.0),
            ("Space", 13.0),
            ("Lang1", 4.0),
            ("AltRight", 5.0),
            ("ControlRight", 4.0),
        ],
        _ => &[
            ("ControlLeft", 5.0),
            ("MetaLeft", 5.0),
            ("AltLeft", 5.0),
            ("Space", 20.0),
            ("AltRight", 5.0),
            ("ControlRight", 5.0),
        ],
    }
}
