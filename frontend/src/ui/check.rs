//! What is on or off.

use leptos::prelude::*;

/// A box to tick, with its name beside it and what to know below.
#[component]
pub(crate) fn Check(
    /// Its name.
    label: &'static str,
    /// What to know about it.
    #[prop(optional)]
    hint: &'static str,
    /// Whether it is on elsewhere.
    #[prop(into)]
    on: Signal<bool>,
    /// Takes the new value.
    commit: impl Fn(bool) + 'static,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input
                type="checkbox"
                aria-label=label
                prop:checked=move || on.get()
                on:change=move |event| commit(event_target_checked(&event))
            />
            <span>{label}</span>
            {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
        </label>
    }
}
