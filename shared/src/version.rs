//! Which versions of the protocol an end speaks, and how both agree on one.

use serde::{Deserialize, Serialize};

/// The WebSocket subprotocol that carries these messages.
pub const SUBPROTOCOL: &str = "armchair.v1";

/// The versions that this build speaks.
pub const SPOKEN: Versions = Versions {
    oldest: 2,
    newest: 2,
};

/// A range of protocol versions, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The oldest version spoken.
    pub oldest: u16,
    /// The newest version spoken.
    pub newest: u16,
}

impl Versions {
    /// The newest version that both ends speak, or `None` where they have none in common.
    #[must_use]
    pub fn agree(self, other: Self) -> Option<u16> {
        let newest = self.newest.min(other.newest);
        (newest >= self.oldest.max(other.oldest)).then_some(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::Versions;

    fn versions(oldest: u16, newest: u16) -> Versions {
        Versions { oldest, newest }
    }

    #[test]
    fn the_newest_common_version_is_agreed() {
        assert_eq!(versions(1, 3).agree(versions(2, 5)), Some(3));
        assert_eq!(versions(2, 5).agree(versions(1, 3)), Some(3));
        assert_eq!(versions(1, 1).agree(versions(1, 1)), Some(1));
    }

    #[test]
    fn ranges_apart_agree_on_nothing() {
        assert_eq!(versions(1, 2).agree(versions(3, 4)), None);
        assert_eq!(versions(3, 4).agree(versions(1, 2)), None);
    }
}
