//! The entries of exFAT's folders (specification 1.00, chapter 7).

use super::{ENTRIES_MAX, Entry, Modified, Place, shown, u16_at, u32_at, u64_at, utf16};

const ENTRY: usize = 32;
const FILE: u8 = 0x85;
const STREAM: u8 = 0xC0;
const NAME: u8 = 0xC1;
const FOLDER: u16 = 0x10;

/// The stream has no chain in the table: its clusters follow one another.
const NO_CHAIN: u8 = 0x02;

/// What is in a folder; at most [`ENTRIES_MAX`].
pub(super) fn entries(folder: &[u8]) -> Vec<Entry> {
    let (folder, _) = folder.as_chunks::<ENTRY>();
    let mut entries = Vec::new();
    let mut rest = folder;
    while let Some((first, after)) = rest.split_first().filter(|(first, _)| first[0] != 0) {
        rest = after;
        if first[0] == FILE && entries.len() < ENTRIES_MAX {
            let set = after.get(..usize::from(first[1])).unwrap_or(&[]);
            if let Some(entry) = entry(first, set) {
                entries.push(entry);
                rest = &after[set.len()..];
            }
        }
    }
    entries
}

/// A file or folder, by its own entry and those that follow.
fn entry(first: &[u8; ENTRY], set: &[[u8; ENTRY]]) -> Option<Entry> {
    let (stream, names) = set
        .split_first()
        .filter(|(stream, _)| stream[0] == STREAM)?;
    let names = names.iter().take_while(|entry| entry[0] == NAME);
    let units = names.flat_map(|entry| entry[2..].chunks_exact(2).map(|unit| u16_at(unit, 0)));
    let name: String = utf16(units.take(usize::from(stream[3])))
        .map(shown)
        .collect();
    if name.is_empty() {
        return None;
    }
    let is_folder = u16_at(first, 4) & FOLDER != 0;
    let (cluster, bytes) = (u32_at(stream, 20), u64_at(stream, 24));
    Some(Entry {
        name,
        bytes: if is_folder { 0 } else { bytes },
        written: if is_folder { 0 } else { u64_at(stream, 8) },
        is_folder,
        modified: Modified::of(u16_at(first, 14), u16_at(first, 12)),
        place: match stream[1] & NO_CHAIN != 0 {
            true => Place::Run {
                first: cluster,
                bytes,
            },
            false => Place::Chain(cluster),
        },
    })
}
