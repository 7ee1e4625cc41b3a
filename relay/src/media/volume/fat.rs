//! FAT12, FAT16 and FAT32 (Microsoft's FAT specification 1.03), and what exFAT has in common with them.

use std::{cell::RefCell, collections::HashSet, io};

use super::{
    Bytes, ENTRIES_MAX, Entry, Modified, Place, Stretch, broken, exfat, label_of, shown, u16_at,
    u32_at, utf16,
};

/// The largest folder that is read, in bytes: a long name in exFAT has up to 19 entries, and most have 3.
const FOLDER_MAX: usize = ENTRIES_MAX * 32 * 4;

/// How much of the table is read at once, in bytes.
const WINDOW: u64 = 4096;

/// The longest stretch that is put together of clusters, in bytes.
const STRETCH_MAX: u64 = 1 << 20;

const READ_ONLY_TO_SYSTEM_AND_LABEL: u8 = 0x0F;
const LABEL: u8 = 0x08;
const FOLDER: u8 = 0x10;

/// Where the 13 units of a part of a long name stand.
const LONG_NAME_UNITS: [usize; 13] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/// The folder of the removable-media boot path (UEFI 2.10, 3.5.1.1).
const BOOT_FOLDER: [&str; 2] = ["EFI", "BOOT"];

/// A file system at some place of a medium.
pub(super) struct Fat<'a> {
    bytes: Bytes<'a>,
    kind: Kind,
    /// Where the first FAT begins, in bytes.
    table: u64,
    /// Where cluster 2 begins, in bytes.
    clusters: u64,
    /// A cluster's bytes.
    cluster: usize,
    /// How many clusters there are.
    count: u32,
    root: Root,
    /// The label in the boot sector.
    label: Option<String>,
    /// The part of the table that was read last.
    window: RefCell<Window>,
}

/// A part of a table, and where it stands.
#[derive(Default)]
struct Window {
    at: u64,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fat12,
    Fat16,
    Fat32,
    ExFat,
}

#[derive(Clone, Copy)]
enum Root {
    /// At this place, this long.
    Fixed(u64, usize),
    /// From this cluster on, along the table.
    Chain(u32),
    /// From this cluster on without a gap, this long.
    Run(u32, u64),
}

impl<'a> Fat<'a> {
    /// The file system that begins at this place; `None` where there is none.
    pub(super) fn open(bytes: Bytes<'a>, start: u64) -> io::Result<Option<Self>> {
        let sector = bytes.read(start, 512)?;
        if u16_at(&sector, 510) != 0xAA55 {
            return Ok(None);
        }
        if &sector[3..11] == b"EXFAT   " {
            return Ok(Self::of_exfat(bytes, start, &sector));
        }
        Ok(Self::plain(bytes, start, &sector))
    }

    fn plain(bytes: Bytes<'a>, start: u64, sector: &[u8]) -> Option<Self> {
        let block = u64::from(u16_at(sector, 11));
        let blocks_a_cluster = sector[13];
        let tables = u64::from(sector[16]);
        let reserved = u64::from(u16_at(sector, 14));
        let sane = matches!(sector[0], 0xEB | 0xE9)
            && block.is_power_of_two()
            && (512..=4096).contains(&block)
            && blocks_a_cluster.is_power_of_two()
            && (1..=2).contains(&tables)
            && reserved != 0;
        if !sane {
            return None;
        }
        let either = |short: usize, long: usize| match u16_at(sector, short) {
            0 => u64::from(u32_at(sector, long)),
            short => u64::from(short),
        };
        let blocks = either(19, 32);
        let table_blocks = either(22, 36);
        let root_bytes = u64::from(u16_at(sector, 17)) * 32;
        let root_at = reserved + tables * table_blocks;
        let data_at = root_at + root_bytes.div_ceil(block);
        let count = blocks.checked_sub(data_at)? / u64::from(blocks_a_cluster);
        let count = u32::try_from(count).ok()?;
        let kind = match (count, u16_at(sector, 22)) {
            (..4085, _) => Kind::Fat12,
            (..65525, _) => Kind::Fat16,
            (_, 0) => Kind::Fat32,
            _ => return None,
        };
        let (signature, label, root) = match kind {
            Kind::Fat32 => (66, 71, Root::Chain(u32_at(sector, 44))),
            _ => (
                38,
                43,
                Root::Fixed(start + root_at * block, usize::try_from(root_bytes).ok()?),
            ),
        };
        let label = (sector[signature] == 0x29)
            .then(|| oem(&sector[label..label + 11]))
            .flatten()
            .filter(|label| label != "NO NAME");
        Some(Self {
            bytes,
            kind,
            table: start.checked_add(reserved * block)?,
            clusters: start.checked_add(data_at * block)?,
            cluster: usize::from(blocks_a_cluster) * usize::try_from(block).ok()?,
            count,
            root,
            label,
            window: RefCell::default(),
        })
    }

