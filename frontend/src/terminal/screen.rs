//! The terminal's screen, and what has scrolled out of it.

use std::{collections::VecDeque, ops::Range};

use avt::{
    Line, ScreenKind, Terminal,
    observer::{Observation, Observer},
};

use super::{
    answers::Questions,
    decode::Decoder,
    rows::{Row, row},
};

/// The most rows that wait for being painted after they have scrolled out.
pub const PAST_MAX: usize = 1000;

/// The most answers to one piece of output: a machine has no use for more, and a hostile one gets no more.
const ANSWERS_MAX: usize = 16;

/// The least columns and rows: what machines take a serial terminal for, since it cannot tell its size.
pub const LEAST: (usize, usize) = (80, 24);

/// The most columns and rows.
const MOST: (usize, usize) = (250, 120);

/// A terminal.
pub struct Screen {
    terminal: Terminal,
    decoder: Decoder,
    questions: Questions,
    changes: Changes,
    cursor: Option<(usize, usize)>,
}

/// What is to be painted.
#[derive(Default)]
struct Changes {
    rows: Vec<bool>,
    past: VecDeque<Row>,
}

impl Changes {
    fn mark(&mut self, rows: Range<usize>) {
        if self.rows.len() < rows.end {
            self.rows.resize(rows.end, false);
        }
        self.rows[rows].fill(true);
    }
}

impl Observer for Changes {
    type Output = ();

    fn dirty(&mut self, rows: Range<usize>) {
        self.mark(rows);
    }

    fn evicted(&mut self, _: &mut Observation<'_>, line: &Line) {
        if self.past.len() == PAST_MAX {
            self.past.pop_front();
        }
        self.past.push_back(row(line, None));
    }

    fn end(&mut self, _: &mut Observation<'_>) {}
}

/// What has changed since it was last painted.
#[derive(Debug, PartialEq, Eq)]
pub struct Paint {
    /// Rows that have scrolled out, oldest first.
    pub past: Vec<Row>,
    /// Rows of the screen by their number.
    pub rows: Vec<(usize, Row)>,
    /// How many rows the screen has.
    pub height: usize,
}

impl Default for Screen {
    fn default() -> Self {
        let (columns, rows) = LEAST;
        #[expect(clippy::expect_used, reason = "neither is zero")]
        let terminal = Terminal::new(columns, rows).expect("a size");
        let mut screen = Self {
            terminal,
            decoder: Decoder::default(),
            questions: Questions::default(),
            changes: Changes::default(),
            cursor: None,
        };
        screen.changes.mark(0..rows);
        screen
    }
}

impl Screen {
    /// The machine prints. Gives what the terminal answers.
    pub fn print(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = String::new();
        let mut count = 0;
        for character in self.decoder.decode(bytes).chars() {
            self.terminal.feed_with(character, &mut self.changes);
            if let Some(question) = self.questions.next(character)
                && count < ANSWERS_MAX
            {
                let cursor = self.terminal.cursor();
                answers += &question.answer(cursor.col, cursor.row);
                count += 1;
            }
        }
        answers.into_bytes()
    }

    /// Says something between what the machine prints, in a line of its own.
    pub fn note(&mut self, words: &str) {
        let words: String = words.chars().filter(|c| !c.is_control()).collect();
        self.decoder = Decoder::default();
        self.questions = Questions::default();
        // What was begun is cancelled first.
        let line = format!("\x18\x1b[0;2m\r\n[{words}]\x1b[0m\r\n");
        self.terminal.feed_with(line.as_str(), &mut self.changes);
    }

    /// Gives it the size that fits, within bounds.
    pub fn resize(&mut self, columns: usize, rows: usize) {
        let columns = columns.clamp(LEAST.0, MOST.0);
        let rows = rows.clamp(LEAST.1, MOST.1);
        self.terminal.resize_with(columns, rows, &mut self.changes);
    }

    /// Empties it down to the line of the cursor.
    pub fn clear(&mut self) {
        let row = self.terminal.cursor().row;
        if self.terminal.active_screen_kind() == ScreenKind::Primary && row > 0 {
            let up = format!("\x18\x1b[{row}S\x1b[{row}A");
            self.terminal.feed_with(up.as_str(), &mut self.changes);
        }
        self.changes.past.clear();
        self.repaint();
    }

    /// Whether the machine wants the cursor keys in their application mode.
    #[must_use]
    pub fn application_keys(&self) -> bool {
        self.terminal.cursor_key_app_mode()
    }

    /// Has all of it painted anew.
    pub fn repaint(&mut self) {
        let (_, rows) = self.terminal.size();
        self.changes.mark(0..rows);
    }

