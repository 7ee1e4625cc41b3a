//! Rows of the terminal as elements.

use avt::Color;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::{
    browser::document,
    terminal::{
        rows::{Look, Row, Run, indexed},
        screen::{PAST_MAX, Paint},
    },
};

/// Where a terminal is painted: rows that have scrolled out, and those of the screen below.
pub(super) struct Canvas {
    past: Element,
    screen: Element,
}

impl Canvas {
    pub(super) fn new(past: &Element, screen: &Element) -> Self {
        Self {
            past: past.clone(),
            screen: screen.clone(),
        }
    }

    /// Forgets what has scrolled out.
    pub(super) fn forget(&self) {
        self.past.set_text_content(None);
    }

    pub(super) fn paint(&self, paint: &Paint) {
        for row in &paint.past {
            append(&self.past, row);
        }
        while self.past.child_element_count() as usize > PAST_MAX {
            remove_first(&self.past);
        }
        while (self.screen.child_element_count() as usize) < paint.height {
            append(&self.screen, &Row::new());
        }
        while self.screen.child_element_count() as usize > paint.height {
            remove_first(&self.screen);
        }
        let rows = self.screen.children();
        for (number, row) in &paint.rows {
            let element = u32::try_from(*number)
                .ok()
                .and_then(|number| rows.item(number));
            if let Some(element) = element {
                fill(&element, row);
            }
        }
    }
}

fn remove_first(parent: &Element) {
    if let Some(first) = parent.first_element_child() {
        first.remove();
    }
}

fn append(parent: &Element, row: &Row) {
    if let Ok(element) = document().create_element("div") {
        fill(&element, row);
        let _always_a_parent = parent.append_child(&element);
    }
}

fn fill(element: &Element, row: &Row) {
    match &row[..] {
        [] => element.set_text_content(Some("\u{200b}")),
        [Run { text, look }] if *look == Look::default() => element.set_text_content(Some(text)),
        runs => {
            element.set_text_content(None);
            for run in runs {
                if let Ok(piece) = document().create_element("span") {
                    piece.set_text_content(Some(&run.text));
                    dress(&piece, run.look);
                    let _always_a_parent = element.append_child(&piece);
                }
            }
        }
    }
}

fn dress(piece: &Element, look: Look) {
    let (mut ink, mut ground) = (look.ink, look.ground);
    let mut classes = String::new();
    if look.inverse {
        (ink, ground) = (ground, ink);
        if ink.is_none() {
            classes += " on";
        }
        if ground.is_none() {
            classes += " over";
        }
    }
    for (is_so, class) in [
        (look.bold, " bold"),
        (look.faint, " faint"),
        (look.italic, " italic"),
        (look.underline, " underline"),
        (look.strike, " strike"),
        (look.cursor, " cursor"),
    ] {
        if is_so {
            classes += class;
        }
    }
    for (colour, property, prefix) in [(ink, "color", 'i'), (ground, "background-color", 'g')] {
        match colour {
            Some(Color::Indexed(index @ 0..16)) => classes += &format!(" {prefix}{index}"),
            Some(Color::Indexed(index)) => paint(piece, property, indexed(index)),
            Some(Color::RGB(rgb)) => paint(piece, property, (rgb.r, rgb.g, rgb.b)),
            None => {}
        }
    }
    piece.set_class_name(classes.trim_start());
}

fn paint(piece: &Element, property: &str, (red, green, blue): (u8, u8, u8)) {
    if let Some(piece) = piece.dyn_ref::<HtmlElement>() {
        let colour = format!("rgb({red},{green},{blue})");
        let _always_a_colour = piece.style().set_property(property, &colour);
    }
}
