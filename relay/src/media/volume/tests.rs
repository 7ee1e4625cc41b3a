//! What other tools have written is read as they would; `scripts/volume-samples` makes the samples.

use proptest::prelude::*;
use shared::media::DriveKind;

use super::{Entry, Files, Volume, inspect};
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

fn volume(kind: DriveKind, label: &str, bootable: bool) -> Volume {
    Volume {
        kind,
        label: Some(label.to_owned()),
        bootable,
    }
}

#[test]
fn the_kind_the_label_and_what_boots_are_seen() {
    let (cd, disk) = (DriveKind::Cd, DriveKind::Disk);
    for (medium, expected) in [
        (sample!("joliet"), volume(cd, "ARMCHAIR TEST", true)),
        (sample!("rock"), volume(cd, "ARMCHAIR_RR", false)),
        (sample!("fat12"), volume(disk, "FLOPPY", false)),
        (sample!("fat16"), volume(disk, "SIXTEEN", true)),
        (sample!("fat32"), volume(disk, "THIRTYTWO", true)),
        (sample!("active"), volume(disk, "ACTIVE", true)),
        (sample!("exfat"), volume(disk, "Größe", false)),
    ] {
        assert_eq!(inspect(&medium).unwrap(), expected);
    }
}

#[test]
fn what_is_not_known_is_a_disk_without_a_label() {
    let plain = Volume {
        kind: DriveKind::Disk,
        label: None,
        bootable: false,
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
    for entry in files.list(None).unwrap_or_default() {
        assert!(!entry.name.contains(char::is_control));
        if entry.is_folder {
            let _ = files.list(Some(&entry));
        } else if let Ok(bytes) = files.read(&entry, 100_000) {
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
        which in 0..5usize,
        changes in prop::collection::vec((0..200usize, 0..512usize, any::<u8>()), 1..40),
    ) {
        let mut medium = match which {
            0 => sample!("joliet"),
            1 => sample!("rock"),
            2 => sample!("fat12"),
            3 => sample!("fat16"),
            _ => sample!("exfat"),
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
