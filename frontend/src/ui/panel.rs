//! A panel: a dialog that does not keep the machine from being worked on.

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use super::{
    focus_screen,
    icon::{Drawn, Icon},
    text,
};
use crate::store::Store;

/// Beside the picture on a desk, a sheet from below on small screens.
#[component]
pub(crate) fn Sheet(
    /// Its name.
    label: &'static str,
    /// Whether it needs more room than others.
    #[prop(optional)]
    wide: bool,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let node = NodeRef::<html::Div>::new();
    node.on_load(|panel| {
        request_animation_frame(move || {
            let _not_focusable = panel.focus();
        });
    });
    let close = move || {
        store.panel.set(None);
        focus_screen();
    };
    view! {
        <div
            node_ref=node
            class="panel"
            class:wide=wide
            role="dialog"
            aria-label=label
            tabindex="-1"
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" {
                    event.prevent_default();
                    close();
                }
            }
        >
            <header>
                <h2>{label}</h2>
                <button class="tool" aria-label=text().close title=text().close on:click=move |_| close()>
                    <Drawn icon=Icon::Close/>
                </button>
            </header>
            <div class="panel-body" role="group" aria-label=label tabindex="0">{children()}</div>
        </div>
    }
}
