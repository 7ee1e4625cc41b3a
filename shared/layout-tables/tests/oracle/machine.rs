//! A machine with Linux and a layout: a keyboard's reports come in, text comes out.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use layout_tables::layouts::Source;
use shared::layout::Stroke;
use xkbcommon::xkb::{
    CONTEXT_NO_FLAGS, Context, KeyDirection, Keycode, Keymap, Keysym, LED_NAME_CAPS, MOD_NAME_ALT,
    MOD_NAME_CAPS, MOD_NAME_CTRL, MOD_NAME_LOGO, STATE_MODS_EFFECTIVE, State, compose,
    keysym_to_utf8,
};

/// What Linux makes of the usages from 0 on (`hid_keyboard` in drivers/hid/hid-input.c).
const EVDEV: [u8; 0x68] = [
    0, 0, 0, 0, 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, //
    50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, 2, 3, //
    4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26, //
    27, 43, 43, 39, 40, 41, 51, 52, 53, 58, 59, 60, 61, 62, 63, 64, //
    65, 66, 67, 68, 87, 88, 99, 70, 119, 110, 102, 104, 111, 107, 109, 106, //
    105, 108, 103, 69, 98, 55, 74, 78, 96, 79, 80, 81, 75, 76, 77, 71, //
    72, 73, 82, 83, 86, 127, 116, 117,
];

/// The same of the usages 0xE0 to 0xE7, in the order of the bits of a report.
const MODIFIERS: [u8; 8] = [29, 42, 56, 125, 97, 54, 100, 126];

const KEY_RO: u8 = 89;
const KEY_YEN: u8 = 124;
const CAPS_LOCK: Stroke = Stroke::new(0x39, 0);
const SHIFT_CAPS_LOCK: Stroke = Stroke::new(0x39, 0x02);

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
pub(crate) struct Machine {
    keyboard: State,
    composing: compose::State,
}

impl Machine {
    /// A machine with nothing pressed, and Caps Lock off.
    pub(crate) fn new(source: &Source) -> Result<Self> {
        let context = Context::new(CONTEXT_NO_FLAGS);
        let Source {
            layout, variant, ..
        } = *source;
        let keymap = Keymap::new_from_names(&context, "evdev", "pc105", layout, variant, None, 0);
        let rules = compose::Table::new_from_locale(
            &context,
            "en_US.UTF-8".as_ref(),
            compose::COMPILE_NO_FLAGS,
        );
        let (Some(keymap), Ok(rules)) = (keymap, rules) else {
            bail!(
                "this machine lacks {layout}({variant}) or compose rules: install xkb-data and libx11-data"
            );
        };
        Ok(Self {
            keyboard: State::new(&keymap),
            composing: compose::State::new(&rules, compose::STATE_NO_FLAGS),
        })
    }

    /// The same machine, with nothing pressed and nothing begun.
    pub(crate) fn afresh(&self, caps_lock: bool) -> Self {
        let mut machine = Self {
            keyboard: State::new(&self.keyboard.get_keymap()),
            composing: compose::State::new(
                &self.composing.compose_table(),
                compose::STATE_NO_FLAGS,
            ),
        };
        machine.set_caps_lock(caps_lock);
        machine
    }

    /// By the key, or where the layout has another one in its place, as another keyboard does it.
    fn set_caps_lock(&mut self, on: bool) {
        for stroke in [CAPS_LOCK, SHIFT_CAPS_LOCK] {
            if self.caps_lock() != on {
                self.reads(&[stroke]);
            }
        }
        if self.caps_lock() != on {
            let lock = 1 << self.keyboard.get_keymap().mod_get_index(MOD_NAME_CAPS);
            self.keyboard.update_mask(0, 0, lock, 0, 0, 0);
            self.composing.reset();
        }
    }

    /// Whether a key switches Caps Lock.
    pub(crate) fn has_caps_lock_key(&self) -> bool {
        [CAPS_LOCK, SHIFT_CAPS_LOCK].into_iter().any(|stroke| {
            let mut machine = self.afresh(false);
            machine.reads(&[stroke]);
            machine.caps_lock()
        })
    }

