//! exFAT. Folders and files are in one run each and have no chain in the table (`NoFatChain`).

use super::{
    DISK_MAX, Format, Layout, LayoutError, Options, Room, SECTOR, Time, label,
    partition::{self, NO_BOOT, START},
    pieces::Pieces,
    room::{Sizes, fit},
    tree::{Node, Run, Tree, runs, sizes},
    up_case::{self, UpCase},
};

/// The sectors of the boot region and its copy.
const BOOT: usize = 12;

/// Where the table begins, in sectors of the volume.
const TABLE: u64 = 2 * BOOT as u64;

const ENTRY: usize = 32;

/// How many UTF-16 units of a name fit into an entry.
const UNITS: usize = 15;

/// The entries of the root that are no file's: label, bitmap and up-case table.
const ROOT_ENTRIES: usize = 3;

const END: u32 = 0xFFFF_FFFF;
const FOLDER: u16 = 0x10;
const FILE: u16 = 0x20;

struct ExFat;

impl Sizes for ExFat {
    /// Source: "Default cluster size for NTFS, FAT, and exFAT", Microsoft.
    const CLUSTERS: &'static [(u64, u64)] = &[
        (256 << 20, 4 << 10),
        (32 << 30, 32 << 10),
        (u64::MAX, 128 << 10),
    ];
    const MOST: u64 = DISK_MAX;

    fn available(volume: u64, cluster: u64) -> u64 {
        let geometry = Geometry::of(volume, cluster);
        geometry.clusters.saturating_sub(geometry.own())
    }
}

/// How a volume is divided.
struct Geometry {
    /// In sectors.
    sectors: u64,
    /// In sectors.
    table: u64,
    /// Where the clusters begin, in sectors.
    heap: u64,
    clusters: u64,
    /// In bytes.
    cluster: u64,
}

impl Geometry {
    fn of(volume: u64, cluster: u64) -> Self {
        let (sectors, per_cluster) = (volume / SECTOR, cluster / SECTOR);
        let table = ((sectors / per_cluster + 2) * 4).div_ceil(SECTOR);
        let heap = (TABLE + table).next_multiple_of(per_cluster);
        Self {
            sectors,
            table,
            heap,
            clusters: sectors.saturating_sub(heap) / per_cluster,
            cluster,
        }
    }

    /// The clusters of the bitmap.
    fn bitmap(&self) -> u64 {
        self.clusters.div_ceil(8).div_ceil(self.cluster)
    }

    /// The clusters that are the file system's own.
    fn own(&self) -> u64 {
        self.bitmap() + (up_case::TABLE.len() as u64).div_ceil(self.cluster)
    }
}

pub(super) fn size(tree: &Tree, room: Room) -> Result<u64, LayoutError> {
    let sizes = sizes(tree, |folder| folder_bytes(tree, folder));
    measure(room, &sizes).map(|(bytes, _)| bytes)
}

fn measure(room: Room, sizes: &[u64]) -> Result<(u64, u64), LayoutError> {
    fit::<ExFat>(room, |cluster| {
        sizes.iter().map(|size| size.div_ceil(cluster)).sum()
    })
}

