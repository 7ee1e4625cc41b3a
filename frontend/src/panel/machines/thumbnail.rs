//! The last picture of each machine behind the switch, small. They are kept while the page is open, and nowhere else.

use std::collections::HashMap;

use gloo_timers::callback::Interval;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::HtmlCanvasElement;

use crate::{browser::document, still, store::Store};

/// How wide a small picture is, in pixels of its own.
const WIDTH: u32 = 320;

/// How often that of the machine on the screen is drawn anew, in milliseconds.
const EVERY_MS: u32 = 1_000;

/// The small pictures. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Thumbnails {
    kept: StoredValue<HashMap<u8, HtmlCanvasElement>, LocalStorage>,
    /// Counts what was kept.
    revision: RwSignal<u32>,
}

impl Thumbnails {
    /// Takes one of each machine that is left from now on.
    pub(crate) fn follow(store: Store) -> Self {
        let thumbnails = Self {
            kept: StoredValue::new_local(HashMap::new()),
            revision: RwSignal::new(0),
        };
        let switching = Memo::new(move |_| store.switching());
        let selected = Memo::new(move |_| selected(store));
        Effect::new(move |before: Option<Option<u8>>| {
            let (switching, now) = (switching.get(), selected.get());
            if switching && let Some(left) = before.flatten() {
                thumbnails.keep(left);
            }
            if switching { before.flatten() } else { now }
        });
        thumbnails
    }

    /// Keeps what is on the screen as the picture of a port.
    fn keep(self, port: u8) {
        let Some(onto) = self
            .kept
            .with_value(|kept| kept.get(&port).cloned())
            .or_else(canvas)
        else {
            return;
        };
        if still::draw(&onto, WIDTH).is_ok() {
            self.kept.update_value(|kept| {
                kept.insert(port, onto);
            });
            self.revision
                .update(|revision| *revision = revision.wrapping_add(1));
        }
    }
}

/// The port on the screen whose picture may be kept.
fn selected(store: Store) -> Option<u8> {
    let selected = store.switch.with(|switch| {
        let switch = switch.as_ref().filter(|switch| switch.thumbnails)?;
        switch.selected
    });
    selected.filter(|_| store.is_current())
}

fn canvas() -> Option<HtmlCanvasElement> {
    let canvas = document().create_element("canvas").ok()?;
    Some(canvas.unchecked_into())
}

/// The picture of a machine, as far as there is one. It says nothing that is not said beside it.
#[component]
pub(super) fn Thumbnail(
    /// Its port.
    port: u8,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let thumbnails = expect_context::<Thumbnails>();
    let node = NodeRef::<html::Canvas>::new();
    let live = Memo::new(move |_| selected(store) == Some(port));
    let drawn_again = StoredValue::new_local(None);
    Effect::new(move || {
        drawn_again.set_value(live.get().then(|| {
            thumbnails.keep(port);
            Interval::new(EVERY_MS, move || thumbnails.keep(port))
        }));
    });
    Effect::new(move || {
        thumbnails.revision.track();
        if let Some(canvas) = node.get() {
            thumbnails.kept.with_value(|kept| {
                if let Some(kept) = kept.get(&port) {
                    let _nothing_to_draw = still::copy(kept, &canvas, WIDTH);
                }
            });
        }
    });
    let wanted = move || {
        let switch = store.switch;
        switch.with(|switch| switch.as_ref().is_some_and(|switch| switch.thumbnails))
    };
    view! {
        <Show when=wanted>
            <canvas node_ref=node class="thumbnail" aria-hidden="true"></canvas>
        </Show>
    }
}
