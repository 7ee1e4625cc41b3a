//! Files that operators' browsers have: offered, lent to drives, and taken up again by whoever comes back with the same
//! file.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shared::{
    held::{End, File, HELD_MAX, Holder, Holders, NAME_MAX, Offer},
    media::{Medium, Source},
};
use thiserror::Error;
use tokio::sync::watch;
use tracing::info;

use super::{
    Reach,
    remote::{self, Inlet, Remote, Supply},
};

/// All files that are held. Clones are handles to the same.
#[derive(Clone)]
pub struct Held(Arc<Shared>);

struct Shared {
    books: Mutex<Books>,
    holders: watch::Sender<Holders>,
}

#[derive(Default)]
struct Books {
    last: u32,
    files: BTreeMap<u32, Entry>,
}

struct Entry {
    file: File,
    /// Who holds it.
    name: String,
    inlet: Inlet,
    /// The medium, until it is in a drive.
    waiting: Option<Remote>,
}

/// A file that a browser supplies, until this is dropped. One that is in no drive then is forgotten.
pub struct Holding {
    number: u32,
    supply: Option<Supply>,
    held: Held,
}

/// Why a held file cannot be inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeldError {
    /// Nobody holds one of this number.
    #[error("no browser holds a file of this number")]
    Unknown,
    /// It is in a drive.
    #[error("the file is in a drive already")]
    Inserted,
}

