//! Fields of a form.

use leptos::{html::Input, prelude::*};

use super::{
    icon::{Drawn, Icon},
    text,
};

/// A control with its name above it, which it has to have as its accessible one, too; and under it what to know before
/// using it, where there is something.
pub(crate) fn labelled(
    label: &'static str,
    hint: &'static str,
    control: impl IntoView,
) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field-name">{label}</span>
            {control}
            <Hint hint/>
        </label>
    }
}

/// A line of text with its name above it.
#[component]
pub(crate) fn TextField(
    /// Its name.
    label: &'static str,
    /// What to know before filling it in.
    #[prop(optional)]
    hint: &'static str,
    /// What a password manager knows it as.
    autocomplete: &'static str,
    /// Where its value is read.
    node: NodeRef<Input>,
    /// Whether only digits are expected.
    #[prop(optional)]
    digits: bool,
    /// Whether the page starts here.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    start_here(first, node);
    labelled(
        label,
        hint,
        view! {
            <input
                node_ref=node
                type="text"
                required
                name=autocomplete
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                inputmode=if digits { "numeric" } else { "text" }
                aria-label=label
            />
        },
    )
}

/// A password that can be looked at.
#[component]
pub(crate) fn PasswordField(
    /// What to know before filling it in.
    #[prop(optional)]
    hint: &'static str,
    /// What a password manager knows it as.
    autocomplete: &'static str,
    /// Where its value is read.
    node: NodeRef<Input>,
) -> impl IntoView {
    let text = text();
    let visible = RwSignal::new(false);
    view! {
        <div class="field">
            <label class="field-name" for="password">{text.password}</label>
            <div class="with-button">
                <input
                    node_ref=node
                    id="password"
                    type=move || if visible.get() { "text" } else { "password" }
                    required
                    name="password"
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                />
                <button
                    type="button"
                    class="tool"
                    aria-label=move || if visible.get() { text.hide_password } else { text.show_password }
                    title=move || if visible.get() { text.hide_password } else { text.show_password }
                    on:click=move |_| visible.update(|visible| *visible = !*visible)
                >
                    <Drawn icon=Signal::derive(move || if visible.get() { Icon::EyeOff } else { Icon::Eye })/>
                </button>
            </div>
            <Hint hint/>
        </div>
    }
}

#[component]
fn Hint(hint: &'static str) -> impl IntoView {
    (!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })
}

/// Why a form was not taken; empty when there is nothing to say.
#[component]
pub(crate) fn Refused(
    /// The reason.
    #[prop(into)]
    reason: Signal<String>,
) -> impl IntoView {
    view! {
        <div role="alert" class="refused" class:filled=move || !reason.get().is_empty()>
            {move || (!reason.get().is_empty()).then(|| view! {
                <Drawn icon=Icon::Warning/>
                <span>{reason.get()}</span>
            })}
        </div>
    }
}

/// The value of a field.
pub(crate) fn value(node: NodeRef<Input>) -> String {
    node.get_untracked()
        .map_or_else(String::new, |input| input.value())
}

fn start_here(first: bool, node: NodeRef<Input>) {
    if first {
        node.on_load(|input| {
            request_animation_frame(move || {
                let _not_focusable = input.focus();
            });
        });
    }
}
