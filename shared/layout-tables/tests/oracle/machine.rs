//! A machine with Linux and a layout: a keyboard's strokes come in, text comes out.

use std::collections::BTreeSet;

use anyhow::Result;
use layout_tables::{layouts::Source, reader::Reader};
use shared::layout::Stroke;
use xkbcommon::xkb::{Keysym, compose, keysym_to_utf8};

/// What Linux makes of the usages from 0 on (`hid_keyboard` in drivers/hid/hid-input.c).
const EVENTS: [u16; 0x68] = [
    0, 0, 0, 0, 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, //
    50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, 2, 3, //
    4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26, //
    27, 43, 43, 39, 40, 41, 51, 52, 53, 58, 59, 60, 61, 62, 63, 64, //
    65, 66, 67, 68, 87, 88, 99, 70, 119, 110, 102, 104, 111, 107, 109, 106, //
    105, 108, 103, 69, 98, 55, 74, 78, 96, 79, 80, 81, 75, 76, 77, 71, //
    72, 73, 82, 83, 86, 127, 116, 117,
];

/// The same of the usages 0xE0 to 0xE7, in the order of the bits of a report.
const MODIFIERS: [u16; 8] = [29, 42, 56, 125, 97, 54, 100, 126];

const KEY_RO: u16 = 89;
const KEY_YEN: u16 = 124;

/// What switches Caps Lock on common and on Japanese keyboards.
const CAPS_LOCK: [Stroke; 2] = [Stroke::new(0x39, 0), Stroke::new(0x39, 0x02)];

/// The keys with which one writes: letters, digits, signs, space, the keypad's operators (its other keys depend on Num
/// Lock), and the additional keys of ISO, Brazilian and JIS keyboards.
pub(crate) fn writing_keys() -> impl Iterator<Item = u8> {
    let signs = (0x2C..=0x31).chain(0x33..=0x38);
    let operators = 0x54..=0x57;
    let additional = [0x64, 0x87, 0x89];
    (0x04..=0x27)
        .chain(signs)
        .chain(operators)
        .chain(additional)
}

/// The machine.
pub(crate) struct Machine(Reader);

impl Machine {
    /// A machine with nothing pressed, and Caps Lock off.
    pub(crate) fn new(source: &Source) -> Result<Self> {
        Ok(Self(Reader::new(source)?))
    }

    /// The same machine, with nothing pressed and nothing begun.
    pub(crate) fn afresh(&self, caps_lock: bool) -> Self {
        let mut machine = Self(self.0.afresh());
        for stroke in CAPS_LOCK {
            if machine.caps_lock() != caps_lock {
                machine.reads(&[stroke]);
            }
        }
        if machine.caps_lock() != caps_lock {
            machine.0 = self.0.afresh();
            machine.0.lock_caps();
        }
        machine
    }

    /// Whether a key switches Caps Lock.
    pub(crate) fn has_caps_lock_key(&self) -> bool {
        CAPS_LOCK.into_iter().any(|stroke| {
            let mut machine = self.afresh(false);
            machine.reads(&[stroke]);
            machine.caps_lock()
        })
    }

    /// Whether the light of Caps Lock is on.
    pub(crate) fn caps_lock(&self) -> bool {
        self.0.caps_lock()
    }

    /// Whether a dead key waits for the next one.
    pub(crate) fn is_composing(&self) -> bool {
        self.0.is_composing()
    }

    /// The text that strokes make.
    pub(crate) fn reads(&mut self, strokes: &[Stroke]) -> String {
        strokes.iter().map(|stroke| self.read(*stroke)).collect()
    }

    fn read(&mut self, stroke: Stroke) -> String {
        self.hold(stroke.modifiers, true);
        let text = self.0.key(event(stroke.usage), true);
        self.0.key(event(stroke.usage), false);
        self.hold(stroke.modifiers, false);
        text
    }

    fn hold(&mut self, modifiers: u8, down: bool) {
        for (bit, code) in MODIFIERS.into_iter().enumerate() {
            if modifiers >> bit & 1 == 1 {
                self.0.key(code, down);
            }
        }
    }

    /// Whether keys make commands and no text while these modifiers are held.
    pub(crate) fn makes_commands(&self, modifiers: u8) -> bool {
        self.holding(modifiers).takes_commands()
    }

    fn holding(&self, modifiers: u8) -> Reader {
        let mut machine = self.afresh(self.caps_lock());
        machine.hold(modifiers, true);
        machine.0
    }

    /// Every character that it can be made to read without switching Caps Lock.
    pub(crate) fn characters(&self) -> BTreeSet<char> {
        let keysyms = self.keysyms();
        let mut search = Search {
            keysyms: &keysyms,
            reader: &self.0,
            characters: BTreeSet::new(),
        };
        search.follow(&mut Vec::new());
        search.characters
    }

    /// What the writing keys give, whatever else is held that makes no command of them.
    fn keysyms(&self) -> BTreeSet<Keysym> {
        (0..=u8::MAX)
            .map(|modifiers| self.holding(modifiers))
            .filter(|reader| !reader.takes_commands())
            .flat_map(|reader| writing_keys().map(move |usage| reader.keysym(event(usage))))
            .collect()
    }
}

/// All sequences of keysyms that make a character.
struct Search<'a> {
    keysyms: &'a BTreeSet<Keysym>,
    reader: &'a Reader,
    characters: BTreeSet<char>,
}

impl Search<'_> {
    fn follow(&mut self, begun: &mut Vec<Keysym>) {
        for keysym in self.keysyms {
            let mut composing = self.reader.nothing_begun();
            for keysym in begun.iter().chain([keysym]) {
                composing.feed(*keysym);
            }
            match composing.status() {
                compose::Status::Nothing => self.made(&keysym_to_utf8(*keysym)),
                compose::Status::Composed => self.made(&composing.utf8().unwrap_or_default()),
                compose::Status::Composing => {
                    begun.push(*keysym);
                    self.follow(begun);
                    begun.pop();
                }
                compose::Status::Cancelled => {}
            }
        }
    }

    /// Notes what is one visible character; libxkbcommon ends a keysym's text with NUL.
    fn made(&mut self, text: &str) {
        let mut characters = text.trim_end_matches('\0').chars();
        if let (Some(character), None) = (characters.next(), characters.next())
            && !character.is_control()
        {
            self.characters.insert(character);
        }
    }
}

/// The code of a key's events.
fn event(usage: u8) -> u16 {
    match usage {
        0x87 => KEY_RO,
        0x89 => KEY_YEN,
        usage => EVENTS[usize::from(usage)],
    }
}
