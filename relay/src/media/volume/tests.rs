//! What other tools have written is read as they would; `scripts/volume-samples` makes the samples.

use proptest::prelude::*;
use shared::{
    media::DriveKind,
    volume::{self, Format},
};

use super::{Entry, Files, Volume, inspect, tree, zip};
use crate::media::Blocks;

const LONG_NAME: &str = "A long name with spaces, Zürich.txt";
const README: &[u8] = "Hello from the disc.\nTwo lines: ä€\n".as_bytes();

macro_rules! sample {
    ($name:literal) => {
        medium(include_bytes!(concat!("samples/", $name, ".sparse")))
    };
}

/// A sample is the medium's size (64 bits), then each block of 512 bytes that is not empty, behind its number (32 bits).
fn medium(sparse: &[u8]) -> Vec<u8> {
    let (size, blocks) = sparse.split_first_chunk().unwrap();
    let mut medium = vec![0; u64::from_le_bytes(*size) as usize];
    for block in blocks.chunks_exact(4 + 512) {
        let (number, bytes) = block.split_first_chunk().unwrap();
        let at = u32::from_le_bytes(*number) as usize * 512;
        let part = &mut medium[at..];
        let length = part.len().min(512);
        part[..length].copy_from_slice(&bytes[..length]);
    }
    medium
}

fn expected(kind: DriveKind, label: &str, bootable: bool) -> Volume {
    Volume {
        kind,
        label: Some(label.to_owned()),
        bootable,
        bytes: 0,
    }
}

#[test]
fn the_kind_the_label_and_what_boots_are_seen() {
    let (cd, disk) = (DriveKind::Cd, DriveKind::Disk);
    for (medium, expected) in [
        (sample!("joliet"), expected(cd, "ARMCHAIR TEST", true)),
        (sample!("rock"), expected(cd, "ARMCHAIR_RR", false)),
        (sample!("fat12"), expected(disk, "FLOPPY", false)),
        (sample!("fat16"), expected(disk, "SIXTEEN", true)),
        (sample!("fat32"), expected(disk, "THIRTYTWO", true)),
        (sample!("active"), expected(disk, "ACTIVE", true)),
        (sample!("exfat"), expected(disk, "Größe", false)),
    ] {
        let found = inspect(&medium).unwrap();
        let bytes = match found.kind {
            DriveKind::Cd => medium.len() as u64,
            DriveKind::Disk => 0,
        };
        assert_eq!(found, Volume { bytes, ..expected });
    }
}

#[test]
fn what_is_not_known_is_a_disk_without_a_label() {
    let plain = Volume {
        kind: DriveKind::Disk,
        label: None,
        bootable: false,
        bytes: 0,
    };
    for medium in [vec![], vec![0; 100], vec![0; 4096], vec![0xFF; 100_000]] {
        assert_eq!(inspect(&medium).unwrap(), plain);
        assert!(Files::of(&medium).unwrap().is_none());
    }
}

#[test]
fn files_are_listed_and_read() {
    for (medium, at_root) in [
        (sample!("joliet"), 5),
        (sample!("rock"), 5),
        (sample!("fat12"), 3),
        (sample!("fat16"), 5),
        (sample!("fat32"), 3),
    ] {
        let files = Files::of(&medium).unwrap().unwrap();
        let root = files.list(None).unwrap();
        let catalogue = |entry: &&Entry| entry.name.starts_with("boot.cat");
        let names = root.len() - root.iter().filter(catalogue).count();
        assert_eq!(names, at_root, "{root:?}");
        assert_eq!(read(&files, &root, LONG_NAME), b"x");
        let readme = find(&root, "readme.txt");
        assert_eq!(readme.bytes, README.len() as u64);
        assert_eq!(read(&files, &root, "readme.txt"), README);
        assert_eq!(files.read(readme, 5).unwrap(), b"Hello");
        let sub = files.list(Some(find(&root, "sub"))).unwrap();
        assert_eq!(read(&files, &sub, "inner.txt"), b"in\n");
    }
}

fn find<'a>(entries: &'a [Entry], name: &str) -> &'a Entry {
    let found = entries.iter().find(|entry| entry.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {entries:?}"))
}

fn read(files: &Files<'_>, entries: &[Entry], name: &str) -> Vec<u8> {
    files.read(find(entries, name), 1 << 20).unwrap()
}

