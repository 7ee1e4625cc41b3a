//! A line of text that counts as it is typed.

use leptos::prelude::*;

use super::field::labelled;

/// A line with its name above it. What is written elsewhere meanwhile does not change it.
#[component]
pub(crate) fn Line(
    /// Its name.
    label: &'static str,
    /// What stands in it at first.
    value: String,
    /// What counts while nothing stands in it.
    #[prop(optional, into)]
    placeholder: Signal<String>,
    /// The most characters that it takes.
    #[prop(default = 1000)]
    most: u32,
    /// Takes the new text.
    commit: impl Fn(String) + 'static,
) -> impl IntoView {
    labelled(
        label,
        "",
        view! {
            <input
                type="text"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                maxlength=most
                aria-label=label
                value=value
                placeholder=placeholder
                on:input=move |event| commit(event_target_value(&event))
            />
        },
    )
}
