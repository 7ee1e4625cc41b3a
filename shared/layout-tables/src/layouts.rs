//! The layouts, and what xkeyboard-config calls them.

use shared::layout::Level::{self, AltGr, ShiftAltGr};

/// Where a table comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The table's name.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// The layout of xkeyboard-config.
    pub layout: &'static str,
    /// Its variant; empty for the usual one.
    pub variant: &'static str,
    /// Where Windows has something else on its layout of the same name, and there is another way to the character.
    pub avoided: &'static [(u8, Level)],
}

/// Every layout.
pub const LAYOUTS: [Source; 44] = [
    source("ar", "Arabic", "ara", ""),
    source("be", "Belgian", "be", ""),
    source("bg", "Bulgarian", "bg", ""),
    source("colemak", "English (Colemak)", "us", "colemak"),
    source("cz", "Czech", "cz", ""),
    source("da", "Danish", "dk", ""),
    source("de", "German", "de", ""),
    source("de-ch", "German (Switzerland)", "ch", ""),
    source("dvorak", "English (Dvorak)", "us", "dvorak"),
    source("en-gb", "English (UK)", "gb", ""),
    source("en-us", "English (US)", "us", ""),
    source("en-us-intl", "English (US, international)", "us", "intl"),
    source("es", "Spanish", "es", ""),
    source("es-419", "Spanish (Latin America)", "latam", ""),
    source("et", "Estonian", "ee", ""),
    source("fi", "Finnish", "fi", ""),
    source("fo", "Faroese", "fo", ""),
    source("fr", "French", "fr", ""),
    source("fr-be", "French (Belgium)", "be", ""),
    source("fr-ca", "French (Canada)", "ca", ""),
    source("fr-ch", "French (Switzerland)", "ch", "fr"),
    source("gr", "Greek", "gr", ""),
    source("he", "Hebrew", "il", ""),
    source("hr", "Croatian", "hr", ""),
    source("hu", "Hungarian", "hu", ""),
    source("is", "Icelandic", "is", ""),
    source("it", "Italian", "it", ""),
    source("ja", "Japanese", "jp", ""),
    source("ko", "Korean", "kr", ""),
    source("lt", "Lithuanian", "lt", ""),
    source("lv", "Latvian", "lv", ""),
    source("mk", "Macedonian", "mk", ""),
    source("nl", "Dutch", "nl", ""),
    source("no", "Norwegian", "no", ""),
    source("pl", "Polish", "pl", ""),
    source("pt", "Portuguese", "pt", ""),
    source("pt-br", "Portuguese (Brazil)", "br", ""),
    source("ru", "Russian", "ru", ""),
    source("se", "Swedish", "se", ""),
    source("sk", "Slovak", "sk", ""),
    source("sl", "Slovenian", "si", ""),
    source("th", "Thai", "th", ""),
    source("tr", "Turkish", "tr", ""),
    source("ua", "Ukrainian", "ua", ""),
];

const fn source(
    name: &'static str,
    label: &'static str,
    layout: &'static str,
    variant: &'static str,
) -> Source {
    Source {
        name,
        label,
        layout,
        variant,
        avoided: avoided(name),
    }
}

/// Usages are those of the position: 0x1E to 0x27 are 1 to 0.
const fn avoided(name: &str) -> &'static [(u8, Level)] {
    match name.as_bytes() {
        b"en-us-intl" => &[
            (0x23, AltGr),
            (0x23, ShiftAltGr),
            (0x34, AltGr),
            (0x34, ShiftAltGr),
            (0x35, AltGr),
            (0x35, ShiftAltGr),
        ],
        b"cz" | b"sk" => &[(0x21, AltGr), (0x25, AltGr)],
        b"de-ch" | b"fr-ch" => &[(0x1E, AltGr)],
        b"es-419" => &[(0x1F, AltGr), (0x21, AltGr), (0x33, AltGr), (0x64, AltGr)],
        b"et" => &[(0x38, AltGr)],
        b"fi" => &[(0x0C, ShiftAltGr)],
        b"fr" => &[(0x04, AltGr)],
        b"is" => &[(0x13, AltGr)],
        _ => &[],
    }
}
