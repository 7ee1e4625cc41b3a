//! A medium at the other end of a USB cable: blocks that are read and written by SCSI commands.

use std::{
    io,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

use serde::Serialize;
use shared::media::DriveKind;

use crate::media::{Blocks, Disc, Look};

/// The most bytes of a command: what Linux asks a USB disk for at once.
pub const TRANSFER_MAX: usize = 120 * 1024;

/// A medium in a drive.
pub struct Medium {
    disc: Disc,
    block: usize,
    removed: AtomicBool,
    reads: AtomicU32,
    writes: AtomicU32,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
}

/// Why a command has failed (SPC-4, sense keys and additional sense codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Sense {
    /// 02/3A/00.
    #[error("no medium")]
    NotPresent,
    /// 03/11/00.
    #[error("medium error, unrecovered read error")]
    MediumError,
    /// 05/21/00.
    #[error("logical block address out of range")]
    OutOfRange,
    /// 05/53/02.
    #[error("medium removal prevented")]
    RemovalPrevented,
    /// 07/27/00.
    #[error("write protected")]
    WriteProtected,
}

impl Medium {
    /// A disc in a drive of this kind.
    #[must_use]
    pub fn new(kind: DriveKind, disc: Disc) -> Self {
        Self {
            disc,
            block: match kind {
                DriveKind::Cd => 2048,
                DriveKind::Disk => 512,
            },
            removed: AtomicBool::new(false),
            reads: AtomicU32::new(0),
            writes: AtomicU32::new(0),
            bytes_read: AtomicU64::new(0),
            bytes_written: AtomicU64::new(0),
        }
    }

    /// What is read and written.
    #[must_use]
    pub fn disc(&self) -> &Disc {
        &self.disc
    }

    /// How many bytes a block has.
    #[must_use]
    pub fn block_size(&self) -> usize {
        self.block
    }

    /// How many blocks there are (READ CAPACITY).
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.disc.blocks.size() / self.block as u64
    }

    /// It is taken out of the drive: commands fail from now on.
    pub fn remove(&self) {
        self.removed.store(true, Ordering::Release);
    }

    /// Reads whole blocks (READ(10) and READ(16)): `buffer` is theirs.
    ///
    /// # Errors
    /// [`Sense`] where there is no medium, no such block, or its bytes cannot be had.
    pub fn read(&self, block: u64, buffer: &mut [u8]) -> Result<(), Sense> {
        let offset = self.check(block, buffer.len())?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        let read = self.disc.blocks.read_at(offset, buffer);
        self.answer(&read)?;
        self.bytes_read
            .fetch_add(buffer.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Writes whole blocks (WRITE(10)).
    ///
    /// # Errors
    /// [`Sense`], as for reading, or where the medium is not writable.
    pub fn write(&self, block: u64, bytes: &[u8]) -> Result<(), Sense> {
        let offset = self.check(block, bytes.len())?;
        if !self.disc.writable {
            return Err(Sense::WriteProtected);
        }
        self.writes.fetch_add(1, Ordering::Relaxed);
        let written = self.disc.blocks.write_at(offset, bytes);
        self.answer(&written)?;
        self.bytes_written
            .fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Writes through to where the bytes are kept (SYNCHRONIZE CACHE).
    ///
    /// # Errors
    /// [`Sense::MediumError`] where that fails.
    pub fn synchronize(&self) -> Result<(), Sense> {
        self.answer(&self.disc.blocks.flush())
    }

    /// What was done with it.
    #[must_use]
    pub fn look(&self) -> Look {
        Look {
            inserted: !self.removed.load(Ordering::Acquire),
            reads: self.reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            bytes_read: Some(self.bytes_read.load(Ordering::Relaxed)),
            bytes_written: Some(self.bytes_written.load(Ordering::Relaxed)),
        }
    }

    fn check(&self, block: u64, length: usize) -> Result<u64, Sense> {
        if self.removed.load(Ordering::Acquire) {
            return Err(Sense::NotPresent);
        }
        let count = length / self.block;
        let end = block.checked_add(count as u64);
        if !length.is_multiple_of(self.block) || end.is_none_or(|end| end > self.blocks()) {
            return Err(Sense::OutOfRange);
        }
        Ok(block * self.block as u64)
    }

    fn answer(&self, done: &io::Result<()>) -> Result<(), Sense> {
        match done {
            _ if self.removed.load(Ordering::Acquire) => Err(Sense::NotPresent),
            Ok(()) => Ok(()),
            Err(_) => Err(Sense::MediumError),
        }
    }
}

/// A medium as the PC's file systems read it, in whole blocks.
impl Blocks for Medium {
    fn size(&self) -> u64 {
        self.blocks() * self.block as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let block = self.block as u64;
        let skip = usize::try_from(offset % block).unwrap_or(0);
        let mut whole = vec![0; (skip + buffer.len()).next_multiple_of(self.block)];
        let mut at = offset / block;
        for part in whole.chunks_mut(TRANSFER_MAX) {
            self.read(at, part).map_err(io::Error::other)?;
            at += (part.len() / self.block) as u64;
        }
        buffer.copy_from_slice(&whole[skip..skip + buffer.len()]);
        Ok(())
    }
}