pub(super) fn lay_out(tree: &Tree, options: &Options) -> Result<Layout, LayoutError> {
    let sizes = sizes(tree, |folder| folder_bytes(tree, folder));
    let (disk, cluster) = measure(options.room, &sizes)?;
    let geometry = Geometry::of(disk - START, cluster);
    let bitmap = Run {
        first: 2,
        count: geometry.bitmap() as u32,
    };
    let up_case = Run {
        first: 2 + bitmap.count,
        count: (geometry.own() - geometry.bitmap()) as u32,
    };
    let runs = runs(tree, &sizes, cluster, up_case.first + up_case.count);
    let used = geometry.own() + runs.iter().map(|run| u64::from(run.count)).sum::<u64>();
    let serial = tree.serial(options);

    let mut pieces = Pieces::default();
    let sector = |number: u64| START + number * SECTOR;
    partition::begin(&mut pieces, Format::ExFat, disk - START, serial as u32);
    let boot = boot_region(&geometry, runs[0].first, used, (serial >> 32) as u32);
    let boot = pieces.bytes(&boot);
    pieces.again(boot);
    pieces.bytes(&table(&[bitmap, up_case, runs[0]]));
    let start = |run: Run| sector(geometry.heap) + (u64::from(run.first) - 2) * cluster;
    pieces.zeros_to(start(bitmap));
    pieces.bytes(&bits(used));
    pieces.zeros_to(start(up_case));
    pieces.bytes(up_case::TABLE);

    let writer = Writer {
        tree,
        sizes: &sizes,
        runs: &runs,
        table: UpCase::new(),
        made: options.made,
        cluster,
    };
    let nodes = || tree.nodes.iter().zip(&runs);
    for (folder, run) in nodes().filter(|(node, _)| node.file.is_none()) {
        pieces.zeros_to(start(*run));
        if folder.name.is_empty() {
            pieces.bytes(&label_entry(&label(Format::ExFat, &options.label)));
            pieces.bytes(&bitmap_entry(bitmap, geometry.clusters.div_ceil(8)));
            pieces.bytes(&up_case_entry(up_case));
        }
        for child in &folder.children {
            pieces.bytes(&writer.entries(*child));
        }
    }
    for (node, run) in nodes().filter(|(_, run)| run.count > 0) {
        if let Some((entry, bytes)) = node.file {
            pieces.zeros_to(start(*run));
            pieces.file(entry, bytes);
        }
    }
    Ok(pieces.disk(disk))
}

/// Twelve sectors: the boot sector, eight that extend it, two that are not used, and the checksum of all of them.
fn boot_region(geometry: &Geometry, root: u32, used: u64, serial: u32) -> Vec<u8> {
    let size = SECTOR as usize;
    let mut region = vec![0; (BOOT - 1) * size];
    let mut put = |at: usize, bytes: &[u8]| region[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[0xEB, 0x76, 0x90]);
    put(3, b"EXFAT   ");
    put(64, &(START / SECTOR).to_le_bytes());
    put(72, &geometry.sectors.to_le_bytes());
    put(80, &(TABLE as u32).to_le_bytes());
    put(84, &(geometry.table as u32).to_le_bytes());
    put(88, &(geometry.heap as u32).to_le_bytes());
    put(92, &(geometry.clusters as u32).to_le_bytes());
    put(96, &root.to_le_bytes());
    put(100, &serial.to_le_bytes());
    put(104, &0x0100u16.to_le_bytes());
    put(108, &[SECTOR.trailing_zeros() as u8]);
    put(109, &[(geometry.cluster / SECTOR).trailing_zeros() as u8]);
    put(110, &[1, 0x80]);
    put(112, &[(used * 100 / geometry.clusters) as u8]);
    put(120, &NO_BOOT);
    put(510, &[0x55, 0xAA]);
    for sector in 1..9 {
        put(sector * size + size - 2, &[0x55, 0xAA]);
    }
    let sum = sum32(0, &region[..106]);
    let sum = sum32(sum, &region[108..112]);
    let sum = sum32(sum, &region[113..]);
    region.extend(sum.to_le_bytes().repeat(size / 4));
    region
}

/// The table up to the last cluster that has a chain.
fn table(chains: &[Run]) -> Vec<u8> {
    let mut table = vec![END & !7, END];
    for run in chains {
        table.resize(run.first as usize, 0);
        table.extend(run.first + 1..run.first + run.count);
        table.push(END);
    }
    table.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// The bitmap up to the last cluster that is used.
fn bits(used: u64) -> Vec<u8> {
    let mut bits = vec![0xFF; (used / 8) as usize];
    bits.push((1u16 << (used % 8)).wrapping_sub(1) as u8);
    bits
}

fn label_entry(label: &str) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    let units: Vec<u16> = label.encode_utf16().collect();
    entry[0] = if units.is_empty() { 0x03 } else { 0x83 };
    entry[1] = units.len() as u8;
    for (place, unit) in entry[2..24].chunks_exact_mut(2).zip(units) {
        place.copy_from_slice(&unit.to_le_bytes());
    }
    entry
}

fn bitmap_entry(run: Run, bytes: u64) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    entry[0] = 0x81;
    entry[20..24].copy_from_slice(&run.first.to_le_bytes());
    entry[24..].copy_from_slice(&bytes.to_le_bytes());
    entry
}

