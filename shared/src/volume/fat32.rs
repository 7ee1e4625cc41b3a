//! FAT32.

use super::{
    FAT32_DISK_MAX, Format, Layout, LayoutError, Options, Room, SECTOR, Time, label,
    partition::{self, NO_BOOT, START, START_SECTOR},
    pieces::Pieces,
    room::{Sizes, fit},
    short_names::{ShortName, checksum, is_all_of, short_names},
    tree::{Node, Run, Tree, runs, sizes},
};

/// Fewer clusters are a FAT16, and the specification wants a distance of 16 from that.
const CLUSTERS_MIN: u64 = 65_525 + 16;

/// The least sectors before the tables.
const RESERVED: u64 = 32;

/// Where the copy of the first sectors is.
const BACKUP: u64 = 6;

/// An entry's bytes, and the most entries of a folder.
const ENTRY: u64 = 32;
const ENTRIES_MAX: u64 = 65_536;

/// How many UTF-16 units of a long name fit into an entry, and where they stand there.
const UNITS: usize = 13;
const UNITS_AT: [usize; UNITS] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

const END: u32 = 0x0FFF_FFFF;
const FOLDER: u8 = 0x10;
const FILE: u8 = 0x20;
const LABEL: u8 = 0x08;
const LONG: u8 = 0x0F;

struct Fat32;

impl Sizes for Fat32 {
    /// The specification's `DskTableFAT32`, which Windows formats by.
    const CLUSTERS: &'static [(u64, u64)] = &[
        (260 << 20, 512),
        (8 << 30, 4096),
        (16 << 30, 8192),
        (32 << 30, 16_384),
        (u64::MAX, 32_768),
    ];
    const MOST: u64 = FAT32_DISK_MAX;

    fn available(volume: u64, cluster: u64) -> u64 {
        let clusters = Geometry::of(volume, cluster).clusters;
        if clusters < CLUSTERS_MIN { 0 } else { clusters }
    }
}

/// How a volume is divided; all but the last in sectors.
struct Geometry {
    sectors: u64,
    table: u64,
    data: u64,
    clusters: u64,
}

impl Geometry {
    fn of(volume: u64, cluster: u64) -> Self {
        let (sectors, per_cluster) = (volume / SECTOR, cluster / SECTOR);
        let table = ((sectors / per_cluster + 2) * 4).div_ceil(SECTOR);
        let data = (RESERVED + 2 * table).next_multiple_of(per_cluster);
        Self {
            sectors,
            table,
            data,
            clusters: sectors.saturating_sub(data) / per_cluster,
        }
    }

    fn reserved(&self) -> u64 {
        self.data - 2 * self.table
    }
}

pub(super) fn is_full(tree: &Tree, folder: &Node) -> bool {
    folder_bytes(tree, folder) > ENTRIES_MAX * ENTRY
}

pub(super) fn size(tree: &Tree, room: Room) -> Result<u64, LayoutError> {
    let sizes = sizes(tree, |folder| folder_bytes(tree, folder));
    measure(room, &sizes).map(|(bytes, _)| bytes)
}

fn measure(room: Room, sizes: &[u64]) -> Result<(u64, u64), LayoutError> {
    fit::<Fat32>(room, |cluster| {
        sizes.iter().map(|size| size.div_ceil(cluster)).sum()
    })
}

pub(super) fn lay_out(tree: &Tree, options: &Options) -> Result<Layout, LayoutError> {
    let sizes = sizes(tree, |folder| folder_bytes(tree, folder));
    let (disk, cluster) = measure(options.room, &sizes)?;
    let geometry = Geometry::of(disk - START, cluster);
    let runs = runs(tree, &sizes, cluster, 2);
    let used: u64 = runs.iter().map(|run| u64::from(run.count)).sum();
    let serial = tree.serial(options);
    let label = padded(&label(Format::Fat32, &options.label));

    let mut pieces = Pieces::default();
    let sector = |number: u64| START + number * SECTOR;
    partition::begin(&mut pieces, Format::Fat32, disk - START, serial as u32);
    let boot = boot_sector(&geometry, cluster, (serial >> 32) as u32, label);
    let boot = pieces.bytes(&boot);
    let info = pieces.bytes(&info_sector(geometry.clusters - used, 2 + used));
    pieces.zeros_to(sector(BACKUP));
    pieces.again(boot);
    pieces.again(info);
    pieces.zeros_to(sector(geometry.reserved()));
    let table = pieces.bytes(&table(&runs));
    pieces.zeros_to(sector(geometry.reserved() + geometry.table));
    pieces.again(table);
    pieces.zeros_to(sector(geometry.data));

    let start = |run: Run| sector(geometry.data) + (u64::from(run.first) - 2) * cluster;
    let nodes = || tree.nodes.iter().zip(&runs);
    for (folder, run) in nodes().filter(|(node, _)| node.file.is_none()) {
        pieces.zeros_to(start(*run));
        pieces.bytes(&first_entries(folder, *run, &runs, options.made, label));
        pieces.bytes(&entries(tree, folder, &runs, options.made));
    }
    for (node, run) in nodes().filter(|(_, run)| run.count > 0) {
        if let Some((entry, bytes)) = node.file {
            pieces.zeros_to(start(*run));
            pieces.file(entry, bytes);
        }
    }
    Ok(pieces.disk(disk))
}

