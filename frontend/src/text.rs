//! What the page says, in the reader's language. The texts are in `locales/`, a file a language.

include!(concat!(env!("OUT_DIR"), "/text.rs"));

/// The texts for the first of `languages` (BCP 47 tags, best first) that the page speaks; English otherwise.
#[must_use]
pub fn choose<'a>(languages: impl IntoIterator<Item = &'a str>) -> &'static Text {
    languages.into_iter().find_map(speaks).unwrap_or(&EN)
}

fn speaks(language: &str) -> Option<&'static Text> {
    match language.split('-').next()? {
        "en" => Some(&EN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{EN, choose};

    #[test]
    fn a_language_that_the_page_does_not_speak_falls_back_to_english() {
        assert_eq!(choose(["tlh"]).sign_in, "Sign in");
        assert_eq!(choose(["en-GB", "fr"]).sign_in, "Sign in");
        assert_eq!(choose([]).sign_in, "Sign in");
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(EN.has_the_controls("Ada"), "Ada has the controls");
    }
}
