//! The firmware's screen: the armchair under its lamp, what was found, the boot menu.

use super::{
    Canvas, Rectangle, colour,
    font::{self, Font},
};
use crate::target::sim::{
    firmware::View,
    geometry::{Metrics, Size},
};

/// Draws the whole screen.
pub fn draw(canvas: &mut Canvas, view: &View, size: Size) {
    let page = Page::of(size);
    canvas.fill(canvas.bounds(), colour::GROUND);
    let logo = page.height * 26 / 100;
    let top = page.height * 12 / 100;
    draw_logo(canvas, (page.width / 2, top), logo);
    let title_scale = page.scale * if page.height < 600 { 2 } else { 3 };
    let mut y = top + logo + page.line / 2;
    page.centred(canvas, y, title_scale, view.title, colour::TEXT);
    y += page.line * title_scale / page.scale;
    page.centred(canvas, y, page.scale, View::VERSION, colour::MUTED);
    y += page.line * 2;
    match &view.menu {
        Some((entries, selected)) => draw_menu(canvas, &page, y, entries, *selected),
        None => draw_found(canvas, &page, y, view),
    }
    if view.menu.is_some() {
        draw_keys(canvas, &page, "", &View::MENU_KEYS);
    } else {
        let [press, key, does] = View::HINT;
        draw_keys(canvas, &page, press, &[(key, does)]);
    }
}

struct Page {
    width: usize,
    height: usize,
    scale: usize,
    line: usize,
    font: &'static Font,
}

impl Page {
    fn of(size: Size) -> Self {
        let metrics = Metrics::of(size);
        Self {
            width: usize::from(size.width),
            height: usize::from(size.height),
            scale: metrics.scale,
            line: metrics.cell_height * 5 / 4,
            font: font::of(metrics.font),
        }
    }

    fn text_height(&self) -> usize {
        self.font.cell().1 * self.scale
    }

    fn width_of(&self, text: &str) -> usize {
        self.font.width_of(text, self.scale)
    }

    fn write(&self, canvas: &mut Canvas, at: (usize, usize), text: &str, ink: u32) {
        self.font.write(canvas, at, self.scale, text, ink);
    }

    fn centred(&self, canvas: &mut Canvas, y: usize, scale: usize, text: &str, ink: u32) {
        let x = self.width.saturating_sub(self.font.width_of(text, scale)) / 2;
        self.font.write(canvas, (x, y), scale, text, ink);
    }
}

fn draw_found(canvas: &mut Canvas, page: &Page, top: usize, view: &View) {
    let columns = 48.min(page.width / (page.font.cell().0 * page.scale) - 2);
    let width = page.font.cell().0 * page.scale * columns;
    let left = (page.width - width) / 2;
    let values = left + page.width_of("Processor   ");
    for (line, (label, value)) in view.found.iter().enumerate() {
        let y = top + line * page.line;
        page.write(canvas, (left, y), label, colour::MUTED);
        page.write(canvas, (values, y), value, colour::TEXT);
    }
    let track = Rectangle::new(
        left,
        top + view.found.len() * page.line + page.line / 3,
        width,
        4 * page.scale,
    );
    canvas.fill_round(track, track.height / 2, colour::RAISED);
    let filled = width * usize::from(view.progress) / 100;
    if filled > track.height {
        canvas.fill_round(
            Rectangle {
                width: filled,
                ..track
            },
            track.height / 2,
            colour::ACCENT,
        );
    }
}

