//! Rows of a terminal, as pieces that look alike.

use avt::{Cell, Color, Line, Pen};

/// A piece of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What stands there.
    pub text: String,
    /// How it looks.
    pub look: Look,
}

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The colour of the letters; the terminal's own without one.
    pub ink: Option<Color>,
    /// The colour behind them; the terminal's own without one.
    pub ground: Option<Color>,
    /// Bold.
    pub bold: bool,
    /// Faint.
    pub faint: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Struck through.
    pub strike: bool,
    /// Whether letters and ground change places.
    pub inverse: bool,
    /// Whether the cursor is there.
    pub cursor: bool,
}

/// A row.
pub type Row = Vec<Run>;

/// A terminal's line as a row, without the empty end; `cursor` is the column of the cursor, where it is in this line.
#[must_use]
pub fn row(line: &Line, cursor: Option<usize>) -> Row {
    let mut row: Row = Vec::new();
    let mut column = 0;
    for cell in line.cells() {
        let width = usize::from(cell.width());
        if width == 0 {
            continue;
        }
        let has_cursor = cursor.is_some_and(|cursor| (column..column + width).contains(&cursor));
        push(&mut row, cell, has_cursor);
        column += width;
    }
    if cursor.is_some_and(|cursor| cursor >= column) {
        push(&mut row, &Cell::default(), true);
    }
    trim(&mut row);
    row
}

fn push(row: &mut Row, cell: &Cell, cursor: bool) {
    let look = Look {
        cursor,
        ..look(cell.pen())
    };
    match row.last_mut() {
        Some(run) if run.look == look => run.text.push(cell.char()),
        _ => row.push(Run {
            text: cell.char().to_string(),
            look,
        }),
    }
}

fn look(pen: &Pen) -> Look {
    Look {
        ink: pen.foreground(),
        ground: pen.background(),
        bold: pen.is_bold(),
        faint: pen.is_faint(),
        italic: pen.is_italic(),
        underline: pen.is_underline(),
        strike: pen.is_strikethrough(),
        inverse: pen.is_inverse(),
        cursor: false,
    }
}

fn trim(row: &mut Row) {
    while let Some(last) = row.last_mut() {
        if last.look != Look::default() {
            return;
        }
        last.text.truncate(last.text.trim_end_matches(' ').len());
        if !last.text.is_empty() {
            return;
        }
        row.pop();
    }
}

/// One of the 240 colours that terminals share beyond the first sixteen: a cube of six steps, then greys.
#[must_use]
pub fn indexed(index: u8) -> (u8, u8, u8) {
    let step = |level: u8| match level {
        0 => 0,
        level => 55 + 40 * level,
    };
    match index {
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
        _ => {
            let cube = index.saturating_sub(16);
            (step(cube / 36), step(cube / 6 % 6), step(cube % 6))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::indexed;

    #[test]
    fn the_cube_and_the_greys_are_those_of_xterm() {
        assert_eq!(indexed(16), (0, 0, 0));
        assert_eq!(indexed(196), (255, 0, 0));
        assert_eq!(indexed(110), (135, 175, 215));
        assert_eq!(indexed(231), (255, 255, 255));
        assert_eq!(indexed(232), (8, 8, 8));
        assert_eq!(indexed(255), (238, 238, 238));
    }
}
