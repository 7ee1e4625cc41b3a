//! A slider with its name and its value.

use leptos::prelude::*;

/// Slides over whole numbers; `commit` is called when it is let go, or moved by a key.
#[component]
pub(crate) fn Range(
    /// Its name.
    label: &'static str,
    /// What to know about it.
    #[prop(optional)]
    hint: &'static str,
    /// The smallest value.
    min: u32,
    /// The largest value.
    max: u32,
    /// How far one step goes.
    #[prop(default = 1)]
    step: u32,
    /// The value as it is elsewhere.
    #[prop(into)]
    value: Signal<u32>,
    /// The value in words.
    words: fn(u32) -> String,
    /// Takes the new value.
    commit: impl Fn(u32) + 'static,
) -> impl IntoView {
    let moving = RwSignal::new(None);
    let shown = move || moving.get().unwrap_or_else(|| value.get());
    view! {
        <label class="range">
            <span class="field-name">{label}</span>
            <output>{move || words(shown())}</output>
            <input
                type="range"
                min=min
                max=max
                step=step
                aria-label=label
                aria-valuetext=move || words(shown())
                style:--part=move || format!("{}%", 100 * shown().saturating_sub(min) / (max - min).max(1))
                prop:value=move || shown().to_string()
                on:input=move |event| moving.set(event_target_value(&event).parse().ok())
                on:change=move |event| {
                    if let Ok(chosen) = event_target_value(&event).parse() {
                        commit(chosen);
                    }
                    moving.set(None);
                }
            />
            {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
        </label>
    }
}
