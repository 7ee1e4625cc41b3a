//! A disk as it is put together from its beginning on.

use std::ops::Range;

use super::{Layout, Piece};

#[derive(Default)]
pub(super) struct Pieces {
    at: u64,
    metadata: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Pieces {
    /// Adds bytes, and gives where [`Self::again`] finds them.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.metadata.len();
        self.metadata.extend_from_slice(bytes);
        let range = start..self.metadata.len();
        self.again(range.clone());
        range
    }

    /// Adds bytes that were added before.
    pub(super) fn again(&mut self, range: Range<usize>) {
        self.at += range.len() as u64;
        match self.pieces.last_mut() {
            Some(Piece::Metadata(last)) if last.end == range.start => last.end = range.end,
            _ if range.is_empty() => {}
            _ => self.pieces.push(Piece::Metadata(range)),
        }
    }

    /// Adds the bytes of a file.
    pub(super) fn file(&mut self, entry: usize, bytes: u64) {
        if bytes > 0 {
            self.at += bytes;
            self.pieces.push(Piece::File(entry));
        }
    }

    /// Adds zeros up to a place, in bytes from the beginning of the disk.
    pub(super) fn zeros_to(&mut self, end: u64) {
        let zeros = end.saturating_sub(self.at);
        self.at += zeros;
        match self.pieces.last_mut() {
            Some(Piece::Zeros(last)) => *last += zeros,
            _ if zeros == 0 => {}
            _ => self.pieces.push(Piece::Zeros(zeros)),
        }
    }

    /// The disk, with zeros up to its end.
    pub(super) fn disk(mut self, bytes: u64) -> Layout {
        self.zeros_to(bytes);
        Layout {
            bytes: self.at,
            metadata: self.metadata,
            pieces: self.pieces,
        }
    }
}
