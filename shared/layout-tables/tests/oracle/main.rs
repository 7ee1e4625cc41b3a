//! The tables against libxkbcommon: a Linux machine with the same layout, which gets the strokes as its kernel would,
//! must read the text that was to be typed.
//!
//! What a layout can make is found out from libxkbcommon alone: by pressing every key with everything held that can be,
//! and by composing whatever that gives.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Result, anyhow};
use layout_tables::layouts::{LAYOUTS, Source};
use proptest::{
    collection::vec,
    prop_assert_eq,
    sample::select,
    strategy::Strategy,
    test_runner::{Config, TestRunner},
};
use shared::layout::{Layout, Legend, Level, Options, Stroke, compile};

use machine::{Machine, writing_keys};

mod machine;

const CAPS_LOCK: [bool; 2] = [false, true];

/// Random texts a layout and state of Caps Lock.
const TEXTS: u32 = 1000;

fn layout(source: &Source) -> Result<Layout> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../layouts");
    let bytes = fs::read(folder.join(format!("{}.bin", source.name)))?;
    Ok(Layout::parse(&bytes)?)
}

/// All that a machine can be made to read from a state of Caps Lock on: what the other state gives, too, where a key leads
/// there and back.
fn characters(machine: &Machine, caps_lock: bool) -> BTreeSet<char> {
    let mut characters = machine.afresh(caps_lock).characters();
    if machine.has_caps_lock_key() {
        characters.extend(machine.afresh(!caps_lock).characters());
    }
    characters
}

#[test]
fn every_character_that_a_layout_can_make_is_typed() -> Result<()> {
    for source in LAYOUTS {
        let layout = layout(&source)?;
        let machine = Machine::new(&source)?;
        for caps_lock in CAPS_LOCK {
            let characters = characters(&machine, caps_lock);
            assert!(characters.len() > 60, "{}: {characters:?}", source.name);
            let mut machine = machine.afresh(caps_lock);
            for character in &characters {
                let what = format!("{}: {character:?}, Caps Lock {caps_lock}", source.name);
                let Some(strokes) = layout.strokes(*character, caps_lock) else {
                    panic!(
                        "{what}: no strokes; are the tables of this xkeyboard-config? (./justw layouts)"
                    );
                };
                assert_eq!(machine.reads(&strokes), character.to_string(), "{what}");
                assert_eq!(machine.caps_lock(), caps_lock, "{what}");
            }
            if !caps_lock {
                let claimed: BTreeSet<char> = layout.characters().collect();
                let wrong: Vec<_> = claimed.difference(&characters).collect();
                assert!(wrong.is_empty(), "{}: {wrong:?}", source.name);
            }
        }
    }
    Ok(())
}

#[test]
fn random_texts_arrive() -> Result<()> {
    for source in LAYOUTS {
        let layout = layout(&source)?;
        let machine = Machine::new(&source)?;
        for caps_lock in CAPS_LOCK {
            let mut alphabet: Vec<char> = characters(&machine, caps_lock).into_iter().collect();
            alphabet.extend(['\n', '\t']);
            let texts = vec(select(alphabet), 1..60)
                .prop_map(|characters| characters.into_iter().collect::<String>());
            let options = Options {
                caps_lock,
                ..Options::default()
            };
            let config = Config {
                cases: TEXTS,
                failure_persistence: None,
                ..Config::default()
            };
            let is_read = |text: String| {
                let compiled = compile(&text, &layout, &options);
                prop_assert_eq!(&compiled.cannot, &[], "{}", source.name);
                let read = machine.afresh(caps_lock).reads(compiled.strokes());
                prop_assert_eq!(read, text, "{}", source.name);
                Ok(())
            };
            TestRunner::new(config)
                .run(&texts, is_read)
                .map_err(|error| anyhow!("{error}"))?;
        }
    }
    Ok(())
}

#[test]
fn a_key_shows_what_it_types() -> Result<()> {
    for source in LAYOUTS {
        let layout = layout(&source)?;
        let machine = Machine::new(&source)?;
        for caps_lock in CAPS_LOCK {
            for usage in writing_keys() {
                for level in Level::ALL {
                    let stroke = Stroke::new(usage, level.modifiers());
                    let mut machine = machine.afresh(caps_lock);
                    let read = machine.reads(&[stroke]);
                    let legend = layout.legend(usage, level, caps_lock);
                    let is_right = match legend {
                        Some(Legend::Character(character)) => read == character.to_string(),
                        Some(Legend::Dead(_)) => machine.is_composing(),
                        None => {
                            read.chars().count() != 1 && !machine.is_composing()
                                || machine.makes_commands(stroke.modifiers)
                        }
                    };
                    assert!(
                        is_right,
                        "{} {stroke:x?}, Caps Lock {caps_lock}: {read:?} {legend:?}",
                        source.name
                    );
                }
            }
        }
    }
    Ok(())
}
