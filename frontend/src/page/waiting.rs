//! Before the relay has answered, and when it does not.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use crate::{
    app::{find_out, last_machine},
    browser::window,
    store::{Page, Store},
    ui::{
        icon::{Drawn, Icon},
        text,
    },
};

/// Which relay it is that does not answer: where it is, and its machine, if this browser has seen it.
fn relay() -> String {
    let address = window().location().host().unwrap_or_default();
    match last_machine() {
        Some(machine) => text().machine_unreachable(machine, address),
        None => text().relay_unreachable(address),
    }
}

/// How often a relay that does not answer is asked again, in milliseconds.
const ASK_MS: u32 = 3_000;

/// Looks for the relay, and goes on looking.
#[component]
pub(crate) fn Waiting() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let _again = StoredValue::new_local(Interval::new(ASK_MS, move || {
        if store.page.get_untracked() == Page::Unreachable {
            find_out(store);
        }
    }));
    let unreachable = move || store.page.get() == Page::Unreachable;
    view! {
        <main class="entrance">
            <div class="obstacle" aria-live="polite">
                <Show
                    when=unreachable
                    fallback=move || view! { <div class="spinner"></div><p>{text.looking_for_relay}</p> }
                >
                    <Drawn icon=Icon::NoLink/>
                    <h1>{relay()}</h1>
                    <p>{if window().navigator().on_line() { text.unreachable_hint } else { text.offline }}</p>
                    <p class="trying"><span class="spinner small"></span>{text.tries_again}</p>
                    <button class="button" on:click=move |_| find_out(store)>{text.retry}</button>
                </Show>
            </div>
        </main>
    }
}
