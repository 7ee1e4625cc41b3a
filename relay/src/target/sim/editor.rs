//! The line that is being typed at the prompt, and those before it.

use super::{
    keyboard::{Press, key},
    shell,
};

/// The most characters that a line takes; what is typed beyond is not taken into it.
const LINE_MAX: usize = 4096;
const HISTORY_MAX: usize = 200;

/// What a key press did at the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At most the line changed.
    Edited,
    /// Enter: the line is to be run.
    Run(String),
    /// Ctrl+C: the line is given up.
    GivenUp(String),
    /// Ctrl+L.
    Clear,
    /// Tab, where several words would fit.
    Choices(Vec<&'static str>),
}

/// A line editor with history.
#[derive(Clone, Debug, Default)]
pub struct Editor {
    line: Vec<char>,
    cursor: usize,
    history: Vec<String>,
    recalled: Option<usize>,
    draft: Vec<char>,
}

impl Editor {
    /// The line so far.
    #[must_use]
    pub fn line(&self) -> &[char] {
        &self.line
    }

    /// Before which character the cursor stands.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// A key goes down or repeats.
    pub fn press(&mut self, press: &Press) -> Outcome {
        if press.ctrl {
            return self.control(press.usage);
        }
        match press.usage {
            key::ENTER => return self.enter(),
            key::TAB => return self.complete(),
            key::BACKSPACE => self.remove_before(self.cursor.saturating_sub(1)),
            key::DELETE if self.cursor < self.line.len() => {
                self.line.remove(self.cursor);
            }
            key::LEFT => self.cursor = self.cursor.saturating_sub(1),
            key::RIGHT => self.cursor = (self.cursor + 1).min(self.line.len()),
            key::HOME => self.cursor = 0,
            key::END => self.cursor = self.line.len(),
            key::UP => self.recall_older(),
            key::DOWN => self.recall_newer(),
            key::ESCAPE => self.set_line(Vec::new()),
            _ => self.insert(&press.text),
        }
        Outcome::Edited
    }

    fn control(&mut self, usage: u8) -> Outcome {
        match usage {
            key::C => {
                self.recalled = None;
                let line = self.take_line();
                return Outcome::GivenUp(line);
            }
            key::L => return Outcome::Clear,
            0x04 => self.cursor = 0,
            0x08 => self.cursor = self.line.len(),
            0x0E => self.line.truncate(self.cursor),
            0x18 => self.remove_before(0),
            0x1A => self.remove_before(self.start_of_word()),
            key::LEFT => self.cursor = self.start_of_word(),
            _ => {}
        }
        Outcome::Edited
    }

