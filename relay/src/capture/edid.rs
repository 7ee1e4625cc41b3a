//! The identification that a monitor gives, EDID 1.x.

use std::{fs, path::Path};

use thiserror::Error;

/// Bytes of one block.
pub const BLOCK: usize = 128;

/// The most blocks: the base block and 255 extensions.
pub const BLOCKS_MAX: usize = 256;

const HEADER: [u8; 8] = [0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0];

/// Where the base block says how many blocks follow.
const EXTENSIONS: usize = 126;

/// Why bytes are not an EDID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EdidError {
    /// Not a whole number of blocks, none, or too many.
    #[error("an EDID is 1 to 256 blocks of 128 bytes, and this has {0} bytes")]
    Length(usize),
    /// It does not begin as an EDID does.
    #[error("an EDID begins with 00 FF FF FF FF FF FF 00, and this does not")]
    Header,
    /// More or fewer extension blocks than the base block says.
    #[error("the EDID says that {said} blocks follow the first, and {there} do")]
    Extensions {
        /// As the base block says.
        said: usize,
        /// As there are.
        there: usize,
    },
    /// A block whose bytes do not add up to a multiple of 256.
    #[error("the checksum of EDID block {block} is {found:#04x} and should be {wanted:#04x}")]
    Checksum {
        /// Counted from 0.
        block: usize,
        /// Its last byte.
        found: u8,
        /// What that should be.
        wanted: u8,
    },
}

/// Reads an EDID from a file.
///
/// # Errors
/// What is wrong with it, in words that name the file.
pub fn read(file: &Path) -> Result<Vec<u8>, String> {
    let shown = file.display();
    let bytes = fs::read(file).map_err(|error| format!("{shown}: {error}"))?;
    validate(&bytes).map_err(|error| format!("{shown}: {error}"))?;
    Ok(bytes)
}

/// Makes sure of an EDID's length, header, number of blocks and checksums.
///
/// # Errors
/// The first thing that is wrong.
pub fn validate(edid: &[u8]) -> Result<(), EdidError> {
    let blocks = edid.len() / BLOCK;
    if blocks == 0 || blocks > BLOCKS_MAX || !edid.len().is_multiple_of(BLOCK) {
        return Err(EdidError::Length(edid.len()));
    }
    if edid[..HEADER.len()] != HEADER {
        return Err(EdidError::Header);
    }
    let (said, there) = (usize::from(edid[EXTENSIONS]), blocks - 1);
    if said != there {
        return Err(EdidError::Extensions { said, there });
    }
    for (block, bytes) in edid.chunks_exact(BLOCK).enumerate() {
        let sum = bytes[..BLOCK - 1]
            .iter()
            .fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        let (found, wanted) = (bytes[BLOCK - 1], sum.wrapping_neg());
        if found != wanted {
            return Err(EdidError::Checksum {
                block,
                found,
                wanted,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{EdidError, validate};
    use proptest::prelude::*;

    /// One block with a maker, a product and a checksum.
    fn monitor() -> Vec<u8> {
        let mut edid = vec![0, 255, 255, 255, 255, 255, 255, 0];
        edid.extend([
            0x10, 0xAC, 0x64, 0xA0, 0x4C, 0x43, 0x53, 0x30, 0x2A, 0x15, 1, 4,
        ]);
        edid.resize(126, 0x20);
        edid.push(0);
        let sum: u32 = edid.iter().map(|byte| u32::from(*byte)).sum();
        edid.push((256 - sum % 256) as u8);
        edid
    }

    #[test]
    fn a_monitor_is_recognised() {
        assert_eq!(validate(&monitor()), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(validate(&[]), Err(EdidError::Length(0)));
        assert_eq!(validate(&monitor()[..127]), Err(EdidError::Length(127)));
        assert_eq!(validate(&[1; 128]), Err(EdidError::Header));
        let mut two = monitor();
        two.extend([0; 128]);
        let extensions = EdidError::Extensions { said: 0, there: 1 };
        assert_eq!(validate(&two), Err(extensions));
        let mut flipped = monitor();
        flipped[20] ^= 1;
        assert!(matches!(
            validate(&flipped),
            Err(EdidError::Checksum { block: 0, .. })
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = validate(&bytes);
        }

        #[test]
        fn one_flipped_bit_is_found(byte in 0usize..128, bit in 0u8..8) {
            let mut edid = monitor();
            edid[byte] ^= 1 << bit;
            prop_assert!(validate(&edid).is_err());
        }
    }
}