    fn of_exfat(bytes: Bytes<'a>, start: u64, sector: &[u8]) -> Option<Self> {
        let (block_shift, cluster_shift) = (u32::from(sector[108]), u32::from(sector[109]));
        if !(9..=12).contains(&block_shift) || block_shift + cluster_shift > 25 {
            return None;
        }
        let at = |field: usize| start.checked_add(u64::from(u32_at(sector, field)) << block_shift);
        Some(Self {
            bytes,
            kind: Kind::ExFat,
            table: at(80)?,
            clusters: at(88)?,
            cluster: 1 << (block_shift + cluster_shift),
            count: u32_at(sector, 92),
            root: Root::Chain(u32_at(sector, 96)),
            label: None,
            window: RefCell::default(),
        })
    }

    /// The volume's label: the one of the root folder before that of the boot sector.
    pub(super) fn label(&self) -> io::Result<Option<String>> {
        let root = self.folder(self.root)?;
        let mut entries = root.chunks_exact(32).take_while(|entry| entry[0] != 0);
        if self.kind == Kind::ExFat {
            let entry = entries.find(|entry| entry[0] == 0x83);
            return Ok(entry.and_then(|entry| {
                let length = usize::from(entry[1]).min(11);
                label_of(utf16((0..length).map(|unit| u16_at(entry, 2 + 2 * unit))))
            }));
        }
        let entry = entries.find(|entry| entry[0] != 0xE5 && entry[11] & 0x3F == LABEL);
        Ok(entry
            .and_then(|entry| oem(&entry[..11]))
            .or_else(|| self.label.clone()))
    }

    /// Whether firmware finds a boot loader where removable media have it.
    pub(super) fn has_boot_loader(&self) -> io::Result<bool> {
        if self.kind == Kind::ExFat {
            return Ok(false);
        }
        let mut entries = self.list(None)?;
        for name in BOOT_FOLDER {
            let folder = entries
                .into_iter()
                .find(|entry| entry.is_folder && entry.name.eq_ignore_ascii_case(name));
            let Some(folder) = folder else {
                return Ok(false);
            };
            entries = self.list(Some(&folder))?;
        }
        Ok(entries.iter().any(|entry| {
            let name = entry.name.to_ascii_lowercase();
            !entry.is_folder && name.starts_with("boot") && name.ends_with(".efi")
        }))
    }

