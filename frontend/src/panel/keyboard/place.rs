//! Where the keyboard is: docked, or floating where it was put.

use leptos::prelude::*;
use web_sys::Event;

use crate::{
    board::floating::Floating,
    browser::{Listener, page_size, window},
    preferences::Preferences,
};

/// The narrowest page on which the keyboard may float, in CSS pixels.
const DESK: f64 = 900.0;

/// The lowest one.
const LOW: f64 = 600.0;

/// The place of the keyboard, in signals.
#[derive(Clone, Copy)]
pub(super) struct Place {
    preferences: Preferences,
    /// The size of the page, in CSS pixels.
    pub(super) page: RwSignal<(f64, f64)>,
    size: RwSignal<(f64, f64)>,
    moving: RwSignal<Option<Floating>>,
    /// Whether there is room for floating.
    pub(super) may_float: Memo<bool>,
    /// Whether it floats.
    pub(super) floats: Memo<bool>,
}

impl Place {
    pub(super) fn new(preferences: Preferences, size: RwSignal<(f64, f64)>) -> Self {
        let page = RwSignal::new(page_size());
        let _follows_the_window =
            StoredValue::new_local(Listener::new(&window(), "resize", move |_: Event| {
                page.set(page_size());
            }));
        let may_float = Memo::new(move |_| page.get().0 >= DESK && page.get().1 >= LOW);
        Self {
            preferences,
            page,
            size,
            moving: RwSignal::new(None),
            may_float,
            floats: Memo::new(move |_| may_float.get() && preferences.keyboard_floats.get()),
        }
    }

    /// Lets it float, or docks it.
    pub(super) fn toggle(&self) {
        let floats = self.preferences.keyboard_floats;
        floats.set(!floats.get_untracked());
    }

    /// Where it floats now.
    pub(super) fn now(&self) -> Floating {
        let page = self.page.get();
        let kept = self.moving.get().or(self.preferences.keyboard_place.get());
        kept.unwrap_or_else(|| Floating::first(page))
            .within(page, self.size.get().1 + 2.0)
    }

    /// Puts it there for now.
    pub(super) fn put(&self, place: Floating) {
        self.moving.set(Some(place));
    }

    /// Remembers where it is.
    pub(super) fn keep(&self) {
        if self.moving.get_untracked().is_some() {
            let now = untrack(|| self.now());
            self.preferences.keyboard_place.set(Some(now));
            self.moving.set(None);
        }
    }

    pub(super) fn left(&self) -> Option<String> {
        self.pixels(|place| place.x)
    }

    pub(super) fn top(&self) -> Option<String> {
        self.pixels(|place| place.y)
    }

    pub(super) fn width(&self) -> Option<String> {
        self.pixels(|place| place.width)
    }

    fn pixels(&self, of: fn(&Floating) -> f64) -> Option<String> {
        self.floats
            .get()
            .then(|| format!("{:.1}px", of(&self.now())))
    }
}
