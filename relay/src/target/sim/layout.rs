//! The keyboard layouts that the simulated PC can be set to.
//!
//! Source: the symbols of xkeyboard-config (us, gb, de, fr). A combining character in a table is a dead key.

/// The usages of the writing keys (HID page 0x07), in the order of the tables.
const KEYS: [u8; 48] = [
    0x35, 0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2D, 0x2E, // ` 1 ... =
    0x14, 0x1A, 0x08, 0x15, 0x17, 0x1C, 0x18, 0x0C, 0x12, 0x13, 0x2F, 0x30, // q ... ]
    0x04, 0x16, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x33, 0x34, 0x31, // a ... \
    0x64, 0x1D, 0x1B, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38, // < z ... /
];

/// Where a table has no character.
const NONE: char = ' ';

/// What the writing keys type.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// The name that `layout` takes.
    pub name: &'static str,
    /// The language, for people.
    pub title: &'static str,
    /// A table a level: plain, Shift, AltGr, Shift and AltGr. No AltGr levels: the right Alt is an ordinary Alt.
    levels: &'static [&'static str],
    /// What the keypad's decimal key types.
    pub decimal: char,
}

/// Every layout.
pub const LAYOUTS: [&Layout; 4] = [&US, &GB, &DE, &FR];

/// The layout after a start.
pub const US: Layout = Layout {
    name: "us",
    title: "English (US)",
    levels: &[
        "`1234567890-=qwertyuiop[]asdfghjkl;'\\<zxcvbnm,./",
        "~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"|>ZXCVBNM<>?",
    ],
    decimal: '.',
};

const GB: Layout = Layout {
    name: "gb",
    title: "English (UK)",
    levels: &[
        "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
        "¬!\"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?",
        "|¹²³€½¾{[]}\\\u{327}@ſe¶ŧ←↓→øþ\u{308}\u{303}æßðđŋħ ĸł\u{301}\u{302}\u{300}|«»¢„“”µ•· ",
        "|¡⅛£¼⅜⅝⅞™±°¿\u{328}Ω§E®Ŧ¥↑ıØÞ\u{30A}\u{304}ÆẞÐªŊĦ &Ł\u{30B}\u{30C}\u{306}¦<>©‚‘’º×÷ ",
    ],
    decimal: '.',
};

const DE: Layout = Layout {
    name: "de",
    title: "German",
    levels: &[
        "\u{302}1234567890ß\u{301}qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
        "°!\"§$%&/()=?\u{300}QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
        "′¹²³¼½¬{[]}\\\u{327}@ſ€¶ŧ←↓→øþ\u{308}~æſðđŋħ ĸł\u{30B}\u{302}’|»«¢„“”µ·…–",
        "″¡⅛£¤⅜⅝⅞™±°¿\u{328}Ω§€®Ŧ¥↑ıØÞ\u{30A}¯ÆẞÐªŊĦ\u{307}&Ł \u{30C}\u{306} ›‹©‚‘’º×÷—",
    ],
    decimal: ',',
};

const FR: Layout = Layout {
    name: "fr",
    title: "French",
    levels: &[
        "²&é\"'(-è_çà)=azertyuiop\u{302}$qsdfghjklmù*<wxcvbn,;:!",
        "~1234567890°+AZERTYUIOP\u{308}£QSDFGHJKLM%µ>WXCVBN?./§",
        "¬¹~#{[|`\\^@]}æ«€¶ŧ←↓→øþ\u{308}¤@ßðđŋħ ĸłµ\u{302}\u{300}|ł»¢„“”\u{301}•· ",
        "¬¡⅛£$⅜⅝⅞™±°¿\u{328}Æ<¢®Ŧ¥↑ıØÞ\u{30A}\u{304}ΩẞÐªŊĦ &Łº\u{30C}\u{306}¦Ł>©‚‘’\u{30B}×÷ ",
    ],
    decimal: '.',
};

impl Layout {
    /// The layout of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        LAYOUTS.into_iter().find(|layout| layout.name == name)
    }

    /// Whether the right Alt is AltGr.
    #[must_use]
    pub fn has_alt_gr(&self) -> bool {
        self.levels.len() > 2
    }

    /// What a writing key gives: a character, or a combining one where it is a dead key. Caps Lock turns letters only.
    #[must_use]
    pub fn symbol(&self, usage: u8, shift: bool, alt_gr: bool, caps: bool) -> Option<char> {
        let usage = if usage == 0x32 { 0x31 } else { usage };
        let key = KEYS.iter().position(|known| *known == usage)?;
        let level = if alt_gr { 2 } else { 0 };
        let shift = shift != (caps && self.is_letter(key, level));
        let symbol = self.at(key, level + usize::from(shift))?;
        (symbol != NONE).then_some(symbol)
    }

    fn at(&self, key: usize, level: usize) -> Option<char> {
        self.levels.get(level)?.chars().nth(key)
    }

    fn is_letter(&self, key: usize, level: usize) -> bool {
        let (lower, upper) = (self.at(key, level), self.at(key, level + 1));
        let capital = |letter: char| letter.to_uppercase().next();
        lower != upper && lower.and_then(capital) == upper
    }
}

/// Whether a character of a table is a dead key.
#[must_use]
pub fn is_dead(symbol: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&symbol)
}

