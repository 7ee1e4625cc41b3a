//! What the device's own keyboard writes into a field, made into what a person would type at the machine.
//!
//! Keyboards on glass say little of their keys, and correct what was written before. What can be relied on is the text
//! of the field: what of it is no longer there is erased at the machine, and what is new is typed.

/// What the field holds before anything is written: something to erase, for keyboards that say nothing of a Backspace
/// in an empty field.
pub const PADDING: &str = "        ";

/// How much is written before the field is emptied, in characters. What is older can no longer be corrected.
const WRITTEN_MAX: usize = 400;

/// What a change of the field's text means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// How many characters are erased first.
    pub erase: usize,
    /// What is typed then.
    pub text: String,
}

/// The text of the field as the machine has it.
#[derive(Clone, Debug)]
pub struct DeviceText {
    written: String,
    /// Whether what is being composed is typed only when it is done, as where letters become other characters.
    whole: bool,
}

impl DeviceText {
    /// A field that holds [`PADDING`]. `language` is the device's, as a BCP 47 tag.
    #[must_use]
    pub fn new(language: &str) -> Self {
        let primary = language.split('-').next().unwrap_or_default();
        Self {
            written: PADDING.to_owned(),
            whole: ["zh", "ja", "ko"].contains(&primary),
        }
    }

    /// The field's text is now this; what follows at the machine. `composing` is `InputEvent.isComposing`.
    pub fn changed(&mut self, now: &str, composing: bool) -> Edit {
        if composing && self.whole {
            return Edit::default();
        }
        let same: usize = self
            .written
            .chars()
            .zip(now.chars())
            .take_while(|(before, after)| before == after)
            .map(|(character, _)| character.len_utf8())
            .sum();
        let edit = Edit {
            erase: self.written[same..].chars().count(),
            text: now[same..].to_owned(),
        };
        now.clone_into(&mut self.written);
        edit
    }

    /// Whether the field is to hold [`PADDING`] again, when nothing is being composed: its line is over, it has nothing
    /// to erase any more, or too much is written.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.written.ends_with('\n')
            || !self.written.starts_with(PADDING)
            || self.written.chars().count() > WRITTEN_MAX
    }

    /// The field holds [`PADDING`] again.
    pub fn start(&mut self) {
        PADDING.clone_into(&mut self.written);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DeviceText, Edit, PADDING};

    fn edit(erase: usize, text: &str) -> Edit {
        Edit {
            erase,
            text: text.to_owned(),
        }
    }

    fn padded(text: &str) -> String {
        format!("{PADDING}{text}")
    }

    #[test]
    fn letters_are_typed_as_they_come() {
        let mut field = DeviceText::new("en-GB");
        assert_eq!(field.changed(&padded("h"), true), edit(0, "h"));
        assert_eq!(field.changed(&padded("hé"), true), edit(0, "é"));
        assert_eq!(field.changed(&padded("hé "), false), edit(0, " "));
    }

    #[test]
    fn a_correction_erases_what_is_no_longer_there() {
        let mut field = DeviceText::new("en");
        field.changed(&padded("say teh"), true);
        assert_eq!(field.changed(&padded("say the "), false), edit(2, "he "));
    }

    #[test]
    fn what_is_composed_of_letters_is_typed_when_it_is_done() {
        let mut field = DeviceText::new("zh-CN");
        for letters in ["n", "ni", "ni hao"] {
            assert_eq!(field.changed(&padded(letters), true), Edit::default());
        }
        assert_eq!(field.changed(&padded("你好"), false), edit(0, "你好"));
    }

    #[test]
    fn a_field_without_text_still_erases() {
        let mut field = DeviceText::new("en");
        assert!(!field.is_over());
        assert_eq!(field.changed(&PADDING[1..], false), edit(1, ""));
        assert!(field.is_over());
        field.start();
        assert!(!field.is_over());
    }

    #[test]
    fn a_line_ends_the_field() {
        let mut field = DeviceText::new("en");
        assert_eq!(field.changed(&padded("ls\n"), false), edit(0, "ls\n"));
        assert!(field.is_over());
    }

    proptest! {
        /// A machine that types and erases as it is told has the text that the field has.
        #[test]
        fn the_machine_has_what_the_field_has(texts in prop::collection::vec("[a-cé你😀 ]{0,12}", 1..12)) {
            let mut field = DeviceText::new("fr");
            let mut machine: Vec<char> = PADDING.chars().collect();
            for text in texts {
                let Edit { erase, text: typed } = field.changed(&text, true);
                machine.truncate(machine.len() - erase);
                machine.extend(typed.chars());
                prop_assert_eq!(machine.iter().collect::<String>(), text);
            }
        }
    }
}
