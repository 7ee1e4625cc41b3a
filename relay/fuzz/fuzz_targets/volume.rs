//! Whatever stands on a medium is looked at within bounds: it ends, and reads no more than there is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relay::media::volume::{ENTRIES_MAX, Files, inspect, tree, zip};

/// The most bytes of a file that are read.
const READ_MAX: usize = 4096;

/// The largest archive that is made, in bytes.
const ARCHIVE_MAX: u64 = 1 << 20;

/// Bytes of a medium stand sparsely in the fuzzer's input: stretches of a number of a block (16 bits), and its bytes.
const STRETCH: usize = 2 + 128;

fuzz_target!(|bytes: &[u8]| {
    let dense = bytes.to_vec();
    look(&dense);
    let mut sparse = vec![0; 1 << 20];
    for stretch in bytes.chunks_exact(STRETCH) {
        let at = usize::from(u16::from_le_bytes([stretch[0], stretch[1]])) * 128;
        if let Some(part) = sparse.get_mut(at..at + 128) {
            part.copy_from_slice(&stretch[2..]);
        }
    }
    look(&sparse);
});

fn look(medium: &Vec<u8>) {
    inspect(medium).expect("memory can be read");
    let Some(files) = Files::of(medium).expect("memory can be read") else {
        return;
    };
    if let Ok(items) = tree::walk(&files, None) {
        let plain = |name: &str| !name.is_empty() && name != "." && name != "..";
        assert!(items.iter().all(|item| item.name.split('/').all(plain)));
        if zip::length(&items) < ARCHIVE_MAX {
            zip::write(&files, &items, &mut std::io::sink()).expect("memory can be read");
        }
    }
    let root = files.list(None).unwrap_or_default();
    assert!(root.len() <= ENTRIES_MAX);
    for entry in root.iter().take(64) {
        if entry.is_folder {
            let _ = files.list(Some(entry));
        } else if let Ok(bytes) = files.read(entry, READ_MAX) {
            assert_eq!(bytes.len() as u64, entry.bytes.min(READ_MAX as u64));
        }
    }
}
