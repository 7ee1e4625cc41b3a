//! The pointer: where it is, and what is pressed there.

use leptos::prelude::*;
use shared::input::Buttons;

use super::Hands;
use crate::{input::pointer::swapped, view::Point};

impl Hands {
    /// The pointer is at a pixel of the machine; one outside is brought to the nearest edge.
    pub(crate) fn point(&self, (x, y): Point) {
        let Some(size) = self.0.store.picture.get_untracked() else {
            return;
        };
        let last = |pixels: u16| (f64::from(pixels) - 1.0).max(0.0);
        let pixel = (
            x.clamp(0.0, last(size.width) + 0.999),
            y.clamp(0.0, last(size.height) + 0.999),
        );
        self.0.cursor.set(Some(pixel));
        let place = self.0.store.preferences.desktop().at(pixel, size);
        let input = self.0.pointer.borrow_mut().to(place);
        self.send_all(input);
    }

    /// Which of `MouseEvent.buttons` are down on the mouse.
    pub(crate) fn mouse_buttons(&self, buttons: u16) {
        if buttons != 0 {
            self.take_free_control();
        }
        let buttons = match self.0.store.preferences.swap_buttons.get_untracked() {
            true => swapped(buttons),
            false => buttons,
        };
        let input = self.0.pointer.borrow_mut().mouse(buttons);
        self.send_all(input);
    }

    /// A button goes down or up by other means than a mouse.
    pub(crate) fn hold_button(&self, button: Buttons, down: bool) {
        if down {
            self.take_free_control();
        }
        let input = self.0.pointer.borrow_mut().hold(button, down);
        self.send_all(input);
    }

    /// The hand moved a relative pointer, by CSS pixels in so many milliseconds.
    pub(crate) fn move_by(&self, way: Point, took_ms: f64) {
        let (dx, dy) = self.0.store.preferences.speed().way(way, took_ms);
        let input = self.0.pointer.borrow_mut().by(dx, dy);
        self.send_all(input);
    }

    /// The hand moved the absolute pointer from where it is, by CSS pixels in so many milliseconds; the picture follows.
    pub(super) fn move_cursor(&self, way: Point, took_ms: f64) {
        let shown = self.0.store.shown;
        let Some(placed) = shown.placed_now() else {
            return;
        };
        let way = self.0.store.preferences.speed().way(way, took_ms);
        let (dx, dy) = placed.way_to_machine(way);
        let (x, y) = self
            .0
            .cursor
            .get()
            .unwrap_or_else(|| placed.to_machine(placed.stage_middle()));
        self.point((x + dx, y + dy));
        if let Some(cursor) = self.0.cursor.get() {
            shown.reveal(cursor);
        }
    }
}
