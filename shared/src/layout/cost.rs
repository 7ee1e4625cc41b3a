//! Which strokes make a character best: few of them, at a low level, on keys that every keyboard has.

use std::collections::BTreeMap;

use super::{
    Level, Stroke, Strokes,
    table::{Symbol, Table},
};

/// A stroke more is worse than any key.
const STROKE: u32 = 1000;

/// Keys that only ISO and JIS keyboards have, and on which systems agree less: worse than Shift, better than AltGr.
const SOME_KEYBOARDS: [u8; 3] = [0x64, 0x87, 0x89];
const SOME_KEYBOARDS_COST: u32 = 15;

/// The keypad, which small keyboards lack.
const KEYPAD_FIRST: u8 = 0x54;
const KEYPAD_LAST: u8 = 0x63;
const KEYPAD_COST: u32 = 100;

/// What systems disagree on: worse than one more stroke.
const AVOIDED_COST: u32 = 1500;

type Choice<T> = BTreeMap<T, (u32, Strokes)>;

/// The cheapest strokes of every character, in the order of characters; without and with Caps Lock.
pub(super) fn cheapest(table: &Table) -> [Vec<(char, Strokes)>; 2] {
    let states = [false, true].map(|caps_lock| characters(table, caps_lock));
    [0, 1].map(|state| {
        let mut typing = states[state].clone();
        for (character, (cost, strokes)) in &states[1 - state] {
            if !typing.contains_key(character)
                && let Some(strokes) = between_caps_lock(table, strokes)
            {
                typing.insert(*character, (*cost, strokes));
            }
        }
        let strokes = typing.into_iter();
        strokes
            .map(|(character, (_, strokes))| (character, strokes))
            .collect()
    })
}

/// What can be typed without a stroke of Caps Lock.
fn characters(table: &Table, caps_lock: bool) -> Choice<char> {
    let symbols = symbols(table, caps_lock);
    let mut typing = Choice::new();
    for (symbol, (cost, strokes)) in &symbols {
        if let Symbol::Character(character) = symbol {
            offer(&mut typing, *character, *cost, *strokes);
        }
    }
    for composition in &table.compositions {
        if let Some((cost, strokes)) = sequence(&symbols, &composition.sequence) {
            offer(&mut typing, composition.character, cost, strokes);
        }
    }
    typing
}

/// The cheapest stroke of every symbol.
fn symbols(table: &Table, caps_lock: bool) -> Choice<Symbol> {
    let mut symbols = Choice::new();
    for key in &table.keys {
        for level in Level::ALL {
            let Some(symbol) = key.symbol(level, caps_lock) else {
                continue;
            };
            let mut strokes = Strokes::none();
            if strokes
                .push(Stroke::new(key.usage, level.modifiers()))
                .is_some()
            {
                let cost = cost(table, key.usage, level);
                offer(&mut symbols, symbol, cost, strokes);
            }
        }
    }
    symbols
}

fn cost(table: &Table, usage: u8, level: Level) -> u32 {
    let held = match level {
        Level::Plain => 0,
        Level::Shift => 10,
        Level::AltGr => 20,
        Level::ShiftAltGr => 40,
    };
    let key = match usage {
        KEYPAD_FIRST..=KEYPAD_LAST => KEYPAD_COST,
        usage if SOME_KEYBOARDS.contains(&usage) => SOME_KEYBOARDS_COST,
        _ => 0,
    };
    let avoided = if table.avoided.contains(&(usage, level)) {
        AVOIDED_COST
    } else {
        0
    };
    STROKE + held + key + avoided
}

fn sequence(symbols: &Choice<Symbol>, sequence: &[Symbol]) -> Option<(u32, Strokes)> {
    let mut together = (0, Strokes::none());
    for symbol in sequence {
        let (cost, strokes) = symbols.get(symbol)?;
        together.0 += cost;
        for stroke in *strokes {
            together.1.push(stroke)?;
        }
    }
    Some(together)
}

fn between_caps_lock(table: &Table, strokes: &Strokes) -> Option<Strokes> {
    let caps_lock = table.caps_lock?;
    let mut between = Strokes::none();
    between.push(caps_lock)?;
    for stroke in *strokes {
        between.push(stroke)?;
    }
    between.push(caps_lock)?;
    Some(between)
}

fn offer<T: Ord>(choice: &mut Choice<T>, what: T, cost: u32, strokes: Strokes) {
    let known = choice.entry(what).or_insert((cost, strokes));
    if cost < known.0 {
        *known = (cost, strokes);
    }
}