fn boot_sector(geometry: &Geometry, cluster: u64, serial: u32, label: ShortName) -> [u8; 512] {
    let mut sector = [0; SECTOR as usize];
    let mut put = |at: usize, bytes: &[u8]| sector[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[0xEB, 0x58, 0x90]);
    put(3, b"MSWIN4.1");
    put(11, &(SECTOR as u16).to_le_bytes());
    put(13, &[(cluster / SECTOR) as u8]);
    put(14, &(geometry.reserved() as u16).to_le_bytes());
    put(16, &[2]);
    put(21, &[0xF8]);
    put(24, &63u16.to_le_bytes());
    put(26, &255u16.to_le_bytes());
    put(28, &START_SECTOR.to_le_bytes());
    put(32, &(geometry.sectors as u32).to_le_bytes());
    put(36, &(geometry.table as u32).to_le_bytes());
    put(44, &2u32.to_le_bytes());
    put(48, &1u16.to_le_bytes());
    put(50, &(BACKUP as u16).to_le_bytes());
    put(64, &[0x80, 0, 0x29]);
    put(67, &serial.to_le_bytes());
    put(
        71,
        if label == [b' '; 11] {
            b"NO NAME    "
        } else {
            &label
        },
    );
    put(82, b"FAT32   ");
    put(90, &NO_BOOT);
    put(510, &[0x55, 0xAA]);
    sector
}

/// How many clusters are free, and from where on.
fn info_sector(free: u64, next: u64) -> [u8; 512] {
    let mut sector = [0; SECTOR as usize];
    sector[..4].copy_from_slice(b"RRaA");
    sector[484..488].copy_from_slice(b"rrAa");
    sector[488..492].copy_from_slice(&(free as u32).to_le_bytes());
    sector[492..496].copy_from_slice(&(next as u32).to_le_bytes());
    sector[510..].copy_from_slice(&[0x55, 0xAA]);
    sector
}

/// The table up to the last cluster that is used.
fn table(runs: &[Run]) -> Vec<u8> {
    let mut table = vec![END & !7, END];
    let mut runs: Vec<&Run> = runs.iter().filter(|run| run.count > 0).collect();
    runs.sort_by_key(|run| run.first);
    for run in runs {
        table.extend(run.first + 1..run.first + run.count);
        table.push(END);
    }
    table.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// How many bytes the entries of a folder have; never none.
fn folder_bytes(tree: &Tree, folder: &Node) -> u64 {
    let short = short_names(tree.names(folder));
    let parts = tree
        .names(folder)
        .zip(&short)
        .map(|(name, short)| long_parts(name, short) as u64 + 1);
    (parts.sum::<u64>() + if folder.name.is_empty() { 1 } else { 2 }) * ENTRY
}

/// How many entries a long name needs.
fn long_parts(name: &str, short: &ShortName) -> usize {
    match is_all_of(short, name) {
        true => 0,
        false => name.encode_utf16().count().div_ceil(UNITS),
    }
}

/// What stands in a folder before what is in it: the root's label, or the folder itself and the one that it is in.
fn first_entries(folder: &Node, own: Run, runs: &[Run], made: Time, label: ShortName) -> Vec<u8> {
    let modified = folder.modified.unwrap_or(made);
    if !folder.name.is_empty() {
        let parent = if folder.parent == 0 {
            0
        } else {
            runs[folder.parent].first
        };
        let own = entry(padded("."), FOLDER, modified, own.first, 0);
        let parent = entry(padded(".."), FOLDER, modified, parent, 0);
        return [own, parent].concat();
    }
    match label == [b' '; 11] {
        true => Vec::new(),
        false => entry(label, LABEL, modified, 0, 0).to_vec(),
    }
}

fn entries(tree: &Tree, folder: &Node, runs: &[Run], made: Time) -> Vec<u8> {
    let mut entries = Vec::new();
    let short = short_names(tree.names(folder));
    for (child, short) in folder.children.iter().zip(short) {
        let node = &tree.nodes[*child];
        entries.extend(long_name(&node.name, &short));
        let (attributes, bytes) = match node.file {
            Some((_, bytes)) => (FILE, bytes as u32),
            None => (FOLDER, 0),
        };
        let modified = node.modified.unwrap_or(made);
        entries.extend(entry(
            short,
            attributes,
            modified,
            runs[*child].first,
            bytes,
        ));
    }
    entries
}

fn entry(name: ShortName, attributes: u8, modified: Time, first: u32, bytes: u32) -> [u8; 32] {
    let stamp = modified.stamp();
    let (date, time) = (stamp.date.to_le_bytes(), stamp.time.to_le_bytes());
    let mut entry = [0; ENTRY as usize];
    let mut put = |at: usize, bytes: &[u8]| entry[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &name);
    put(11, &[attributes]);
    put(13, &[stamp.hundredths]);
    put(14, &time);
    put(16, &date);
    put(18, &date);
    put(20, &((first >> 16) as u16).to_le_bytes());
    put(22, &time);
    put(24, &date);
    put(26, &(first as u16).to_le_bytes());
    put(28, &bytes.to_le_bytes());
    entry
}

/// The entries of a long name, which stand before the one that they name, last part first.
fn long_name(name: &str, short: &ShortName) -> Vec<u8> {
    let count = long_parts(name, short);
    let mut units: Vec<u16> = name.encode_utf16().collect();
    if !units.len().is_multiple_of(UNITS) {
        units.push(0);
    }
    units.resize(units.len().next_multiple_of(UNITS), 0xFFFF);
    let mut entries = Vec::new();
    for (number, part) in units.chunks_exact(UNITS).enumerate().take(count).rev() {
        let mut entry = [0; ENTRY as usize];
        let last = if number + 1 == count { 0x40 } else { 0 };
        entry[0] = (number + 1) as u8 | last;
        entry[11] = LONG;
        entry[13] = checksum(short);
        for (at, unit) in UNITS_AT.iter().zip(part) {
            entry[*at..at + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entries.extend(entry);
    }
    entries
}

fn padded(text: &str) -> ShortName {
    let mut name = [b' '; 11];
    for (place, byte) in name.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    name
}
