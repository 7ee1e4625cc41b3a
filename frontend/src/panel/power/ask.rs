//! The question before the machine loses what it has not saved.

use gloo_timers::callback::Interval;
use leptos::{html, prelude::*};
use shared::power::PowerAction;
use web_sys::HtmlCanvasElement;

use super::words::{name, question};
use crate::{
    page::obstacle,
    still,
    store::Store,
    ui::{
        icon::{Drawn, Icon},
        text,
    },
};

/// How wide the small picture is, in pixels of its own.
const WIDTH: u32 = 640;

/// How often it is drawn anew.
const EVERY_MS: u32 = 500;

/// Asks, in the place of the buttons.
#[component]
pub(super) fn Ask(
    /// What is to be done.
    action: PowerAction,
    /// Does it.
    act: Callback<PowerAction>,
    /// Leaves it.
    cancel: Callback<()>,
) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let (sure, means) = question(action);
    let node = NodeRef::<html::Div>::new();
    node.on_load(|group| {
        request_animation_frame(move || {
            let _not_focusable = group.focus();
        });
    });
    let writes = RwSignal::new(store.disk_blinked_lately());
    Effect::new(move || {
        if store.power.with(|power| power.disk == Some(true)) {
            writes.set(true);
        }
    });
    view! {
        <div node_ref=node class="card power-ask" role="group" aria-label=sure tabindex="-1">
            <h3>{sure}</h3>
            <Still/>
            <p>{means}</p>
            <Show when=move || writes.get()>
                <p class="note" role="alert"><Drawn icon=Icon::Warning/>{text.power_disk_writes}</p>
            </Show>
            <div class="row">
                <button class="button danger" on:click=move |_| act.run(action)>{name(action)}</button>
                <button class="button" on:click=move |_| cancel.run(())>{text.cancel}</button>
            </div>
        </div>
    }
}

/// What is on the machine's screen now, or why that is not known.
#[component]
fn Still() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let current = Memo::new(move |_| store.is_current());
    let why = Memo::new(move |_| obstacle::title(store).unwrap_or(text.waiting_for_picture.into()));
    view! {
        <Show
            when=move || current.get()
            fallback=move || view! { <p class="no-still">{text.power_no_picture(why.get())}</p> }
        >
            <Picture/>
        </Show>
    }
}

#[component]
fn Picture() -> impl IntoView {
    let text = text();
    let node = NodeRef::<html::Canvas>::new();
    let drawn_again = StoredValue::new_local(None);
    node.on_load(move |canvas: HtmlCanvasElement| {
        let _nothing_to_draw = still::draw(&canvas, WIDTH);
        drawn_again.set_value(Some(Interval::new(EVERY_MS, move || {
            let _nothing_to_draw = still::draw(&canvas, WIDTH);
        })));
    });
    view! {
        <figure class="still">
            <canvas node_ref=node role="img" aria-label=text.power_screen></canvas>
            <figcaption class="hint">{text.power_screen}</figcaption>
        </figure>
    }
}
