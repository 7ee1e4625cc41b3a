//! Drives and what is put into them: images, and the transfers that bring them.
//!
//! The same types go over the link (as parts of the state) and, as JSON, over `GET /api/v1/drives` and
//! `GET /api/v1/images`.

use serde::{Deserialize, Serialize};

use crate::list::List;

/// The most drives of a machine: a USB mass-storage function bears so many.
pub const DRIVES_MAX: usize = 8;

/// The most transfers at a time.
pub const TRANSFERS_MAX: usize = 32;

/// The largest CD that Linux shows the machine whole, in bytes: beyond 256 minutes of 60 seconds of 75 frames, less
/// one, it leaves the rest away.
pub const CD_BYTES_MAX: u64 = (256 * 60 * 75 - 1) * 2048;

/// The longest name of an image, in bytes of UTF-8.
pub const NAME_MAX: usize = 200;

/// All drives, in the order of their LUNs.
pub type Drives = List<Drive, DRIVES_MAX>;

/// All transfers, oldest first.
pub type Transfers = List<Transfer, TRANSFERS_MAX>;

/// A drive of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drive {
    /// Its name in addresses and settings: `cd`, `usb`, ...
    pub slot: String,
    /// What the machine sees.
    pub kind: DriveKind,
    /// What is in it.
    pub medium: Option<Medium>,
    /// Why it is empty, where that was not asked for at the relay. Said until something is inserted.
    pub ejected: Option<Ejected>,
}

/// What a drive is to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriveKind {
    /// A CD/DVD drive: blocks of 2,048 bytes, read-only.
    Cd,
    /// A USB disk: blocks of 512 bytes.
    Disk,
}

/// What is in a drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Medium {
    /// Its name, for people.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Whether the machine can write on it.
    pub writable: bool,
    /// Where its bytes are.
    pub source: Source,
    /// Whether its bytes can be had now; where they cannot, the machine reads a medium error.
    pub reachable: bool,
}

/// Where a medium's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// In the relay's library: the image of this number.
    Library(u32),
    /// In a file on an operator's computer, whose browser gives them: the held file of this number (see
    /// [`crate::held`]).
    Browser(u32),
    /// On a server that is asked for each part.
    Url,
    /// In a volume that the relay made from files, or a blank one.
    Files,
    /// As [`Self::Url`], where the server is named.
    Server {
        /// Its host, with the port where that is not the usual one.
        host: String,
    },
}

/// Why a drive is empty though nobody at the relay has ejected it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ejected {
    /// The machine has.
    ByHost,
    /// Its bytes could not be had any more.
    SourceLost,
    /// The file that had its bytes has changed, or is gone.
    SourceChanged,
}

/// What the machine does with a medium.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Which drive, counted from 0 in the order of [`Drives`].
    pub drive: u8,
    /// Counts reads since the medium was inserted; several at once may count as one.
    pub reads: u32,
    /// Counts writes in the same way.
    pub writes: u32,
    /// How many bytes were read, where that is known.
    pub bytes_read: Option<u64>,
    /// How many bytes were written, where that is known.
    pub bytes_written: Option<u64>,
}

/// Something that is on its way into the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Unique in the library.
    pub id: u32,
    /// What the image will be called.
    pub name: String,
    /// Where it comes from.
    pub way: Way,
    /// How many bytes are here.
    pub received: u64,
    /// How many there will be, where that is known.
    pub total: Option<u64>,
    /// What goes on.
    pub phase: TransferPhase,
}

/// Where a [`Transfer`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// A client sends it.
    Upload,
    /// The relay fetches it.
    Fetch,
}

/// What goes on with a [`Transfer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferPhase {
    /// Bytes arrive.
    Running,
    /// Nobody sends just now; it can go on where it stands.
    Waiting,
    /// Nothing of it is in the library, and it goes on only where somebody wants that.
    Failed(TransferFault),
}

/// Why a [`Transfer`] has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferFault {
    /// The relay's disk is full.
    NoRoom,
    /// It is larger than the settings allow.
    TooLarge,
    /// Its sha256 is not the one that was given.
    Checksum,
    /// Its size is not the one that was said.
    Size,
    /// The address is one that the settings do not allow: the relay's own, or one of its network.
    Forbidden,
    /// The server was not found, did not answer, or broke off too often.
    Unreachable,
    /// The server has answered with this HTTP status.
    Status(u16),
    /// The file on the server has changed meanwhile.
    Changed,
    /// The relay's disk cannot be written.
    Disk,
    /// Its file system has more bytes than there are: it was cut off before it came here.
    CutOff,
}

/// An image in the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Unique in the library, and never used again.
    pub id: u32,
    /// Its name, unique in the library: a file name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
    /// When it was complete, in seconds of Unix time.
    pub added_s: u64,
    /// The drive that it is made for.
    pub kind: DriveKind,
    /// The label of its volume, where it has one.
    pub label: Option<String>,
    /// Whether a machine can start from it.
    pub bootable: bool,
}

/// The answer of `GET /api/v1/images/{id}/files`: what is in a folder of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// Folders first, then files, each by name.
    pub entries: Vec<FileEntry>,
}

/// A file or folder of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// No path: it has no separators.
    pub name: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// How many bytes a file has.
    pub bytes: u64,
    /// When it was last written, by the clock of whoever wrote it: `2026-11-23T13:34:56`.
    pub modified: Option<String>,
}

/// The answer of `GET /api/v1/images`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Counts the changes.
    pub revision: u32,
    /// The images by name. Those of equal `sha256` are duplicates.
    pub images: Vec<Image>,
    /// How many bytes there is room for.
    pub free_bytes: u64,
}
