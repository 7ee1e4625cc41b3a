//! What stands on a medium: its volume's label, whether a machine can start from it, and its files.
//!
//! All of it is hostile until it is parsed. Every read is within the medium and bounded in length, and a structure that
//! does not hold together ends in an error, never in a loop.

use std::{fmt, io};

use shared::media::DriveKind;

use super::Blocks;

mod exfat;
mod fat;
mod iso;
mod partition;
pub mod tree;
pub mod zip;

/// The most entries of a folder that are looked at.
pub const ENTRIES_MAX: usize = 65_536;

/// What is known of a medium by its first sectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// The drive that it is made for: a CD where it has a file system of ISO 9660 or UDF.
    pub kind: DriveKind,
    /// The label of its volume, where it has one.
    pub label: Option<String>,
    /// Whether firmware can start from it: El Torito, an active partition, or an EFI system partition or boot loader.
    pub bootable: bool,
    /// How many bytes its file system of ISO 9660 says that it has; 0 where there is none. A medium that has fewer is
    /// cut off.
    pub bytes: u64,
}

/// Looks at a medium. One that has nothing known on it is a disk without a label.
///
/// # Errors
/// Where its bytes cannot be had.
pub fn inspect(blocks: &dyn Blocks) -> io::Result<Volume> {
    let bytes = Bytes(blocks);
    if let Some(volume) = known(iso::inspect(bytes))?.flatten() {
        return Ok(volume);
    }
    let partitions = known(partition::read(bytes))?.unwrap_or_default();
    let mut label = None;
    let mut loader = false;
    for start in std::iter::once(0).chain(partitions.starts.iter().copied()) {
        if let Some(fat) = known(fat::Fat::open(bytes, start))?.flatten() {
            label = label.or(known(fat.label())?.flatten());
            loader |= known(fat.has_boot_loader())?.unwrap_or(false);
        }
    }
    Ok(Volume {
        kind: DriveKind::Disk,
        label,
        bootable: partitions.bootable || loader,
        bytes: 0,
    })
}

/// The files of a medium: those of its ISO 9660 file system, or of its first FAT.
pub struct Files<'a>(Kind<'a>);

enum Kind<'a> {
    Iso(iso::Iso<'a>),
    Fat(fat::Fat<'a>),
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, for people.
    pub name: String,
    /// How many bytes it has; 0 for a folder.
    pub bytes: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// When it was last written, by the clock of whoever wrote it.
    pub modified: Option<Modified>,
    /// How many of its bytes were ever written; the others are zeros.
    written: u64,
    place: Place,
}

/// A local time as FAT keeps it: in steps of two seconds from 1980 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modified {
    /// Year since 1980, month and day, in 7, 4 and 5 bits.
    pub date: u16,
    /// Hour, minute and half of the seconds, in 5, 6 and 5 bits.
    pub time: u16,
}

impl Modified {
    /// `None` where it is no time.
    fn of(date: u16, time: u16) -> Option<Self> {
        let is_one = (1..=12).contains(&(date >> 5 & 15))
            && date & 31 != 0
            && time >> 11 < 24
            && time >> 5 & 63 < 60
            && time & 31 < 30;
        is_one.then_some(Self { date, time })
    }
}

impl fmt::Display for Modified {
    /// As in ISO 8601: `2026-11-23T13:34:56`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, time } = self;
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            1980 + (date >> 9),
            date >> 5 & 15,
            date & 31,
            time >> 11,
            time >> 5 & 63,
            (time & 31) * 2,
        )
    }
}

/// A part of a medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    offset: u64,
    length: u64,
}

/// Where an entry's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Place {
    /// Stretches of offset and length, in order.
    Extents(Vec<(u64, u64)>),
    /// The first cluster of a chain; 0 for a file without bytes.
    Chain(u32),
    /// The first of clusters without a gap, and how many bytes they have.
    Run {
        /// Counted from 2.
        first: u32,
        /// A folder's, too.
        bytes: u64,
    },
}

impl<'a> Files<'a> {
    /// The files of a medium; `None` where it has no file system that is known.
    ///
    /// # Errors
    /// Where its bytes cannot be had.
    pub fn of(blocks: &'a dyn Blocks) -> io::Result<Option<Self>> {
        let bytes = Bytes(blocks);
        if let Some(iso) = known(iso::Iso::open(bytes))?.flatten() {
            return Ok(Some(Self(Kind::Iso(iso))));
        }
        let partitions = known(partition::read(bytes))?.unwrap_or_default();
        for start in std::iter::once(0).chain(partitions.starts) {
            if let Some(fat) = known(fat::Fat::open(bytes, start))?.flatten() {
                return Ok(Some(Self(Kind::Fat(fat))));
            }
        }
        Ok(None)
    }

    /// The entries of a folder, or of the root, as they stand there; at most [`ENTRIES_MAX`].
    ///
    /// # Errors
    /// Where the folder does not hold together, or its bytes cannot be had.
    pub fn list(&self, folder: Option<&Entry>) -> io::Result<Vec<Entry>> {
        match &self.0 {
            Kind::Iso(iso) => iso.list(folder),
            Kind::Fat(fat) => fat.list(folder),
        }
    }

    /// The first bytes of a file, at most this many.
    ///
    /// # Errors
    /// Where the file does not hold together, or its bytes cannot be had.
    pub fn read(&self, file: &Entry, most: usize) -> io::Result<Vec<u8>> {
        let mut content = self.content(file);
        let mut bytes = Vec::new();
        while bytes.len() < most {
            match content.next(most - bytes.len())? {
                part if part.is_empty() => break,
                part => bytes.extend(part),
            }
        }
        Ok(bytes)
    }

