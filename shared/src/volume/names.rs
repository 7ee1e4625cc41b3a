//! What may be called how: one set of rules for FAT32 and exFAT, which is the stricter one of Windows, since a name that
//! one system cannot open is of no use on a disk that is to carry files anywhere.

use std::collections::HashSet;

use super::{Format, up_case::UpCase};

/// The longest name, in UTF-16 units.
const UNITS_MAX: usize = 255;

/// Characters that no name has. Source: exFAT specification, table 33; FAT specification, "long directory entries".
const FORBIDDEN: [char; 9] = ['"', '*', '/', ':', '<', '>', '?', '\\', '|'];

/// Names of devices on Windows, whatever follows behind a dot. Source: "Naming Files, Paths, and Namespaces", Microsoft.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Names of devices on Windows where a digit follows.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];

/// What stands in the place of a character that cannot be in a name.
const REPLACEMENT: char = '_';

/// The most characters of a label on both file systems.
const LABEL_MAX: usize = 11;

/// Why something has another name on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It has characters that cannot be in a name.
    Characters,
    /// It ends with a dot or a space, which Windows takes away.
    End,
    /// It is the name of a device on Windows.
    Device,
    /// Another one in its folder has this name, but for upper and lower case.
    Taken,
}

/// The names of a folder.
#[derive(Default)]
pub(super) struct Names(HashSet<Vec<u16>>);

impl Names {
    /// Takes the name, or one that is like it, for something new. `None` where it is too long.
    pub(super) fn take(&mut self, given: &str, table: &UpCase) -> Option<(String, Option<Change>)> {
        let (name, mut change) = clean(given);
        if name.encode_utf16().count() > UNITS_MAX {
            return None;
        }
        let mut taken = name.clone();
        let mut number = 2;
        while !self.0.insert(table.of(&taken)) {
            taken = numbered(&name, number);
            number += 1;
            change = Some(Change::Taken);
        }
        Some((taken, change))
    }
}

/// The name of a volume as the file system takes it: cut, without what cannot be in it, and on FAT32 in capitals of ASCII.
#[must_use]
pub fn label(format: Format, given: &str) -> String {
    let shown = given
        .chars()
        .filter(|character| !character.is_control() && !FORBIDDEN.contains(character));
    let mut label = String::new();
    for character in shown {
        let character = match format {
            Format::ExFat => character,
            Format::Fat32 if is_in_labels_of_fat(character) => character.to_ascii_uppercase(),
            Format::Fat32 => REPLACEMENT,
        };
        let units = label.encode_utf16().count() + character.len_utf16();
        if units > LABEL_MAX {
            break;
        }
        label.push(character);
    }
    label.trim().to_owned()
}

fn is_in_labels_of_fat(character: char) -> bool {
    character.is_ascii_alphanumeric() || " -_!#$%&'()@^`{}~".contains(character)
}

fn clean(given: &str) -> (String, Option<Change>) {
    let mut change = None;
    let mut name: String = given
        .chars()
        .map(|character| {
            if character.is_control() || FORBIDDEN.contains(&character) {
                change = Some(Change::Characters);
                REPLACEMENT
            } else {
                character
            }
        })
        .collect();
    let end = name.trim_end_matches(['.', ' ']).len();
    if end < name.len() {
        name.truncate(end);
        change = Some(Change::End);
    }
    if name.is_empty() {
        name.push(REPLACEMENT);
        change = Some(Change::End);
    }
    if is_device(&name) {
        let stem = name.find('.').unwrap_or(name.len());
        name.insert(stem, REPLACEMENT);
        change = Some(Change::Device);
    }
    (name, change)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let upper = stem.to_uppercase();
    let numbered = NUMBERED_DEVICES.iter().any(|device| {
        let number = upper.strip_prefix(device);
        number.is_some_and(|number| {
            matches!(number.as_bytes(), [b'0'..=b'9']) || matches!(number, "¹" | "²" | "³")
        })
    });
    numbered || DEVICES.contains(&upper.as_str())
}

