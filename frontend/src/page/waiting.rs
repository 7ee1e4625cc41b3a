//! Before the relay has answered, and when it does not.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use crate::{
    app::find_out,
    store::{Page, Store},
    ui::{
        icon::{Drawn, Icon},
        text,
    },
};

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
                    <h2>{text.unreachable}</h2>
                    <p>{text.no_answer}</p>
                    <button class="button" on:click=move |_| find_out(store)>{text.retry}</button>
                </Show>
            </div>
        </main>
    }
}
