//! A whole number that is typed in.

use std::ops::RangeInclusive;

use leptos::prelude::*;
use web_sys::Event;

use super::field::labelled;

/// A number with its name above it. It counts as it is typed; what is not in the range when the field is left is put
/// back to what it was.
#[component]
pub(crate) fn Number(
    /// Its name.
    label: &'static str,
    /// What it can be.
    range: RangeInclusive<i64>,
    /// The value as it is elsewhere.
    value: Signal<i64>,
    /// Takes the new value.
    commit: impl Fn(i64) + 'static,
) -> impl IntoView {
    let again = RwSignal::new(());
    let (min, max) = (range.start().to_string(), range.end().to_string());
    let typed = move |event: &Event| {
        let number = event_target_value(event).parse().ok();
        number.filter(|number| range.contains(number))
    };
    let leave = {
        let typed = typed.clone();
        move |event| {
            if typed(&event).is_none() {
                again.notify();
            }
        }
    };
    let count = move |event| {
        if let Some(number) = typed(&event) {
            commit(number);
        }
    };
    labelled(
        label,
        "",
        view! {
            <input
                type="number"
                inputmode="numeric"
                min=min
                max=max
                step="1"
                aria-label=label
                prop:value=move || {
                    again.track();
                    value.get().to_string()
                }
                on:input=count
                on:change=leave
            />
        },
    )
}
