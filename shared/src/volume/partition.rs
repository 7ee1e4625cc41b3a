//! The partition table of a new disk: an MBR with one entry.

use super::{Format, SECTOR, pieces::Pieces};

/// Where the partition begins, in bytes: what partitioning tools take, so that any block of flash memory is met.
pub(super) const START: u64 = 1 << 20;

/// Where the partition begins, in sectors.
pub(super) const START_SECTOR: u32 = (START / SECTOR) as u32;

/// INT 18h tells the firmware that nothing can be started from here; where that returns, the processor is halted.
pub(super) const NO_BOOT: [u8; 5] = [0xCD, 0x18, 0xF4, 0xEB, 0xFD];

/// Cylinder, head and sector beyond what they can count: the entry is read by its sector numbers.
const BEYOND: [u8; 3] = [0xFE, 0xFF, 0xFF];

/// Adds all before the partition. `volume` is its length in bytes, and `signature` tells disks apart.
pub(super) fn begin(pieces: &mut Pieces, format: Format, volume: u64, signature: u32) {
    let mut sector = [0; SECTOR as usize];
    sector[..5].copy_from_slice(&NO_BOOT);
    sector[440..444].copy_from_slice(&signature.to_le_bytes());
    let entry = &mut sector[446..462];
    entry[1..4].copy_from_slice(&BEYOND);
    entry[4] = match format {
        Format::Fat32 => 0x0C,
        Format::ExFat => 0x07,
    };
    entry[5..8].copy_from_slice(&BEYOND);
    entry[8..12].copy_from_slice(&START_SECTOR.to_le_bytes());
    entry[12..].copy_from_slice(&((volume / SECTOR) as u32).to_le_bytes());
    sector[510..].copy_from_slice(&[0x55, 0xAA]);
    pieces.bytes(&sector);
    pieces.zeros_to(START);
}