    fn enter(&mut self) -> Outcome {
        self.recalled = None;
        let line = self.take_line();
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            if self.history.len() == HISTORY_MAX {
                self.history.remove(0);
            }
            self.history.push(line.clone());
        }
        Outcome::Run(line)
    }

    fn complete(&mut self) -> Outcome {
        let before: String = self.line[..self.cursor].iter().collect();
        let choices = shell::completions(&before);
        let [only] = choices.as_slice() else {
            return if choices.is_empty() {
                Outcome::Edited
            } else {
                Outcome::Choices(choices)
            };
        };
        let typed = before
            .rsplit(' ')
            .next()
            .map_or(0, |word| word.chars().count());
        let rest: String = only.chars().skip(typed).collect();
        self.insert(&rest);
        self.insert(" ");
        Outcome::Edited
    }

    fn insert(&mut self, text: &str) {
        for character in text.chars().filter(|character| !character.is_control()) {
            if self.line.len() < LINE_MAX {
                self.line.insert(self.cursor, character);
                self.cursor += 1;
            }
        }
    }

    fn remove_before(&mut self, start: usize) {
        self.line.drain(start..self.cursor);
        self.cursor = start;
    }

    fn start_of_word(&self) -> usize {
        let before = &self.line[..self.cursor];
        let word_end = before
            .iter()
            .rposition(|character| *character != ' ')
            .map_or(0, |at| at + 1);
        before[..word_end]
            .iter()
            .rposition(|character| *character == ' ')
            .map_or(0, |at| at + 1)
    }

    fn recall_older(&mut self) {
        let older = match self.recalled {
            Some(0) => return,
            Some(at) => at - 1,
            None if self.history.is_empty() => return,
            None => {
                self.draft = self.line.clone();
                self.history.len() - 1
            }
        };
        self.recalled = Some(older);
        self.set_line(self.history[older].chars().collect());
    }

    fn recall_newer(&mut self) {
        let Some(at) = self.recalled else { return };
        if at + 1 < self.history.len() {
            self.recalled = Some(at + 1);
            self.set_line(self.history[at + 1].chars().collect());
        } else {
            self.recalled = None;
            let draft = std::mem::take(&mut self.draft);
            self.set_line(draft);
        }
    }

    fn set_line(&mut self, line: Vec<char>) {
        self.cursor = line.len();
        self.line = line;
    }

    fn take_line(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.line).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(usage: u8, ctrl: bool, text: &str) -> Press {
        Press {
            usage,
            ctrl,
            shift: false,
            alt: false,
            text: text.to_owned(),
        }
    }

    fn typed(editor: &mut Editor, text: &str) {
        for character in text.chars() {
            assert_eq!(
                editor.press(&press(0, false, &character.to_string())),
                Outcome::Edited
            );
        }
    }

    fn hit(editor: &mut Editor, usage: u8) -> Outcome {
        editor.press(&press(usage, false, ""))
    }

    fn shown(editor: &Editor) -> String {
        editor.line().iter().collect()
    }

    #[test]
    fn a_line_is_edited_where_the_cursor_stands() {
        let mut editor = Editor::default();
        typed(&mut editor, "hxlp");
        hit(&mut editor, key::LEFT);
        hit(&mut editor, key::LEFT);
        hit(&mut editor, key::BACKSPACE);
        typed(&mut editor, "e");
        assert_eq!(shown(&editor), "help");
        hit(&mut editor, key::HOME);
        hit(&mut editor, key::DELETE);
        assert_eq!(shown(&editor), "elp");
        assert_eq!(hit(&mut editor, key::ENTER), Outcome::Run("elp".into()));
        assert_eq!((shown(&editor).as_str(), editor.cursor()), ("", 0));
    }

    #[test]
    fn arrows_walk_the_history_and_come_back_to_the_draft() {
        let mut editor = Editor::default();
        for line in ["ls", "clock"] {
            typed(&mut editor, line);
            hit(&mut editor, key::ENTER);
        }
        typed(&mut editor, "dr");
        for (usage, line) in [
            (key::UP, "clock"),
            (key::UP, "ls"),
            (key::UP, "ls"),
            (key::DOWN, "clock"),
            (key::DOWN, "dr"),
            (key::DOWN, "dr"),
        ] {
            hit(&mut editor, usage);
            assert_eq!(shown(&editor), line);
        }
    }

    #[test]
    fn control_keys_do_what_shells_taught() {
        let mut editor = Editor::default();
        typed(&mut editor, "cat a b");
        editor.press(&press(0x1A, true, ""));
        assert_eq!(shown(&editor), "cat a ");
        assert_eq!(
            editor.press(&press(key::C, true, "")),
            Outcome::GivenUp("cat a ".into())
        );
        assert_eq!(editor.press(&press(key::L, true, "")), Outcome::Clear);
    }

    #[test]
    fn tab_completes_what_is_certain_and_offers_the_rest() {
        let mut editor = Editor::default();
        typed(&mut editor, "cat re");
        assert_eq!(hit(&mut editor, key::TAB), Outcome::Edited);
        assert_eq!(shown(&editor), "cat readme.txt ");
        let mut editor = Editor::default();
        typed(&mut editor, "cl");
        assert_eq!(
            hit(&mut editor, key::TAB),
            Outcome::Choices(vec!["clear", "clock"])
        );
    }
}