/// Looks at all that can be looked at, as far as it goes.
fn walk(medium: &dyn Blocks) {
    inspect(medium).unwrap();
    let Some(files) = Files::of(medium).unwrap() else {
        return;
    };
    if let Ok(items) = tree::walk(&files, None) {
        let known = items.iter().map(|item| item.entry.bytes).sum::<u64>();
        assert!(known <= 4 * (medium.size() + 1));
        let mut archive = std::io::sink();
        zip::write(&files, &items, &mut archive).unwrap();
    }
    for entry in files.list(None).unwrap_or_default().iter().take(100) {
        assert!(!entry.name.contains(char::is_control));
        if entry.is_folder {
            let _ = files.list(Some(entry));
        } else if let Ok(bytes) = files.read(entry, 100_000) {
            assert_eq!(bytes.len() as u64, entry.bytes.min(100_000));
        }
    }
}

#[test]
fn a_chain_that_runs_in_a_circle_ends() {
    let mut medium = sample!("fat12");
    let fat = 512;
    medium[fat + 3..fat + 6].copy_from_slice(&[0x02, 0x20, 0x00]);
    walk(&medium);
}

#[test]
fn a_medium_that_is_cut_off_ends_in_an_error() {
    for mut medium in [sample!("joliet"), sample!("fat16"), sample!("fat32")] {
        for size in [60_000, 36_000, 2048, 700, 512, 511] {
            medium.truncate(size);
            walk(&medium);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_stands_on_a_medium_is_read_within_bounds(
        which in 0..7usize,
        changes in prop::collection::vec((0..200usize, 0..512usize, any::<u8>()), 1..40),
    ) {
        let mut medium = match which {
            0 => sample!("joliet"),
            1 => sample!("rock"),
            2 => sample!("fat12"),
            3 => sample!("fat16"),
            4 => sample!("exfat"),
            5 => disk_of(Format::ExFat, &PATHS),
            _ => sample!("fat32"),
        };
        let used: Vec<usize> = (0..medium.len() / 512)
            .filter(|block| medium[block * 512..][..512].iter().any(|byte| *byte != 0))
            .collect();
        for (block, at, byte) in changes {
            medium[used[block % used.len()] * 512 + at] = byte;
        }
        walk(&medium);
    }
}

/// A disk with these files, each of which has its path for its content.
pub(crate) fn disk_of(format: Format, paths: &[&str]) -> Vec<u8> {
    let entry = |path: &&str| volume::Entry {
        path: path.split('/').map(str::to_owned).collect(),
        bytes: (!path.ends_with('/')).then_some(path.len() as u64),
        modified: Some(volume::Time {
            unix_s: 1_795_437_297,
            offset_min: 0,
        }),
    };
    let entries: Vec<volume::Entry> = paths.iter().map(entry).collect();
    let options = volume::Options {
        room: volume::Room::Free(0),
        label: "Disk".to_owned(),
        made: volume::Time::default(),
    };
    let layout = volume::Tree::of(&entries, format)
        .lay_out(&options)
        .unwrap();
    let mut disk = Vec::new();
    for piece in layout.pieces {
        match piece {
            volume::Piece::Metadata(range) => disk.extend(&layout.metadata[range]),
            volume::Piece::Zeros(zeros) => disk.resize(disk.len() + zeros as usize, 0),
            volume::Piece::File(entry) => disk.extend(paths[entry].bytes()),
        }
    }
    disk
}

const PATHS: [&str; 6] = [
    "readme.txt",
    "A long name with spaces, Zürich.txt",
    "ein Ordner/noch einer/中文 😀.txt",
    "ein Ordner/b",
    "ein Ordner/c",
    "long/llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll",
];

#[test]
fn what_was_laid_out_is_read_back() {
    for format in [Format::Fat32, Format::ExFat] {
        let disk = disk_of(format, &PATHS);
        assert_eq!(
            inspect(&disk).unwrap().label.unwrap().to_lowercase(),
            "disk"
        );
        let files = Files::of(&disk).unwrap().unwrap();
        let walked = tree::walk(&files, None).unwrap();
        let mut found: Vec<&str> = Vec::new();
        for item in walked.iter().filter(|item| !item.entry.is_folder) {
            assert_eq!(files.read(&item.entry, 1000).unwrap(), item.name.as_bytes());
            assert_eq!(
                item.entry.modified.unwrap().to_string(),
                "2026-11-23T12:34:56"
            );
            found.push(&item.name);
        }
        found.sort_unstable();
        let mut expected = PATHS;
        expected.sort_unstable();
        assert_eq!(found, expected);
        let deep = tree::find(&files, "ein Ordner/noch einer")
            .unwrap()
            .unwrap();
        assert!(deep.unwrap().entry.is_folder);
        for nowhere in [
            "nowhere",
            "readme.txt/x",
            "ein Ordner//b",
            "../readme.txt",
            "/",
        ] {
            assert_eq!(tree::find(&files, nowhere).unwrap(), None, "{nowhere}");
        }
    }
}

#[test]
fn what_was_never_written_of_a_file_is_read_as_zeros() {
    let mut disk = disk_of(Format::ExFat, &["secret.txt"]);
    let content = disk
        .windows(10)
        .rposition(|window| window == b"secret.txt")
        .unwrap();
    let stream = disk
        .chunks(32)
        .position(|entry| entry[0] == 0xC0 && entry[24] == 10)
        .unwrap()
        * 32;
    disk[stream + 8] = 3;
    let files = Files::of(&disk).unwrap().unwrap();
    let listed = files.list(None).unwrap();
    assert_eq!(files.read(&listed[0], 100).unwrap(), b"sec\0\0\0\0\0\0\0");
    assert_eq!(disk[content], b's');
}

fn zip_of(disk: &Vec<u8>) -> Vec<u8> {
    let files = Files::of(disk).unwrap().unwrap();
    let items = tree::walk(&files, None).unwrap();
    let mut archive = Vec::new();
    zip::write(&files, &items, &mut archive).unwrap();
    assert_eq!(archive.len() as u64, zip::length(&items));
    archive
}

/// Runs Info-ZIP's `unzip`, of Debian's package unzip.
fn unzip(arguments: &[&str], archive: &std::path::Path) -> Vec<u8> {
    let output = std::process::Command::new("unzip")
        .args(arguments)
        .arg(archive)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap_or_else(|error| panic!("unzip of Debian's package unzip: {error}"));
    let says = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{says}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    output.stdout
}

#[test]
fn an_archive_is_what_unzip_makes_of_it() {
    for format in [Format::Fat32, Format::ExFat] {
        let work = tempfile::tempdir().unwrap();
        let archive = work.path().join("disk.zip");
        std::fs::write(&archive, zip_of(&disk_of(format, &PATHS))).unwrap();
        let out = work.path().join("out");
        unzip(&["-q", "-d", out.to_str().unwrap()], &archive);
        for path in PATHS {
            assert_eq!(std::fs::read(out.join(path)).unwrap(), path.as_bytes());
        }
    }
}

/// A disk of which most is zeros.
struct Sparse {
    layout: volume::Layout,
}

impl Blocks for Sparse {
    fn size(&self) -> u64 {
        self.layout.bytes
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        buffer.fill(0);
        let (end, mut at) = (offset + buffer.len() as u64, 0);
        for piece in &self.layout.pieces {
            let bytes: &[u8] = match piece {
                volume::Piece::Metadata(range) => &self.layout.metadata[range.clone()],
                volume::Piece::Zeros(zeros) => {
                    at += zeros;
                    continue;
                }
                volume::Piece::File(0) => {
                    at += LARGE;
                    continue;
                }
                volume::Piece::File(_) => b"behind",
            };
            let (from, to) = (at.max(offset), (at + bytes.len() as u64).min(end));
            if from < to {
                let part = &bytes[(from - at) as usize..(to - at) as usize];
                buffer[(from - offset) as usize..(to - offset) as usize].copy_from_slice(part);
            }
            at += bytes.len() as u64;
        }
        Ok(())
    }
}

const LARGE: u64 = (4 << 30) + 5;

/// Writes zeros as holes.
struct Holes(std::fs::File);

impl std::io::Write for Holes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        use std::io::Seek;

        if bytes.iter().any(|byte| *byte != 0) {
            self.0.write_all(bytes)?;
        } else {
            self.0.seek_relative(bytes.len() as i64)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_of_more_than_4_gib_is_archived_and_found_behind_it_is_the_next() {
    let entry = |name: &str, bytes| volume::Entry {
        path: vec![name.to_owned()],
        bytes: Some(bytes),
        modified: None,
    };
    let options = volume::Options {
        room: volume::Room::Free(0),
        label: String::new(),
        made: volume::Time::default(),
    };
    let entries = [entry("large", LARGE), entry("next", 6)];
    let layout = volume::Tree::of(&entries, Format::ExFat)
        .lay_out(&options)
        .unwrap();
    let disk = Sparse { layout };
    let files = Files::of(&disk).unwrap().unwrap();
    let items = tree::walk(&files, None).unwrap();
    let work = tempfile::tempdir().unwrap();
    let archive = work.path().join("large.zip");
    let mut out = Holes(std::fs::File::create(&archive).unwrap());
    zip::write(&files, &items, &mut out).unwrap();
    assert_eq!(
        std::fs::metadata(&archive).unwrap().len(),
        zip::length(&items)
    );
    let listed = String::from_utf8(unzip(&["-l"], &archive)).unwrap();
    assert!(listed.contains(&LARGE.to_string()), "{listed}");
    let output = std::process::Command::new("unzip")
        .arg("-p")
        .arg(&archive)
        .arg("next")
        .output();
    assert_eq!(output.unwrap().stdout, b"behind");
}
