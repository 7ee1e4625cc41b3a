//! The time code: when and as which frame the picture was drawn, readable from its pixels.

use super::{Canvas, Rectangle};
use crate::target::sim::pattern::timecode_bits;

const CELL: usize = 8;
const CELLS_IN_ROW: usize = 16;

/// Draws it into the upper left corner.
pub fn draw(canvas: &mut Canvas, unix_us: u64, frame: u32) {
    for (place, bit) in timecode_bits(unix_us, frame).enumerate() {
        let (column, row) = (place % CELLS_IN_ROW, place / CELLS_IN_ROW);
        let cell = Rectangle::new(column * CELL, row * CELL, CELL, CELL);
        canvas.fill(cell, if bit { 0xFF_FFFF } else { 0 });
    }
}
