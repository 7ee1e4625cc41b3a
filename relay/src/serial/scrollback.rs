//! What a port has printed, as far as it is kept.

use std::collections::VecDeque;

/// The newest bytes of a log. Each byte has a place: how many came before it since the log began.
#[derive(Clone, Debug)]
pub struct Scrollback {
    bytes: VecDeque<u8>,
    limit: usize,
    end: u64,
}

impl Scrollback {
    /// An empty log that keeps at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            limit,
            end: 0,
        }
    }

    /// Adds bytes at the end; the oldest go where there are too many.
    pub fn push(&mut self, bytes: &[u8]) {
        self.end += bytes.len() as u64;
        let kept = &bytes[bytes.len().saturating_sub(self.limit)..];
        let over = (self.bytes.len() + kept.len()).saturating_sub(self.limit);
        self.bytes.drain(..over.min(self.bytes.len()));
        self.bytes.extend(kept);
    }

    /// The place of the oldest byte that is kept.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.end - self.bytes.len() as u64
    }

    /// The place behind the newest byte.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// At most `most` bytes from a place on, and the place where they begin: a later one, where its byte is not kept.
    #[must_use]
    pub fn read(&self, from: u64, most: usize) -> (u64, Vec<u8>) {
        let from = from.clamp(self.oldest(), self.end);
        let skipped = usize::try_from(from - self.oldest()).unwrap_or(self.bytes.len());
        let bytes = self.bytes.iter().skip(skipped).take(most);
        (from, bytes.copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Scrollback;

    #[test]
    fn the_oldest_bytes_go_first() {
        let mut scrollback = Scrollback::new(4);
        scrollback.push(b"abc");
        assert_eq!(scrollback.read(0, 10), (0, b"abc".to_vec()));
        scrollback.push(b"de");
        assert_eq!((scrollback.oldest(), scrollback.end()), (1, 5));
        assert_eq!(scrollback.read(0, 10), (1, b"bcde".to_vec()));
        assert_eq!(scrollback.read(3, 1), (3, b"d".to_vec()));
        assert_eq!(scrollback.read(9, 10), (5, Vec::new()));
        scrollback.push(b"0123456789");
        assert_eq!(scrollback.read(0, 10), (11, b"6789".to_vec()));
    }

    proptest! {
        #[test]
        fn every_byte_that_is_kept_is_at_its_place(
            limit in 0_usize..50,
            pushes in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20),
            from in 0_u64..1000,
            most in 0_usize..60,
        ) {
            let mut scrollback = Scrollback::new(limit);
            let mut all: Vec<u8> = Vec::new();
            for bytes in &pushes {
                scrollback.push(bytes);
                all.extend(bytes);
                prop_assert_eq!(scrollback.end(), all.len() as u64);
                prop_assert_eq!(scrollback.oldest(), all.len().saturating_sub(limit) as u64);
                let (at, read) = scrollback.read(from, most);
                let at = usize::try_from(at).unwrap();
                prop_assert_eq!(&read[..], &all[at..(at + most).min(all.len())]);
            }
        }

        #[test]
        fn a_reader_that_goes_on_where_it_was_gets_each_byte_once(
            pushes in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..40), any::<bool>()), 0..30),
        ) {
            let mut scrollback = Scrollback::new(64);
            let (mut all, mut got) = (Vec::<u8>::new(), Vec::<u8>::new());
            let (mut at, mut missed) = (0, 0);
            for (bytes, reads) in &pushes {
                scrollback.push(bytes);
                all.extend(bytes);
                while *reads && at < scrollback.end() {
                    let (from, read) = scrollback.read(at, 7);
                    missed += from - at;
                    at = from + read.len() as u64;
                    prop_assert_eq!(&read[..], &all[usize::try_from(from).unwrap()..usize::try_from(at).unwrap()]);
                    got.extend(read);
                }
            }
            prop_assert_eq!(got.len() as u64 + missed, at);
        }
    }
}
