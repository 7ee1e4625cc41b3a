//! The keyboard layouts' tables (`shared/layouts`), made from what xkeyboard-config and the compose rules of
//! `en_US.UTF-8` say.

mod avoided;
mod compositions;
mod keys;
pub mod layouts;
pub mod reader;
mod rules;
mod symbols;

use anyhow::Result;
use shared::layout::table::{Key, Table};

use layouts::Source;
use rules::Rules;
use symbols::Symbols;

/// The table of a layout.
///
/// # Errors
/// Where xkeyboard-config or the compose rules lack what it needs.
pub fn table(source: &Source) -> Result<Table> {
    let keymap = keys::keymap(source)?;
    let rules = Rules::load()?;
    let keys = keys::read(&keymap);
    let symbols = Symbols::of(&keys, &rules);
    let avoided = avoided::find(source, &keys, &symbols)?;
    Ok(Table {
        label: source.label.to_owned(),
        caps_lock: keys::caps_lock(&keymap),
        accents: symbols.accents(&rules),
        keys: keys
            .iter()
            .map(|key| Key {
                usage: key.usage,
                levels: key.levels.map(|keysym| symbols.get(keysym?)),
                with_caps_lock: key.with_caps_lock.map(|keysym| symbols.get(keysym?)),
            })
            .collect(),
        compositions: compositions::find(&keys, &avoided, &symbols, &rules),
        avoided,
    })
}
