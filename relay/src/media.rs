//! Drives and media: what the machine can read and write, and where its bytes are.
//!
//! A [`Disc`] is bytes that can be inserted. A [`Drive`] is one drive of the machine, behind which is a USB gadget or the
//! simulated PC. [`slots::Slots`] says which disc is in which drive.

use std::{io, path::PathBuf, sync::Arc};

use shared::media::{DriveKind, Ejected};
use thiserror::Error;

pub mod fetch;
pub mod file;
pub mod fuse;
pub mod gadget;
pub mod held;
pub mod library;
pub mod remote;
pub mod slots;
pub mod volume;

/// What can be put into the machine's drives, and what is in them. Clones are handles to the same.
#[derive(Clone)]
pub struct Media {
    /// The images.
    pub library: library::Library,
    /// The drives.
    pub slots: slots::Slots,
    /// The files that browsers hold.
    pub held: held::Held,
}

/// Why an image was not put into a drive.
#[derive(Debug, Error)]
pub enum InsertError {
    /// The image cannot be had.
    #[error("the image cannot be had: {0}")]
    Image(#[from] library::LibraryError),
    /// The file is not held.
    #[error(transparent)]
    Held(#[from] held::HeldError),
    /// Its first bytes cannot be read.
    #[error("the file's first bytes could not be read: {0}")]
    Unread(io::Error),
    /// It is a disk's, and the drive is for CDs.
    #[error("the image has no file system of a CD or DVD")]
    NotACd,
    /// It has fewer bytes than its file system, which has so many.
    #[error("its file system has {0} bytes")]
    CutOff(u64),
    /// It cannot go into that drive.
    #[error(transparent)]
    Slot(#[from] slots::SlotError),
}

impl Media {
    /// Puts an image of the library into a drive. What is in it is ejected first, unless the machine has locked it.
    ///
    /// # Errors
    /// Any [`InsertError`]. After one of a drive, the drive may be empty.
    pub async fn insert(&self, slot: &str, image: u32, writable: bool) -> Result<(), InsertError> {
        self.slots.slot(slot).ok_or(slots::SlotError::Unknown)?;
        let found = self
            .library
            .call(move |library| library.lend(image, writable))
            .await?;
        self.put(slot, found).await
    }

    /// Puts what was found somewhere into a drive, as [`Self::insert`].
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub async fn put(&self, slot: &str, found: library::discs::Found) -> Result<(), InsertError> {
        let known = self.slots.slot(slot).ok_or(slots::SlotError::Unknown)?;
        if known.kind == DriveKind::Cd && found.kind == DriveKind::Disk {
            return Err(InsertError::NotACd);
        }
        if found.volume_bytes > found.medium.bytes {
            return Err(InsertError::CutOff(found.volume_bytes));
        }
        Ok(self.slots.insert(slot, found.disc, found.medium).await?)
    }

    /// Puts a file into a drive that a browser holds, in the same way.
    ///
    /// # Errors
    /// Any [`InsertError`]. The file is held no longer then.
    pub async fn insert_held(&self, slot: &str, held: u32) -> Result<(), InsertError> {
        self.slots.slot(slot).ok_or(slots::SlotError::Unknown)?;
        let (remote, medium) = self.held.lend(held)?;
        let looked = tokio::task::spawn_blocking(move || {
            let volume = volume::inspect(&remote)?;
            io::Result::Ok((remote, volume))
        });
        let looked = looked.await.map_err(|_| slots::SlotError::Ended)?;
        let (remote, volume) = looked.map_err(InsertError::Unread)?;
        let found = library::discs::Found {
            disc: Disc {
                blocks: Arc::new(remote),
                file: None,
                writable: false,
            },
            medium,
            kind: volume.kind,
            volume_bytes: volume.bytes,
        };
        self.put(slot, found).await
    }
}

/// The bytes of a medium. They may come from afar: every call may block, and has a time limit of its own after which it
/// fails, so that whoever reads is never kept for ever.
pub trait Blocks: Send + Sync {
    /// How many bytes there are. It never changes.
    fn size(&self) -> u64;

    /// Fills `buffer` with what stands at `offset`.
    ///
    /// # Errors
    /// Where the bytes cannot be had, or are beyond the end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Replaces what stands at `offset`.
    ///
    /// # Errors
    /// Where it cannot be written, or is beyond the end.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let _ = (offset, bytes);
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    /// Returns once all that was written will survive a power cut.
    ///
    /// # Errors
    /// Where it may not.
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    /// Whether the bytes can be had. Asked for several times a second.
    fn reach(&self) -> Reach {
        Reach::Here
    }

    /// The medium is about to be taken out by force: reads that wait for something fail now.
    fn interrupt(&self) {}
}

/// Whether a medium's bytes can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// They can.
    Here,
    /// Not now, and they may come back.
    Away,
    /// They will not come back: the medium is to be ejected, and this is why.
    Gone(Ejected),
}

/// Bytes in memory, which cannot be written.
impl Blocks for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let part = usize::try_from(offset)
            .ok()
            .and_then(|offset| self.get(offset..)?.get(..buffer.len()))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(part);
        Ok(())
    }
}

/// Something that can be put into a drive.
#[derive(Clone)]
pub struct Disc {
    /// Its bytes.
    pub blocks: Arc<dyn Blocks>,
    /// The plain file that holds just these bytes, where there is one: the kernel can have it directly.
    pub file: Option<PathBuf>,
    /// Whether the machine may write on it.
    pub writable: bool,
}

/// One drive of the machine. Its calls may block for as long as [`Blocks`] may.
pub trait Drive: Send {
    /// Puts a disc into the empty drive.
    ///
    /// # Errors
    /// Where the drive does not take it; it is empty then.
    fn insert(&mut self, disc: Disc) -> Result<(), DriveError>;

    /// Takes the disc out; an empty drive stays as it is. `force` does it though the machine has locked it in.
    ///
    /// # Errors
    /// [`DriveError::Locked`], or where the drive does not let go of it.
    fn eject(&mut self, force: bool) -> Result<(), DriveError>;

    /// What the machine has done since the disc was inserted. Asked for several times a second.
    ///
    /// # Errors
    /// Where the drive itself is away.
    fn look(&mut self) -> Result<Look, DriveError>;
}

/// What is seen of a drive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether a disc is in it. Where one was inserted and is not here, the machine has ejected it.
    pub inserted: bool,
    /// Counts reads since then; several at once may count as one.
    pub reads: u32,
    /// Counts writes in the same way.
    pub writes: u32,
    /// How many bytes were read, where that is known.
    pub bytes_read: Option<u64>,
    /// How many bytes were written, where that is known.
    pub bytes_written: Option<u64>,
}

/// Why a drive did not do it.
#[derive(Debug, Error)]
pub enum DriveError {
    /// The machine is using the disc.
    #[error("the machine has locked the disc in the drive")]
    Locked,
    /// More than the drive can show.
    #[error("a CD/DVD drive of this relay holds at most {most} bytes")]
    TooLarge {
        /// How many bytes it can show.
        most: u64,
    },
    /// Less than the drive can show.
    #[error("a disc has at least {least} bytes")]
    TooSmall {
        /// How many it needs.
        least: u64,
    },
    /// Its bytes cannot be had by way of a file.
    #[error("the disc's bytes cannot be brought to the drive: {0}")]
    Unavailable(String),
    /// The drive or the disc's file failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}