fn draw_menu(canvas: &mut Canvas, page: &Page, top: usize, entries: &[String], selected: usize) {
    let longest = entries
        .iter()
        .map(|entry| page.width_of(entry))
        .max()
        .unwrap_or(0);
    let pad = page.line / 2;
    let width = (longest + 4 * pad)
        .max(page.width * 2 / 5)
        .min(page.width - 2 * pad);
    let height = page.line * (entries.len() + 1) + 3 * pad;
    let top = top
        .min(page.height.saturating_sub(height + 2 * page.line))
        .saturating_sub(pad);
    let panel = Rectangle::new((page.width - width) / 2, top, width, height);
    canvas.fill_round(panel, 10 * page.scale, colour::SURFACE);
    canvas.stroke_round(panel, 10 * page.scale, page.scale as f64, colour::LINE);
    page.write(
        canvas,
        (panel.x + 2 * pad, top + pad),
        View::MENU,
        colour::MUTED,
    );
    for (line, entry) in entries.iter().enumerate() {
        let y = top + 2 * pad + (line + 1) * page.line;
        let bar = Rectangle::new(panel.x + pad, y, width - 2 * pad, page.line);
        let ink = if line == selected {
            canvas.fill_round(bar, 6 * page.scale, colour::ACCENT);
            colour::ON_ACCENT
        } else {
            colour::TEXT
        };
        let inner = (page.line - page.text_height()) / 2;
        page.write(canvas, (bar.x + pad, y + inner), entry, ink);
    }
}

/// Keycaps at the lower edge, behind a word, each followed by what it does.
fn draw_keys(canvas: &mut Canvas, page: &Page, word: &str, keys: &[(&str, &str)]) {
    let pad = page.width_of(" ") * 3 / 4;
    let gap = page.width_of("   ");
    let one = |(key, does): &(&str, &str)| page.width_of(key) + page.width_of(does) + 3 * pad;
    let before = if word.is_empty() {
        0
    } else {
        page.width_of(word) + pad
    };
    let all = before + keys.iter().map(one).sum::<usize>() + gap * keys.len().saturating_sub(1);
    let mut x = page.width.saturating_sub(all) / 2;
    let y = page.height - page.line * 2;
    let inner = (page.line - page.text_height()) / 2;
    page.write(canvas, (x, y + inner), word, colour::MUTED);
    x += before;
    for (key, does) in keys {
        let cap = Rectangle::new(x, y, page.width_of(key) + 2 * pad, page.line);
        canvas.fill_round(cap, 5 * page.scale, colour::RAISED);
        canvas.stroke_round(cap, 5 * page.scale, page.scale as f64, colour::LINE);
        page.write(canvas, (x + pad, y + inner), key, colour::ACCENT);
        page.write(
            canvas,
            (x + cap.width + pad, y + inner),
            does,
            colour::MUTED,
        );
        x += one(&(key, does)) + gap;
    }
}

/// An armchair under a lamp, `height` pixels high, its middle at `centre`.
fn draw_logo(canvas: &mut Canvas, (centre, top): (usize, usize), height: usize) {
    let unit = height as f64 / 100.0;
    let part = |x: f64, y: f64, width: f64, high: f64| {
        let left = centre as f64 + (x - 50.0) * unit;
        Rectangle::new(
            left.max(0.0) as usize,
            top + (y * unit) as usize,
            (width * unit) as usize,
            (high * unit) as usize,
        )
    };
    let round = |size: f64| (size * unit) as usize;
    let glow = part(30.0, 24.0, 40.0, 34.0);
    canvas.shadow(glow, round(20.0), round(46.0), colour::ACCENT, 34);
    let (wood, cloth, seat) = (0x6B_5236, 0xB0_7C38, colour::ACCENT);
    canvas.fill_round(part(24.0, 84.0, 6.0, 16.0), round(2.0), wood);
    canvas.fill_round(part(70.0, 84.0, 6.0, 16.0), round(2.0), wood);
    canvas.fill_round(part(22.0, 12.0, 56.0, 62.0), round(16.0), cloth);
    canvas.fill_round(
        part(29.0, 19.0, 42.0, 50.0),
        round(10.0),
        colour::mix(cloth, seat, 110),
    );
    canvas.fill_round(
        part(20.0, 58.0, 60.0, 30.0),
        round(7.0),
        colour::mix(cloth, 0, 50),
    );
    canvas.fill_round(part(26.0, 54.0, 48.0, 20.0), round(7.0), seat);
    canvas.fill_round(part(10.0, 42.0, 18.0, 46.0), round(9.0), seat);
    canvas.fill_round(part(72.0, 42.0, 18.0, 46.0), round(9.0), seat);
}
