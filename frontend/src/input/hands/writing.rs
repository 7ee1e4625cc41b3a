//! Text that is typed on the device's own keyboard.

use leptos::prelude::*;
use shared::layout::{Layout, Options, compile};

use super::Hands;
use crate::input::{
    device_text::Edit,
    strokes::{BACKSPACE, inputs},
};

impl Hands {
    /// Erases and types, as far as the machine's layout, or its system's own way to enter characters, can.
    pub(crate) fn edit(&self, edit: &Edit, layout: Option<&Layout>) {
        self.take_free_control();
        for _ in 0..edit.erase {
            self.send_all(inputs(&[BACKSPACE]));
        }
        if edit.text.is_empty() {
            return;
        }
        let store = self.0.store;
        let Some(layout) = layout else {
            return store.not_typed.set(edit.text.clone());
        };
        let compiled = compile(&edit.text, layout, &self.options());
        for piece in compiled.pieces() {
            self.send_all(inputs(piece));
        }
        let cannot = compiled.cannot.iter().map(|(character, _)| *character);
        store.not_typed.set(cannot.collect());
    }

    /// A line's end is the Enter key, whatever it is in texts.
    fn options(&self) -> Options {
        let caps_lock = self.0.store.state.with_untracked(|state| {
            let leds = state.as_ref().and_then(|state| state.leds);
            leds.is_some_and(|leds| leds.caps_lock)
        });
        Options {
            caps_lock,
            untypable: self.0.store.preferences.typing.get_untracked().untypable,
            ..Options::default()
        }
    }
}
