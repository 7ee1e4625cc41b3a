//! A whole number that is typed in.

use leptos::prelude::*;

/// A number with its name above it; what is none of the range is put back to what it was.
#[component]
pub(crate) fn Number(
    /// Its name.
    label: &'static str,
    /// The largest value; the smallest is 0.
    max: u16,
    /// The value as it is elsewhere.
    #[prop(into)]
    value: Signal<u16>,
    /// Takes the new value.
    commit: impl Fn(u16) + 'static,
) -> impl IntoView {
    let again = RwSignal::new(());
    view! {
        <label class="field">
            <span class="field-name">{label}</span>
            <input
                type="number"
                inputmode="numeric"
                min="0"
                max=max
                step="1"
                aria-label=label
                prop:value=move || {
                    again.track();
                    value.get().to_string()
                }
                on:change=move |event| {
                    match event_target_value(&event).parse() {
                        Ok(number) if number <= max => commit(number),
                        _ => again.notify(),
                    }
                }
            />
        </label>
    }
}
