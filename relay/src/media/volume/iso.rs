//! ISO 9660 (ECMA-119) with Joliet and the names of Rock Ridge, El Torito, and the mark of UDF (ECMA-167).

use std::io;

use shared::media::DriveKind;

use super::{
    Bytes, ENTRIES_MAX, Entry, Modified, Place, Volume, broken, label_of, shown, u32_at, utf16,
};

const SECTOR: u64 = 2048;

/// The first sector of the volume descriptors.
const FIRST: u64 = 16;

/// How many descriptors are looked at.
const DESCRIPTORS_MAX: u64 = 32;

/// The largest folder that is read, in bytes.
const FOLDER_MAX: u64 = 4 << 20;

const EL_TORITO: &[u8] = b"EL TORITO SPECIFICATION";

/// What the descriptors say.
#[derive(Default)]
struct Descriptors {
    primary: Option<Vec<u8>>,
    joliet: Option<Vec<u8>>,
    catalogue: Option<u32>,
    udf: bool,
}

impl Descriptors {
    fn read(bytes: Bytes<'_>) -> io::Result<Self> {
        let mut found = Self::default();
        for sector in FIRST..FIRST + DESCRIPTORS_MAX {
            let offset = sector * SECTOR;
            if offset + SECTOR > bytes.0.size() {
                break;
            }
            let descriptor = bytes.read(offset, SECTOR as usize)?;
            match (&descriptor[1..6], descriptor[0]) {
                (b"CD001", 0) if descriptor[7..].starts_with(EL_TORITO) => {
                    found.catalogue = Some(u32_at(&descriptor, 71));
                }
                (b"CD001", 1) => {
                    found.primary.get_or_insert(descriptor);
                }
                (b"CD001", 2) if is_joliet(&descriptor) => {
                    found.joliet.get_or_insert(descriptor);
                }
                (b"NSR02" | b"NSR03", _) => found.udf = true,
                (b"CD001" | b"BEA01" | b"BOOT2" | b"TEA01", _) => {}
                _ => break,
            }
        }
        Ok(found)
    }
}

fn is_joliet(descriptor: &[u8]) -> bool {
    [b"%/@", b"%/C", b"%/E"]
        .iter()
        .any(|escape| descriptor[88..].starts_with(*escape))
}

/// What stands on a medium, where it is one for a CD drive.
pub(super) fn inspect(bytes: Bytes<'_>) -> io::Result<Option<Volume>> {
    let found = Descriptors::read(bytes)?;
    if found.primary.is_none() && !found.udf {
        return Ok(None);
    }
    let plain = found.primary.as_ref().and_then(|primary| {
        label_of(
            primary[40..72]
                .iter()
                .map(|byte| shown(char::from(byte & 0x7F))),
        )
    });
    let long = found
        .joliet
        .as_ref()
        .and_then(|joliet| label_of(utf16(units(&joliet[40..72]))));
    let label = match (plain, long) {
        (Some(plain), Some(long)) if long.chars().count() < plain.chars().count() => Some(plain),
        (plain, long) => long.or(plain),
    };
    let bootable = match found.catalogue {
        Some(sector) => super::known(is_bootable(bytes, sector))?.unwrap_or(false),
        None => false,
    };
    Ok(Some(Volume {
        kind: DriveKind::Cd,
        label,
        bootable,
        bytes: found.primary.as_deref().map_or(0, size),
    }))
}

/// The size of a volume: how many blocks, and how large they are (ECMA-119, 8.4.8 and 8.4.12).
fn size(primary: &[u8]) -> u64 {
    u64::from(u32_at(primary, 80)) * u64::from(u16::from_le_bytes([primary[128], primary[129]]))
}

/// Whether a boot catalogue is valid and names something to start (El Torito 1.0, chapter 2).
fn is_bootable(bytes: Bytes<'_>, sector: u32) -> io::Result<bool> {
    let catalogue = bytes.read(u64::from(sector) * SECTOR, SECTOR as usize)?;
    let (validation, entries) = catalogue.split_at(32);
    let sum = units_le(validation).fold(0u16, u16::wrapping_add);
    let valid = validation[0] == 1 && validation[30..32] == [0x55, 0xAA] && sum == 0;
    Ok(valid && entries.chunks_exact(32).any(|entry| entry[0] == 0x88))
}

/// An ISO 9660 file system.
pub(super) struct Iso<'a> {
    bytes: Bytes<'a>,
    root: Place,
    joliet: bool,
}

impl<'a> Iso<'a> {
    /// The file system of a medium, by its long names where it has them.
    pub(super) fn open(bytes: Bytes<'a>) -> io::Result<Option<Self>> {
        let found = Descriptors::read(bytes)?;
        let joliet = found.joliet.is_some();
        let Some(descriptor) = found.joliet.or(found.primary) else {
            return Ok(None);
        };
        Ok(Some(Self {
            bytes,
            root: Place::Extents(vec![extent(&descriptor[156..190])]),
            joliet,
        }))
    }

