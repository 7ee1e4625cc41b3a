//! Chunks that have been delivered, up to a bound; those that were used longest ago go first.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;

/// Chunks by their numbers.
pub(super) struct Cache {
    most: usize,
    bytes: usize,
    chunks: HashMap<u64, Chunk>,
    /// Chunks by their last use.
    uses: BTreeMap<u64, u64>,
    last_use: u64,
}

struct Chunk {
    bytes: Bytes,
    used: u64,
}

impl Cache {
    /// One that holds at most so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            bytes: 0,
            chunks: HashMap::new(),
            uses: BTreeMap::new(),
            last_use: 0,
        }
    }

    /// Whether a chunk is here.
    pub(super) fn has(&self, chunk: u64) -> bool {
        self.chunks.contains_key(&chunk)
    }

    /// A chunk, which is used by that.
    pub(super) fn get(&mut self, chunk: u64) -> Option<Bytes> {
        let found = self.chunks.get_mut(&chunk)?;
        self.uses.remove(&found.used);
        self.last_use += 1;
        found.used = self.last_use;
        self.uses.insert(found.used, chunk);
        Some(found.bytes.clone())
    }

    /// Keeps a chunk, and lets go of others where it must.
    pub(super) fn put(&mut self, chunk: u64, bytes: Bytes) {
        self.remove(chunk);
        if bytes.len() > self.most {
            return;
        }
        while self.bytes + bytes.len() > self.most
            && let Some((_, oldest)) = self.uses.pop_first()
        {
            self.remove(oldest);
        }
        self.bytes += bytes.len();
        self.last_use += 1;
        let used = self.last_use;
        self.uses.insert(used, chunk);
        self.chunks.insert(chunk, Chunk { bytes, used });
    }

    /// How many bytes are here.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn remove(&mut self, chunk: u64) {
        if let Some(gone) = self.chunks.remove(&chunk) {
            self.uses.remove(&gone.used);
            self.bytes -= gone.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(length: usize) -> Bytes {
        Bytes::from(vec![7; length])
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let mut cache = Cache::new(30);
        for chunk in 0..3 {
            cache.put(chunk, bytes(10));
        }
        assert!(cache.get(0).is_some());
        cache.put(3, bytes(10));
        assert_eq!(
            [0, 1, 2, 3].map(|chunk| cache.has(chunk)),
            [true, false, true, true]
        );
        assert_eq!(cache.bytes(), 30);
    }

    #[test]
    fn it_never_holds_more_than_its_bound() {
        let mut cache = Cache::new(25);
        for (chunk, length) in [(0, 10), (1, 10), (1, 5), (2, 20), (3, 26), (2, 25)] {
            cache.put(chunk, bytes(length));
            let held: usize = (0..4)
                .filter_map(|chunk| cache.get(chunk))
                .map(|held| held.len())
                .sum();
            assert!(held <= 25 && held == cache.bytes(), "{held}");
        }
        assert_eq!(cache.get(2).map(|held| held.len()), Some(25));
    }
}
