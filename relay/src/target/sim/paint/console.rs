//! The console's screen: only cells that differ from what stands there are drawn.

use super::{
    Canvas, Rectangle, colour,
    font::{self, Font},
    plasma::Plasma,
};
use crate::target::sim::{
    geometry::{Metrics, Size},
    machine::{ConsoleView, Mark},
    text::{Cell, Ink},
};

/// What stands in the cells, and what lies over them.
#[derive(Default)]
pub struct ConsolePainter {
    standing: Option<Standing>,
}

struct Standing {
    view: ConsoleView,
    cells: Vec<Option<(Cell, bool)>>,
}

impl ConsolePainter {
    /// Something else was drawn over the console.
    pub fn forget(&mut self) {
        self.standing = None;
    }

    /// Draws the console; `frame` moves the moving picture.
    pub fn draw(
        &mut self,
        canvas: &mut Canvas,
        view: &ConsoleView,
        size: Size,
        frame: u32,
        plasma: &mut Plasma,
    ) {
        let metrics = Metrics::of(size);
        let cells = metrics.columns * metrics.rows;
        let mut standing = self
            .standing
            .take()
            .filter(|standing| standing.cells.len() == cells);
        if standing.is_none() {
            canvas.fill(canvas.bounds(), colour::GROUND);
        }
        let before = standing.as_ref().map(|standing| standing.view.clone());
        let mut known = standing
            .take()
            .map_or_else(|| vec![None; cells], |standing| standing.cells);
        if let Some(before) = &before {
            uncover(canvas, &metrics, &mut known, before, view);
        }
        draw_cells(canvas, &metrics, &mut known, view);
        if before
            .as_ref()
            .is_none_or(|before| status_of(before) != status_of(view))
        {
            draw_status(canvas, &metrics, size, view);
        }
        if view.motion {
            draw_motion(canvas, &metrics, frame, plasma);
        }
        if let Some(mark) = view.mark {
            draw_mark(canvas, &metrics, mark);
        }
        self.standing = Some(Standing {
            view: view.clone(),
            cells: known,
        });
    }
}

fn draw_cells(
    canvas: &mut Canvas,
    metrics: &Metrics,
    known: &mut [Option<(Cell, bool)>],
    view: &ConsoleView,
) {
    let font = font::of(metrics.font);
    let cursor = view.page.cursor.filter(|_| view.cursor_lit);
    let cursor = cursor.map(|(column, row)| row * metrics.columns + column);
    for (place, (cell, known)) in view.page.grid.cells.iter().zip(known).enumerate() {
        let drawn = Some((*cell, Some(place) == cursor));
        if *known != drawn {
            *known = drawn;
            let at = cell_at(metrics, place);
            let inks = match drawn {
                Some((_, true)) => (colour::ON_ACCENT, colour::ACCENT),
                _ => (colour::of(cell.ink), colour::GROUND),
            };
            font.cell_at(canvas, at, metrics.scale, cell.glyph, inks);
        }
    }
}

fn cell_at(metrics: &Metrics, place: usize) -> (usize, usize) {
    let (column, row) = (place % metrics.columns, place / metrics.columns);
    (
        metrics.margin + column * metrics.cell_width,
        metrics.margin + row * metrics.cell_height,
    )
}

/// Clears what lay over the cells and does no more, so that they are drawn anew.
fn uncover(
    canvas: &mut Canvas,
    metrics: &Metrics,
    known: &mut [Option<(Cell, bool)>],
    before: &ConsoleView,
    view: &ConsoleView,
) {
    let size = canvas.size();
    let mark = before.mark.map(|mark| mark_area(metrics, mark));
    let motion = (before.motion && !view.motion).then(|| motion_area(metrics, size));
    for area in [mark, motion].into_iter().flatten() {
        let area = Rectangle {
            height: area.height.min(metrics.status_top.saturating_sub(area.y)),
            ..area
        };
        canvas.fill(area, colour::GROUND);
        for (place, known) in known.iter_mut().enumerate() {
            let (x, y) = cell_at(metrics, place);
            let apart = x >= area.x + area.width
                || x + metrics.cell_width <= area.x
                || y >= area.y + area.height
                || y + metrics.cell_height <= area.y;
            if !apart {
                *known = None;
            }
        }
    }
}

fn mark_area(metrics: &Metrics, mark: Mark) -> Rectangle {
    let reach = 16 * metrics.scale;
    let (x, y) = (usize::from(mark.x), usize::from(mark.y));
    let (left, top) = (x.saturating_sub(reach), y.saturating_sub(reach));
    Rectangle::new(left, top, x + reach - left, y + reach - top)
}

