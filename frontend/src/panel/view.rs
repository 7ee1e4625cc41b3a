//! How large the picture is and which way up, on the picture itself.

use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

use crate::{
    store::Store,
    ui::{
        focus_screen,
        icon::{Drawn, Icon},
        text,
    },
    view::{ZOOM_STEP, Zoom},
};

/// The controls of the view, while they are wanted. Esc puts them away.
#[component]
pub(crate) fn ViewBar() -> impl IntoView {
    let store = expect_context::<Store>();
    view! {
        <Show when=move || store.view_bar.get()>
            <Controls/>
        </Show>
    }
}

#[component]
fn Controls() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let shown = store.shown;
    let size = move |name, zoom: Zoom| {
        view! {
            <button
                class="tool"
                aria-label=name
                aria-pressed=move || (shown.view().zoom == zoom).to_string()
                on:click=move |_| shown.set_zoom(zoom)
            >
                {name}
            </button>
        }
    };
    let step = move |name, icon, act: fn(crate::view::shown::Shown)| {
        view! {
            <button class="tool" aria-label=name title=name on:click=move |_| act(shown)>
                <Drawn icon/>
            </button>
        }
    };
    let percent = move || {
        let times = shown.placed().map_or(1.0, |placed| placed.times());
        text.percent((times * 100.0).round())
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            store.view_bar.set(false);
            focus_screen();
        }
    };
    view! {
        <div
            class="view-bar"
            role="group"
            aria-label=text.view
            on:keydown=on_key
            on:pointerdown=|event: PointerEvent| event.stop_propagation()
        >
            {size(text.view_fit, Zoom::Fit)}
            {size(text.view_fill, Zoom::Fill)}
            {size(text.view_original, Zoom::Times(1.0))}
            {step(text.zoom_out, Icon::Minus, |shown| shown.zoom(1.0 / ZOOM_STEP))}
            <output aria-label=text.view_size>{percent}</output>
            {step(text.zoom_in, Icon::Plus, |shown| shown.zoom(ZOOM_STEP))}
            {step(text.rotate, Icon::Rotate, |shown| shown.turn())}
        </div>
    }
}
