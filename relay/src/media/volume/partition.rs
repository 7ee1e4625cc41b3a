//! Partition tables: MBR (with its boot flag) and GPT (UEFI 2.10, chapter 5).

use std::io;

use super::{Bytes, u16_at, u32_at, u64_at};

/// The blocks that partition tables count in.
const BLOCK: u64 = 512;

/// The partition type of the protective MBR before a GPT.
const PROTECTIVE: u8 = 0xEE;

/// The partition type of an EFI system partition in an MBR.
const EFI_SYSTEM_MBR: u8 = 0xEF;

/// The partition type of an EFI system partition in a GPT, as its bytes stand there.
const EFI_SYSTEM: [u8; 16] = [
    0x28, 0x73, 0x2A, 0xC1, 0x1F, 0xF8, 0xD2, 0x11, 0xBA, 0x4B, 0x00, 0xA0, 0xC9, 0x3E, 0xC9, 0x3B,
];

/// The most entries of a GPT that are looked at; 128 are usual.
const ENTRIES_MAX: usize = 256;

/// What partition tables say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Partitions {
    /// Where the partitions begin, in bytes.
    pub(super) starts: Vec<u64>,
    /// Whether firmware can start from one of them.
    pub(super) bootable: bool,
}

/// The partitions of a medium; none where it has no table.
pub(super) fn read(bytes: Bytes<'_>) -> io::Result<Partitions> {
    let sector = bytes.read(0, 512)?;
    if u16_at(&sector, 510) != 0xAA55 {
        return Ok(Partitions::default());
    }
    let entries: Vec<&[u8]> = sector[446..510].chunks_exact(16).collect();
    let plausible = entries
        .iter()
        .all(|entry| entry[0] & 0x7F == 0 && (entry[4] == 0 || u32_at(entry, 8) != 0));
    if !plausible {
        return Ok(Partitions::default());
    }
    if entries.iter().any(|entry| entry[4] == PROTECTIVE) {
        return gpt(bytes);
    }
    let used = entries.iter().filter(|entry| entry[4] != 0);
    Ok(Partitions {
        starts: used
            .clone()
            .map(|entry| u64::from(u32_at(entry, 8)) * BLOCK)
            .collect(),
        bootable: used
            .clone()
            .any(|entry| entry[0] == 0x80 || entry[4] == EFI_SYSTEM_MBR),
    })
}

fn gpt(bytes: Bytes<'_>) -> io::Result<Partitions> {
    let header = bytes.read(BLOCK, 92)?;
    if &header[..8] != b"EFI PART" {
        return Ok(Partitions::default());
    }
    let size = u32_at(&header, 84);
    if !(128..=4096).contains(&size) || !size.is_power_of_two() {
        return Ok(Partitions::default());
    }
    let size = size as usize;
    let count = (u32_at(&header, 80) as usize).min(ENTRIES_MAX);
    let at = u64_at(&header, 72).saturating_mul(BLOCK);
    let table = bytes.read(at, count * size)?;
    let used = table
        .chunks_exact(size)
        .filter(|entry| entry[..16] != [0; 16]);
    Ok(Partitions {
        starts: used
            .clone()
            .map(|entry| u64_at(entry, 32).saturating_mul(BLOCK))
            .collect(),
        bootable: used.clone().any(|entry| entry[..16] == EFI_SYSTEM),
    })
}