    pub(super) fn bytes(&self) -> Bytes<'a> {
        self.bytes
    }

    pub(super) fn medium_bytes(&self) -> u64 {
        self.bytes.0.size()
    }

    pub(super) fn list(&self, folder: Option<&Entry>) -> io::Result<Vec<Entry>> {
        let place = match folder.map(|entry| &entry.place) {
            None | Some(Place::Chain(0)) => self.root,
            Some(Place::Chain(first)) => Root::Chain(*first),
            Some(Place::Run { first, bytes }) => Root::Run(*first, *bytes),
            Some(Place::Extents(_)) => return Err(broken("it is no folder of this medium")),
        };
        if self.kind == Kind::ExFat {
            return Ok(exfat::entries(&self.folder(place)?));
        }
        let bytes = self.folder(place)?;
        let mut entries = Vec::new();
        let mut long = LongName::default();
        for entry in bytes.chunks_exact(32).take_while(|entry| entry[0] != 0) {
            if entry[0] == 0xE5 {
                long = LongName::default();
            } else if entry[11] & 0x3F == READ_ONLY_TO_SYSTEM_AND_LABEL {
                long.add(entry);
            } else {
                let name = std::mem::take(&mut long).of(entry);
                if entry[11] & LABEL == 0 && entry[0] != b'.' {
                    entries.push(self.entry(entry, name));
                }
            }
        }
        entries.truncate(ENTRIES_MAX);
        Ok(entries)
    }

    /// The stretch of a file that begins at its byte `done`, where `next` is the cluster that it begins in; and the
    /// cluster that follows on the stretch.
    pub(super) fn stretch(&self, file: &Entry, done: u64, next: u32) -> io::Result<(Stretch, u32)> {
        let left = file.bytes.saturating_sub(done);
        if file.bytes > u64::from(self.count) * self.cluster as u64 {
            return Err(broken("a file is larger than its volume"));
        }
        if let Place::Run { first, .. } = file.place {
            let at = self.place_of(first)?;
            let end = at.saturating_add(file.bytes);
            let most = self.clusters + u64::from(self.count) * self.cluster as u64;
            let length = left.min(STRETCH_MAX);
            return match end > most {
                true => Err(broken("a file points beyond the volume")),
                false => Ok((
                    Stretch {
                        offset: at + done,
                        length,
                    },
                    first,
                )),
            };
        }
        let offset = self.place_of(next)?;
        let (mut last, mut length) = (next, self.cluster as u64);
        let mut after = None;
        while length < left {
            let follows = self.after(last)?;
            after = follows;
            if follows != last.checked_add(1) || length >= STRETCH_MAX {
                break;
            }
            last += 1;
            length += self.cluster as u64;
        }
        match (length < left, after) {
            (true, None) => Err(broken("a file ends before its size")),
            (true, Some(next)) => Ok((Stretch { offset, length }, next)),
            (false, _) => Ok((
                Stretch {
                    offset,
                    length: left,
                },
                0,
            )),
        }
    }

    /// Where a cluster begins, in bytes.
    fn place_of(&self, cluster: u32) -> io::Result<u64> {
        let index = cluster.checked_sub(2).filter(|index| *index < self.count);
        let index = index.ok_or_else(|| broken("a chain points beyond the volume"))?;
        u64::from(index)
            .checked_mul(self.cluster as u64)
            .and_then(|at| at.checked_add(self.clusters))
            .ok_or_else(|| broken("a chain points beyond the medium"))
    }

    fn entry(&self, entry: &[u8], long: Option<String>) -> Entry {
        let is_folder = entry[11] & FOLDER != 0;
        let high = match self.kind {
            Kind::Fat32 => u32::from(u16_at(entry, 20)) << 16,
            _ => 0,
        };
        let bytes = match is_folder {
            true => 0,
            false => u64::from(u32_at(entry, 28)),
        };
        Entry {
            name: long.unwrap_or_else(|| short_name(entry)),
            bytes,
            written: bytes,
            is_folder,
            modified: Modified::of(u16_at(entry, 24), u16_at(entry, 22)),
            place: Place::Chain(high | u32::from(u16_at(entry, 26))),
        }
    }

    fn folder(&self, place: Root) -> io::Result<Vec<u8>> {
        match place {
            Root::Fixed(at, length) => self.bytes.read(at, length.min(FOLDER_MAX)),
            Root::Run(first, bytes) => {
                let length =
                    usize::try_from(bytes).map_or(FOLDER_MAX, |bytes| bytes.min(FOLDER_MAX));
                self.bytes.read(self.place_of(first)?, length)
            }
            Root::Chain(first) => self.chain(first),
        }
    }

    /// The bytes of the chain of a folder.
    fn chain(&self, first: u32) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(first).filter(|first| *first != 0);
        while let Some(cluster) = next.filter(|_| bytes.len() < FOLDER_MAX) {
            if !seen.insert(cluster) {
                return Err(broken("a chain runs in a circle"));
            }
            let part = self.cluster.min(FOLDER_MAX - bytes.len());
            bytes.extend(self.bytes.read(self.place_of(cluster)?, part)?);
            next = self.after(cluster)?;
        }
        Ok(bytes)
    }

    /// The cluster that follows; `None` at the end of a chain.
    fn after(&self, cluster: u32) -> io::Result<Option<u32>> {
        let at = u64::from(cluster);
        let (offset, length, end) = match self.kind {
            Kind::Fat12 => (at * 3 / 2, 2, 0xFF8),
            Kind::Fat16 => (at * 2, 2, 0xFFF8),
            Kind::Fat32 => (at * 4, 4, 0x0FFF_FFF8),
            Kind::ExFat => (at * 4, 4, 0xFFFF_FFF8),
        };
        let offset = self
            .table
            .checked_add(offset)
            .ok_or_else(|| broken("a chain points beyond the medium"))?;
        let raw = self.table_bytes(offset, length)?;
        let next = match self.kind {
            Kind::Fat12 => u32::from(u16_at(&raw, 0) >> (4 * (cluster & 1)) & 0xFFF),
            Kind::Fat16 => u32::from(u16_at(&raw, 0)),
            Kind::Fat32 => u32_at(&raw, 0) & 0x0FFF_FFFF,
            Kind::ExFat => u32_at(&raw, 0),
        };
        Ok((next < end).then_some(next))
    }

    /// A few bytes of the table.
    fn table_bytes(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut window = self.window.borrow_mut();
        let within = |window: &Window| {
            let from = usize::try_from(at.checked_sub(window.at)?).ok()?;
            Some(window.bytes.get(from..from + length)?.to_vec())
        };
        if let Some(bytes) = within(&window) {
            return Ok(bytes);
        }
        let wanted = WINDOW.min(self.bytes.0.size().saturating_sub(at));
        let bytes = self
            .bytes
            .read(at, usize::try_from(wanted).unwrap_or(length).max(length))?;
        *window = Window { at, bytes };
        within(&window).ok_or_else(|| broken("a chain points beyond the medium"))
    }
}

