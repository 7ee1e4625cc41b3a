//! One of several, from a list that opens.

use leptos::prelude::*;

use super::field::labelled;

/// A list with its name above it.
#[component]
pub(crate) fn Select(
    /// Its name.
    label: &'static str,
    /// What can be chosen: the value, and its name.
    options: Vec<(&'static str, String)>,
    /// The value that is chosen elsewhere.
    #[prop(into)]
    value: Signal<&'static str>,
    /// Takes the new value.
    commit: impl Fn(String) + 'static,
) -> impl IntoView {
    let option = move |(option, name): (&'static str, String)| {
        view! { <option value=option prop:selected=move || value.get() == option>{name}</option> }
    };
    labelled(
        label,
        "",
        view! {
            <select aria-label=label on:change=move |event| commit(event_target_value(&event))>
                {options.into_iter().map(option).collect_view()}
            </select>
        },
    )
}

/// A list that stands in a line with others, and whose options may change. `value` may be none of them.
#[component]
pub(crate) fn InlineSelect(
    /// Its name.
    label: &'static str,
    /// What can be chosen: the value, and its name.
    options: Signal<Vec<(String, String)>>,
    /// The value that is chosen elsewhere.
    value: Signal<String>,
    /// Takes the new value.
    commit: impl Fn(String) + 'static,
) -> impl IntoView {
    let option = move |(option, name): (String, String)| {
        let known = option.clone();
        view! { <option value=option prop:selected=move || value.get() == known>{name}</option> }
    };
    view! {
        <select aria-label=label title=label on:change=move |event| commit(event_target_value(&event))>
            {move || options.get().into_iter().map(option).collect_view()}
        </select>
    }
}
