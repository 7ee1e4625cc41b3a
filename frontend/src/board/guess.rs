//! Which layout a machine most likely has whose operator reads this language.

/// A layout for the first of `languages` (BCP 47 tags, best first) that one is known for, as the relay names it.
#[must_use]
pub fn guess<'a>(languages: impl IntoIterator<Item = &'a str>) -> &'static str {
    languages
        .into_iter()
        .find_map(of_language)
        .unwrap_or("en-us")
}

fn of_language(tag: &str) -> Option<&'static str> {
    let tag = tag.to_ascii_lowercase();
    let language = tag.split('-').next()?;
    let region = tag
        .split('-')
        .skip(1)
        .find(|part| part.len() == 2 || *part == "419");
    Some(match (language, region) {
        ("en", Some("us" | "ca" | "au" | "nz" | "in" | "sg") | None) | ("zh", _) => "en-us",
        ("en", _) => "en-gb",
        ("de" | "it" | "rm", Some("ch")) => "de-ch",
        ("de" | "lb", _) => "de",
        ("fr", Some("ca")) => "fr-ca",
        ("fr", Some("ch")) => "fr-ch",
        ("fr", Some("be")) => "fr-be",
        ("fr", _) => "fr",
        ("nl", Some("be")) => "be",
        ("nl", _) => "nl",
        ("pt", Some("br")) => "pt-br",
        ("pt", _) => "pt",
        ("es" | "ca" | "gl" | "eu", Some("es") | None) => "es",
        ("es", _) => "es-419",
        ("nb" | "nn" | "no", _) => "no",
        ("sv", _) => "se",
        ("cs", _) => "cz",
        ("uk", _) => "ua",
        ("el", _) => "gr",
        (language, _) => {
            return SAME_NAME.iter().copied().find(|name| *name == language);
        }
    })
}

/// Languages whose layout has their name.
const SAME_NAME: [&str; 22] = [
    "ar", "bg", "da", "et", "fi", "fo", "he", "hr", "hu", "is", "it", "ja", "ko", "lt", "lv", "mk",
    "pl", "ru", "sk", "sl", "th", "tr",
];

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn the_first_language_with_a_layout_counts() {
        assert_eq!(guess(["de-CH", "en"]), "de-ch");
        assert_eq!(guess(["tlh", "sv-SE"]), "se");
        assert_eq!(guess(["pt-BR"]), "pt-br");
        assert_eq!(guess(["es-MX"]), "es-419");
        assert_eq!(guess(["zh-Hans-CN"]), "en-us");
        assert_eq!(guess(["en-GB"]), "en-gb");
        assert_eq!(guess(["tlh"]), "en-us");
        assert_eq!(guess([]), "en-us");
    }

    #[test]
    fn every_guess_is_a_layout_that_there_is() {
        for language in [
            "ar", "be", "bg", "cs", "da", "de", "de-CH", "el", "en-GB", "en-US", "es", "es-AR",
            "et", "fi", "fo", "fr", "fr-BE", "fr-CA", "fr-CH", "he", "hr", "hu", "is", "it", "ja",
            "ko", "lt", "lv", "mk", "nb", "nl", "nl-BE", "pl", "pt", "pt-BR", "ru", "sk", "sl",
            "sv", "uk", "zh",
        ] {
            let path = format!(
                "{}/../shared/layouts/{}.bin",
                env!("CARGO_MANIFEST_DIR"),
                guess([language])
            );
            assert!(std::fs::exists(&path).unwrap(), "{language}: {path}");
        }
    }
}