/// The parts of a long name, which stand before the entry that they name, last part first.
#[derive(Default)]
struct LongName {
    units: Vec<u16>,
    sum: u8,
    /// The number of the part that was read last.
    part: u8,
}

impl LongName {
    fn add(&mut self, entry: &[u8]) {
        let number = entry[0] & 0x1F;
        let first = entry[0] & 0x40 != 0;
        let follows = first || (number + 1 == self.part && entry[13] == self.sum);
        if !follows || !(1..=20).contains(&number) {
            *self = Self::default();
            return;
        }
        if first {
            self.units.clear();
        }
        (self.sum, self.part) = (entry[13], number);
        let units = LONG_NAME_UNITS.iter().map(|at| u16_at(entry, *at));
        self.units.splice(0..0, units);
    }

    /// The long name of an entry, where the parts before it are its.
    fn of(self, entry: &[u8]) -> Option<String> {
        let sum = entry[..11]
            .iter()
            .fold(0u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
        if self.part != 1 || sum != self.sum {
            return None;
        }
        let units = self.units.into_iter().take_while(|unit| *unit != 0);
        Some(utf16(units).map(shown).collect())
    }
}

fn short_name(entry: &[u8]) -> String {
    let part = |bytes: &[u8], lower: bool| -> String {
        let text: String = bytes.iter().map(|byte| character(*byte)).collect();
        let text = text.trim_end();
        match lower {
            true => text.to_lowercase(),
            false => text.to_owned(),
        }
    };
    let mut name = entry[..8].to_vec();
    if name[0] == 0x05 {
        name[0] = 0xE5;
    }
    let name = part(&name, entry[12] & 0x08 != 0);
    match part(&entry[8..11], entry[12] & 0x10 != 0) {
        extension if extension.is_empty() => name,
        extension => format!("{name}.{extension}"),
    }
}

/// A label in the code page of whoever wrote it: only ASCII is certain.
fn oem(bytes: &[u8]) -> Option<String> {
    label_of(bytes.iter().map(|byte| character(*byte)))
}

fn character(byte: u8) -> char {
    match byte {
        0x80.. => char::REPLACEMENT_CHARACTER,
        _ => shown(char::from(byte)),
    }
}
