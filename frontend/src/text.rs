//! What the page says, in the reader's language. The texts are in `locales/`, a file a language.

include!(concat!(env!("OUT_DIR"), "/text.rs"));

/// A language that the page speaks. What it calls itself and which way it is written are texts of its own:
/// `language_name`, and `direction` (`ltr` or `rtl`).
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// Its BCP 47 tag.
    pub tag: &'static str,
    /// What the page says in it.
    pub text: &'static Text,
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl Eq for Language {}

impl Language {
    /// The one for the first of `tags` (BCP 47, best first) that the page speaks: exactly, or in another region or
    /// script. The first of [`LANGUAGES`] where there is none.
    #[must_use]
    pub fn choose<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter()
            .find_map(|tag| Self::of(tag).or_else(|| Self::akin_to(tag)))
            .unwrap_or(LANGUAGES[0])
    }

    /// The one of exactly this tag.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        LANGUAGES
            .into_iter()
            .find(|language| language.tag.eq_ignore_ascii_case(tag))
    }

    fn akin_to(tag: &str) -> Option<Self> {
        LANGUAGES
            .into_iter()
            .find(|language| primary(language.tag).eq_ignore_ascii_case(primary(tag)))
    }
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::{EN, LANGUAGES, Language};

    fn chosen(tags: &[&str]) -> &'static str {
        Language::choose(tags.iter().copied()).tag
    }

    #[test]
    fn the_first_language_that_the_page_speaks_is_chosen() {
        assert_eq!(chosen(&["en-GB", "zh-CN"]), "en");
        assert_eq!(chosen(&["zh-CN", "en"]), "zh-CN");
        assert_eq!(chosen(&["tlh", "zh-Hans-SG", "en"]), "zh-CN");
        assert_eq!(chosen(&["ZH"]), "zh-CN");
    }

    #[test]
    fn a_language_that_the_page_does_not_speak_falls_back_to_english() {
        assert_eq!(chosen(&["tlh"]), "en");
        assert_eq!(chosen(&["", "-", "e"]), "en");
        assert_eq!(chosen(&[]), "en");
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(EN.has_the_controls("Ada"), "Ada has the controls");
    }

    #[test]
    fn every_language_says_what_it_is_called_and_which_way_it_is_written() {
        for language in LANGUAGES {
            assert!(!language.text.language_name.is_empty(), "{}", language.tag);
            assert!(
                ["ltr", "rtl"].contains(&language.text.direction),
                "{}",
                language.tag
            );
        }
    }
}
