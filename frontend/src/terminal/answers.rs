//! What a terminal answers to a machine's questions (ECMA-48, 8.3.24 and 8.3.35).

/// The most bytes of a question that are looked at.
const QUESTION_MAX: usize = 8;

/// Finds questions in what a machine prints.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    state: State,
    parameters: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    Control,
}

/// What a machine wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Which terminal is it?
    Device,
    /// Is it well?
    Status,
    /// Where is the cursor?
    Cursor,
}

impl Questions {
    /// The question that this character ends.
    pub fn next(&mut self, character: char) -> Option<Question> {
        match (self.state, character) {
            (_, '\x1b') => self.state = State::Escape,
            (State::Escape, '[') => {
                self.state = State::Control;
                self.parameters.clear();
            }
            (State::Control, '0'..='?') if self.parameters.len() < QUESTION_MAX => {
                self.parameters.push(character);
            }
            (State::Control, '\x00'..='\x17' | '\x19' | '\x1c'..='\x1f') => {}
            (State::Control, last) => {
                self.state = State::Text;
                return question(&self.parameters, last);
            }
            _ => self.state = State::Text,
        }
        None
    }
}

fn question(parameters: &str, last: char) -> Option<Question> {
    match (parameters, last) {
        ("" | "0", 'c') => Some(Question::Device),
        ("5", 'n') => Some(Question::Status),
        ("6", 'n') => Some(Question::Cursor),
        _ => None,
    }
}

impl Question {
    /// What is answered where the cursor is in this column and row, counted from 0.
    #[must_use]
    pub fn answer(self, column: usize, row: usize) -> String {
        match self {
            // A VT102.
            Self::Device => "\x1b[?6c".to_owned(),
            Self::Status => "\x1b[0n".to_owned(),
            Self::Cursor => format!("\x1b[{};{}R", row + 1, column + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Question, Questions};

    fn asked(text: &str) -> Vec<Question> {
        let mut questions = Questions::default();
        text.chars()
            .filter_map(|character| questions.next(character))
            .collect()
    }

    #[test]
    fn questions_are_found_wherever_they_stand() {
        assert_eq!(
            asked("a\x1b[cb\x1b[0c\x1b[5n\x1b[\r6n"),
            [
                Question::Device,
                Question::Device,
                Question::Status,
                Question::Cursor
            ]
        );
    }

    #[test]
    fn nothing_else_is_answered() {
        for text in [
            "[c",
            "\x1b[1c",
            "\x1b[>c",
            "\x1b[=c",
            "\x1b[21t",
            "\x1b]10;?\x07",
            "\x1b]52;c;?\x07",
            "\x1bP$qm\x1b\\",
            "\x1b[?6n",
            "\x1b[000000000000006n",
            "\x1b[\x186n",
        ] {
            assert_eq!(asked(text), [], "{text:?}");
        }
    }

    #[test]
    fn places_count_from_one() {
        assert_eq!(Question::Cursor.answer(0, 23), "\x1b[24;1R");
    }
}
