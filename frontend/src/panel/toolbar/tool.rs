//! A tool: the same in the bar and behind "More".

use leptos::prelude::*;

use crate::{
    store::{Panel, Store},
    ui::icon::{Drawn, Icon},
};

/// What a tool is called, how it looks and what it does.
#[derive(Clone)]
pub(crate) struct Tool {
    /// Tells it from all others.
    pub(crate) key: String,
    /// Its accessible name.
    pub(crate) name: Signal<String>,
    /// What is written beside its icon where there is room.
    pub(crate) word: Signal<String>,
    /// Its icon.
    pub(crate) icon: Signal<Icon>,
    /// Whether it is on, for what can be on.
    pub(crate) pressed: Option<Signal<bool>>,
    /// Whether it is what the operator needs now.
    pub(crate) wanted: Signal<bool>,
    /// Whether it can do nothing now.
    pub(crate) disabled: Signal<bool>,
    /// What it does.
    pub(crate) act: Callback<()>,
}

impl Tool {
    /// A tool that does something.
    pub(crate) fn new(
        name: &'static str,
        icon: Icon,
        act: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            key: name.to_owned(),
            name: Signal::stored(name.to_owned()),
            word: Signal::stored(name.to_owned()),
            icon: Signal::stored(icon),
            pressed: None,
            wanted: Signal::stored(false),
            disabled: Signal::stored(false),
            act: Callback::new(move |()| act()),
        }
    }

    /// A tool that opens a panel, and closes it again.
    pub(crate) fn panel(panel: Panel, name: &'static str, icon: Icon) -> Self {
        let open = expect_context::<Store>().panel;
        Self::new(name, icon, move || {
            open.update(|open| *open = (*open != Some(panel)).then_some(panel));
        })
        .pressed(move || open.get() == Some(panel))
    }

    /// The same, on while that holds.
    pub(crate) fn pressed(mut self, pressed: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.pressed = Some(Memo::new(move |_| pressed()).into());
        self
    }
}

/// A tool as a button. `done` is called before it acts.
#[component]
pub(super) fn ToolButton(
    /// Which.
    tool: Tool,
    /// Called first.
    done: Callback<()>,
) -> impl IntoView {
    let Tool {
        key,
        name,
        word,
        icon,
        pressed,
        wanted,
        disabled,
        act,
    } = tool;
    view! {
        <button
            class="tool"
            data-tool=key
            class:wanted=wanted
            aria-label=name
            title=name
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            disabled=disabled
            on:click=move |_| {
                done.run(());
                act.run(());
            }
        >
            <Drawn icon/>
            <span class="word">{word}</span>
        </button>
    }
}
