//! How large a disk is, and its clusters.

use super::{LayoutError, Room, SECTOR, partition::START};

/// What sizes are rounded up to, in bytes.
const STEP: u64 = 1 << 20;

/// What a file system says of sizes.
pub(super) trait Sizes {
    /// Up to which size of the volume which clusters are used, both in bytes, ascending.
    const CLUSTERS: &'static [(u64, u64)];

    /// The largest disk, in bytes.
    const MOST: u64;

    /// How many clusters there are for folders and files in a volume of this size; none in one that is too small.
    fn available(volume: u64, cluster: u64) -> u64;
}

/// The size of the disk and of its clusters, in bytes. `needed` says how many clusters of a size folders and files fill.
pub(super) fn fit<S: Sizes>(
    room: Room,
    needed: impl Fn(u64) -> u64,
) -> Result<(u64, u64), LayoutError> {
    match room {
        Room::Free(free) => smallest::<S>(|cluster| needed(cluster) + free.div_ceil(cluster)),
        Room::Whole(bytes) if bytes > S::MOST => Err(LayoutError::TooLarge { most: S::MOST }),
        Room::Whole(bytes) => {
            let bytes = bytes / SECTOR * SECTOR;
            let volume = bytes.saturating_sub(START);
            let cluster = S::CLUSTERS
                .iter()
                .find(|(limit, _)| volume <= *limit)
                .map_or(SECTOR, |(_, cluster)| *cluster);
            match S::available(volume, cluster) >= needed(cluster) {
                true => Ok((bytes, cluster)),
                false => Err(LayoutError::TooSmall {
                    least: smallest::<S>(needed)?.0,
                }),
            }
        }
    }
}

fn smallest<S: Sizes>(needed: impl Fn(u64) -> u64) -> Result<(u64, u64), LayoutError> {
    let too_large = LayoutError::TooLarge { most: S::MOST };
    for (limit, cluster) in S::CLUSTERS {
        let needed = needed(*cluster);
        let mut volume = needed.saturating_mul(*cluster).next_multiple_of(STEP);
        while volume <= *limit && S::available(volume, *cluster) < needed {
            volume += STEP;
        }
        if volume <= *limit {
            let bytes = START + volume;
            return match bytes <= S::MOST {
                true => Ok((bytes, *cluster)),
                false => Err(too_large),
            };
        }
    }
    Err(too_large)
}