    /// A file's bytes, from its beginning on.
    #[must_use]
    pub fn content<'b>(&'b self, file: &'b Entry) -> Content<'b> {
        let next = match file.place {
            Place::Chain(first) => first,
            _ => 0,
        };
        Content {
            files: self,
            file,
            done: 0,
            next,
            stretch: None,
        }
    }

    /// Makes sure that all of a file can be found, without reading it.
    ///
    /// # Errors
    /// Where it does not hold together, or the medium's bytes cannot be had.
    pub fn check(&self, file: &Entry) -> io::Result<()> {
        let mut content = self.content(file);
        while content.done < file.bytes {
            let Stretch { offset, length } = content.follow()?;
            let end = offset.checked_add(length);
            if length == 0 || end.is_none_or(|end| end > self.medium_bytes()) {
                return Err(broken("a file points beyond the end of the medium"));
            }
            content.done += length;
        }
        Ok(())
    }

    /// How large the medium is, in bytes.
    #[must_use]
    pub fn medium_bytes(&self) -> u64 {
        match &self.0 {
            Kind::Iso(iso) => iso.medium_bytes(),
            Kind::Fat(fat) => fat.medium_bytes(),
        }
    }
}

/// A file as it is read.
pub struct Content<'a> {
    files: &'a Files<'a>,
    file: &'a Entry,
    done: u64,
    /// The cluster that the next stretch begins in.
    next: u32,
    /// What is left of the one that is read.
    stretch: Option<Stretch>,
}

impl Content<'_> {
    /// The next bytes, at most this many; none at the end.
    ///
    /// # Errors
    /// Where the file does not hold together, or its bytes cannot be had.
    pub fn next(&mut self, most: usize) -> io::Result<Vec<u8>> {
        if self.done >= self.file.bytes || most == 0 {
            return Ok(Vec::new());
        }
        let stretch = match self.stretch.take() {
            Some(stretch) => stretch,
            None => self.follow()?,
        };
        let length = stretch.length.min(most as u64);
        if length == 0 {
            return Err(broken("a file ends before its size"));
        }
        let mut bytes = self
            .bytes()
            .read(stretch.offset, usize::try_from(length).unwrap_or(most))?;
        let written = self.file.written.saturating_sub(self.done);
        if let Some(never) = usize::try_from(written)
            .ok()
            .and_then(|written| bytes.get_mut(written..))
        {
            never.fill(0);
        }
        self.done += length;
        let left = Stretch {
            offset: stretch.offset + length,
            length: stretch.length - length,
        };
        self.stretch = Some(left).filter(|left| left.length > 0);
        Ok(bytes)
    }

    fn bytes(&self) -> Bytes<'_> {
        match &self.files.0 {
            Kind::Iso(iso) => iso.bytes(),
            Kind::Fat(fat) => fat.bytes(),
        }
    }

    /// The stretch at `done`.
    fn follow(&mut self) -> io::Result<Stretch> {
        match (&self.files.0, &self.file.place) {
            (Kind::Fat(fat), Place::Chain(_) | Place::Run { .. }) => {
                let (stretch, next) = fat.stretch(self.file, self.done, self.next)?;
                self.next = next;
                Ok(stretch)
            }
            (Kind::Iso(_), Place::Extents(extents)) => extent_at(extents, self.done),
            _ => Err(broken("it is no file of this medium")),
        }
    }
}

/// The rest of the extent that the byte `done` of a file is in.
fn extent_at(extents: &[(u64, u64)], done: u64) -> io::Result<Stretch> {
    let mut before = 0;
    for (offset, length) in extents {
        if done < before + length {
            return Ok(Stretch {
                offset: offset + (done - before),
                length: length - (done - before),
            });
        }
        before += length;
    }
    Err(broken("a file ends before its size"))
}

/// Reads that stay within a medium.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a dyn Blocks);

impl Bytes<'_> {
    /// `length` bytes, which the caller has bounded.
    fn read(self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let end = u64::try_from(length)
            .ok()
            .and_then(|length| offset.checked_add(length));
        if end.is_none_or(|end| end > self.0.size()) {
            return Err(broken("it points beyond the end of the medium"));
        }
        let mut buffer = vec![0; length];
        self.0.read_at(offset, &mut buffer)?;
        Ok(buffer)
    }
}

/// What is parsed does not hold together.
fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// `None` for what does not hold together; an error where bytes cannot be had.
fn known<T>(parsed: io::Result<T>) -> io::Result<Option<T>> {
    match parsed {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
        Err(error) => Err(error),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |value| u16::from_le_bytes(*value))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |value| u32::from_le_bytes(*value))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |value| u64::from_le_bytes(*value))
}

/// A label without what pads it and what cannot be shown; `None` where nothing is left.
fn label_of(characters: impl Iterator<Item = char>) -> Option<String> {
    let shown: String = characters.take_while(|c| *c != '\0').map(shown).collect();
    let trimmed = shown.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// A character that can be shown.
fn shown(character: char) -> char {
    if character.is_control() {
        char::REPLACEMENT_CHARACTER
    } else {
        character
    }
}

/// The characters of UTF-16.
fn utf16(units: impl Iterator<Item = u16>) -> impl Iterator<Item = char> {
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
pub(crate) mod tests;
