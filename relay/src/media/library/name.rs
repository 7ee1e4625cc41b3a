//! What an image may be called: a name that people give becomes a file name here, and nowhere else.

use std::fmt;

use shared::media::NAME_MAX;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// Characters that are forbidden in file names on Windows, besides those that separate folders.
/// Source: "Naming Files, Paths, and Namespaces", Microsoft.
const FORBIDDEN: [char; 7] = ['<', '>', ':', '"', '|', '?', '*'];

/// Names of devices on Windows, whatever follows behind a dot. Source: as above.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Names of devices on Windows where a digit follows, or one of the superscripts that it takes for digits.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];

/// The name of what comes without one.
const UNNAMED: &str = "download.img";

/// A name that is a file name on every system, in Unicode's composed form (NFC).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

/// Names of equal keys are the same name to people, and to file systems that ignore case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// Why a name cannot be an image's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadName {
    /// There is none.
    #[error("it is empty")]
    Empty,
    /// In UTF-8.
    #[error("it has {0} bytes, and at most {NAME_MAX} fit")]
    TooLong(usize),
    /// It would name a place elsewhere.
    #[error("\"{0}\" separates folders")]
    Separator(char),
    /// It would be hidden, or name a folder.
    #[error("it begins with a dot")]
    LeadingDot,
    /// Nobody sees it.
    #[error("it has a control character (U+{:04X})", u32::from(*.0))]
    Control(char),
    /// Other systems refuse it.
    #[error("\"{0}\" is not allowed in file names on Windows")]
    Forbidden(char),
    /// Other systems refuse it.
    #[error("\"{0}\" is the name of a device on Windows")]
    Device(String),
    /// It is taken away on Windows, and nobody sees it.
    #[error("it begins with a space, or ends with a space or a dot")]
    Edge,
}

impl Name {
    /// Checks a name that somebody has given.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(given: &str) -> Result<Self, BadName> {
        if given.len() > NAME_MAX * 4 {
            return Err(BadName::TooLong(given.len()));
        }
        let name = nfc(given);
        check(&name)?;
        Ok(Self(name))
    }

    /// The name of what comes without one.
    #[must_use]
    pub fn unnamed() -> Self {
        Self(UNNAMED.to_owned())
    }

    /// What it is compared by.
    #[must_use]
    pub fn key(&self) -> Key {
        key(&self.0)
    }

    /// The name as it is told.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name with a number before its extension, for where the plain one is taken.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let (stem, extension) = match self.0.rfind('.') {
            Some(dot) if self.0.len() - dot <= 16 => self.0.split_at(dot),
            _ => (self.0.as_str(), ""),
        };
        let end = format!(" ({number}){extension}");
        let room = NAME_MAX.saturating_sub(end.len());
        let cut = (0..=room.min(stem.len()))
            .rev()
            .find(|&at| stem.is_char_boundary(at))
            .unwrap_or(0);
        Self(format!("{}{end}", &stem[..cut]))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a file that somebody has put into the folder can be an image under the name that it has.
///
/// # Errors
/// What is wrong with it.
pub fn check(name: &str) -> Result<(), BadName> {
    if name.is_empty() {
        return Err(BadName::Empty);
    }
    if name.len() > NAME_MAX {
        return Err(BadName::TooLong(name.len()));
    }
    if name.starts_with('.') {
        return Err(BadName::LeadingDot);
    }
    for character in name.chars() {
        match character {
            '/' | '\\' => return Err(BadName::Separator(character)),
            _ if is_invisible(character) => return Err(BadName::Control(character)),
            _ if FORBIDDEN.contains(&character) => return Err(BadName::Forbidden(character)),
            _ => {}
        }
    }
    if name.starts_with(char::is_whitespace)
        || name.ends_with(|last: char| last == '.' || last.is_whitespace())
    {
        return Err(BadName::Edge);
    }
    match device(name) {
        Some(device) => Err(BadName::Device(device)),
        None => Ok(()),
    }
}

/// What names are compared by.
#[must_use]
pub fn key(name: &str) -> Key {
    Key(nfc(&nfc(name).to_uppercase().to_lowercase()))
}

