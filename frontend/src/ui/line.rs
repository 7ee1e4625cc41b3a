//! A line of text that counts as it is typed.

use leptos::prelude::*;

/// A line with its name above it. What is written elsewhere meanwhile does not change it.
#[component]
pub(crate) fn Line(
    /// Its name.
    label: &'static str,
    /// What stands in it at first.
    value: String,
    /// The most characters that it takes.
    #[prop(default = 1000)]
    most: u32,
    /// Takes the new text.
    commit: impl Fn(String) + 'static,
) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field-name">{label}</span>
            <input
                type="text"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                maxlength=most
                aria-label=label
                value=value
                on:input=move |event| commit(event_target_value(&event))
            />
        </label>
    }
}
