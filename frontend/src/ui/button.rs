//! A button that may have nothing to do for now.

use leptos::prelude::*;

/// A button with words on it. Where it is not ready it does nothing, and keeps the focus that it has: a disabled one
/// would lose it, and with it the keyboard's place on the page.
#[component]
pub(crate) fn Button(
    /// Its name.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is what the operator came for.
    #[prop(optional)]
    main: bool,
    /// Whether it can take something away from the machine.
    #[prop(optional)]
    danger: bool,
    /// Whether it would do something now.
    #[prop(into)]
    ready: Signal<bool>,
    /// What it does.
    act: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            class="button"
            class:main=main
            class:danger=danger
            aria-disabled=move || (!ready.get()).to_string()
            on:click=move |_| {
                if ready.get_untracked() {
                    act();
                }
            }
        >
            {label}
        </button>
    }
}
