//! How exFAT compares names: its recommended up-case table (specification, 7.2.5.1).

/// The table in its compressed form, as it stands on a volume: a number of characters that are their own upper case
/// follows on 0xFFFF.
pub(super) const TABLE: &[u8; 5836] = include_bytes!("up-case.bin");

/// The table's checksum, as it stands on a volume.
pub(super) const CHECKSUM: u32 = 0xE619_D30D;

/// The upper case of each UTF-16 unit.
pub(super) struct UpCase(Vec<u16>);

impl UpCase {
    pub(super) fn new() -> Self {
        let mut units = TABLE
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let mut table: Vec<u16> = Vec::with_capacity(1 << 16);
        while let Some(unit) = units.next() {
            match unit {
                0xFFFF if units.len() > 0 => {
                    let same = table.len()..table.len() + usize::from(units.next().unwrap_or(0));
                    table.extend(same.map(|unit| unit as u16));
                }
                unit => table.push(unit),
            }
        }
        Self(table)
    }

    /// A name in upper case, by which it is compared.
    pub(super) fn of(&self, name: &str) -> Vec<u16> {
        let upper = |unit: u16| self.0.get(usize::from(unit)).copied().unwrap_or(unit);
        name.encode_utf16().map(upper).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::exfat::sum32, *};

    #[test]
    fn the_table_is_the_one_of_the_specification() {
        assert_eq!(sum32(0, TABLE), CHECKSUM);
        assert_eq!(UpCase::new().0.len(), 1 << 16);
    }

    #[test]
    fn names_are_compared_in_upper_case() {
        let table = UpCase::new();
        assert_eq!(table.of("größe.txt"), table.of("GRÖßE.TXT"));
        assert_eq!(table.of("привет"), table.of("ПРИВЕТ"));
        assert_ne!(table.of("a"), table.of("b"));
    }
}
