//! The text console: printed lines, the prompt, scroll-back.

use std::collections::VecDeque;

use super::{
    editor::Editor,
    text::{Cell, Grid, Ink, Line, line},
};

/// How many printed lines are kept.
const LINES_MAX: usize = 2000;

/// A console that wraps its lines to whatever width it is shown in.
#[derive(Clone, Debug, Default)]
pub struct Console {
    /// Where it is, by its prompt.
    host: &'static str,
    lines: VecDeque<Line>,
    cleared: usize,
    scrolled: usize,
    /// The line being typed, while there is a prompt.
    pub editor: Option<Editor>,
}

/// A console as it stands on a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The characters.
    pub grid: Grid,
    /// The cursor's column and row, where it is in sight.
    pub cursor: Option<(usize, usize)>,
    /// How many rows it is scrolled back.
    pub scrolled: usize,
}

impl Console {
    /// An empty one, on the machine of this name.
    #[must_use]
    pub fn at(host: &'static str) -> Self {
        Self {
            host,
            ..Self::default()
        }
    }

    /// Prints a line below the others.
    pub fn print(&mut self, line: Line) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
            self.cleared = self.cleared.saturating_sub(1);
        }
        self.lines.push_back(line);
    }

    /// Empties the screen; what was there is scrolled back to.
    pub fn clear(&mut self) {
        self.cleared = self.lines.len();
        self.scrolled = 0;
    }

    /// Shows the newest rows again.
    pub fn scroll_to_end(&mut self) {
        self.scrolled = 0;
    }

    /// Scrolls by rows; back is positive.
    pub fn scroll(&mut self, by: i32, columns: usize, rows: usize) {
        let last = self
            .lines
            .iter()
            .map(|line| height(line.len(), columns))
            .sum::<usize>()
            + self
                .editor
                .as_ref()
                .map_or(0, |_| height(self.prompt_length(), columns));
        let most = last.saturating_sub(rows);
        let by = isize::try_from(by).unwrap_or(0);
        self.scrolled = self.scrolled.saturating_add_signed(by).min(most);
    }

    /// What stands on a screen of this many columns and rows.
    #[must_use]
    pub fn page(&self, columns: usize, rows: usize) -> Page {
        let wanted = rows + self.scrolled;
        let (prompt, cursor) = self.prompt();
        let mut shown: VecDeque<Line> = wrapped(&prompt, columns).collect();
        let prompt_rows = if self.editor.is_some() {
            shown.len()
        } else {
            0
        };
        shown.truncate(prompt_rows);
        let from = if self.scrolled == 0 { self.cleared } else { 0 };
        for line in self.lines.range(from..).rev() {
            if shown.len() >= wanted {
                break;
            }
            for row in wrapped(line, columns).rev() {
                shown.push_front(row);
            }
        }
        let end = shown.len().saturating_sub(self.scrolled);
        let start = end.saturating_sub(rows);
        let cursor_row = shown.len() - prompt_rows + cursor / columns;
        let in_sight = self.editor.is_some() && (start..start + rows).contains(&cursor_row);
        let cursor = in_sight.then(|| (cursor % columns, cursor_row - start));
        let visible: Vec<Line> = shown.into_iter().skip(start).take(end - start).collect();
        Page {
            grid: Grid::new(columns, rows, &visible),
            cursor,
            scrolled: self.scrolled,
        }
    }

    /// The prompt and what is typed at it, as one line.
    #[must_use]
    pub fn prompt_line(&self, typed: &str) -> Line {
        line(&[
            (Ink::Good, &format!("operator@{}", self.host)),
            (Ink::Plain, ":"),
            (Ink::Name, "~"),
            (Ink::Plain, "$ "),
            (Ink::Plain, typed),
        ])
    }

    fn prompt_length(&self) -> usize {
        self.editor.as_ref().map_or(0, |editor| {
            editor.line().len() + self.prompt_line("").len() + 1
        })
    }

    /// The line with the prompt, with room for the cursor, and the cursor's place in it.
    fn prompt(&self) -> (Line, usize) {
        let Some(editor) = &self.editor else {
            return (Line::new(), 0);
        };
        let mut line = self.prompt_line("");
        let cursor = line.len() + editor.cursor();
        line.extend(editor.line().iter().map(|glyph| Cell {
            glyph: *glyph,
            ink: Ink::Plain,
        }));
        line.push(Cell::default());
        (line, cursor)
    }
}

fn height(length: usize, columns: usize) -> usize {
    length.div_ceil(columns).max(1)
}

fn wrapped(line: &Line, columns: usize) -> impl DoubleEndedIterator<Item = Line> {
    (0..height(line.len(), columns)).map(move |row| {
        let start = row * columns;
        line[start..line.len().min(start + columns)].to_vec()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::sim::text::plain;

    fn shown(console: &Console, columns: usize, rows: usize) -> Vec<String> {
        console.page(columns, rows).grid.lines()
    }

    #[test]
    fn the_newest_rows_are_shown_and_older_ones_scrolled_back_to() {
        let mut console = Console::default();
        for number in 0..10 {
            console.print(plain(&number.to_string()));
        }
        assert_eq!(shown(&console, 40, 3), ["7", "8", "9"]);
        console.scroll(4, 40, 3);
        assert_eq!(shown(&console, 40, 3), ["3", "4", "5"]);
        console.scroll(100, 40, 3);
        assert_eq!(shown(&console, 40, 3), ["0", "1", "2"]);
        console.scroll(-100, 40, 3);
        assert_eq!(shown(&console, 40, 3), ["7", "8", "9"]);
    }

    #[test]
    fn long_lines_wrap_to_the_width_and_the_cursor_goes_with_them() {
        let mut console = Console {
            editor: Some(Editor::default()),
            ..Console::default()
        };
        console.print(plain("abcdefghij"));
        assert_eq!(shown(&console, 8, 5)[..2], ["abcdefgh", "ij"]);
        let prompt = console.prompt_line("").len();
        let page = console.page(8, 6);
        assert_eq!(page.cursor, Some((prompt % 8, 2 + prompt / 8)));
        assert_eq!(console.page(40, 6).cursor, Some((prompt, 1)));
    }

    #[test]
    fn clearing_hides_what_scrolling_still_finds() {
        let mut console = Console::default();
        console.print(plain("before"));
        console.clear();
        console.print(plain("after"));
        assert_eq!(shown(&console, 40, 5), ["after"]);
        console.print(plain("end"));
        console.scroll(1, 40, 2);
        assert_eq!(shown(&console, 40, 2), ["before", "after"]);
    }

    #[test]
    fn old_lines_go() {
        let mut console = Console::default();
        for number in 0..LINES_MAX + 10 {
            console.print(plain(&number.to_string()));
        }
        console.scroll(1_000_000, 40, 10);
        assert_eq!(shown(&console, 40, 10)[0], "10");
    }
}
