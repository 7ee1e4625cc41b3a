//! Images on their way into drives.

use std::{io, sync::Arc};

use shared::media::{DriveKind, Medium, Source};

use super::{Library, LibraryError};
use crate::media::{Blocks, Disc, file::FileBlocks};

/// An image that can be inserted.
pub struct Found {
    /// Its bytes.
    pub disc: Disc,
    /// What is said of it.
    pub medium: Medium,
    /// The drive that it is made for.
    pub kind: DriveKind,
    /// How many bytes its file system says that it has; 0 where that is known to be right.
    pub volume_bytes: u64,
}

/// An image's bytes. While they are there, the image is neither renamed nor deleted.
struct Lent {
    blocks: FileBlocks,
    _opened: Arc<()>,
}

impl Library {
    /// An image to be put into a drive. It is in use until the disc is gone. Blocks.
    ///
    /// # Errors
    /// Where it is not there, or cannot be opened.
    pub fn lend(&self, id: u32, writable: bool) -> Result<Found, LibraryError> {
        let books = self.books();
        let entry = books.images.get(&id).ok_or(LibraryError::NotThere)?;
        let image = &entry.kept.image;
        let path = self.0.folder.image(&image.name);
        let blocks = FileBlocks::open(&path, writable).map_err(LibraryError::Disk)?;
        let medium = Medium {
            name: image.name.clone(),
            bytes: blocks.size(),
            writable,
            source: Source::Library(id),
            reachable: true,
        };
        let lent = Lent {
            blocks,
            _opened: entry.opened.clone(),
        };
        Ok(Found {
            disc: Disc {
                blocks: Arc::new(lent),
                file: Some(path),
                writable,
            },
            medium,
            kind: image.kind,
            volume_bytes: 0,
        })
    }
}

impl Blocks for Lent {
    fn size(&self) -> u64 {
        self.blocks.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.blocks.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.blocks.write_at(offset, bytes)
    }

    fn flush(&self) -> io::Result<()> {
        self.blocks.flush()
    }
}
