//! What stands on a medium: its volume's label, whether a machine can start from it, and its files.
//!
//! All of it is hostile until it is parsed. Every read is within the medium and bounded in length, and a structure that
//! does not hold together ends in an error, never in a loop.

use std::io;

use shared::media::DriveKind;

use super::Blocks;

mod fat;
mod iso;
mod partition;

/// The most entries of a folder that are looked at.
pub const ENTRIES_MAX: usize = 8192;

/// What is known of a medium by its first sectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// The drive that it is made for: a CD where it has a file system of ISO 9660 or UDF.
    pub kind: DriveKind,
    /// The label of its volume, where it has one.
    pub label: Option<String>,
    /// Whether firmware can start from it: El Torito, an active partition, or an EFI system partition or boot loader.
    pub bootable: bool,
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
    place: Place,
}

/// Where an entry's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Stretches of offset and length, in order.
    Extents(Vec<(u64, u64)>),
    /// The first cluster of a chain; 0 for a file without bytes.
    Cluster(u32),
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
        match &self.0 {
            Kind::Iso(iso) => iso.read(file, most),
            Kind::Fat(fat) => fat.read(file, most),
        }
    }
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
mod tests;
