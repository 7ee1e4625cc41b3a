//! Names of 8 and 3 characters (FAT specification, "name generation"), which every entry of a FAT has besides its long one.

use std::collections::{HashMap, HashSet};

/// A short name as it stands in an entry, padded with spaces.
pub(super) type ShortName = [u8; 11];

/// The short names of one folder's entries, in their order: no two are the same.
pub(super) fn short_names<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<ShortName> {
    let mut taken: HashSet<ShortName> = HashSet::new();
    let plain: Vec<Option<ShortName>> = names
        .clone()
        .map(|name| as_it_is(name).filter(|short| taken.insert(*short)))
        .collect();
    let mut next: HashMap<ShortName, u32> = HashMap::new();
    let numbered = |(name, plain): (&str, Option<ShortName>)| {
        plain.unwrap_or_else(|| {
            let basis = basis(name);
            let number = next.entry(basis).or_insert(1);
            loop {
                let short = tailed(basis, *number);
                *number += 1;
                if taken.insert(short) {
                    return short;
                }
            }
        })
    };
    names.zip(plain).map(numbered).collect()
}

/// Whether a name needs no long one beside its short one.
pub(super) fn is_all_of(short: &ShortName, name: &str) -> bool {
    as_it_is(name).as_ref() == Some(short) && !name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// The checksum that binds parts of a long name to the short one.
pub(super) fn checksum(short: &ShortName) -> u8 {
    let add = |sum: u8, byte: &u8| sum.rotate_right(1).wrapping_add(*byte);
    short.iter().fold(0, add)
}

/// The short name that is this one but for its case.
fn as_it_is(name: &str) -> Option<ShortName> {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let fits = (1..=8).contains(&stem.len())
        && extension.len() <= 3
        && (!extension.is_empty() || !name.ends_with('.'))
        && stem.chars().chain(extension.chars()).all(is_short);
    fits.then(|| padded(stem.bytes(), extension.bytes()))
}

fn basis(name: &str) -> ShortName {
    let name = name.trim_start_matches(['.', ' ']);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let bytes = |part: &str| -> Vec<u8> {
        let kept = part
            .chars()
            .filter(|character| !matches!(character, ' ' | '.'));
        kept.map(|character| {
            if is_short(character) {
                character as u8
            } else {
                b'_'
            }
        })
        .collect()
    };
    padded(bytes(stem).into_iter(), bytes(extension).into_iter())
}

/// The basis with `~number` in the place of its end.
fn tailed(basis: ShortName, number: u32) -> ShortName {
    let tail = format!("~{number}");
    let used = basis[..8]
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(8);
    let at = used.min(8 - tail.len().min(8));
    let mut short = basis;
    short[at..at + tail.len()].copy_from_slice(tail.as_bytes());
    short
}

fn padded(stem: impl Iterator<Item = u8>, extension: impl Iterator<Item = u8>) -> ShortName {
    let mut short = [b' '; 11];
    let (first, last) = short.split_at_mut(8);
    for (place, byte) in first
        .iter_mut()
        .zip(stem)
        .chain(last.iter_mut().zip(extension))
    {
        *place = byte.to_ascii_uppercase();
    }
    short
}

fn is_short(character: char) -> bool {
    character.is_ascii_alphanumeric() || "$%'-_@~`!(){}^#&".contains(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_names_are_made_as_the_specification_does() {
        for (name, expected) in [
            ("README", "README     "),
            ("readme.txt", "README  TXT"),
            ("The quick brown.fox", "THEQUI~1FOX"),
            ("TextFile.Mine.txt", "TEXTFI~1TXT"),
            (".profile", "PROFIL~1   "),
            ("a+b.c", "A_B~1   C  "),
            ("Zürich.html", "Z_RICH~1HTM"),
        ] {
            assert_eq!(
                short_names([name].into_iter()),
                [*expected.as_bytes().first_chunk().unwrap()]
            );
        }
    }

    #[test]
    fn no_number_is_given_twice() {
        let names: Vec<String> = (0..12_000)
            .map(|number| format!("a long name {number:05}.txt"))
            .collect();
        let mut all = vec!["ALONGN~7.TXT"];
        all.extend(names.iter().map(String::as_str));
        let short: HashSet<ShortName> = short_names(all.iter().copied()).into_iter().collect();
        assert_eq!(short.len(), all.len());
    }

    proptest! {
        #[test]
        fn short_names_are_what_fat_takes(names in prop::collection::vec("[a-zA-Z~1. ü+]{1,14}", 1..60)) {
            let names: Vec<&str> = names.iter().map(|name| name.trim_end_matches(['.', ' '])).filter(|name| !name.is_empty()).collect();
            let short = short_names(names.iter().copied());
            let mut unique = HashSet::new();
            for name in &short {
                prop_assert!(unique.insert(*name));
                prop_assert!(name[0] != b' ');
                for part in [&name[..8], &name[8..]] {
                    let text = String::from_utf8_lossy(part);
                    prop_assert!(text.trim_end().chars().all(|c| is_short(c) && !c.is_ascii_lowercase()), "{text}");
                }
            }
        }
    }
}
