//! Text in ink: the cells of a screen full of characters.

/// A colour by its role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ink {
    /// Ordinary text.
    #[default]
    Plain,
    /// Of less weight.
    Muted,
    /// Lamp light: what is active.
    Accent,
    /// Well.
    Good,
    /// Take care.
    Warn,
    /// Failed.
    Bad,
    /// Names of things.
    Name,
}

/// A character and its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The character.
    pub glyph: char,
    /// Its colour.
    pub ink: Ink,
}

impl Default for Cell {
    fn default() -> Self {
        Self {
            glyph: ' ',
            ink: Ink::Plain,
        }
    }
}

/// A line of any length.
pub type Line = Vec<Cell>;

/// A line of pieces, each in its ink.
#[must_use]
pub fn line(pieces: &[(Ink, &str)]) -> Line {
    pieces
        .iter()
        .flat_map(|(ink, text)| text.chars().map(|glyph| Cell { glyph, ink: *ink }))
        .collect()
}

/// A line in ordinary ink.
#[must_use]
pub fn plain(text: &str) -> Line {
    line(&[(Ink::Plain, text)])
}

/// A rectangle of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Cells in a row.
    pub columns: usize,
    /// Row after row.
    pub cells: Vec<Cell>,
}

impl Grid {
    /// Rows of cells, each filled up or cut to `columns`, followed by empty ones up to `rows`.
    #[must_use]
    pub fn new(columns: usize, rows: usize, lines: &[Line]) -> Self {
        let mut cells = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            let line = lines.get(row).map_or(&[][..], Vec::as_slice);
            cells.extend(line.iter().take(columns));
            cells.resize((row + 1) * columns, Cell::default());
        }
        Self { columns, cells }
    }

    /// The rows as text, without blanks at their ends and without empty rows at the end.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let row = |row: &[Cell]| {
            let text: String = row.iter().map(|cell| cell.glyph).collect();
            text.trim_end().to_owned()
        };
        let mut lines: Vec<_> = self.cells.chunks(self.columns.max(1)).map(row).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }
}