    /// What is to be painted now.
    pub fn paint(&mut self) -> Paint {
        let (_, height) = self.terminal.size();
        let cursor = self.terminal.cursor().position();
        if cursor != self.cursor {
            for (_, row) in [self.cursor, cursor].into_iter().flatten() {
                self.changes.mark(row..row + 1);
            }
            self.cursor = cursor;
        }
        let screen = self.terminal.screen();
        let changed = self.changes.rows.iter().enumerate();
        let rows = changed
            .filter(|(number, changed)| **changed && *number < height)
            .filter_map(|(number, _)| {
                let column = cursor.and_then(|(column, at)| (at == number).then_some(column));
                Some((number, row(screen.line(number)?, column)))
            })
            .collect();
        self.changes.rows.clear();
        Paint {
            past: self.changes.past.drain(..).collect(),
            rows,
            height,
        }
    }

    /// All text on the screen, a line a row.
    #[must_use]
    pub fn text(&self) -> Vec<String> {
        let lines = self.terminal.screen().visible_lines();
        lines
            .map(|line| line.text().trim_end().to_owned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LEAST, PAST_MAX, Paint, Screen};
    use crate::terminal::rows::Row;

    fn words(row: &Row) -> String {
        row.iter().map(|run| run.text.as_str()).collect()
    }

    fn past(paint: &Paint) -> Vec<String> {
        paint.past.iter().map(words).collect()
    }

    #[test]
    fn what_scrolls_out_is_painted_once_and_in_order() {
        let mut screen = Screen::default();
        let lines: String = (0..30).map(|line| format!("line {line}\r\n")).collect();
        screen.print(lines.as_bytes());
        let paint = screen.paint();
        let expected: Vec<String> = (0..7).map(|line| format!("line {line}")).collect();
        assert_eq!(past(&paint), expected);
        assert_eq!(paint.height, LEAST.1);
        assert_eq!(screen.text()[22], "line 29");
        screen.print(b"x");
        let paint = screen.paint();
        assert_eq!((past(&paint).len(), paint.rows.len()), (0, 1));
        assert_eq!(screen.paint().rows, []);
    }

    #[test]
    fn the_cursor_is_where_it_is() {
        let mut screen = Screen::default();
        screen.print(b"ab");
        let paint = screen.paint();
        let (_, row) = &paint.rows[0];
        assert!(!row[0].look.cursor && row[1].look.cursor, "{row:?}");
        assert_eq!(row[0].text, "ab");
        screen.print(b"\x1b[?25l");
        let paint = screen.paint();
        assert!(
            paint
                .rows
                .iter()
                .all(|(_, row)| row.iter().all(|run| !run.look.cursor))
        );
    }

    #[test]
    fn questions_are_answered_by_what_stands_before_them() {
        let mut screen = Screen::default();
        assert_eq!(screen.print(b"ab\x1b[6ncd\x1b["), b"\x1b[1;3R");
        assert_eq!(screen.print(b"6n"), b"\x1b[1;5R");
        let flood = "\x1b[c".repeat(1000);
        assert_eq!(
            screen.print(flood.as_bytes()),
            "\x1b[?6c".repeat(16).as_bytes()
        );
    }

    #[test]
    fn the_machine_sets_neither_size_nor_title() {
        let mut screen = Screen::default();
        let answers = screen.print(b"\x1b[8;500;500t\x1b]0;title\x07\x1b]52;c;aGk=\x07\x1b[21tok");
        assert_eq!(answers, b"");
        assert_eq!(screen.paint().height, LEAST.1);
        assert_eq!(screen.text()[0], "ok");
    }

    #[test]
    fn clearing_leaves_the_line_of_the_cursor() {
        let mut screen = Screen::default();
        screen.print(b"one\r\ntwo\r\n$ ls");
        screen.clear();
        let paint = screen.paint();
        assert_eq!(past(&paint).len(), 0);
        assert_eq!(screen.text()[0], "$ ls");
        assert_eq!(screen.text()[1], "");
        assert_eq!(screen.print(b"\x1b[6n"), b"\x1b[1;5R");
    }

    #[test]
    fn a_note_stands_in_a_line_of_its_own_whatever_was_begun() {
        let mut screen = Screen::default();
        screen.print(b"half\x1b[3");
        screen.note("9 bytes\x1b[2J are left out");
        screen.print(b"more");
        assert_eq!(
            screen.text()[..3],
            ["half", "[9 bytes[2J are left out]", "more"]
        );
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut screen = Screen::default();
        screen.print("y\r\n".repeat(5000).as_bytes());
        assert_eq!(screen.paint().past.len(), PAST_MAX);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..20),
            size in (0_usize..400, 0_usize..300),
        ) {
            let mut screen = Screen::default();
            for piece in &pieces {
                screen.print(piece);
                screen.paint();
            }
            screen.resize(size.0, size.1);
            let paint = screen.paint();
            prop_assert!(paint.rows.iter().all(|(number, _)| *number < paint.height));
            screen.clear();
            screen.paint();
        }

        #[test]
        fn sequences_do_not_break_it(text in "(\\x1b\\[[0-9;?]{0,12}[@-~]|[a-z\\r\\n]|\\x1b[78c\\(\\)MDE]|中){0,80}") {
            let mut screen = Screen::default();
            screen.print(text.as_bytes());
            screen.paint();
        }
    }
}
