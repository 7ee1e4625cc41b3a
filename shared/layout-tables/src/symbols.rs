//! Keysyms as the symbols of a table.

use std::collections::BTreeMap;

use shared::layout::table::Symbol;
use xkbcommon::xkb::{Keysym, keysym_to_utf32};

use crate::{
    keys::KeySymbols,
    rules::{Outcome, Rules},
};

/// The symbols of all keysyms on the keys of a layout.
pub(crate) struct Symbols {
    symbols: BTreeMap<Keysym, Symbol>,
    /// In the order of their numbers.
    pub(crate) dead_keys: Vec<Keysym>,
}

impl Symbols {
    pub(crate) fn of(keys: &[KeySymbols], rules: &Rules) -> Self {
        let mut known = Self {
            symbols: BTreeMap::new(),
            dead_keys: Vec::new(),
        };
        for keysym in keys
            .iter()
            .flat_map(|key| key.levels.iter().chain(&key.with_caps_lock))
            .flatten()
        {
            known.add(*keysym, rules);
        }
        known
    }

    fn add(&mut self, keysym: Keysym, rules: &Rules) {
        if self.symbols.contains_key(&keysym) {
            return;
        }
        let symbol = if rules.is_dead(keysym) {
            self.dead_keys.push(keysym);
            u8::try_from(self.dead_keys.len() - 1)
                .ok()
                .map(Symbol::Dead)
        } else {
            character(keysym, rules).map(Symbol::Character)
        };
        self.symbols.extend(symbol.map(|symbol| (keysym, symbol)));
    }

    /// The symbol of a keysym; `None` where it types no character, or several.
    pub(crate) fn get(&self, keysym: Keysym) -> Option<Symbol> {
        self.symbols.get(&keysym).copied()
    }

    /// The accents of the dead keys, in the order of their numbers.
    pub(crate) fn accents(&self, rules: &Rules) -> Vec<char> {
        self.dead_keys
            .iter()
            .map(|dead| rules.accent(*dead))
            .collect()
    }
}

/// What a keysym types by itself.
fn character(keysym: Keysym, rules: &Rules) -> Option<char> {
    match rules.outcome(&[keysym]) {
        Outcome::Unknown => {
            char::from_u32(keysym_to_utf32(keysym)).filter(|character| !character.is_control())
        }
        Outcome::Incomplete => None,
        Outcome::Text(_) => rules.character(&[keysym]),
    }
}
