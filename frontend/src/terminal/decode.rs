//! UTF-8 in pieces.

/// The character for what is none.
const REPLACEMENT: char = '\u{FFFD}';

/// Turns bytes into characters, whichever pieces they come in.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    partial: Vec<u8>,
}

impl Decoder {
    /// The characters that are whole now.
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        self.partial.extend(bytes);
        let mut text = String::new();
        let mut taken = 0;
        for chunk in self.partial.utf8_chunks() {
            text.push_str(chunk.valid());
            taken += chunk.valid().len();
            let invalid = chunk.invalid();
            let is_last = taken + invalid.len() == self.partial.len();
            if invalid.is_empty() || (is_last && may_go_on(invalid)) {
                continue;
            }
            taken += invalid.len();
            text.push(REPLACEMENT);
        }
        self.partial.drain(..taken);
        text
    }
}

/// Whether these bytes are the beginning of a character.
fn may_go_on(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Decoder;

    #[test]
    fn a_character_in_pieces_is_one() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(b"a\xe4"), "a");
        assert_eq!(decoder.decode(b"\xb8"), "");
        assert_eq!(decoder.decode(b"\xadb"), "中b");
        assert_eq!(decoder.decode(b"\xffc\xe4"), "\u{fffd}c");
        assert_eq!(decoder.decode(b"d"), "\u{fffd}d");
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in proptest::collection::vec(any::<u8>(), 0..100), at in 0_usize..100) {
            let at = at.min(bytes.len());
            let mut decoder = Decoder::default();
            let mut text = decoder.decode(&bytes[..at]);
            text += &decoder.decode(&bytes[at..]);
            text += &decoder.decode(b".");
            let whole = [&bytes[..], b"."].concat();
            prop_assert_eq!(text, String::from_utf8_lossy(&whole));
        }
    }
}
