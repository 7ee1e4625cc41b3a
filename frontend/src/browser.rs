//! The browser's objects as owned handles: what is dropped is closed.

use js_sys::{Array, Function};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{
    AddEventListenerOptions, Document, Element, Event, EventTarget, ResizeObserver,
    ResizeObserverEntry, Window,
};

/// The window; there is always one where the page runs.
#[expect(clippy::expect_used, reason = "the page runs in a window")]
pub(crate) fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The window's document.
#[expect(clippy::expect_used, reason = "a window has a document")]
pub(crate) fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The operator's languages as BCP 47 tags, best first.
pub(crate) fn languages() -> Vec<String> {
    let languages = window().navigator().languages();
    languages
        .iter()
        .filter_map(|language| language.as_string())
        .collect()
}

/// The size of the page, in CSS pixels.
pub(crate) fn page_size() -> (f64, f64) {
    let pixels = |side: Result<JsValue, JsValue>| side.ok().and_then(|side| side.as_f64());
    (
        pixels(window().inner_width()).unwrap_or_default(),
        pixels(window().inner_height()).unwrap_or_default(),
    )
}

/// Whether a media query holds now.
pub(crate) fn media(query: &str) -> bool {
    let list = window().match_media(query).ok().flatten();
    list.is_some_and(|list| list.matches())
}

/// Unix time in microseconds by this device's clock; it never goes back.
pub(crate) fn now_us() -> u64 {
    window().performance().map_or(0, |performance| {
        micros(performance.time_origin() + performance.now())
    })
}

/// Milliseconds as whole microseconds.
pub(crate) fn micros(ms: f64) -> u64 {
    (ms * 1000.0) as u64
}

/// A global of this browser, by its name: whether there is one.
pub(crate) fn has_global(name: &str) -> bool {
    js_sys::Reflect::has(&js_sys::global(), &name.into()).unwrap_or(false)
}

/// Whether this device has a screen that can be touched.
pub(crate) fn has_touch() -> bool {
    window().navigator().max_touch_points() > 0
}

/// What this browser remembers under a key, if it remembers anything at all.
pub(crate) fn remembered(key: &str) -> Option<String> {
    let storage = window().local_storage().ok().flatten()?;
    storage.get_item(key).ok().flatten()
}

/// Remembers a text, as far as the browser lets the page.
pub(crate) fn remember(key: &str, text: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _full_or_forbidden = storage.set_item(key, text);
    }
}

/// Listens until it is dropped.
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `handle` for each event of that name. The handler may prevent the browser's own doing.
    pub(crate) fn new<E: JsCast>(
        target: &EventTarget,
        name: &'static str,
        mut handle: impl FnMut(E) + 'static,
    ) -> Self {
        let closure =
            Closure::<dyn FnMut(Event)>::new(move |event: Event| handle(event.unchecked_into()));
        let options = AddEventListenerOptions::new();
        options.set_passive(false);
        let listener = Self {
            target: target.clone(),
            name,
            closure,
        };
        let added = target.add_event_listener_with_callback_and_add_event_listener_options(
            name,
            listener.function(),
            &options,
        );
        debug_assert!(added.is_ok(), "{name}");
        listener
    }

    fn function(&self) -> &Function {
        self.closure.as_ref().unchecked_ref()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let removed = self
            .target
            .remove_event_listener_with_callback(self.name, self.function());
        debug_assert!(removed.is_ok(), "{}", self.name);
    }
}

/// Tells an element's size until it is dropped, from its first on.
pub(crate) struct Resized {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut(Array)>,
}

impl Resized {
    /// Calls `handle` with the width and the height of the element's content, in CSS pixels. `None` where the
    /// browser does not tell.
    pub(crate) fn new(
        element: &Element,
        mut handle: impl FnMut(f64, f64) + 'static,
    ) -> Option<Self> {
        let closure = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            let last = entries.get(entries.length().saturating_sub(1));
            if let Ok(entry) = last.dyn_into::<ResizeObserverEntry>() {
                let size = entry.content_rect();
                handle(size.width(), size.height());
            }
        });
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _closure: closure,
        })
    }
}

impl Drop for Resized {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
