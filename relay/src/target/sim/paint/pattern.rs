//! Test pictures that stand still or scroll.

use super::{
    Canvas, Rectangle, colour,
    colour::{mix, rgb},
    font,
};
use crate::target::sim::geometry::{Metrics, Size};

/// Bars of the primaries, sixteen greys, and a ramp of each primary.
pub fn colours(canvas: &mut Canvas) {
    const BARS: [u32; 8] = [
        0xFF_FFFF, 0xFF_FF00, 0x00_FFFF, 0x00_FF00, 0xFF_00FF, 0xFF_0000, 0x00_00FF, 0,
    ];
    let (width, height) = canvas.size();
    let (greys, ramps) = (height / 2, height * 2 / 3);
    for y in 0..height {
        let row = canvas.row_mut(y);
        let primary = (y.saturating_sub(ramps) * 3 / (height - ramps).max(1)).min(2);
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = if y < greys {
                BARS[x * BARS.len() / width]
            } else if y < ramps {
                (x * 16 / width) as u32 * 0x11_1111
            } else {
                ((x * 255 / (width - 1).max(1)) as u32) << (16 - 8 * primary)
            };
        }
    }
}

/// A screenful of text, `frame` lines further down a long listing.
pub fn text(canvas: &mut Canvas, size: Size, frame: u32) {
    let metrics = Metrics::of(size);
    let font = font::of(metrics.font);
    let (width, height) = canvas.size();
    let columns = width / metrics.cell_width;
    let rows = height / metrics.cell_height;
    let right = Rectangle::new(columns * metrics.cell_width, 0, width, height);
    canvas.fill(right, colour::GROUND);
    canvas.fill(
        Rectangle::new(0, rows * metrics.cell_height, width, height),
        colour::GROUND,
    );
    let mut line = String::new();
    for row in 0..rows {
        let number = frame.wrapping_add(row as u32);
        listing_line(&mut line, number);
        let ink = [
            colour::TEXT,
            colour::MUTED,
            colour::TEXT,
            colour::NAME,
            colour::TEXT,
            colour::GOOD,
        ][number as usize % 6];
        let characters = line.chars().chain(std::iter::repeat(' ')).take(columns);
        for (column, character) in characters.enumerate() {
            let at = (column * metrics.cell_width, row * metrics.cell_height);
            font.cell_at(canvas, at, metrics.scale, character, (ink, colour::GROUND));
        }
    }
}

/// A line of a listing that has no end: a number, a time stamp, words.
fn listing_line(line: &mut String, number: u32) {
    use std::fmt::Write;
    const WORDS: [&str; 16] = [
        "disk", "lamp", "network", "reading", "started", "memory", "signal", "wrote", "chair",
        "block", "checked", "session", "packet", "window", "closed", "ready",
    ];
    line.clear();
    let mut state = number.wrapping_mul(0x9E37_79B9) | 1;
    let _ = write!(
        line,
        "{number:>8}  {:02}:{:02}:{:02}.{:03}  ",
        number / 3600 % 24,
        number / 60 % 60,
        number % 60,
        (state >> 16) % 1000
    );
    for _ in 0..6 + number % 14 {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let _ = write!(
            line,
            "{} {:x} ",
            WORDS[state as usize % WORDS.len()],
            state >> 20
        );
    }
}

/// A desk with windows on it: gradients, thin lines, text, bright and dark.
pub fn still(canvas: &mut Canvas, size: Size) {
    let desk = Desk::of(canvas, size);
    desk.wallpaper(canvas);
    let (width, height) = canvas.size();
    let (bar, gap) = (desk.line * 2, desk.line);
    let editor = Rectangle::new(width / 16, height / 10, width / 2, height * 3 / 5);
    desk.window(canvas, editor, "notes.txt", colour::SURFACE);
    desk.paragraphs(canvas, editor, 0, colour::TEXT);
    let paper = Rectangle::new(width * 9 / 20, height / 4, width * 9 / 20, height * 3 / 5);
    desk.window(canvas, paper, "letter", 0xF4_F1EA);
    desk.paragraphs(canvas, paper, 40, 0x2A_2E33);
    desk.chart(
        canvas,
        Rectangle::new(width / 9, height * 11 / 20, width / 4, height * 3 / 10),
    );
    let panel = Rectangle::new(0, height - bar, width, bar);
    canvas.fill(panel, colour::SURFACE);
    canvas.fill(
        Rectangle {
            height: desk.scale,
            ..panel
        },
        colour::LINE,
    );
    let text_top = height - bar + (bar - desk.text) / 2;
    desk.write(canvas, (gap, text_top), "Armchair PC", colour::ACCENT);
    let clock = "12:34";
    let right = width.saturating_sub(desk.width_of(clock) + gap);
    desk.write(canvas, (right, text_top), clock, colour::TEXT);
}

