//! What stands in the toolbar: tools, and the shortcuts that were pinned to it.

use leptos::prelude::*;
use shared::shortcut::Shortcut;

use super::tool::{Tool, ToolButton};
use crate::{
    board::name::chord_name,
    page::console::Reach,
    store::{Control, LinkPhase, Panel, Store},
    ui::{
        icon::{Drawn, Icon},
        text,
    },
};

/// From this width of a slot on, in CSS pixels, there are words below the icons.
const WITH_WORDS: f64 = 60.0;

/// A tool, or a pinned shortcut.
#[derive(Clone)]
pub(super) enum Item {
    /// A tool.
    Tool(Tool),
    /// A shortcut, and how many like it come before.
    Pinned(Shortcut, usize),
}

/// Items are told apart by their keys.
impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Item {
    /// Tells it from all others.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Tool(tool) => tool.key.clone(),
            Self::Pinned(shortcut, index) => {
                format!(
                    "pinned {index} {} {}",
                    shortcut.keys.join(" "),
                    shortcut.name
                )
            }
        }
    }

    /// How many slots of this width it takes. A shortcut has a word in the place of an icon.
    pub(super) fn slots(&self, slot: f64) -> usize {
        match self {
            Self::Pinned(..) if slot < WITH_WORDS => 2,
            Self::Tool(_) | Self::Pinned(..) => 1,
        }
    }
}

/// The shortcuts that are pinned, in their order.
pub(super) fn pinned(shortcuts: &[Shortcut]) -> Vec<Item> {
    let pinned: Vec<_> = shortcuts
        .iter()
        .filter(|shortcut| shortcut.pinned)
        .collect();
    let like = |index: usize| {
        let before = pinned[..index].iter();
        before.filter(|known| **known == pinned[index]).count()
    };
    pinned
        .iter()
        .enumerate()
        .map(|(index, shortcut)| Item::Pinned((*shortcut).clone(), like(index)))
        .collect()
}

/// The tools with what is pinned behind the one that opens the shortcuts.
pub(super) fn items(tools: &[Tool], pinned: Vec<Item>) -> Vec<Item> {
    let mut items: Vec<Item> = tools.iter().cloned().map(Item::Tool).collect();
    let opens = |tool: &Tool| tool.key == text().shortcuts;
    let place = tools
        .iter()
        .position(opens)
        .map_or(items.len(), |at| at + 1);
    items.splice(place..place, pinned);
    items
}

/// An item as a button. `done` is called before it acts.
#[component]
pub(super) fn ItemButton(
    /// Which.
    item: Item,
    /// Called first.
    #[prop(optional)]
    done: Option<Callback<()>>,
) -> impl IntoView {
    let done = done.unwrap_or_else(|| Callback::new(|()| {}));
    match item {
        Item::Tool(tool) => view! { <ToolButton tool done/> }.into_any(),
        Item::Pinned(shortcut, _) => view! { <Pinned shortcut done/> }.into_any(),
    }
}

/// A pinned shortcut. It leaves the focus where it is.
#[component]
fn Pinned(shortcut: Shortcut, done: Callback<()>) -> impl IntoView {
    let store = expect_context::<Store>();
    let hands = expect_context::<Reach>().hands;
    let usages = shortcut.usages();
    let keys = chord_name(&usages);
    let name = shortcut.name;
    let control = Memo::new(move |_| store.control());
    let refusal = move || {
        if store.link.get() != LinkPhase::Connected {
            return Some(text().shortcut_no_link.to_owned());
        }
        match control.get() {
            Control::Theirs(name) => Some(text().shortcut_not_sent(name)),
            Control::Mine | Control::Nobody => None,
        }
    };
    view! {
        <button
            class="tool pinned"
            aria-label=name.clone()
            title=move || refusal().unwrap_or_else(|| keys.clone())
            aria-disabled=move || refusal().map(|_| "true")
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| {
                done.run(());
                if untrack(refusal).is_some() {
                    store.panel.set(Some(Panel::Shortcuts));
                } else {
                    hands.with_value(|hands| hands.chord(&usages));
                }
            }
        >
            <Drawn icon=Icon::Shortcut/>
            <span class="word">{name.clone()}</span>
        </button>
    }
}
