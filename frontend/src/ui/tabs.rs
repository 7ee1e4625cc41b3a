//! Tabs, worked with arrow keys as assistive technology expects.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::{along, focus};

/// The names of tabs; the chosen one's index is kept in `chosen`.
#[component]
pub(crate) fn TabList(
    /// What the tabs are of.
    label: &'static str,
    /// Their names.
    names: Vec<&'static str>,
    /// Which is chosen.
    chosen: RwSignal<usize>,
) -> impl IntoView {
    let count = names.len();
    let on_key = move |event: KeyboardEvent| {
        let now = chosen.get_untracked();
        let next = match (event.key().as_str(), along(&event.key())) {
            (_, Some(true)) => (now + 1) % count,
            (_, Some(false)) => (now + count - 1) % count,
            ("Home", _) => 0,
            ("End", _) => count - 1,
            _ => return,
        };
        event.prevent_default();
        chosen.set(next);
        focus(&format!("#tab-{next}"));
    };
    let tab = move |(index, name)| {
        view! {
            <button
                id=format!("tab-{index}")
                role="tab"
                aria-selected=move || (chosen.get() == index).to_string()
                aria-controls="tab-panel"
                tabindex=move || if chosen.get() == index { "0" } else { "-1" }
                on:click=move |_| chosen.set(index)
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=on_key>
            {names.into_iter().enumerate().map(tab).collect_view()}
        </div>
    }
}