    pub(super) fn bytes(&self) -> Bytes<'a> {
        self.bytes
    }

    pub(super) fn medium_bytes(&self) -> u64 {
        self.bytes.0.size()
    }

    pub(super) fn list(&self, folder: Option<&Entry>) -> io::Result<Vec<Entry>> {
        let Place::Extents(extents) = folder.map_or(&self.root, |entry| &entry.place) else {
            return Err(broken("it is no folder of this medium"));
        };
        let length: u64 = extents.iter().map(|(_, length)| length).sum();
        if length > FOLDER_MAX {
            return Err(broken("the folder is too large"));
        }
        let mut entries = Vec::new();
        let mut continued = false;
        for sector in self.gather(extents, length)?.chunks(SECTOR as usize) {
            let mut rest = sector;
            while let Some(record) = record(rest) {
                rest = &rest[record.len()..];
                if let [0 | 1] = name_bytes(record) {
                    continue;
                }
                self.add(record, continued, &mut entries)?;
                continued = record[25] & 0x80 != 0;
                if entries.len() == ENTRIES_MAX {
                    return Ok(entries);
                }
            }
        }
        Ok(entries)
    }

    /// Adds what a record says: a file, or a further stretch of the last one.
    fn add(&self, record: &[u8], continued: bool, entries: &mut Vec<Entry>) -> io::Result<()> {
        let (offset, length) = extent(record);
        if let Some(last) = entries.last_mut().filter(|_| continued)
            && let Place::Extents(extents) = &mut last.place
        {
            if extents.len() == ENTRIES_MAX {
                return Err(broken("a file has too many stretches"));
            }
            extents.push((offset, length));
            last.bytes += length;
            last.written = last.bytes;
            return Ok(());
        }
        let is_folder = record[25] & 0x02 != 0;
        let bytes = if is_folder { 0 } else { length };
        entries.push(Entry {
            name: self.name(record),
            bytes,
            written: bytes,
            is_folder,
            modified: modified(record),
            place: Place::Extents(vec![(offset, length)]),
        });
        Ok(())
    }

    fn name(&self, record: &[u8]) -> String {
        let name = name_bytes(record);
        let name: String = if self.joliet {
            utf16(units(name)).map(shown).collect()
        } else if let Some(long) = rock_ridge_name(record) {
            return String::from_utf8_lossy(&long).chars().map(shown).collect();
        } else {
            name.iter().map(|byte| shown(char::from(*byte))).collect()
        };
        let bare = name
            .rsplit_once(';')
            .map_or(name.as_str(), |(bare, _)| bare);
        bare.strip_suffix('.').unwrap_or(bare).to_owned()
    }

    /// The first `length` bytes of some stretches.
    fn gather(&self, extents: &[(u64, u64)], length: u64) -> io::Result<Vec<u8>> {
        let mut gathered = Vec::new();
        let mut left = length;
        for (offset, stretch) in extents {
            let part = usize::try_from(left.min(*stretch)).map_err(|_| broken("too long"))?;
            gathered.extend(self.bytes.read(*offset, part)?);
            left -= part as u64;
        }
        Ok(gathered)
    }
}

/// The record at the start of `rest`; `None` where no more are in this sector.
fn record(rest: &[u8]) -> Option<&[u8]> {
    let length = usize::from(*rest.first()?);
    let record = rest.get(..length).filter(|_| length >= 34)?;
    (33 + usize::from(record[32]) <= length).then_some(record)
}

/// Offset and length of what a record points to.
fn extent(record: &[u8]) -> (u64, u64) {
    let attributes = record.get(1).copied().unwrap_or(0);
    let start = u64::from(u32_at(record, 2)) + u64::from(attributes);
    (start * SECTOR, u64::from(u32_at(record, 10)))
}

/// When a file was written: years since 1900, month, day, hour, minute, second (ECMA-119, 9.1.5).
fn modified(record: &[u8]) -> Option<Modified> {
    let [year, month, day, hour, minute, second] = *record.get(18..24)?.first_chunk()?;
    let year = u16::from(year).checked_sub(80)?;
    let date = year << 9 | u16::from(month) << 5 | u16::from(day);
    let time = u16::from(hour) << 11 | u16::from(minute) << 5 | u16::from(second / 2);
    Modified::of(date, time)
}

fn name_bytes(record: &[u8]) -> &[u8] {
    record.get(33..33 + usize::from(record[32])).unwrap_or(&[])
}

/// The name by the entries `NM` of Rock Ridge (IEEE P1282, 4.1.4), where all of it is in the record.
fn rock_ridge_name(record: &[u8]) -> Option<Vec<u8>> {
    let end = 33 + usize::from(record[32]);
    let mut rest = record.get(end + end % 2..)?;
    let mut name = Vec::new();
    while let [first, second, length, _, ..] = *rest {
        let entry = rest.get(..usize::from(length)).filter(|_| length >= 4)?;
        if [first, second] == *b"NM" {
            let (flags, part) = entry[4..].split_first()?;
            name.extend_from_slice(part);
            if flags & 1 == 0 {
                break;
            }
        }
        rest = &rest[entry.len()..];
    }
    (!name.is_empty()).then_some(name)
}

/// The big-endian units of Joliet's names.
fn units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

fn units_le(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}
