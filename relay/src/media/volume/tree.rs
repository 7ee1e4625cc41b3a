//! Files of a medium under names that can be used anywhere.
//!
//! What a medium calls its files is hostile: here a name becomes one that is no path, has nothing that other systems
//! refuse, and is that of no other file of its folder, whatever case it is written in.

use std::{
    collections::{HashMap, HashSet},
    io,
};

use super::{ENTRIES_MAX, Entry, Files, Place, broken};

/// How deep folders are followed.
const DEPTH_MAX: usize = 64;

/// How many times a medium's size its files may have together: those of a CD may share their bytes.
const SHARED_MAX: u64 = 4;

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is called here.
    pub name: String,
    /// What stands on the medium.
    pub entry: Entry,
}

/// What is in a folder, or in the root, in its order.
///
/// # Errors
/// As [`Files::list`].
pub fn items(files: &Files<'_>, folder: Option<&Entry>) -> io::Result<Vec<Item>> {
    let mut names = Names::default();
    let item = |entry: Entry| Item {
        name: names.take(&entry.name),
        entry,
    };
    Ok(files.list(folder)?.into_iter().map(item).collect())
}

/// What is at a path of names with `/` between them: `None` within the result is the root. `None` where nothing is.
///
/// # Errors
/// As [`Files::list`].
pub fn find(files: &Files<'_>, path: &str) -> io::Result<Option<Option<Item>>> {
    let mut found: Option<Item> = None;
    for name in path
        .split('/')
        .filter(|_| !path.is_empty())
        .take(DEPTH_MAX + 1)
    {
        let above = found.as_ref().map(|item| &item.entry);
        if above.is_some_and(|above| !above.is_folder) {
            return Ok(None);
        }
        let mut items = items(files, above)?.into_iter();
        match items.find(|item| item.name == name) {
            Some(item) => found = Some(item),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// All that is in a folder and in those below, under paths of names with `/` between them, each folder before what is
/// in it.
///
/// # Errors
/// Where a folder or a file does not hold together, there is more than [`ENTRIES_MAX`] of it, it is too deep, or it would
/// be more than a medium of this size can have.
pub fn walk(files: &Files<'_>, folder: Option<&Entry>) -> io::Result<Vec<Item>> {
    let mut walk = Walk {
        files,
        found: Vec::new(),
        folders: HashSet::new(),
        bytes: 0,
    };
    walk.enter(folder, "", 0)?;
    Ok(walk.found)
}

struct Walk<'a> {
    files: &'a Files<'a>,
    found: Vec<Item>,
    folders: HashSet<Place>,
    bytes: u64,
}

impl Walk<'_> {
    fn enter(&mut self, folder: Option<&Entry>, path: &str, depth: usize) -> io::Result<()> {
        if depth == DEPTH_MAX {
            return Err(broken("folders are in one another without an end"));
        }
        if folder.is_some_and(|folder| !self.folders.insert(folder.place.clone())) {
            return Err(broken("a folder is in two places"));
        }
        for Item { name, entry } in items(self.files, folder)? {
            let path = match path {
                "" => name,
                above => format!("{above}/{name}"),
            };
            self.add(path, entry, depth)?;
        }
        Ok(())
    }

    fn add(&mut self, path: String, entry: Entry, depth: usize) -> io::Result<()> {
        if self.found.len() == ENTRIES_MAX {
            return Err(broken("there are too many files"));
        }
        self.bytes = self.bytes.saturating_add(entry.bytes);
        if self.bytes / SHARED_MAX > self.files.medium_bytes() {
            return Err(broken("the files are larger than the medium"));
        }
        let item = Item { name: path, entry };
        if item.entry.is_folder {
            self.found.push(item.clone());
            return self.enter(Some(&item.entry), &item.name, depth + 1);
        }
        self.files.check(&item.entry)?;
        self.found.push(item);
        Ok(())
    }
}

/// The names of a folder.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
    next: HashMap<String, u32>,
}

impl Names {
    fn take(&mut self, given: &str) -> String {
        let plain = plain(given);
        let key = plain.to_lowercase();
        let mut name = plain.clone();
        while !self.taken.insert(name.to_lowercase()) {
            let number = self.next.entry(key.clone()).or_insert(1);
            *number += 1;
            name = numbered(&plain, *number);
        }
        name
    }
}

/// A name without what makes a path of it, or what other systems refuse.
fn plain(given: &str) -> String {
    let name: String = given
        .chars()
        .map(|character| match character {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            character if character.is_control() => '_',
            character => character,
        })
        .collect();
    match name.trim_end_matches(['.', ' ']) {
        "" => "_".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

fn numbered(name: &str, number: u32) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem} ({number}).{extension}"),
        _ => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_kept_unless_they_are_paths_or_taken() {
        let mut names = Names::default();
        for (given, name) in [
            ("Zürich.txt", "Zürich.txt"),
            (".profile", ".profile"),
            ("..", "_"),
            (".", "_ (2)"),
            ("", "_ (3)"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("C:\\autorun.inf", "C__autorun.inf"),
            ("nul\0l", "nul_l"),
            ("a.txt", "a.txt"),
            ("A.TXT", "A (2).TXT"),
            ("a (2).txt", "a (2) (2).txt"),
        ] {
            assert_eq!(names.take(given), name);
        }
    }

    proptest! {
        #[test]
        fn a_name_is_one_plain_part_of_a_path(given in prop::collection::vec(any::<String>(), 1..20)) {
            let mut names = Names::default();
            let mut seen = HashSet::new();
            for name in given.iter().map(|given| names.take(given)) {
                let parts: Vec<_> = std::path::Path::new(&name).components().collect();
                prop_assert!(matches!(parts[..], [std::path::Component::Normal(_)]), "{name:?}");
                prop_assert!(!name.contains(['/', '\\', ':', '\0']));
                prop_assert!(seen.insert(name.to_lowercase()));
            }
        }
    }
}
