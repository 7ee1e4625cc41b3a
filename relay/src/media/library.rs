//! The images on the relay: files in a folder, an index of them in the store, and what is on its way to become one.
//!
//! A file is in the list when all of it is on the disk, and never before: bytes arrive in a hidden folder beside it,
//! and the last step is a rename. What comes after a power cut is told by the folder and the index together.

pub mod append;
pub mod blank;
pub mod discs;
pub mod folder;
pub mod index;
pub mod name;
pub mod reconcile;
mod tending;
pub mod transfers;

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use shared::media::{Image, Library as Listing, Transfers};
use thiserror::Error;
use tokio::sync::{Notify, watch};
use tracing::{info, warn};

use self::{
    folder::{Folder, Seen},
    index::Kept,
    name::{BadName, Key, Name},
    transfers::Incoming,
};
use super::{
    file::FileBlocks,
    volume::{self, Volume},
};
use crate::store::{Store, StoreError};

/// The most images.
pub const IMAGES_MAX: usize = 1000;

/// The library of a relay. Clones are handles to the same one.
#[derive(Clone)]
pub struct Library(Arc<Inner>);

struct Inner {
    folder: Folder,
    store: Store,
    image_max: u64,
    books: Mutex<Books>,
    revision: watch::Sender<u32>,
    transfers: watch::Sender<Transfers>,
    stirred: Notify,
}

/// What is known, in memory: the index, and what the index cannot know.
#[derive(Default)]
struct Books {
    images: BTreeMap<u32, Entry>,
    incoming: BTreeMap<u32, Incoming>,
}

struct Entry {
    kept: Kept,
    /// Each medium that is made of it holds one.
    opened: Arc<()>,
}

