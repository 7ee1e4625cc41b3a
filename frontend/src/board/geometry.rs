//! Where the keys of a keyboard are.
//!
//! Sources: ISO/IEC 9995-2 and the ANSI, JIS, ABNT2 and Korean variants of the PC keyboard for which keys there are;
//! the arrow keys stand within the letters, as on laptops, so that all fits a tablet.

use shared::{input::Usage, keys};

/// Which physical keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// The United States.
    #[default]
    Ansi,
    /// Most of Europe: a key more beside the left Shift, and a high Enter.
    Iso,
    /// Japan: Yen, Ro and the keys beside Space.
    Jis,
    /// Brazil: ISO with a key more beside the right Shift.
    Abnt,
    /// Korea: ANSI with Hangul and Hanja.
    Korean,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 5] = [Self::Ansi, Self::Iso, Self::Jis, Self::Abnt, Self::Korean];

    /// What the form is known as.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ansi => "ANSI",
            Self::Iso => "ISO",
            Self::Jis => "JIS",
            Self::Abnt => "ABNT2",
            Self::Korean => "KS",
        }
    }

    /// The form by its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// The form that keyboards with a layout usually have. Layouts are named as the relay lists them.
    #[must_use]
    pub fn of_layout(layout: &str) -> Self {
        match layout {
            "ja" | "jp" => Self::Jis,
            "pt-br" | "br" => Self::Abnt,
            "ko" | "kr" => Self::Korean,
            "us" | "en-us" | "en-us-intl" | "us-intl" | "dvorak" | "colemak" | "th" | "zh"
            | "cn" => Self::Ansi,
            _ => Self::Iso,
        }
    }
}

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

/// A key's place on a block: units of a quarter key, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Which key.
    pub usage: Usage,
    /// Of its left edge.
    pub x: f32,
    /// Its row.
    pub y: f32,
    /// Its width.
    pub width: f32,
    /// Its height in rows.
    pub height: f32,
    /// Whether it is the high Enter, whose lower half is narrower.
    pub hooked: bool,
}

/// Keys that stand together.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// How wide it is, in quarters of a key.
    pub columns: f32,
    /// How many rows it has.
    pub rows: f32,
    /// Its share of the keyboard's width.
    pub share: f32,
    /// Its keys, in the order in which one reads.
    pub keys: Vec<Key>,
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

/// A key and its width in quarters; an empty code is a gap.
type Cap = (&'static str, f32);

const ROW_Q: [&str; 10] = [
    "KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyY", "KeyU", "KeyI", "KeyO", "KeyP",
];
const ROW_A: [&str; 9] = [
    "KeyA", "KeyS", "KeyD", "KeyF", "KeyG", "KeyH", "KeyJ", "KeyK", "KeyL",
];
const ROW_Z: [&str; 7] = ["KeyZ", "KeyX", "KeyC", "KeyV", "KeyB", "KeyN", "KeyM"];
const DIGITS: [&str; 10] = [
    "Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9",
    "Digit0",
];
const FUNCTIONS: [&str; 12] = [
    "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12",
];

/// The most signs in a row of a narrow keyboard, so that none is narrower than a letter.
const SIGNS_IN_A_ROW: usize = 10;

/// What stands beside the letters, so that it need not be among them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    Navigation,
}

fn main(form: Form, beside: Beside) -> Block {
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

fn navigation(above_arrows: &[&'static str; 3]) -> Block {
    let mut block = Block::sharing(18.0, 14.0);
    for row in [
        ["PrintScreen", "ScrollLock", "Pause"],
        ["Insert", "Home", "PageUp"],
        ["Delete", "End", "PageDown"],
        *above_arrows,
        ["ArrowLeft", "ArrowDown", "ArrowRight"],
        ["AudioVolumeMute", "AudioVolumeDown", "AudioVolumeUp"],
    ] {
        block.row(&[&each(&row, 6.0)]);
    }
    block
}

fn numeric_pad() -> Block {
    let mut block = Block::sharing(20.0, 18.0);
    block.row(&[&each(
        &[
            "MediaTrackPrevious",
            "MediaPlayPause",
            "MediaStop",
            "MediaTrackNext",
        ],
        5.0,
    )]);
    block.row(&[&each(
        &[
            "NumLock",
            "NumpadDivide",
            "NumpadMultiply",
            "NumpadSubtract",
        ],
        5.0,
    )]);
    block.row(&[&each(&["Numpad7", "Numpad8", "Numpad9"], 5.0)]);
    block.tall("NumpadAdd", 15.0, 5.0);
    block.row(&[&each(&["Numpad4", "Numpad5", "Numpad6"], 5.0)]);
    block.row(&[&each(&["Numpad1", "Numpad2", "Numpad3"], 5.0)]);
    block.tall("NumpadEnter", 15.0, 5.0);
    block.row(&[&[("Numpad0", 10.0), ("NumpadDecimal", 5.0)]]);
    block
}

fn letters(form: Form, is_letter: impl Fn(Usage) -> bool) -> Block {
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

fn signs(form: Form, in_a_row: usize, is_letter: impl Fn(Usage) -> bool) -> Block {
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

fn each(codes: &[&'static str], width: f32) -> Vec<Cap> {
    codes.iter().map(|code| (*code, width)).collect()
}

impl Block {
    fn new(columns: f32) -> Self {
        Self::sharing(columns, columns)
    }

    fn sharing(columns: f32, share: f32) -> Self {
        Self {
            columns,
            share,
            rows: 0.0,
            keys: Vec::new(),
        }
    }

    /// Adds a row of keys, from the left.
    fn row(&mut self, parts: &[&[Cap]]) {
        let mut x = 0.0;
        for (code, width) in parts.iter().copied().flatten() {
            self.key(code, x, *width, 1.0, false);
            x += width;
        }
        self.rows += 1.0;
    }

    /// Adds a row that takes the whole width, in proportion.
    fn fill(&mut self, caps: &[Cap]) {
        let sum: f32 = caps.iter().map(|(_, width)| width).sum();
        let part = self.columns / sum;
        let scaled: Vec<Cap> = caps
            .iter()
            .map(|(code, width)| (*code, width * part))
            .collect();
        self.row(&[&scaled]);
    }

    /// The Enter key at the end of the row that was added last and of the next one.
    fn high_enter(&mut self) {
        self.rows -= 1.0;
        self.key("Enter", 54.0, 6.0, 2.0, true);
        self.rows += 1.0;
    }

    /// A key of two rows, beginning beside the row that was added last.
    fn tall(&mut self, code: &str, x: f32, width: f32) {
        self.rows -= 1.0;
        self.key(code, x, width, 2.0, false);
        self.rows += 1.0;
    }

    fn key(&mut self, code: &str, x: f32, width: f32, height: f32, hooked: bool) {
        if let Some(usage) = keys::usage(code) {
            self.keys.push(Key {
                usage,
                x,
                y: self.rows,
                width,
                height,
                hooked,
            });
        }
    }
}

#[cfg(test)]
mod tests;