/// What a dead key and the character after it give together; the accent by itself goes before what does not take it.
#[must_use]
pub fn compose(accent: char, next: char) -> String {
    let (_, alone, pairs) = ACCENTS
        .iter()
        .find(|(dead, ..)| *dead == accent)
        .unwrap_or(&('\u{300}', '`', ""));
    if next == ' ' || next == accent {
        return alone.to_string();
    }
    let letters: Vec<char> = pairs.chars().collect();
    letters
        .chunks_exact(2)
        .find(|pair| pair[0] == next)
        .map_or_else(
            || {
                format!(
                    "{alone}{}",
                    ACCENTS
                        .iter()
                        .find(|(dead, ..)| *dead == next)
                        .map_or(next, |(_, alone, _)| *alone)
                )
            },
            |pair| pair[1].to_string(),
        )
}

/// A dead key, its accent by itself, and letters each followed by the same with the accent.
const ACCENTS: [(char, char, &str); 13] = [
    ('\u{300}', '`', "aàeèiìoòuùAÀEÈIÌOÒUÙ"),
    ('\u{301}', '´', "aáeéiíoóuúyýcćnńsśzźAÁEÉIÍOÓUÚYÝCĆNŃ"),
    ('\u{302}', '^', "aâeêiîoôuûAÂEÊIÎOÔUÛ"),
    ('\u{303}', '~', "aãnñoõAÃNÑOÕ"),
    ('\u{304}', '¯', "aāeēiīoōuūAĀEĒIĪOŌUŪ"),
    ('\u{306}', '˘', "aăgğuŭAĂGĞUŬ"),
    ('\u{307}', '˙', "eėzżEĖZŻIİ"),
    ('\u{308}', '¨', "aäeëiïoöuüyÿAÄEËIÏOÖUÜYŸ"),
    ('\u{30A}', '°', "aåuůAÅUŮ"),
    ('\u{30B}', '˝', "oőuűOŐUŰ"),
    ('\u{30C}', 'ˇ', "cčeěnňrřsšzžCČEĚNŇRŘSŠZŽ"),
    ('\u{327}', '¸', "cçsşCÇSŞ"),
    ('\u{328}', '˛', "aąeęAĄEĘ"),
];

#[cfg(test)]
mod tests {
    use shared::{input::Usage, keys};

    use super::{KEYS, LAYOUTS, Layout, compose};

    fn typed(layout: &str, code: &str, shift: bool, alt_gr: bool, caps: bool) -> Option<char> {
        let Some(Usage::Keyboard(usage)) = keys::usage(code) else {
            panic!("no keyboard key {code}");
        };
        Layout::named(layout)
            .unwrap()
            .symbol(usage, shift, alt_gr, caps)
    }

    #[test]
    fn every_level_names_every_key() {
        for layout in LAYOUTS {
            for level in layout.levels {
                assert_eq!(
                    level.chars().count(),
                    KEYS.len(),
                    "{}: {level}",
                    layout.name
                );
            }
        }
    }

    #[test]
    fn keys_type_what_is_printed_on_them() {
        for (layout, code, shift, alt_gr, character) in [
            ("us", "KeyA", false, false, 'a'),
            ("us", "Digit2", true, false, '@'),
            ("us", "Quote", true, false, '"'),
            ("us", "Slash", true, false, '?'),
            ("gb", "Digit2", true, false, '"'),
            ("gb", "Digit3", true, false, '£'),
            ("gb", "Digit4", false, true, '€'),
            ("gb", "Backslash", false, false, '#'),
            ("gb", "IntlBackslash", true, false, '|'),
            ("de", "KeyY", false, false, 'z'),
            ("de", "KeyZ", true, false, 'Y'),
            ("de", "Minus", false, false, 'ß'),
            ("de", "KeyQ", false, true, '@'),
            ("de", "KeyE", false, true, '€'),
            ("de", "Digit7", false, true, '{'),
            ("de", "Digit0", false, true, '}'),
            ("de", "IntlBackslash", false, true, '|'),
            ("de", "Slash", false, false, '-'),
            ("fr", "KeyQ", false, false, 'a'),
            ("fr", "Semicolon", false, false, 'm'),
            ("fr", "Digit1", true, false, '1'),
            ("fr", "Digit0", false, true, '@'),
            ("fr", "KeyM", true, false, '?'),
            ("fr", "Comma", true, false, '.'),
        ] {
            assert_eq!(
                typed(layout, code, shift, alt_gr, false),
                Some(character),
                "{layout} {code}"
            );
        }
    }

    #[test]
    fn caps_lock_turns_letters_and_nothing_else() {
        assert_eq!(typed("us", "KeyA", false, false, true), Some('A'));
        assert_eq!(typed("us", "KeyA", true, false, true), Some('a'));
        assert_eq!(typed("us", "Digit1", false, false, true), Some('1'));
        assert_eq!(typed("de", "Semicolon", false, false, true), Some('Ö'));
        assert_eq!(typed("de", "Comma", false, false, true), Some(','));
        assert_eq!(typed("fr", "Digit2", false, false, true), Some('é'));
    }

    #[test]
    fn accents_join_the_letters_that_take_them() {
        assert_eq!(compose('\u{302}', 'e'), "ê");
        assert_eq!(compose('\u{308}', 'I'), "Ï");
        assert_eq!(compose('\u{301}', ' '), "´");
        assert_eq!(compose('\u{302}', '\u{302}'), "^");
        assert_eq!(compose('\u{302}', 'x'), "^x");
        assert_eq!(compose('\u{301}', '\u{300}'), "´`");
    }
}
