//! New disks as other people's tools see them: `fsck.fat` and `fsck.exfat` check them, and mtools reads the files back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::FileExt,
    path::Path,
    process::{Command, Output},
};

use proptest::prelude::*;
use shared::volume::{
    Change, Entry, Format, Layout, LayoutError, Options, Piece, Refused, Room, Time, Tree,
};

/// Where the partition begins.
const START: u64 = 1 << 20;

const FORMATS: [Format; 2] = [Format::Fat32, Format::ExFat];

fn file(path: &str, bytes: u64) -> Entry {
    Entry {
        path: path.split('/').map(str::to_owned).collect(),
        bytes: Some(bytes),
        modified: Some(Time {
            unix_s: 1_795_437_296,
            offset_min: 60,
        }),
    }
}

fn folder(path: &str) -> Entry {
    Entry {
        bytes: None,
        modified: None,
        ..file(path, 0)
    }
}

fn options(room: Room) -> Options {
    Options {
        room,
        label: "Größe 1".to_owned(),
        made: Time {
            unix_s: 1_795_000_000,
            offset_min: 0,
        },
    }
}

fn disk(entries: &[Entry], format: Format, room: Room) -> Layout {
    Tree::of(entries, format).lay_out(&options(room)).unwrap()
}

/// What is in the file that is the entry of this number.
fn content(entry: usize, bytes: u64) -> Vec<u8> {
    let mut state = entry as u64 * 0x9E37_79B9 + 1;
    let next = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    (0..bytes).map(next).collect()
}

/// Writes a disk, or, where `from` is larger than 0, what of it follows there. Zeros are left out.
fn write(layout: &Layout, entries: &[Entry], from: u64, path: &Path) {
    let image = File::create(path).unwrap();
    image.set_len(layout.bytes - from).unwrap();
    let mut at = 0;
    for piece in &layout.pieces {
        let bytes = match piece {
            Piece::Metadata(range) => layout.metadata[range.clone()].to_vec(),
            Piece::File(entry) => content(*entry, entries[*entry].bytes.unwrap()),
            Piece::Zeros(zeros) => {
                at += zeros;
                continue;
            }
        };
        if at >= from {
            image.write_all_at(&bytes, at - from).unwrap();
        }
        at += bytes.len() as u64;
    }
    assert_eq!(at, layout.bytes);
}

fn run(package: &str, program: &str, arguments: &[&str]) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(program)
        .args(arguments)
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .env("LC_ALL", "C.UTF-8")
        .output();
    output.unwrap_or_else(|error| panic!("{program} of Debian's package {package}: {error}"))
}

/// Has the volume of a disk checked by the tool of its file system's makers for this system.
fn check(layout: &Layout, entries: &[Entry], format: Format) {
    let work = tempfile::tempdir().unwrap();
    let volume = work.path().join("volume");
    write(layout, entries, START, &volume);
    let volume = volume.to_str().unwrap();
    let output = match format {
        Format::Fat32 => run("dosfstools", "fsck.fat", &["-n", "-v", volume]),
        Format::ExFat => run("exfatprogs", "fsck.exfat", &["-n", "-v", volume]),
    };
    let says = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{format:?}: {says}");
    for trouble in [
        "ERROR", "differ", "wrong", "Invalid", "corrupt", "Dirty", "Reclaim", "Orphan",
    ] {
        assert!(!says.contains(trouble), "{format:?}: {says}");
    }
}

/// A tree with all that makes trees difficult.
fn tree() -> Vec<Entry> {
    let mut entries = vec![
        file("readme.txt", 34),
        file("README.md", 0),
        file("A long name with spaces, Zürich.txt", 4096),
        file("ein Ordner/noch einer/tief.bin", 1_000_001),
        file("中文/文件.txt", 513),
        file("emoji 😀.txt", 3),
        file("EFI/BOOT/BOOTX64.EFI", 70_000),
        folder("leer"),
        folder("ein Ordner/auch leer"),
        file(&format!("{}.txt", "lang".repeat(62)), 12),
    ];
    entries
        .extend((0..600).map(|number| file(&format!("many/a file of many {number}.dat"), number)));
    entries
}

#[test]
fn the_tools_of_others_find_nothing_wrong_with_a_disk() {
    let entries = tree();
    for format in FORMATS {
        for (entries, room) in [
            (&entries[..], Room::Free(0)),
            (&entries, Room::Free(300 << 20)),
            (&entries, Room::Free(9 << 30)),
            (&entries, Room::Whole(40 << 20)),
            (&entries, Room::Whole((8 << 30) + 512)),
            (&[], Room::Free(0)),
            (&[], Room::Whole(64 << 20)),
            (&[], Room::Whole(33 << 30)),
            (&[], Room::Whole(40_000_000_000)),
        ] {
            check(&disk(entries, format, room), entries, format);
        }
    }
}

#[test]
fn mtools_read_back_what_was_put_on_a_disk() {
    let entries = tree();
    let layout = disk(&entries, Format::Fat32, Room::Free(1 << 20));
    let work = tempfile::tempdir().unwrap();
    let (image, out) = (work.path().join("image"), work.path().join("out"));
    write(&layout, &entries, 0, &image);
    fs::create_dir(&out).unwrap();
    let image = format!("{}@@1M", image.display());
    let output = run(
        "mtools",
        "mcopy",
        &["-s", "-Q", "-m", "-i", &image, "::*", out.to_str().unwrap()],
    );
    let says = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{says}");
    for (number, entry) in entries.iter().enumerate() {
        // mtools show a character beyond the first 65,536 as two that it cannot show.
        let path = out.join(entry.path.join("/").replace('😀', "__"));
        match entry.bytes {
            Some(bytes) => assert!(
                fs::read(&path).unwrap() == content(number, bytes),
                "{path:?}"
            ),
            None => assert_eq!(fs::read_dir(&path).unwrap().count(), 0, "{path:?}"),
        }
    }
    let label = run("mtools", "mlabel", &["-s", "-i", &image]);
    assert!(String::from_utf8_lossy(&label.stdout).contains("GR__E 1"));
    let named = run("mtools", "mdir", &["-i", &image, "::readme.txt"]);
    let named = String::from_utf8_lossy(&named.stdout);
    assert!(named.contains("2026-11-23  13:34"), "{named}");
}

