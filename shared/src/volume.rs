//! A new disk with files on it: which bytes stand where, without any of the files' own.
//!
//! [`Tree::of`] says what things will be called and what cannot be taken, and [`Tree::lay_out`] gives the disk as a list
//! of pieces: bytes that describe it, zeros, and whole files. Whoever has the files puts the pieces together as a
//! stream. The same entries always give the same disk.
//!
//! A disk has an MBR with one partition from 1 MiB on. Sources: Microsoft's "FAT32 File System Specification" 1.03 and
//! "exFAT file system specification" 1.00.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;

mod exfat;
mod fat32;
mod names;
mod partition;
mod pieces;
mod room;
mod short_names;
mod time;
mod tree;
mod up_case;

pub use names::{Change, label};
pub use time::Time;
pub use tree::{Refused, Renamed, Tree};

/// The most files and folders of a disk.
pub const ENTRIES_MAX: usize = 65_536;

/// The largest disk, in bytes: an MBR counts 2^32 sectors.
pub const DISK_MAX: u64 = (1 << 32) * SECTOR;

/// From this size on, in bytes, a disk gets no FAT32: its tables would be large, and Windows has long made none above 32 GB.
pub const FAT32_DISK_MAX: u64 = 256 << 30;

/// The largest file that FAT32 takes, in bytes.
pub const FAT32_FILE_MAX: u64 = u32::MAX as u64;

/// The bytes of a sector.
const SECTOR: u64 = 512;

/// A file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Read and written by everything, firmware too; files of less than 4 GiB.
    Fat32,
    /// Read and written by the systems of today; files of any size.
    ExFat,
}

/// A file, or a folder that may be empty. The folders above are there by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The names from the root on; not checked. No names are no entry.
    pub path: Vec<String>,
    /// A file's size in bytes; `None` is a folder.
    pub bytes: Option<u64>,
    /// When it was last written, where that is known.
    pub modified: Option<Time>,
}

/// How large a disk is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// All of it, in bytes.
    Whole(u64),
    /// At least so many bytes stay free beside the files.
    Free(u64),
}

/// What is said of a disk besides its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How large it is.
    pub room: Room,
    /// The volume's name, cut to what the file system takes (see [`label`]).
    pub label: String,
    /// When it is made; what has no time of its own has this one.
    pub made: Time,
}

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Its size.
    pub bytes: u64,
    /// The bytes that [`Piece::Metadata`] is taken from.
    pub metadata: Vec<u8>,
    /// All of it, in order.
    pub pieces: Vec<Piece>,
}

/// A part of a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes of [`Layout::metadata`].
    Metadata(Range<usize>),
    /// So many zeros.
    Zeros(u64),
    /// All bytes of the file that is the entry of this number.
    File(usize),
}

/// Why there is no disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// There are entries that cannot be taken; [`Tree::refused`] says which.
    #[error("some files cannot be taken")]
    Refused,
    /// It would hold more than [`ENTRIES_MAX`] files and folders.
    #[error("there are more than {ENTRIES_MAX} files and folders")]
    TooMany,
    /// The file system, or what is to be on it, needs more.
    #[error("it needs at least {least} bytes")]
    TooSmall {
        /// In bytes.
        least: u64,
    },
    /// The file system, or the partition table, takes no more.
    #[error("it can have at most {most} bytes")]
    TooLarge {
        /// In bytes.
        most: u64,
    },
}

impl Layout {
    /// How many bytes stand before the zeros at the end.
    #[must_use]
    pub fn filled(&self) -> u64 {
        match self.pieces.last() {
            Some(Piece::Zeros(zeros)) => self.bytes - zeros,
            _ => self.bytes,
        }
    }
}
