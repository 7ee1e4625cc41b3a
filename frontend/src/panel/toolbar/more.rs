//! What the bar has no room for.

use leptos::{html, prelude::*};

use super::{
    item::{Item, ItemButton},
    move_along,
};
use crate::ui::text;

/// The menu behind "More". Esc closes it and gives the focus back, as the browser does with a popover.
#[component]
pub(super) fn More(
    /// The rest of the tools.
    rest: Signal<Vec<Item>>,
) -> impl IntoView {
    let menu = NodeRef::<html::Div>::new();
    let close = Callback::new(move |()| {
        if let Some(menu) = menu.get_untracked() {
            let _closed_already = menu.hide_popover();
        }
    });
    view! {
        <div
            node_ref=menu
            id="more-tools"
            class="menu more"
            popover="auto"
            role="group"
            aria-label=text().more
            on:keydown=|event| move_along(&event)
        >
            <For each=move || rest.get() key=Item::key let:item>
                <ItemButton item done=close/>
            </For>
        </div>
    }
}
