//! The characters that only sequences of keys make.

use std::collections::BTreeMap;

use shared::layout::table::{Composition, SEQUENCE_MAX, Symbol};
use xkbcommon::xkb::Keysym;

use crate::{
    keys::KeySymbols,
    rules::{Outcome, Rules},
    symbols::Symbols,
};

/// How well a sequence serves: by its length, then by the levels of its keys.
type Cost = (usize, usize);

/// The best sequence of each character that is not on a key of its own in both states of Caps Lock.
pub(crate) fn find(keys: &[KeySymbols], symbols: &Symbols, rules: &Rules) -> Vec<Composition> {
    let mut search = Search {
        levels: levels(keys),
        symbols,
        rules,
        best: BTreeMap::new(),
    };
    for dead in &symbols.dead_keys {
        search.follow(&mut vec![*dead]);
    }
    let mut compositions: Vec<Composition> = search
        .best
        .into_iter()
        .filter(|(character, _)| !is_on_a_key(*character, keys, symbols))
        .map(|(character, (_, sequence))| Composition {
            character,
            sequence,
        })
        .collect();
    compositions.sort_by(|one, other| {
        let order = |of: &Composition| {
            let (_, prefix) = of.sequence.split_last()?;
            Some((prefix.to_vec(), of.character))
        };
        order(one).cmp(&order(other))
    });
    compositions
}

struct Search<'a> {
    levels: BTreeMap<Keysym, usize>,
    symbols: &'a Symbols,
    rules: &'a Rules,
    best: BTreeMap<char, (Cost, Vec<Symbol>)>,
}

impl Search<'_> {
    fn follow(&mut self, sequence: &mut Vec<Keysym>) {
        let keysyms: Vec<Keysym> = self.levels.keys().copied().collect();
        for keysym in keysyms {
            sequence.push(keysym);
            match self.rules.outcome(sequence) {
                Outcome::Incomplete if sequence.len() < SEQUENCE_MAX => self.follow(sequence),
                Outcome::Text(_) => self.offer(sequence),
                Outcome::Incomplete | Outcome::Unknown => {}
            }
            sequence.pop();
        }
    }

    fn offer(&mut self, sequence: &[Keysym]) {
        let Some(character) = self.rules.character(sequence) else {
            return;
        };
        let symbols = sequence.iter().map(|keysym| self.symbols.get(*keysym));
        let Some(symbols) = symbols.collect::<Option<Vec<Symbol>>>() else {
            return;
        };
        let levels = sequence.iter().map(|keysym| self.levels[keysym]).sum();
        let offered = ((sequence.len(), levels), symbols);
        let best = self
            .best
            .entry(character)
            .or_insert_with(|| offered.clone());
        if offered < *best {
            *best = offered;
        }
    }
}

/// The lowest level of each keysym; those that need Caps Lock come last.
fn levels(keys: &[KeySymbols]) -> BTreeMap<Keysym, usize> {
    let mut levels = BTreeMap::new();
    for key in keys {
        for (level, keysym) in key.levels.iter().chain(&key.with_caps_lock).enumerate() {
            if let Some(keysym) = keysym {
                let known = levels.entry(*keysym).or_insert(level);
                *known = level.min(*known);
            }
        }
    }
    levels
}

fn is_on_a_key(character: char, keys: &[KeySymbols], symbols: &Symbols) -> bool {
    let is_it = |keysym: &Keysym| symbols.get(*keysym) == Some(Symbol::Character(character));
    keys.iter()
        .any(|key| key.levels.iter().flatten().any(is_it))
        && keys
            .iter()
            .any(|key| key.with_caps_lock.iter().flatten().any(is_it))
}
