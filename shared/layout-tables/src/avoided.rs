//! What keys give on Linux that is not printed on them.
//!
//! Most layouts of xkeyboard-config begin with all of `latin` and put their own symbols over it. What is left of `latin`
//! beneath AltGr is on no keyboard; it is avoided where the layout has put the same character somewhere else.

use anyhow::Result;
use shared::layout::{
    Level,
    table::{LEVELS, Symbol},
};
use xkbcommon::xkb::{Keymap, Keysym};

use crate::{
    keys::{self, KeySymbols},
    layouts::Source,
    symbols::Symbols,
};

const LATIN: Source = Source {
    name: "",
    label: "",
    layout: "latin",
    variant: "",
    avoided: &[],
};

struct Place {
    usage: u8,
    level: Level,
    symbol: Symbol,
    is_left: bool,
}

pub(crate) fn find(
    source: &Source,
    keys: &[KeySymbols],
    symbols: &Symbols,
) -> Result<Vec<(u8, Level)>> {
    let latin = keys::keymap(&LATIN)?;
    let places: Vec<Place> = keys
        .iter()
        .flat_map(|key| places(key, &latin, symbols))
        .collect();
    let is_known = |place: &Place| source.avoided.contains(&(place.usage, place.level));
    let is_elsewhere = |place: &Place| {
        places
            .iter()
            .any(|other| other.symbol == place.symbol && !other.is_left && !is_known(other))
    };
    let left = places
        .iter()
        .filter(|place| place.is_left && is_elsewhere(place))
        .map(|place| (place.usage, place.level));
    let mut avoided: Vec<(u8, Level)> = left.chain(source.avoided.iter().copied()).collect();
    avoided.sort_by_key(|(usage, level)| (*usage, *level as u8));
    avoided.dedup();
    Ok(avoided)
}

fn places(key: &KeySymbols, latin: &Keymap, symbols: &Symbols) -> Vec<Place> {
    let of_latin: [Option<Keysym>; LEVELS] = keys::level_symbols(latin, key.usage);
    let levels = Level::ALL.into_iter().zip(key.levels).zip(of_latin);
    levels
        .filter_map(|((level, keysym), of_latin)| {
            Some(Place {
                usage: key.usage,
                level,
                symbol: symbols.get(keysym?)?,
                is_left: matches!(level, Level::AltGr | Level::ShiftAltGr) && keysym == of_latin,
            })
        })
        .collect()
}