impl Held {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            books: Mutex::default(),
            holders: watch::Sender::new(Holders::default()),
        }))
    }

    /// Who holds which files, now and from now on.
    #[must_use]
    pub fn holders(&self) -> watch::Receiver<Holders> {
        self.0.holders.subscribe()
    }

    /// Takes what somebody of this name offers.
    ///
    /// # Errors
    /// Why not.
    pub fn take(&self, offer: Offer, name: &str) -> Result<Holding, End> {
        let Offer { file, resumes } = offer;
        if file.bytes == 0 || file.name.is_empty() || file.name.len() > NAME_MAX {
            return Err(End::BadMessage);
        }
        let mut books = self.books();
        books.forget_gone();
        let number = match resumes {
            Some(number) => {
                let entry = books.files.get_mut(&number).ok_or(End::Unknown)?;
                if entry.file != file {
                    return Err(End::OtherFile);
                }
                name.clone_into(&mut entry.name);
                number
            }
            None => books.add(file, name)?,
        };
        let supply = books.files.get(&number).map(|entry| entry.inlet.attach());
        self.tell(&books);
        info!(
            held = number,
            name,
            again = resumes.is_some(),
            "a browser holds a file"
        );
        Ok(Holding {
            number,
            supply,
            held: self.clone(),
        })
    }

    /// A file as a medium for a drive.
    ///
    /// # Errors
    /// [`HeldError`]
    pub fn lend(&self, number: u32) -> Result<(Remote, Medium), HeldError> {
        let mut books = self.books();
        let entry = books.files.get_mut(&number).ok_or(HeldError::Unknown)?;
        let remote = entry.waiting.take().ok_or(HeldError::Inserted)?;
        let medium = Medium {
            name: entry
                .file
                .name
                .chars()
                .filter(|letter| !letter.is_control())
                .collect(),
            bytes: entry.file.bytes,
            writable: false,
            source: Source::Browser(number),
            reachable: true,
        };
        Ok((remote, medium))
    }

    fn left(&self, number: u32) {
        let mut books = self.books();
        books.forget_gone();
        let is_idle = |entry: &Entry| entry.waiting.is_some() && entry.inlet.reach() != Reach::Here;
        if books.files.get(&number).is_some_and(is_idle) {
            books.files.remove(&number);
        }
        self.tell(&books);
        info!(held = number, "a browser has left its file");
    }

    fn tell(&self, books: &Books) {
        let holder = |(held, entry): (&u32, &Entry)| Holder {
            held: *held,
            name: entry.name.clone(),
        };
        let now = Holders::new(books.files.iter().map(holder));
        self.0.holders.send_if_modified(|told| {
            let changed = *told != now;
            *told = now;
            changed
        });
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Held {
    fn default() -> Self {
        Self::new()
    }
}

impl Books {
    fn add(&mut self, file: File, name: &str) -> Result<u32, End> {
        if self.files.len() == HELD_MAX {
            return Err(End::Full);
        }
        let (remote, inlet) = remote::open(file.bytes);
        self.last += 1;
        let entry = Entry {
            file,
            name: name.to_owned(),
            inlet,
            waiting: Some(remote),
        };
        self.files.insert(self.last, entry);
        Ok(self.last)
    }

    fn forget_gone(&mut self) {
        self.files
            .retain(|_, entry| !matches!(entry.inlet.reach(), Reach::Gone(_)));
    }
}

impl Holding {
    /// The file's number.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// What is asked for, and where it is delivered; `None` only at the very end.
    #[must_use]
    pub fn supply(&self) -> Option<&Supply> {
        self.supply.as_ref()
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.supply = None;
        self.held.left(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(name: &str, resumes: Option<u32>) -> Offer {
        Offer {
            file: File {
                name: name.to_owned(),
                bytes: 1 << 20,
                modified_ms: 1,
                samples: [7; 32],
            },
            resumes,
        }
    }

    fn holders(held: &Held) -> Vec<(u32, String)> {
        let holders = held.holders().borrow().clone();
        holders
            .iter()
            .map(|holder| (holder.held, holder.name.clone()))
            .collect()
    }

    #[test]
    fn what_is_offered_is_lent_once_and_gone_with_its_drive() {
        let held = Held::new();
        let holding = held.take(offer("a.iso", None), "ada").unwrap();
        let number = holding.number();
        assert_eq!(holders(&held), [(number, "ada".to_owned())]);
        let (remote, medium) = held.lend(number).unwrap();
        assert_eq!(medium.source, Source::Browser(number));
        assert_eq!(held.lend(number).err(), Some(HeldError::Inserted));
        assert_eq!(held.lend(number + 1).err(), Some(HeldError::Unknown));
        drop(remote);
        assert!(holding.supply().unwrap().is_over());
        drop(holding);
        assert_eq!(holders(&held), []);
        assert_eq!(
            held.take(offer("a.iso", Some(number)), "ada").err(),
            Some(End::Unknown)
        );
    }

    #[test]
    fn what_is_in_a_drive_goes_on_with_the_same_file_only() {
        let held = Held::new();
        let first = held.take(offer("a.iso", None), "ada").unwrap();
        let number = first.number();
        let (_remote, _) = held.lend(number).unwrap();
        drop(first);
        let mut changed = offer("a.iso", Some(number));
        changed.file.modified_ms = 2;
        assert_eq!(held.take(changed, "ada").err(), Some(End::OtherFile));
        let again = held.take(offer("a.iso", Some(number)), "bob").unwrap();
        assert_eq!(again.number(), number);
        assert_eq!(holders(&held), [(number, "bob".to_owned())]);
    }

    #[test]
    fn what_is_in_no_drive_is_forgotten_when_its_browser_leaves() {
        let held = Held::new();
        let first = held.take(offer("a.iso", None), "ada").unwrap();
        let number = first.number();
        let second = held.take(offer("a.iso", Some(number)), "ada").unwrap();
        drop(first);
        assert_eq!(holders(&held).len(), 1, "somebody else supplies it");
        drop(second);
        assert_eq!(held.lend(number).err(), Some(HeldError::Unknown));
    }

    #[test]
    fn offers_are_bounded() {
        let held = Held::new();
        for bad in ["", &"x".repeat(NAME_MAX + 1)] {
            assert_eq!(
                held.take(offer(bad, None), "ada").err(),
                Some(End::BadMessage)
            );
        }
        let mut empty = offer("a", None);
        empty.file.bytes = 0;
        assert_eq!(held.take(empty, "ada").err(), Some(End::BadMessage));
        let many: Vec<_> = (0..HELD_MAX)
            .map(|_| held.take(offer("a", None), "ada").unwrap())
            .collect();
        assert_eq!(held.take(offer("a", None), "ada").err(), Some(End::Full));
        drop(many);
        assert!(held.take(offer("a", None), "ada").is_ok());
    }
}
