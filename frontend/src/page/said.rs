//! A quiet word on what has just happened.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use crate::store::Store;

/// How long it stays, in milliseconds.
const STAYS_MS: u32 = 8_000;

/// The latest of [`Store::say`], for a while.
#[component]
pub(crate) fn Said() -> impl IntoView {
    let said = expect_context::<Store>().said;
    let timer = StoredValue::new_local(None);
    Effect::new(move |_| {
        let forget = said
            .get()
            .map(|_| Timeout::new(STAYS_MS, move || said.set(None)));
        timer.set_value(forget);
    });
    view! {
        <div class="said" role="status">
            {move || said.get().map(|words| view! { <p>{words}</p> })}
        </div>
    }
}