#[test]
fn a_file_of_4_gib_is_refused_on_fat32_and_not_on_exfat() {
    let entries = [
        file("small", 1),
        file("large", 1 << 32),
        file("just", (1 << 32) - 1),
    ];
    let tree = Tree::of(&entries, Format::Fat32);
    assert_eq!(tree.refused(), [(1, Refused::TooLarge)]);
    assert_eq!(
        tree.lay_out(&options(Room::Free(0))),
        Err(LayoutError::Refused)
    );
    let layout = disk(&entries, Format::ExFat, Room::Free(0));
    assert!(layout.bytes > 2 << 32);
    assert!(layout.metadata.len() < 100_000);
}

#[test]
fn what_cannot_be_one_file_on_the_disk_is_said() {
    let long = "n".repeat(256);
    let entries = [
        file("a", 1),
        file("a", 2),
        file(&format!("{long}/b"), 1),
        file("A", 1),
        file("aux.txt", 1),
        file("Folder/x", 1),
        file("folder/y", 1),
        file("Folder/z", 1),
    ];
    for format in FORMATS {
        let tree = Tree::of(&entries, format);
        assert_eq!(
            tree.refused(),
            [(1, Refused::Twice), (2, Refused::LongName)]
        );
        let renamed: Vec<_> = tree
            .renamed()
            .iter()
            .map(|renamed| (renamed.entry, renamed.name.as_str(), renamed.change))
            .collect();
        assert_eq!(
            renamed,
            [
                (3, "A (2)", Change::Taken),
                (4, "aux_.txt", Change::Device),
                (6, "folder (2)", Change::Taken)
            ]
        );
    }
}

#[test]
fn a_disk_has_the_size_that_was_asked_for_or_it_is_said_what_it_needs() {
    for format in FORMATS {
        let whole = disk(&[], format, Room::Whole(100 << 20));
        assert_eq!(whole.bytes, 100 << 20);
        assert!(whole.filled() < 3 << 20);
        let tree = Tree::of(&[file("a", 50 << 20)], format);
        let refused = tree.lay_out(&options(Room::Whole(45 << 20)));
        let Err(LayoutError::TooSmall { least }) = refused else {
            panic!("{refused:?}");
        };
        let enough = disk(&[file("a", 50 << 20)], format, Room::Whole(least));
        assert_eq!(enough.bytes, least);
        assert_eq!(tree.size(&options(Room::Free(0))), Ok(least));
    }
    let tiny = Tree::of(&[], Format::Fat32).lay_out(&options(Room::Whole(20 << 20)));
    assert!(matches!(tiny, Err(LayoutError::TooSmall { least }) if least < 40 << 20));
    let huge = Tree::of(&[], Format::Fat32).lay_out(&options(Room::Whole(1 << 40)));
    assert!(matches!(huge, Err(LayoutError::TooLarge { .. })));
    let huge = Tree::of(&[], Format::ExFat).lay_out(&options(Room::Whole(3 << 40)));
    assert!(matches!(huge, Err(LayoutError::TooLarge { .. })));
}

#[test]
fn the_same_files_make_the_same_disk_and_others_another() {
    let one = disk(&tree(), Format::Fat32, Room::Free(0));
    assert_eq!(one, disk(&tree(), Format::Fat32, Room::Free(0)));
    let mut other = tree();
    other[0].modified = None;
    assert_ne!(one, disk(&other, Format::Fat32, Room::Free(0)));
}

fn trees() -> impl Strategy<Value = Vec<Entry>> {
    let name = "[a-cA-C. ~1:é中]{1,12}|\\PC{1,40}|[a-z]{1,8}\\.[a-z]{1,3}";
    let path = prop::collection::vec(name, 1..4);
    let entry = (
        path,
        prop::option::weighted(0.8, 0..20_000u64),
        0..4_000_000_000i64,
    )
        .prop_map(|(path, bytes, unix_s)| Entry {
            path,
            bytes,
            modified: Some(Time {
                unix_s,
                offset_min: 0,
            }),
        });
    prop::collection::vec(entry, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_put_on_a_disk_the_tools_of_others_find_nothing_wrong(
        entries in trees(),
        exfat in any::<bool>(),
        free in 0..3_000_000u64,
    ) {
        let format = if exfat { Format::ExFat } else { Format::Fat32 };
        let refused: Vec<usize> = Tree::of(&entries, format).refused().iter().map(|(entry, _)| *entry).collect();
        let kept: Vec<Entry> = entries
            .iter()
            .enumerate()
            .filter(|(number, _)| !refused.contains(number))
            .map(|(_, entry)| entry.clone())
            .collect();
        let layout = disk(&kept, format, Room::Free(free));
        let mut files = BTreeMap::new();
        for piece in &layout.pieces {
            if let Piece::File(entry) = piece {
                *files.entry(*entry).or_insert(0) += 1;
            }
        }
        let with_bytes = kept.iter().enumerate().filter(|(_, entry)| entry.bytes > Some(0));
        let expected: BTreeMap<usize, u32> = with_bytes.map(|(number, _)| (number, 1)).collect();
        prop_assert_eq!(files, expected);
        check(&layout, &kept, format);
    }
}
