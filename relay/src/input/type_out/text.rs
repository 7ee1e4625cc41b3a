//! A text that is to be typed, as strokes.

use shared::layout::{Compiled, Layout, Options, compile};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A text as strokes, for a machine whose Caps Lock is off and for one where it is on.
///
/// Its characters are those of the composed text (Unicode's form NFC): layouts make "é", and not "e" with a mark behind.
#[derive(Clone, Debug)]
pub struct Text {
    /// With Caps Lock off.
    pub plain: Compiled,
    /// With Caps Lock on; as many pieces.
    pub caps_lock: Compiled,
}

impl Text {
    /// The strokes for both; [`Options::caps_lock`] is not read.
    #[must_use]
    pub fn compile(text: &str, layout: &Layout, options: &Options) -> Self {
        let text = composed(text, layout);
        let strokes = |caps_lock| {
            let options = Options {
                caps_lock,
                ..*options
            };
            compile(&text, layout, &options)
        };
        Self {
            plain: strokes(false),
            caps_lock: strokes(true),
        }
    }
}

/// Composes a text. Characters that the layout makes, and not what they would become, stay as they are.
fn composed(text: &str, layout: &Layout) -> String {
    if is_nfc(text) {
        return text.to_owned();
    }
    let makes = |character| layout.strokes(character, false).is_some();
    let stays = |character: char| {
        let mut becomes = std::iter::once(character).nfc();
        makes(character) && !becomes.all(makes)
    };
    let mut composed = String::with_capacity(text.len());
    for part in text.split_inclusive(stays) {
        let end = part.chars().next_back().filter(|last| stays(*last));
        let rest = part.len() - end.map_or(0, char::len_utf8);
        composed.extend(part[..rest].nfc());
        composed.extend(end);
    }
    composed
}

#[cfg(test)]
mod tests {
    use shared::layout::Options;

    use super::Text;
    use crate::layouts::{named, names};

    #[test]
    fn a_letter_and_its_mark_are_one_character() {
        let french = named("fr").unwrap();
        let [apart, whole] = ["De\u{301}ja\u{300} vu, Noe\u{308}l", "Déjà vu, Noël"]
            .map(|text| Text::compile(text, &french, &Options::default()));
        assert_eq!(apart.plain, whole.plain);
        assert_eq!(apart.caps_lock, whole.caps_lock);
    }

    #[test]
    fn composing_takes_nothing_from_what_a_layout_makes() {
        for name in names() {
            let layout = named(&name).unwrap();
            let all: String = layout.characters().collect();
            let one_by_one: Vec<String> = layout.characters().map(String::from).collect();
            for text in std::iter::once(&all).chain(&one_by_one) {
                let compiled = Text::compile(text, &layout, &Options::default());
                assert_eq!(compiled.plain.cannot, [], "{name}: {text:?}");
            }
        }
    }
}