/// Why something was not done. Nothing has changed then, unless it says so.
#[derive(Debug, Error)]
pub enum LibraryError {
    /// There is no such image or transfer.
    #[error("it is not there")]
    NotThere,
    /// It is in a drive.
    #[error("it is in a drive")]
    InUse,
    /// The name is no image's.
    #[error(transparent)]
    BadName(#[from] BadName),
    /// An image or a transfer has this name.
    #[error("there is a \"{0}\"")]
    NameTaken(String),
    /// This image has the same content.
    #[error("\"{}\" is the same", .0.name)]
    Duplicate(Box<Image>),
    /// There are [`IMAGES_MAX`] images, or as many transfers as there may be.
    #[error("there are too many")]
    TooMany,
    /// It has no bytes.
    #[error("it is empty")]
    Empty,
    /// Larger than this, which the settings allow.
    #[error("it is larger than {max} bytes")]
    TooLarge {
        /// In bytes.
        max: u64,
    },
    /// The disk is full, or would be.
    #[error("there is no room for it")]
    NoRoom {
        /// How many bytes there is room for.
        free: u64,
    },
    /// More bytes than were announced. None of this time is kept.
    #[error("there are more bytes than were announced")]
    TooMuch,
    /// Bytes are here up to another place.
    #[error("{at} bytes are here")]
    Offset {
        /// Up to which.
        at: u64,
    },
    /// Somebody else sends it just now.
    #[error("somebody sends it just now")]
    Busy,
    /// A chunk is not what its checksum says. Nothing of it is kept.
    #[error("the chunk is not what its checksum says")]
    ChunkChecksum,
    /// The whole is not what its sha256 says. Nothing of it is kept.
    #[error("its sha256 is {found}")]
    Checksum {
        /// In hexadecimal.
        found: String,
    },
    /// There are fewer bytes than its file system has. Nothing of it is kept.
    #[error("its file system has {bytes} bytes")]
    CutOff {
        /// How many its file system has.
        bytes: u64,
    },
    /// The disk failed.
    #[error("the disk failed: {0}")]
    Disk(#[source] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Library {
    /// Opens the library in a folder, which is made where it is not there, and brings index and folder together.
    /// Images of more than `image_max` bytes are not taken. Blocks.
    ///
    /// # Errors
    /// Where folder or store cannot be used.
    pub fn open(folder: &Path, image_max: u64, store: Store) -> Result<Self, LibraryError> {
        let folder = Folder::open(folder).map_err(LibraryError::Disk)?;
        let library = Self(Arc::new(Inner {
            folder,
            store,
            image_max,
            books: Mutex::default(),
            revision: watch::Sender::new(0),
            transfers: watch::Sender::default(),
            stirred: Notify::new(),
        }));
        library.begin()?;
        Ok(library)
    }

    /// The largest image, in bytes.
    #[must_use]
    pub fn image_max(&self) -> u64 {
        self.0.image_max
    }

    /// Does something with the library on a thread that may block.
    ///
    /// # Errors
    /// What that gives.
    pub async fn call<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Self) -> Result<T, LibraryError> + Send + 'static,
    ) -> Result<T, LibraryError> {
        let library = self.clone();
        match tokio::task::spawn_blocking(move || act(&library)).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(StoreError::Stopping.into()),
            },
        }
    }

    /// Counts the changes of the list, now and from now on.
    #[must_use]
    pub fn revision(&self) -> watch::Receiver<u32> {
        self.0.revision.subscribe()
    }

    /// What is on its way, now and from now on; told a few times a second at most.
    #[must_use]
    pub fn transfers(&self) -> watch::Receiver<Transfers> {
        self.0.transfers.subscribe()
    }

    /// What is on its way at this moment. Blocks.
    #[must_use]
    pub fn transfers_now(&self) -> Transfers {
        self.books().told()
    }

    /// All images by name, and how much room there is. Blocks.
    ///
    /// # Errors
    /// Where the file system does not say how much room there is.
    pub fn list(&self) -> Result<Listing, LibraryError> {
        let free_bytes = self.free()?;
        let mut images = self.images();
        images.sort_by_cached_key(|image| (image.name.to_lowercase(), image.id));
        Ok(Listing {
            revision: *self.0.revision.borrow(),
            images,
            free_bytes,
        })
    }

    /// The images, in no particular order.
    #[must_use]
    pub fn images(&self) -> Vec<Image> {
        let books = self.books();
        let images = books.images.values();
        images.map(|entry| entry.kept.image.clone()).collect()
    }

    /// An image and its file, open for reading. It can be renamed and deleted meanwhile. Blocks.
    ///
    /// # Errors
    /// Where it is not there, or cannot be read.
    pub fn read(&self, id: u32) -> Result<(Image, File), LibraryError> {
        let image = self.image(id)?;
        let file = self.0.folder.open_image(&image.name);
        Ok((image, file.map_err(LibraryError::Disk)?))
    }

    /// An image, as it is listed.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn image(&self, id: u32) -> Result<Image, LibraryError> {
        let books = self.books();
        let entry = books.images.get(&id).ok_or(LibraryError::NotThere)?;
        Ok(entry.kept.image.clone())
    }

    /// Gives an image another name. Blocks.
    ///
    /// # Errors
    /// Where it is not there or in a drive, or the name cannot be its name.
    pub fn rename(&self, id: u32, name: &str) -> Result<Image, LibraryError> {
        let name = Name::new(name)?;
        let mut books = self.books();
        let entry = books.idle(id)?;
        let old = entry.kept.image.name.clone();
        if old == name.as_str() {
            return Ok(entry.kept.image.clone());
        }
        books.check_name(&name.key(), Some(id))?;
        self.0
            .folder
            .rename(&old, name.as_str())
            .map_err(|error| taken_or(error, &name))?;
        let text = name.to_string();
        let kept = self
            .0
            .store
            .blocking(|connection| index::rename(connection, id, &text));
        if let Err(error) = kept {
            if let Err(error) = self.0.folder.rename(name.as_str(), &old) {
                warn!(%error, %name, "an image kept a name that the index does not know");
            }
            return Err(error.into());
        }
        info!(from = old, to = %name, "an image was renamed");
        let entry = books.images.get_mut(&id).ok_or(LibraryError::NotThere)?;
        entry.kept.image.name = text;
        let image = entry.kept.image.clone();
        self.changed();
        Ok(image)
    }

    /// Deletes an image. Blocks.
    ///
    /// # Errors
    /// Where it is not there, is in a drive, or cannot be deleted.
    pub fn delete(&self, id: u32) -> Result<(), LibraryError> {
        let mut books = self.books();
        let name = books.idle(id)?.kept.image.name.clone();
        self.0.folder.remove(&name).map_err(LibraryError::Disk)?;
        self.0
            .store
            .blocking(|connection| index::remove(connection, id))?;
        books.images.remove(&id);
        info!(name, "an image was deleted");
        self.changed();
        Ok(())
    }

    /// How many bytes there is room for beyond what is on its way.
    fn free(&self) -> Result<u64, LibraryError> {
        let free = self.0.folder.free().map_err(LibraryError::Disk)?;
        Ok(free.saturating_sub(self.books().owed()))
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.0
            .revision
            .send_modify(|revision| *revision = revision.wrapping_add(1));
    }

    fn stir(&self) {
        self.0.stirred.notify_one();
    }

    /// The error of a write that failed.
    fn write_error(&self, error: io::Error) -> LibraryError {
        match folder::is_full(&error) {
            true => LibraryError::NoRoom {
                free: self.0.folder.free().unwrap_or(0),
            },
            false => LibraryError::Disk(error),
        }
    }
}

