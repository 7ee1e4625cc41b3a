//! What the library does by itself: it keeps to what is in its folder, forgets what nobody goes on with, and tells how
//! far things are.

use std::{
    collections::BTreeSet,
    io,
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

use sha2::Digest;
use tokio::time::sleep;
use tracing::{info, warn};

use super::{
    Entry, IMAGES_MAX, Library, LibraryError, describe,
    folder::{self, Seen},
    hex,
    index::{self, Kept},
    name::Name,
    reconcile::{Listed, Reason, Step, reconcile},
    transfers::Incoming,
};

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often it is told how far things are.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// What the folder was at the last look.
#[derive(Default)]
pub(super) struct Looks {
    before: Vec<Seen>,
    passed: BTreeSet<Seen>,
}

impl Library {
    /// Brings index and folder together as they are at a start.
    pub(super) fn begin(&self) -> Result<(), LibraryError> {
        let kept = self
            .0
            .store
            .blocking(|connection| index::images(connection))?;
        let mut books = self.books();
        for kept in kept {
            books.images.insert(kept.image.id, Entry::new(kept));
        }
        drop(books);
        self.take_up_transfers()?;
        self.look(&mut Looks::default());
        self.tell();
        Ok(())
    }

    /// Does all of it. Never ends.
    pub async fn tend(&self) {
        let telling = async {
            loop {
                self.0.stirred.notified().await;
                let told = self.call(|library| {
                    library.tell();
                    Ok(())
                });
                if let Err(error) = told.await {
                    warn!(%error, "nobody is told how far the transfers are");
                }
                sleep(TELL_EVERY).await;
            }
        };
        let looking = async {
            let mut looks = Looks::default();
            loop {
                let looked = self.call(move |library| {
                    library.look(&mut looks);
                    library.complete();
                    library.expire(SystemTime::now());
                    Ok(looks)
                });
                looks = looked.await.unwrap_or_default();
                sleep(LOOK_EVERY).await;
            }
        };
        tokio::join!(telling, looking);
    }

    fn tell(&self) {
        let told = self.books().told();
        self.0.transfers.send_if_modified(|before| {
            let is_new = *before != told;
            *before = told;
            is_new
        });
    }

    /// Takes up what was on its way when the relay ended, and removes what cannot go on.
    fn take_up_transfers(&self) -> Result<(), LibraryError> {
        let ongoing = self
            .0
            .store
            .blocking(|connection| index::transfers(connection))?;
        let files = self.0.folder.partials().map_err(LibraryError::Disk)?;
        let mut books = self.books();
        for transfer in ongoing {
            let id = transfer.id;
            let file = files.iter().find(|file| file.name == id.to_string());
            let name = Name::new(&transfer.name);
            let (Some(file), Ok(name)) = (file, name) else {
                warn!(id, name = transfer.name, "what was on its way is gone");
                self.0
                    .store
                    .blocking(|connection| index::end(connection, id))?;
                continue;
            };
            let mut incoming = Incoming::new(name, transfer.total, transfer.sha256, transfer.url);
            incoming.live.received.store(file.bytes, Ordering::Relaxed);
            incoming.validator = transfer.validator;
            incoming.sent = transfer.sent;
            incoming.touched = unix_nanoseconds(file.modified);
            incoming.reserved = self.make_room(id, transfer.total).unwrap_or(false);
            books.incoming.insert(id, incoming);
        }
        let strangers = files
            .iter()
            .filter(|file| !books.incoming.keys().any(|id| id.to_string() == file.name));
        for file in strangers {
            self.0
                .folder
                .remove_partial(&file.name)
                .map_err(LibraryError::Disk)?;
        }
        Ok(())
    }

    /// Makes images of what is here as a whole, and is none: the relay was killed, or its disk was full, just then.
    pub(super) fn complete(&self) {
        let whole: Vec<u32> = self
            .books()
            .incoming
            .iter()
            .filter(|(_, incoming)| incoming.is_whole())
            .map(|(id, _)| *id)
            .collect();
        for id in whole {
            let completed = self.append(id, None, None);
            if let Err(error) = completed.and_then(|append| append.finish(true)) {
                warn!(id, %error, "all bytes of an image are here, and it is none");
            }
        }
    }

    /// Looks at the folder once.
    pub(super) fn look(&self, looks: &mut Looks) {
        let now = match self.0.folder.images() {
            Ok(now) => now,
            Err(error) => {
                warn!(%error, "the folder of images cannot be read");
                return;
            }
        };
        let listed: Vec<Listed> = self.books().images.values().map(listed).collect();
        for step in reconcile(&listed, &looks.before, &now) {
            if let Err(error) = self.take(step, looks) {
                warn!(%error, "a file in the folder of images was left alone");
            }
        }
        looks.passed.retain(|passed| now.contains(passed));
        looks.before = now;
    }

    fn take(&self, step: Step, looks: &mut Looks) -> Result<(), LibraryError> {
        match step {
            Step::Forget(id) => self.forget(id),
            Step::LookAgain(id, seen) => self.look_again(id, &seen),
            Step::TakeIn(seen) => self.take_in(&seen),
            Step::Pass(seen, reason) => {
                self.pass(seen, &reason, looks);
                Ok(())
            }
        }
    }

    fn forget(&self, id: u32) -> Result<(), LibraryError> {
        let mut books = self.books();
        let name = match books.idle(id) {
            Ok(entry) => entry.kept.image.name.clone(),
            Err(_) => return Ok(()),
        };
        if self.0.folder.image(&name).exists() {
            return Ok(());
        }
        self.0
            .store
            .blocking(|connection| index::remove(connection, id))?;
        books.images.remove(&id);
        warn!(
            name,
            "the file of an image is gone; it is not listed any more"
        );
        self.changed();
        Ok(())
    }

    fn look_again(&self, id: u32, seen: &Seen) -> Result<(), LibraryError> {
        let Some(mut new) = self.examine(seen)? else {
            return Ok(());
        };
        let mut books = self.books();
        let Some(entry) = books.images.get_mut(&id) else {
            return Ok(());
        };
        let old = &entry.kept.image;
        if old.name != new.image.name {
            return Ok(());
        }
        new.image.id = id;
        new.image.added_s = old.added_s;
        self.0
            .store
            .blocking(|connection| index::refresh(connection, &new))?;
        info!(name = seen.name, "an image has another content");
        entry.kept = new;
        self.changed();
        Ok(())
    }

    fn take_in(&self, seen: &Seen) -> Result<(), LibraryError> {
        let Some(mut kept) = self.examine(seen)? else {
            return Ok(());
        };
        let mut books = self.books();
        books.check_name(&super::name::key(&seen.name), None)?;
        if books.images.len() >= IMAGES_MAX {
            return Err(LibraryError::TooMany);
        }
        kept.image.id = self
            .0
            .store
            .blocking(|connection| index::add(connection, &kept, None))?;
        info!(
            name = seen.name,
            bytes = seen.bytes,
            "an image was found in the folder"
        );
        books.images.insert(kept.image.id, Entry::new(kept));
        self.changed();
        Ok(())
    }

    /// Hashes a file of the folder; `None` where it is another one by now.
    fn examine(&self, seen: &Seen) -> Result<Option<Kept>, LibraryError> {
        let examined = || -> io::Result<Option<Kept>> {
            let file = self.0.folder.open_image(&seen.name)?;
            let hasher = folder::hash(&file, seen.bytes, || true)?;
            let is_same = folder::seen(&file, &seen.name)? == *seen;
            let path = self.0.folder.image(&seen.name);
            match is_same {
                true => describe(&path, seen, hex(&hasher.finalize())).map(Some),
                false => Ok(None),
            }
        };
        examined().map_err(LibraryError::Disk)
    }

    fn pass(&self, seen: Seen, reason: &Reason, looks: &mut Looks) {
        if !looks.passed.contains(&seen) {
            let name = &seen.name;
            warn!(?name, %reason, "a file in the folder of images is no image");
            looks.passed.insert(seen);
        }
    }
}

fn listed(entry: &Entry) -> Listed {
    let image = &entry.kept.image;
    Listed {
        id: image.id,
        file: Seen {
            name: image.name.clone(),
            bytes: image.bytes,
            modified: entry.kept.modified,
        },
        is_open: entry.is_open(),
    }
}

fn unix_nanoseconds(time: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(u64::try_from(time).unwrap_or(0))
}
