//! The characters that only sequences of keys make.

use std::collections::{BTreeMap, BTreeSet};

use shared::layout::table::{Composition, LEVELS, SEQUENCE_MAX, Symbol};
use xkbcommon::xkb::Keysym;

use crate::{
    keys::KeySymbols,
    rules::{Outcome, Rules},
    symbols::Symbols,
};

/// The best sequences of each character that is not on a key of its own: one for each state of Caps Lock, where they
/// differ.
pub(crate) fn find(keys: &[KeySymbols], symbols: &Symbols, rules: &Rules) -> Vec<Composition> {
    let without = best(keys, |key| &key.levels, symbols, rules);
    let with = best(keys, |key| &key.with_caps_lock, symbols, rules);
    let found: BTreeSet<(Vec<Symbol>, char)> = without.into_iter().chain(with).collect();
    let mut compositions: Vec<Composition> = found
        .into_iter()
        .map(|(sequence, character)| Composition {
            character,
            sequence,
        })
        .collect();
    compositions.sort_by_cached_key(|composition| {
        let prefix = composition.sequence.split_last();
        let prefix = prefix.map(|(_, prefix)| prefix.to_vec());
        (prefix, composition.character)
    });
    compositions
}

/// The best sequence of each character that these levels of keys have not.
fn best(
    keys: &[KeySymbols],
    levels: impl Fn(&KeySymbols) -> &[Option<Keysym>; LEVELS],
    symbols: &Symbols,
    rules: &Rules,
) -> impl Iterator<Item = (Vec<Symbol>, char)> {
    let mut search = Search {
        levels: BTreeMap::new(),
        symbols,
        rules,
        best: BTreeMap::new(),
    };
    for (level, keysym) in keys.iter().flat_map(|key| levels(key).iter().enumerate()) {
        if let Some(keysym) = keysym {
            let known = search.levels.entry(*keysym).or_insert(level);
            *known = level.min(*known);
        }
    }
    for dead in &symbols.dead_keys {
        if search.levels.contains_key(dead) {
            search.follow(&mut vec![*dead]);
        }
    }
    let on_keys = search
        .levels
        .keys()
        .filter_map(|keysym| symbols.get(*keysym));
    let on_keys: BTreeSet<Symbol> = on_keys.collect();
    let best = search.best.into_iter();
    best.filter(move |(character, _)| !on_keys.contains(&Symbol::Character(*character)))
        .map(|(character, (_, sequence))| (sequence, character))
}

/// How well a sequence serves: by its length, then by the levels of its keys.
type Cost = (usize, usize);

struct Search<'a> {
    /// The lowest level of each keysym.
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
