//! The hardware pointer: an arrow over whatever is drawn, which gives back what it covered.

use super::{Canvas, Rectangle};

/// `#` is the outline, `.` the inside; the hot spot is the tip, the upper left pixel.
const ARROW: [&str; 19] = [
    "#",
    "##",
    "#.#",
    "#..#",
    "#...#",
    "#....#",
    "#.....#",
    "#......#",
    "#.......#",
    "#........#",
    "#.........#",
    "#......#####",
    "#...#..#",
    "#..##..#",
    "#.#  #..#",
    "##   #..#",
    "#     #..#",
    "      #..#",
    "       ##",
];
const WIDTH: usize = 12;

/// The arrow, and the pixels beneath it.
#[derive(Default)]
pub struct PointerPainter {
    covered: Option<(Rectangle, Vec<u32>)>,
}

impl PointerPainter {
    /// The canvas is another one.
    pub fn forget(&mut self) {
        self.covered = None;
    }

    /// Takes the arrow away.
    pub fn lift(&mut self, canvas: &mut Canvas) {
        let Some((area, pixels)) = self.covered.take() else {
            return;
        };
        for (y, row) in (area.y..).zip(pixels.chunks_exact(area.width.max(1))) {
            canvas.row_mut(y)[area.x..area.x + area.width].copy_from_slice(row);
        }
    }

    /// Draws the arrow with its tip at a pixel.
    pub fn place(&mut self, canvas: &mut Canvas, (x, y): (u16, u16), scale: usize) {
        let (x, y) = (usize::from(x), usize::from(y));
        let area = Rectangle::new(x, y, WIDTH * scale, ARROW.len() * scale).within(canvas.size());
        let mut covered = Vec::with_capacity(area.width * area.height);
        for y in area.y..area.y + area.height {
            covered.extend(&canvas.row(y)[area.x..area.x + area.width]);
        }
        self.covered = Some((area, covered));
        for (line, pattern) in ARROW.iter().enumerate() {
            for (column, mark) in pattern.bytes().enumerate() {
                let colour = match mark {
                    b'#' => 0x10_1418,
                    b'.' => 0xFF_FFFF,
                    _ => continue,
                };
                let dot = Rectangle::new(x + column * scale, y + line * scale, scale, scale);
                canvas.fill(dot, colour);
            }
        }
    }
}
