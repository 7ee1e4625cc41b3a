//! Random secrets: session tokens and setup codes.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Crockford's alphabet: no I, L, O or U, which are easily misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 256 random bits that prove a session. Only their hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(random())
    }

    /// From the form that [`Token::to_hex`] gives.
    #[must_use]
    pub fn from_hex(hex: &str) -> Option<Self> {
        let digits = hex.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

/// The one-time code with which an owner claims a new relay: 40 random bits.
#[derive(Clone)]
pub struct SetupCode(String);

impl SetupCode {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        let bytes: [u8; 8] = random();
        let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        Self(letters.iter().collect())
    }

    /// Whether somebody has typed this code; upper and lower case, dashes and look-alikes are the same. Takes as long
    /// for a code that is nearly right as for one that is all wrong.
    #[must_use]
    pub fn matches(&self, typed: &str) -> bool {
        let typed = Sha256::digest(plain(typed));
        Sha256::digest(&self.0).ct_eq(&typed).into()
    }
}

impl fmt::Display for SetupCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(self.0.len() / 2);
        write!(formatter, "{first}-{second}")
    }
}

fn plain(typed: &str) -> String {
    let read = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    };
    typed
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(read)
        .collect()
}

#[expect(
    clippy::expect_used,
    reason = "a system without random numbers can keep no secret"
)]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text() {
        let token = Token::random();
        assert!(Token::from_hex(&token.to_hex()) == Some(token));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            "",
            "00",
            &"g".repeat(64),
            &"0".repeat(63),
            &"0".repeat(65),
            &"é".repeat(32),
            &"+1".repeat(32),
        ] {
            assert!(Token::from_hex(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_code_is_two_groups_of_four() {
        let code = SetupCode::random().to_string();
        let (first, second) = code.split_once('-').unwrap();
        for group in [first, second] {
            assert_eq!(group.len(), 4);
            assert!(
                group.bytes().all(|letter| ALPHABET.contains(&letter)),
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = SetupCode("01AB23CD".to_owned());
        for typed in ["01AB-23CD", "01ab23cd", " oiAB 23cd", "0LAB-23CD"] {
            assert!(code.matches(typed), "{typed}");
        }
        for typed in ["", "01AB", "01AB-23CE", "01AB-23CD0"] {
            assert!(!code.matches(typed), "{typed}");
        }
    }

    #[test]
    fn two_codes_differ() {
        assert_ne!(
            SetupCode::random().to_string(),
            SetupCode::random().to_string()
        );
    }
}