impl Books {
    /// An image that is in no drive.
    fn idle(&self, id: u32) -> Result<&Entry, LibraryError> {
        let entry = self.images.get(&id).ok_or(LibraryError::NotThere)?;
        match entry.is_open() {
            true => Err(LibraryError::InUse),
            false => Ok(entry),
        }
    }

    /// Checks that no image but this one, and no transfer, has such a name.
    fn check_name(&self, key: &Key, but: Option<u32>) -> Result<(), LibraryError> {
        let images = self
            .images
            .iter()
            .filter(|(id, _)| Some(**id) != but)
            .map(|(_, entry)| entry.kept.image.name.as_str());
        let incoming = self
            .incoming
            .values()
            .filter(|incoming| incoming.will_be())
            .map(|incoming| incoming.name.as_str());
        match images.chain(incoming).find(|name| name::key(name) == *key) {
            Some(name) => Err(LibraryError::NameTaken(name.to_owned())),
            None => Ok(()),
        }
    }

    /// How many bytes were announced for which no room could be kept on the disk.
    fn owed(&self) -> u64 {
        self.incoming.values().map(Incoming::owed).sum()
    }
}

impl Entry {
    fn new(kept: Kept) -> Self {
        Self {
            kept,
            opened: Arc::default(),
        }
    }

    fn is_open(&self) -> bool {
        Arc::strong_count(&self.opened) > 1
    }
}

fn taken_or(error: io::Error, name: &Name) -> LibraryError {
    match error.kind() {
        io::ErrorKind::AlreadyExists => LibraryError::NameTaken(name.to_string()),
        _ => LibraryError::Disk(error),
    }
}

/// An image of what is in a file, without a number yet.
fn describe(path: &Path, seen: &Seen, sha256: String) -> io::Result<Kept> {
    let Volume {
        kind,
        label,
        bootable,
        bytes: _,
    } = volume::inspect(&FileBlocks::open(path, false)?)?;
    Ok(Kept {
        image: Image {
            id: 0,
            name: seen.name.clone(),
            bytes: seen.bytes,
            sha256,
            added_s: unix_seconds(SystemTime::now()),
            kind,
            label,
            bootable,
        },
        modified: seen.modified,
    })
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests;