/// A ring around where a button went down, in a colour for each button; it stays above the status bar.
fn draw_mark(canvas: &mut Canvas, metrics: &Metrics, mark: Mark) {
    let colour = [colour::ACCENT, colour::NAME, colour::GOOD][usize::from(mark.button.min(2))];
    let (reach, thickness) = (12.0 * metrics.scale as f64, 2.0 * metrics.scale as f64);
    let area = mark_area(metrics, mark);
    let (width, _) = canvas.size();
    for y in area.y..(area.y + area.height).min(metrics.status_top) {
        for x in area.x..(area.x + area.width).min(width) {
            let distance =
                (x as f64 - f64::from(mark.x)).hypot(y as f64 - f64::from(mark.y)) - reach;
            let weight = (thickness / 2.0 + 0.5 - distance.abs()).clamp(0.0, 1.0) * 256.0;
            if weight > 0.0 {
                canvas.blend(x, y, colour, weight as u32);
            }
        }
    }
}

fn motion_area(metrics: &Metrics, (width, _): (usize, usize)) -> Rectangle {
    let (wide, high) = (width * 2 / 5, metrics.status_top * 2 / 5);
    Rectangle::new(
        width - wide - 2 * metrics.margin,
        2 * metrics.margin,
        wide,
        high,
    )
}

fn draw_motion(canvas: &mut Canvas, metrics: &Metrics, frame: u32, plasma: &mut Plasma) {
    let area = motion_area(metrics, canvas.size());
    canvas.fill(area, colour::LINE);
    plasma.draw(canvas, area.inset(2 * metrics.scale), frame);
}

fn status_of(view: &ConsoleView) -> impl PartialEq {
    (
        view.layout,
        view.leds,
        view.pointer,
        view.notice.clone(),
        view.page.scrolled,
    )
}

fn draw_status(canvas: &mut Canvas, metrics: &Metrics, size: Size, view: &ConsoleView) {
    let font = font::of(metrics.font);
    let (width, height) = canvas.size();
    let bar = Rectangle::new(0, metrics.status_top, width, height - metrics.status_top);
    canvas.fill(bar, colour::SURFACE);
    canvas.fill(
        Rectangle {
            height: metrics.scale,
            ..bar
        },
        colour::LINE,
    );
    let top = metrics.status_top + (bar.height - metrics.cell_height).div_ceil(2);
    let mut row = StatusRow {
        font,
        scale: metrics.scale,
        top,
        left: metrics.margin,
    };
    row.write(canvas, view.layout, Ink::Plain);
    for (name, lit) in [
        ("Caps", view.leds.caps_lock),
        ("Num", view.leds.num_lock),
        ("Scroll", view.leds.scroll_lock),
    ] {
        row.write(canvas, name, if lit { Ink::Accent } else { Ink::Muted });
    }
    if view.page.scrolled > 0 {
        row.write(
            canvas,
            &format!("{} lines back", view.page.scrolled),
            Ink::Name,
        );
    }
    if let Some(notice) = &view.notice {
        row.write(canvas, notice, Ink::Accent);
    }
    let right = [pointer_text(view), size.to_string()].join("  ");
    let left = width.saturating_sub(metrics.margin + font.width_of(&right, metrics.scale));
    if left > row.left {
        font.write(canvas, (left, top), metrics.scale, &right, colour::MUTED);
    }
}

struct StatusRow {
    font: &'static Font,
    scale: usize,
    top: usize,
    left: usize,
}

impl StatusRow {
    fn write(&mut self, canvas: &mut Canvas, text: &str, ink: Ink) {
        self.font.write(
            canvas,
            (self.left, self.top),
            self.scale,
            text,
            colour::of(ink),
        );
        self.left += self.font.width_of(text, self.scale) + self.font.width_of("  ", self.scale);
    }
}

fn pointer_text(view: &ConsoleView) -> String {
    const BUTTONS: [&str; 5] = ["left", "right", "middle", "back", "forward"];
    let pointer = view.pointer;
    let held = BUTTONS
        .iter()
        .enumerate()
        .filter(|(bit, _)| pointer.buttons >> bit & 1 == 1);
    let held: Vec<&str> = held.map(|(_, name)| *name).collect();
    let held = if held.is_empty() {
        String::new()
    } else {
        format!("{}  ", held.join("+"))
    };
    format!("{held}{},{}", pointer.x, pointer.y)
}