fn up_case_entry(run: Run) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    entry[0] = 0x82;
    entry[4..8].copy_from_slice(&up_case::CHECKSUM.to_le_bytes());
    entry[20..24].copy_from_slice(&run.first.to_le_bytes());
    entry[24..].copy_from_slice(&(up_case::TABLE.len() as u64).to_le_bytes());
    entry
}

/// How many bytes the entries of a folder have; never none.
fn folder_bytes(tree: &Tree, folder: &Node) -> u64 {
    let own = if folder.name.is_empty() {
        ROOT_ENTRIES
    } else {
        0
    };
    let entries = tree.names(folder).map(|name| 2 + name_entries(name));
    ((own + entries.sum::<usize>()).max(1) * ENTRY) as u64
}

fn name_entries(name: &str) -> usize {
    name.encode_utf16().count().div_ceil(UNITS)
}

/// What writes the entries of files and folders.
struct Writer<'a> {
    tree: &'a Tree,
    sizes: &'a [u64],
    runs: &'a [Run],
    table: UpCase,
    made: Time,
    cluster: u64,
}

impl Writer<'_> {
    /// A file's entry, its stream's, and those of its name.
    fn entries(&self, child: usize) -> Vec<u8> {
        let node = &self.tree.nodes[child];
        let mut set = self.first(node).to_vec();
        set.extend(self.stream(node, child));
        let units: Vec<u16> = node.name.encode_utf16().collect();
        for part in units.chunks(UNITS) {
            set.extend([0xC1, 0]);
            set.extend(part.iter().flat_map(|unit| unit.to_le_bytes()));
            set.resize(set.len().next_multiple_of(ENTRY), 0);
        }
        let sum = sum16(sum16(0, &set[..2]), &set[4..]);
        set[2..4].copy_from_slice(&sum.to_le_bytes());
        set
    }

    fn first(&self, node: &Node) -> [u8; ENTRY] {
        let stamp = node.modified.unwrap_or(self.made).stamp();
        let attributes = if node.file.is_some() { FILE } else { FOLDER };
        let mut entry = [0; ENTRY];
        entry[0] = 0x85;
        entry[1] = 1 + name_entries(&node.name) as u8;
        entry[4..6].copy_from_slice(&attributes.to_le_bytes());
        for (created, at) in [8, 12, 16].into_iter().enumerate() {
            entry[at..at + 2].copy_from_slice(&stamp.time.to_le_bytes());
            entry[at + 2..at + 4].copy_from_slice(&stamp.date.to_le_bytes());
            entry[22 + created] = stamp.offset;
        }
        entry[20..22].copy_from_slice(&[stamp.hundredths; 2]);
        entry
    }

    fn stream(&self, node: &Node, child: usize) -> [u8; ENTRY] {
        let run = self.runs[child];
        let bytes = match node.file {
            Some((_, bytes)) => bytes,
            None => self.sizes[child].next_multiple_of(self.cluster),
        };
        let upper: Vec<u8> = self
            .table
            .of(&node.name)
            .into_iter()
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut entry = [0; ENTRY];
        entry[0] = 0xC0;
        entry[1] = if run.count > 0 { 0x03 } else { 0x01 };
        entry[3] = node.name.encode_utf16().count() as u8;
        entry[4..6].copy_from_slice(&sum16(0, &upper).to_le_bytes());
        entry[8..16].copy_from_slice(&bytes.to_le_bytes());
        entry[20..24].copy_from_slice(&run.first.to_le_bytes());
        entry[24..].copy_from_slice(&bytes.to_le_bytes());
        entry
    }
}

/// The checksum of boot regions and up-case tables.
pub(super) fn sum32(sum: u32, bytes: &[u8]) -> u32 {
    let add = |sum: u32, byte: &u8| sum.rotate_right(1).wrapping_add(u32::from(*byte));
    bytes.iter().fold(sum, add)
}

/// The checksum of sets of entries, and the hash of names.
fn sum16(sum: u16, bytes: &[u8]) -> u16 {
    let add = |sum: u16, byte: &u8| sum.rotate_right(1).wrapping_add(u16::from(*byte));
    bytes.iter().fold(sum, add)
}
