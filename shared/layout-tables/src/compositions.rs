//! The characters that only sequences of keys make.

use std::collections::{BTreeMap, BTreeSet};

use shared::layout::{
    Level,
    table::{Composition, LEVELS, SEQUENCE_MAX, Symbol},
};
use xkbcommon::xkb::Keysym;

use crate::{
    keys::KeySymbols,
    rules::{Outcome, Rules},
    symbols::Symbols,
};

/// The best sequences of each character that is not on a key of its own: one for each state of Caps Lock, where they
/// differ.
pub(crate) fn find(
    keys: &[KeySymbols],
    avoided: &[(u8, Level)],
    symbols: &Symbols,
    rules: &Rules,
) -> Vec<Composition> {
    let without = places(keys, |key| key.levels);
    let with = places(keys, |key| key.with_caps_lock);
    let without = best(&without, avoided, symbols, rules);
    let with = best(&with, avoided, symbols, rules);
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

type Place = ((u8, Level), Keysym);

/// What the keys give in one state of Caps Lock.
fn places(
    keys: &[KeySymbols],
    levels: impl Fn(&KeySymbols) -> [Option<Keysym>; LEVELS],
) -> Vec<Place> {
    let places = keys.iter().flat_map(|key| {
        let levels = Level::ALL.into_iter().zip(levels(key));
        levels.filter_map(|(level, keysym)| Some(((key.usage, level), keysym?)))
    });
    places.collect()
}

/// The best sequence of each character that these places have not, or had better not be used for.
fn best(
    places: &[Place],
    avoided: &[(u8, Level)],
    symbols: &Symbols,
    rules: &Rules,
) -> impl Iterator<Item = (Vec<Symbol>, char)> {
    let mut search = Search {
        levels: BTreeMap::new(),
        symbols,
        rules,
        best: BTreeMap::new(),
    };
    for ((_, level), keysym) in places {
        let level = *level as usize;
        let known = search.levels.entry(*keysym).or_insert(level);
        *known = level.min(*known);
    }
    for dead in &symbols.dead_keys {
        if search.levels.contains_key(dead) {
            search.follow(&mut vec![*dead]);
        }
    }
    let good = places.iter().filter(|(place, _)| !avoided.contains(place));
    let on_keys: BTreeSet<Symbol> = good
        .filter_map(|(_, keysym)| symbols.get(*keysym))
        .collect();
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