    /// Whether the light of Caps Lock is on.
    pub(crate) fn caps_lock(&self) -> bool {
        self.keyboard.led_name_is_active(LED_NAME_CAPS)
    }

    /// Whether a dead key waits for the next one.
    pub(crate) fn is_composing(&self) -> bool {
        self.composing.status() == compose::Status::Composing
    }

    /// The text that strokes make.
    pub(crate) fn reads(&mut self, strokes: &[Stroke]) -> String {
        strokes.iter().map(|stroke| self.read(*stroke)).collect()
    }

    fn read(&mut self, stroke: Stroke) -> String {
        self.hold(stroke.modifiers, || KeyDirection::Down);
        let code = keycode(stroke.usage);
        let text = self.press(code);
        self.keyboard.update_key(code, KeyDirection::Up);
        self.hold(stroke.modifiers, || KeyDirection::Up);
        text
    }

    fn press(&mut self, code: Keycode) -> String {
        let keysym = self.keyboard.key_get_one_sym(code);
        let text = self.keyboard.key_get_utf8(code);
        self.keyboard.update_key(code, KeyDirection::Down);
        if self.composing.feed(keysym) == compose::FeedResult::Ignored {
            return String::new();
        }
        match self.composing.status() {
            compose::Status::Nothing => text.replace('\r', "\n"),
            compose::Status::Composed => self.composing.utf8().unwrap_or_default(),
            compose::Status::Composing | compose::Status::Cancelled => String::new(),
        }
    }

    fn hold(&mut self, modifiers: u8, direction: impl Fn() -> KeyDirection) {
        for (bit, code) in MODIFIERS.into_iter().enumerate() {
            if modifiers >> bit & 1 == 1 {
                self.keyboard.update_key(code_of(code), direction());
            }
        }
    }

    /// Whether keys make commands and no text while these modifiers are held.
    pub(crate) fn makes_commands(&self, modifiers: u8) -> bool {
        let mut machine = self.afresh(self.caps_lock());
        machine.hold(modifiers, || KeyDirection::Down);
        machine.takes_commands()
    }

    fn takes_commands(&self) -> bool {
        [MOD_NAME_CTRL, MOD_NAME_ALT, MOD_NAME_LOGO]
            .into_iter()
            .any(|name| self.keyboard.mod_name_is_active(name, STATE_MODS_EFFECTIVE))
    }

    /// Every character that it can be made to read without switching Caps Lock.
    pub(crate) fn characters(&self) -> BTreeSet<char> {
        let keysyms = self.keysyms();
        let mut search = Search {
            keysyms: &keysyms,
            composing: &self.composing,
            characters: BTreeSet::new(),
        };
        search.follow(&mut Vec::new());
        search.characters
    }

    /// What the writing keys give, whatever else is held that makes no command of them.
    fn keysyms(&self) -> BTreeSet<Keysym> {
        let mut keysyms = BTreeSet::new();
        for modifiers in 0..=u8::MAX {
            let mut machine = self.afresh(self.caps_lock());
            machine.hold(modifiers, || KeyDirection::Down);
            if !machine.takes_commands() {
                let keys = writing_keys().map(keycode);
                keysyms.extend(keys.map(|code| machine.keyboard.key_get_one_sym(code)));
            }
        }
        keysyms
    }
}

/// All sequences of keysyms that make a character.
struct Search<'a> {
    keysyms: &'a BTreeSet<Keysym>,
    composing: &'a compose::State,
    characters: BTreeSet<char>,
}

impl Search<'_> {
    fn follow(&mut self, begun: &mut Vec<Keysym>) {
        for keysym in self.keysyms {
            let mut composing =
                compose::State::new(&self.composing.compose_table(), compose::STATE_NO_FLAGS);
            for before in begun.iter() {
                composing.feed(*before);
            }
            composing.feed(*keysym);
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

fn keycode(usage: u8) -> Keycode {
    code_of(match usage {
        0x87 => KEY_RO,
        0x89 => KEY_YEN,
        usage => EVDEV[usize::from(usage)],
    })
}

/// The keycode of an event's code.
fn code_of(code: u8) -> Keycode {
    Keycode::new(u32::from(code) + 8)
}