/// The same name with a number before its extension, cut to what fits.
fn numbered(name: &str, number: u32) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    let mark = format!(" ({number})");
    let room = UNITS_MAX.saturating_sub(mark.len() + extension.encode_utf16().count());
    let mut units = 0;
    let kept: String = stem
        .chars()
        .take_while(|character| {
            units += character.len_utf16();
            units <= room
        })
        .collect();
    match room {
        0 => name
            .chars()
            .take(UNITS_MAX / 2 - mark.len())
            .chain(mark.chars())
            .collect(),
        _ => format!("{kept}{mark}{extension}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn takes(names: &[&str]) -> Vec<(String, Option<Change>)> {
        let (mut folder, table) = (Names::default(), UpCase::new());
        let taken = names.iter().map(|name| folder.take(name, &table));
        taken.map(Option::unwrap).collect()
    }

    #[test]
    fn names_that_people_use_are_taken_as_they_are() {
        for name in [
            "Zürich – Übersicht.txt",
            "中文.md",
            ".profile",
            "a b",
            "com.example",
            "x (2)",
        ] {
            assert_eq!(takes(&[name]), [(name.to_owned(), None)]);
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_made_one_that_can() {
        for (given, name, change) in [
            ("12:30.log", "12_30.log", Change::Characters),
            ("a/b\\c", "a_b_c", Change::Characters),
            ("bell\u{7}", "bell_", Change::Characters),
            ("what.", "what", Change::End),
            ("..", "_", Change::End),
            ("", "_", Change::End),
            ("nul", "nul_", Change::Device),
            ("Com1.tar.gz", "Com1_.tar.gz", Change::Device),
        ] {
            assert_eq!(takes(&[given]), [(name.to_owned(), Some(change))]);
        }
    }

    #[test]
    fn names_that_differ_by_case_alone_are_numbered() {
        let taken = takes(&["Makefile", "makefile", "a.TXT", "A.txt", "a (2).txt"]);
        let names: Vec<&str> = taken.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Makefile",
                "makefile (2)",
                "a.TXT",
                "A (2).txt",
                "a (2) (2).txt"
            ]
        );
    }

    #[test]
    fn names_that_are_too_long_are_refused() {
        let (mut folder, table) = (Names::default(), UpCase::new());
        assert_eq!(folder.take(&"ü".repeat(255), &table).unwrap().1, None);
        let again = folder.take(&"Ü".repeat(255), &table).unwrap().0;
        assert!(again.ends_with(" (2)") && again.chars().count() == 255);
        assert_eq!(folder.take(&"ü".repeat(256), &table), None);
        assert_eq!(folder.take(&"😀".repeat(128), &table), None);
    }

    #[test]
    fn labels_are_what_the_file_system_takes() {
        for (given, fat, exfat) in [
            ("Treiber", "TREIBER", "Treiber"),
            ("Größe: 12", "GR__E 12", "Größe 12"),
            ("a much too long name", "A MUCH TOO", "a much too"),
            ("😀😀😀😀😀😀", "______", "😀😀😀😀😀"),
            (" . ", "_", "."),
        ] {
            assert_eq!(label(Format::Fat32, given), fat, "{given}");
            assert_eq!(label(Format::ExFat, given), exfat, "{given}");
        }
    }

    proptest! {
        #[test]
        fn no_two_names_of_a_folder_are_the_same_and_all_can_be_written(
            given in prop::collection::vec("[aA.: b]{0,4}|\\PC{0,300}|com[0-9]", 1..40),
        ) {
            let (mut folder, table) = (Names::default(), UpCase::new());
            let mut seen = HashSet::new();
            for name in given.iter().filter_map(|given| folder.take(given, &table)).map(|(name, _)| name) {
                prop_assert!((1..=UNITS_MAX).contains(&name.encode_utf16().count()), "{name}");
                prop_assert!(!name.contains(FORBIDDEN) && !name.ends_with(['.', ' ']), "{name}");
                prop_assert!(!is_device(&name), "{name}");
                prop_assert!(seen.insert(table.of(&name)), "{name}");
            }
        }
    }
}
