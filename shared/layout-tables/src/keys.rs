//! What xkeyboard-config says that keys give.

use anyhow::{Context as _, Result};
use shared::layout::{LEFT_SHIFT, Stroke, table::LEVELS};
use xkbcommon::xkb::{CONTEXT_NO_FLAGS, Context, Keymap, Keysym, State, keysyms};

use crate::layouts::Source;

/// The keys that type, by their names in keycodes/evdev, with their usages (HID page 0x07).
const TYPING: [(&str, u8); 55] = [
    ("AC01", 0x04),
    ("AB05", 0x05),
    ("AB03", 0x06),
    ("AC03", 0x07),
    ("AD03", 0x08),
    ("AC04", 0x09),
    ("AC05", 0x0A),
    ("AC06", 0x0B),
    ("AD08", 0x0C),
    ("AC07", 0x0D),
    ("AC08", 0x0E),
    ("AC09", 0x0F),
    ("AB07", 0x10),
    ("AB06", 0x11),
    ("AD09", 0x12),
    ("AD10", 0x13),
    ("AD01", 0x14),
    ("AD04", 0x15),
    ("AC02", 0x16),
    ("AD05", 0x17),
    ("AD07", 0x18),
    ("AB04", 0x19),
    ("AD02", 0x1A),
    ("AB02", 0x1B),
    ("AD06", 0x1C),
    ("AB01", 0x1D),
    ("AE01", 0x1E),
    ("AE02", 0x1F),
    ("AE03", 0x20),
    ("AE04", 0x21),
    ("AE05", 0x22),
    ("AE06", 0x23),
    ("AE07", 0x24),
    ("AE08", 0x25),
    ("AE09", 0x26),
    ("AE10", 0x27),
    ("SPCE", 0x2C),
    ("AE11", 0x2D),
    ("AE12", 0x2E),
    ("AD11", 0x2F),
    ("AD12", 0x30),
    ("BKSL", 0x31),
    ("AC10", 0x33),
    ("AC11", 0x34),
    ("TLDE", 0x35),
    ("AB08", 0x36),
    ("AB09", 0x37),
    ("AB10", 0x38),
    ("KPDV", 0x54),
    ("KPMU", 0x55),
    ("KPSU", 0x56),
    ("KPAD", 0x57),
    ("LSGT", 0x64),
    ("AB11", 0x87),
    ("AE13", 0x89),
];

const CAPS_LOCK: (&str, u8) = ("CAPS", 0x39);
const ALT_GR: &str = "RALT";

const SHIFT: &str = "Shift";
const LOCK: &str = "Lock";
/// The modifier that xkeyboard-config binds level 3 to.
const LEVEL_THREE: &str = "Mod5";

/// A key, and what it gives at each level.
pub(crate) struct KeySymbols {
    pub(crate) usage: u8,
    pub(crate) levels: [Option<Keysym>; LEVELS],
    pub(crate) with_caps_lock: [Option<Keysym>; LEVELS],
}

/// The keymap of a layout on a common keyboard.
pub(crate) fn keymap(source: &Source) -> Result<Keymap> {
    let Source {
        layout, variant, ..
    } = *source;
    let context = Context::new(CONTEXT_NO_FLAGS);
    Keymap::new_from_names(&context, "evdev", "pc105", layout, variant, None, 0).with_context(
        || format!("xkeyboard-config (Debian's xkb-data) has no layout {layout}({variant})"),
    )
}

/// The keys that type something, in the order of their usages.
pub(crate) fn read(keymap: &Keymap) -> Vec<KeySymbols> {
    TYPING
        .iter()
        .map(|(name, usage)| KeySymbols {
            usage: *usage,
            levels: levels(keymap, name, false),
            with_caps_lock: levels(keymap, name, true),
        })
        .filter(|key| {
            key.levels
                .iter()
                .chain(&key.with_caps_lock)
                .any(Option::is_some)
        })
        .collect()
}

/// The stroke that switches Caps Lock.
pub(crate) fn caps_lock(keymap: &Keymap) -> Option<Stroke> {
    let (name, usage) = CAPS_LOCK;
    let levels: [(&[&str], u8); 2] = [(&[], 0), (&[SHIFT], LEFT_SHIFT)];
    levels
        .into_iter()
        .find(|(held, _)| {
            keysym(keymap, name, held, false)
                .is_some_and(|keysym| keysym.raw() == keysyms::KEY_Caps_Lock)
        })
        .map(|(_, modifiers)| Stroke::new(usage, modifiers))
}

/// What a key gives at each level, whether or not a key leads there.
pub(crate) fn level_symbols(keymap: &Keymap, usage: u8) -> [Option<Keysym>; LEVELS] {
    let name = TYPING.iter().find(|(_, known)| *known == usage);
    let key = name.and_then(|(name, _)| keymap.key_by_name(*name));
    let symbol = |level| Some(*keymap.key_get_syms_by_level(key?, 0, level).first()?);
    [0, 1, 2, 3].map(symbol)
}

fn levels(keymap: &Keymap, name: &str, caps_lock: bool) -> [Option<Keysym>; LEVELS] {
    let has_alt_gr = keysym(keymap, ALT_GR, &[], false)
        .is_some_and(|keysym| keysym.raw() == keysyms::KEY_ISO_Level3_Shift);
    let held: [&[&str]; LEVELS] = [&[], &[SHIFT], &[LEVEL_THREE], &[SHIFT, LEVEL_THREE]];
    held.map(|held| {
        if held.contains(&LEVEL_THREE) && !has_alt_gr {
            return None;
        }
        keysym(keymap, name, held, caps_lock)
    })
}

fn keysym(keymap: &Keymap, name: &str, held: &[&str], caps_lock: bool) -> Option<Keysym> {
    let key = keymap.key_by_name(name)?;
    let mask = |modifier: &str| 1 << keymap.mod_get_index(modifier);
    let held = held.iter().fold(0, |all, modifier| all | mask(modifier));
    let locked = if caps_lock { mask(LOCK) } else { 0 };
    let mut state = State::new(keymap);
    state.update_mask(held, 0, locked, 0, 0, 0);
    let keysym = state.key_get_one_sym(key);
    (keysym.raw() != keysyms::KEY_NoSymbol).then_some(keysym)
}