struct Desk {
    metrics: Metrics,
    scale: usize,
    line: usize,
    text: usize,
}

impl Desk {
    fn of(canvas: &Canvas, size: Size) -> Self {
        let metrics = Metrics::of(size);
        debug_assert_eq!(canvas.size().0, usize::from(size.width));
        Self {
            metrics,
            scale: metrics.scale,
            line: metrics.cell_height * 5 / 4,
            text: metrics.cell_height,
        }
    }

    fn width_of(&self, text: &str) -> usize {
        font::of(self.metrics.font).width_of(text, self.scale)
    }

    fn write(&self, canvas: &mut Canvas, at: (usize, usize), text: &str, ink: u32) {
        font::of(self.metrics.font).write(canvas, at, self.scale, text, ink);
    }

    /// Dusk over three ranges of hills.
    fn wallpaper(&self, canvas: &mut Canvas) {
        let (width, height) = canvas.size();
        let hills: Vec<[usize; 3]> = (0..width)
            .map(|x| {
                let across = x as f64 / width as f64;
                [(0.84, 9.0, 2.1), (0.72, 6.0, 0.4), (0.6, 4.0, 4.0)].map(
                    |(base, pitch, phase): (f64, f64, f64)| {
                        let top = base
                            + 0.06 * (across * pitch + phase).sin()
                            + 0.02 * (across * pitch * 2.7).sin();
                        (top * height as f64) as usize
                    },
                )
            })
            .collect();
        for y in 0..height {
            let sky = mix(0x16_2036, 0xD8_8C5A, (y * 256 / height) as u32);
            for (pixel, [near, middle, far]) in canvas.row_mut(y).iter_mut().zip(&hills) {
                *pixel = if y > *near {
                    0x14_1C22
                } else if y > *middle {
                    0x26_3036
                } else if y > *far {
                    0x45_464A
                } else {
                    sky
                };
            }
        }
    }

    fn window(&self, canvas: &mut Canvas, area: Rectangle, title: &str, ground: u32) {
        let radius = 10 * self.scale;
        canvas.shadow(area, radius, 24 * self.scale, 0, 120);
        canvas.fill_round(area, radius, ground);
        let bar = Rectangle {
            height: self.line * 3 / 2,
            ..area
        };
        canvas.fill_round(bar, radius, colour::RAISED);
        canvas.fill(
            Rectangle {
                y: bar.y + bar.height / 2,
                height: bar.height / 2,
                ..bar
            },
            colour::RAISED,
        );
        let text_top = bar.y + (bar.height - self.text) / 2;
        self.write(canvas, (bar.x + self.line, text_top), title, colour::TEXT);
        for (place, colour) in [colour::GOOD, colour::ACCENT, 0xF2_8B7D]
            .into_iter()
            .enumerate()
        {
            let dot = self.text / 2;
            let left = bar.x + bar.width - (place + 1) * self.line;
            canvas.fill_round(
                Rectangle::new(left, bar.y + (bar.height - dot) / 2, dot, dot),
                dot / 2,
                colour,
            );
        }
        canvas.stroke_round(area, radius, self.scale as f64, colour::LINE);
    }

    fn paragraphs(&self, canvas: &mut Canvas, area: Rectangle, first: u32, ink: u32) {
        let columns = (area.width.saturating_sub(2 * self.line)) / self.metrics.cell_width;
        let lines = (area.height.saturating_sub(3 * self.line)) / self.line;
        let mut text = String::new();
        for row in 0..lines as u32 {
            if row % 7 == 6 {
                continue;
            }
            listing_line(&mut text, first + row);
            let shown: String = text.chars().skip(24).take(columns).collect();
            let y = area.y + self.line * 2 + row as usize * self.line;
            self.write(canvas, (area.x + self.line, y), &shown, ink);
        }
    }

    fn chart(&self, canvas: &mut Canvas, area: Rectangle) {
        self.window(canvas, area, "load", colour::SURFACE);
        let inner = area.inset(self.line);
        let bars = 24;
        let wide = inner.width / bars;
        for bar in 0..bars {
            let level = 0.5 + 0.35 * (bar as f64 * 0.7).sin() + 0.12 * (bar as f64 * 2.3).cos();
            let high = ((inner.height - self.line) as f64 * level) as usize;
            let warm = (level * 256.0) as u32;
            let column = Rectangle::new(
                inner.x + bar * wide,
                inner.y + inner.height - high,
                wide * 3 / 4,
                high,
            );
            canvas.fill(column, mix(rgb(70, 130, 180), colour::ACCENT, warm));
        }
    }
}
