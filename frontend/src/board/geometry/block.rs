//! Keys in rows.

use shared::{input::Usage, keys};

/// A key's place on a block: units of a quarter key, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Which key.
    pub usage: Usage,
    /// Of its left edge.
    pub x: f32,
    /// Its row.
    pub y: f32,
    /// Its width.
    pub width: f32,
    /// Its height in rows.
    pub height: f32,
    /// Whether it is the high Enter, whose lower half is narrower.
    pub hooked: bool,
}

/// Keys that stand together.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// How wide it is, in quarters of a key.
    pub columns: f32,
    /// How many rows it has.
    pub rows: f32,
    /// Its share of the keyboard's width.
    pub share: f32,
    /// Its keys, in the order in which one reads.
    pub keys: Vec<Key>,
}

/// A key and its width in quarters; an empty code is a gap.
pub(super) type Cap = (&'static str, f32);

pub(super) fn each(codes: &[&'static str], width: f32) -> Vec<Cap> {
    codes.iter().map(|code| (*code, width)).collect()
}

impl Block {
    pub(super) fn new(columns: f32) -> Self {
        Self::sharing(columns, columns)
    }

    pub(super) fn sharing(columns: f32, share: f32) -> Self {
        Self {
            columns,
            share,
            rows: 0.0,
            keys: Vec::new(),
        }
    }

    /// Adds a row of keys, from the left.
    pub(super) fn row(&mut self, parts: &[&[Cap]]) {
        let mut x = 0.0;
        for (code, width) in parts.iter().copied().flatten() {
            self.key(code, x, *width, 1.0, false);
            x += width;
        }
        self.rows += 1.0;
    }

    /// Adds a row that takes the whole width, in proportion.
    pub(super) fn fill(&mut self, caps: &[Cap]) {
        let sum: f32 = caps.iter().map(|(_, width)| width).sum();
        let part = self.columns / sum;
        let scaled: Vec<Cap> = caps
            .iter()
            .map(|(code, width)| (*code, width * part))
            .collect();
        self.row(&[&scaled]);
    }

    /// The Enter key at the end of the row that was added last and of the next one.
    pub(super) fn high_enter(&mut self) {
        self.rows -= 1.0;
        self.key("Enter", 54.0, 6.0, 2.0, true);
        self.rows += 1.0;
    }

    /// A key of two rows, beginning beside the row that was added last.
    pub(super) fn tall(&mut self, code: &str, x: f32, width: f32) {
        self.rows -= 1.0;
        self.key(code, x, width, 2.0, false);
        self.rows += 1.0;
    }

    fn key(&mut self, code: &str, x: f32, width: f32, height: f32, hooked: bool) {
        if let Some(usage) = keys::usage(code) {
            self.keys.push(Key {
                usage,
                x,
                y: self.rows,
                width,
                height,
                hooked,
            });
        }
    }
}
