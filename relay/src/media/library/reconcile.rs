//! What becomes of the list where the folder has changed behind the relay's back.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    folder::Seen,
    name::{self, BadName, Key},
};

/// An image of the list, as far as its file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub id: u32,
    /// Its file as it was when it was last looked at.
    pub file: Seen,
    /// Whether it is in a drive: then it changes, and nothing is done about it.
    pub is_open: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its file is gone.
    Forget(u32),
    /// Its file is another one than it was.
    LookAgain(u32, Seen),
    /// Somebody has put a file into the folder.
    TakeIn(Seen),
    /// A file cannot be an image under the name that it has.
    Pass(Seen, Reason),
}

/// Why a file is left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Its name is no image's.
    #[error(transparent)]
    BadName(#[from] BadName),
    /// Its name is another image's, in another spelling.
    #[error("another image has this name in another spelling")]
    SameName,
    /// It has no bytes.
    #[error("it is empty")]
    Empty,
}

/// Compares the list with the folder. A file that somebody may be writing just now, because it is another one than
/// `before`, is left alone until the next time.
#[must_use]
pub fn reconcile(listed: &[Listed], before: &[Seen], now: &[Seen]) -> Vec<Step> {
    let files: BTreeMap<&str, &Seen> = now.iter().map(|seen| (seen.name.as_str(), seen)).collect();
    let mut steps = Vec::new();
    let mut names: BTreeSet<Key> = BTreeSet::new();
    for image in listed {
        names.insert(name::key(&image.file.name));
        match files.get(image.file.name.as_str()) {
            _ if image.is_open => {}
            None => steps.push(Step::Forget(image.id)),
            Some(seen) if **seen != image.file && before.contains(seen) => {
                steps.push(Step::LookAgain(image.id, (*seen).clone()));
            }
            Some(_) => {}
        }
    }
    let known: BTreeSet<&str> = listed
        .iter()
        .map(|image| image.file.name.as_str())
        .collect();
    let strangers = now
        .iter()
        .filter(|seen| !known.contains(seen.name.as_str()) && !seen.name.starts_with('.'));
    for seen in strangers.filter(|seen| before.contains(seen)) {
        let passed = match name::check(&seen.name) {
            Err(bad) => Some(bad.into()),
            Ok(()) if seen.bytes == 0 => Some(Reason::Empty),
            Ok(()) if !names.insert(name::key(&seen.name)) => Some(Reason::SameName),
            Ok(()) => None,
        };
        steps.push(match passed {
            Some(reason) => Step::Pass(seen.clone(), reason),
            None => Step::TakeIn(seen.clone()),
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, bytes: u64, modified: i64) -> Seen {
        Seen {
            name: name.to_owned(),
            bytes,
            modified,
        }
    }

    fn listed(id: u32, file: Seen) -> Listed {
        Listed {
            id,
            file,
            is_open: false,
        }
    }

    #[test]
    fn what_is_as_it_was_is_left_alone() {
        let file = seen("a.iso", 5, 1);
        let files = [file.clone()];
        assert_eq!(reconcile(&[listed(1, file)], &files, &files), []);
    }

    #[test]
    fn a_file_that_is_gone_leaves_the_list_unless_it_is_in_a_drive() {
        let image = listed(7, seen("a.iso", 5, 1));
        assert_eq!(
            reconcile(std::slice::from_ref(&image), &[], &[]),
            [Step::Forget(7)]
        );
        let open = Listed {
            is_open: true,
            ..image
        };
        assert_eq!(reconcile(&[open], &[], &[]), []);
    }

    #[test]
    fn a_file_is_taken_in_when_nobody_writes_it_any_more() {
        let growing = seen("new.iso", 5, 1);
        let grown = seen("new.iso", 9, 2);
        assert_eq!(reconcile(&[], &[], std::slice::from_ref(&growing)), []);
        assert_eq!(reconcile(&[], &[growing], std::slice::from_ref(&grown)), []);
        let files = [grown.clone()];
        assert_eq!(reconcile(&[], &files, &files), [Step::TakeIn(grown)]);
    }

    #[test]
    fn a_file_that_was_written_is_looked_at_again() {
        let image = listed(3, seen("a.img", 5, 1));
        let files = [seen("a.img", 5, 2)];
        assert_eq!(
            reconcile(std::slice::from_ref(&image), &files, &files),
            [Step::LookAgain(3, files[0].clone())]
        );
        let open = Listed {
            is_open: true,
            ..image
        };
        assert_eq!(reconcile(&[open], &files, &files), []);
    }

    #[test]
    fn a_file_that_can_be_no_image_is_passed_with_the_reason() {
        let files = [
            seen("A.ISO", 5, 1),
            seen("a.iso", 5, 1),
            seen("b\n.iso", 5, 1),
            seen("c.iso", 0, 1),
        ];
        let steps = reconcile(&[listed(1, seen("a.iso", 5, 1))], &files, &files);
        assert_eq!(
            steps,
            [
                Step::Pass(files[0].clone(), Reason::SameName),
                Step::Pass(files[2].clone(), BadName::Control('\n').into()),
                Step::Pass(files[3].clone(), Reason::Empty),
            ]
        );
    }
}
