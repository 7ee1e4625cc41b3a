//! Disks that the relay makes by itself: with an empty file system on them, or with nothing.

use std::time::SystemTime;

use shared::{
    media::TransferFault,
    volume::{Format, Layout, LayoutError, Options, Piece, Room, Time, Tree},
};
use tracing::warn;

use super::{
    Library, LibraryError, append::Append, name::Name, transfers::Announcement, unix_seconds,
};

/// A disk has whole sectors, of so many bytes.
const SECTOR: u64 = 512;

/// A disk that is on its way into the library.
pub struct Making {
    library: Library,
    append: Append,
    layout: Option<Layout>,
}

impl Library {
    /// Begins to make a disk of so many bytes, or of the whole sectors in them. The disk of the relay keeps room for all of it, so that the machine never
    /// finds that one full, and nothing is written where there is nothing. Blocks.
    ///
    /// # Errors
    /// Where it cannot become an image, or, within the result, cannot have the file system.
    pub fn begin_blank(
        &self,
        name: Name,
        bytes: u64,
        format: Option<Format>,
    ) -> Result<Result<Making, LayoutError>, LibraryError> {
        let bytes = bytes / SECTOR * SECTOR;
        let layout = match format.map(|format| lay_out(&name, bytes, format)) {
            Some(Err(error)) => return Ok(Err(error)),
            Some(Ok(layout)) => Some(layout),
            None => None,
        };
        let standing = self.announce(Announcement {
            name,
            total: Some(bytes),
            sent: Some(layout.as_ref().map_or(0, Layout::filled)),
            sha256: None,
            url: None,
        })?;
        let append = self.append(standing.transfer.id, None, None)?;
        let library = self.clone();
        Ok(Ok(Making {
            library,
            append,
            layout,
        }))
    }
}

impl Making {
    /// The number of the transfer.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.append.id()
    }

    /// Makes it. Blocks until it is an image, or was given up.
    pub fn finish(self) {
        let (id, library) = (self.id(), self.library.clone());
        let fault = match self.write() {
            Ok(()) | Err(LibraryError::NotThere) => return,
            Err(LibraryError::NoRoom { .. }) => TransferFault::NoRoom,
            Err(error) => {
                warn!(%error, id, "a blank disk was not made");
                TransferFault::Disk
            }
        };
        library.fail(id, fault);
    }

    fn write(mut self) -> Result<(), LibraryError> {
        if let Some(layout) = &self.layout {
            for piece in &layout.pieces {
                match piece {
                    Piece::Metadata(range) => self.append.write(&layout.metadata[range.clone()])?,
                    Piece::Zeros(zeros) => {
                        let end = (self.append.at() + zeros).min(layout.filled());
                        self.append.zeros_to(end)?;
                    }
                    Piece::File(_) => {}
                }
            }
        }
        self.append.finish(true).map(drop)
    }
}

fn lay_out(name: &Name, bytes: u64, format: Format) -> Result<Layout, LayoutError> {
    let stem = name
        .as_str()
        .rsplit_once('.')
        .map_or(name.as_str(), |(stem, _)| stem);
    Tree::of(&[], format).lay_out(&Options {
        room: Room::Whole(bytes),
        label: stem.to_owned(),
        made: Time {
            unix_s: i64::try_from(unix_seconds(SystemTime::now())).unwrap_or(i64::MAX),
            offset_min: 0,
        },
    })
}