/// Controls, the ends of lines, and the marks that turn the direction of a text, so that a name can look like another.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn device(name: &str) -> Option<String> {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let upper = stem.to_uppercase();
    let numbered = NUMBERED_DEVICES.iter().any(|device| {
        upper
            .strip_prefix(device)
            .is_some_and(|rest| matches!(rest, "¹" | "²" | "³") || is_digit_of_a_device(rest))
    });
    (numbered || DEVICES.contains(&upper.as_str())).then(|| stem.to_owned())
}

fn is_digit_of_a_device(rest: &str) -> bool {
    matches!(rest.as_bytes(), [b'0'..=b'9'])
}

fn nfc(text: &str) -> String {
    text.nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_people_use_are_taken_as_they_are() {
        for name in [
            "debian-13.1.0-amd64-netinst.iso",
            "Windows 11 (24H2) – Français.iso",
            "中文 安装盘.img",
            "Ubuntu 26.04.iso",
            "console.iso",
            "com.example.iso",
            "a",
            "100% sure & 'quoted' #1;.iso",
        ] {
            assert_eq!(Name::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn what_has_no_name_gets_one() {
        let name = Name::unnamed();
        assert_eq!(Name::new(name.as_str()), Ok(name));
    }

    #[test]
    fn what_is_no_file_name_is_refused_with_the_reason() {
        let long = "ü".repeat(150);
        for (name, why) in [
            ("", BadName::Empty),
            ("..", BadName::LeadingDot),
            (".", BadName::LeadingDot),
            (".partial", BadName::LeadingDot),
            ("../../etc/passwd", BadName::LeadingDot),
            ("/etc/passwd", BadName::Separator('/')),
            ("a/../b", BadName::Separator('/')),
            ("C\\boot.iso", BadName::Separator('\\')),
            ("a\0b.iso", BadName::Control('\0')),
            ("a\nb.iso", BadName::Control('\n')),
            ("a\u{85}b", BadName::Control('\u{85}')),
            ("evil\u{202E}osi.exe", BadName::Control('\u{202E}')),
            ("a:b.iso", BadName::Forbidden(':')),
            ("what?.iso", BadName::Forbidden('?')),
            ("CON", BadName::Device("CON".into())),
            ("nul.iso", BadName::Device("nul".into())),
            ("Com7.tar.gz", BadName::Device("Com7".into())),
            ("LPT\u{B9}.img", BadName::Device("LPT\u{B9}".into())),
            ("a.iso ", BadName::Edge),
            ("a.iso.", BadName::Edge),
            (" a.iso", BadName::Edge),
            (&long, BadName::TooLong(300)),
        ] {
            assert_eq!(Name::new(name), Err(why), "{name:?}");
        }
    }

    #[test]
    fn the_same_name_in_another_spelling_has_the_same_key() {
        let composed = Name::new("Caf\u{E9}.iso").unwrap();
        let decomposed = Name::new("Cafe\u{301}.iso").unwrap();
        assert_eq!(composed, decomposed);
        for (one, other) in [("CAFÉ.ISO", "café.iso"), ("STRASSE", "straße")] {
            assert_eq!(key(one), key(other));
        }
        assert_ne!(key("a.iso"), key("b.iso"));
    }

    #[test]
    fn a_number_comes_before_the_extension() {
        let numbered = |name: &str| Name::new(name).unwrap().numbered(2).to_string();
        assert_eq!(numbered("a.iso"), "a (2).iso");
        assert_eq!(numbered("a"), "a (2)");
    }

    proptest! {
        #[test]
        fn what_is_taken_names_one_file_in_its_folder(given in any::<String>()) {
            if let Ok(name) = Name::new(&given) {
                let path = std::path::Path::new(name.as_str());
                let parts: Vec<_> = path.components().collect();
                prop_assert!(matches!(parts[..], [std::path::Component::Normal(_)]));
                prop_assert!(name.as_str().len() <= NAME_MAX);
                prop_assert_eq!(Name::new(name.as_str()), Ok(name.clone()));
                prop_assert_eq!(check(name.numbered(99).as_str()), Ok(()));
            }
        }
    }
}
