//! The tools: beside the state on a desk, under the thumb on a tablet.

use leptos::{html, prelude::*};
use shared::ToRelay;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::{
    browser::document,
    input::hands::Hands,
    input::lock::{enter_full_screen, has_full_screen, leave_full_screen, unlock_pointer},
    page::console::Reach,
    preferences::PointerMode,
    store::{Control, LinkPhase, Panel, Store},
    ui::{
        focus_screen,
        icon::{Drawn, Icon},
        text,
    },
};

/// The toolbar. `console` is what fills the display.
#[component]
pub(crate) fn Toolbar(
    /// What fills the display.
    console: NodeRef<html::Div>,
) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    view! {
        <div class="tools" role="toolbar" aria-label=text.controls on:keydown=|event| move_along(&event)>
            <TakeControl/>
            <PointerSwitch/>
            <PanelSwitch panel=Panel::Statistics label=text.statistics icon=Icon::Statistics/>
            {has_full_screen().then(|| view! {
                <button
                    class="tool"
                    aria-label=text.full_screen
                    title=text.full_screen
                    aria-pressed=move || store.full_screen.get().to_string()
                    on:click=move |_| {
                        if store.full_screen.get_untracked() {
                            leave_full_screen();
                        } else if let Some(console) = console.get_untracked() {
                            enter_full_screen(&console);
                        }
                        focus_screen();
                    }
                >
                    <Drawn icon=Signal::derive(move || if store.full_screen.get() { Icon::Window } else { Icon::FullScreen })/>
                    <span class="word">{text.full_screen}</span>
                </button>
            })}
            <PanelSwitch panel=Panel::Settings label=text.settings icon=Icon::Settings/>
        </div>
    }
}

#[component]
fn TakeControl() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let reach = expect_context::<Reach>();
    let mine = Memo::new(move |_| store.control() == Control::Mine);
    let label = move || {
        if mine.get() {
            text.give_up_control
        } else {
            text.take_control
        }
    };
    let word = move || {
        if mine.get() {
            text.give_up_word
        } else {
            text.take_control
        }
    };
    view! {
        <button
            class="tool"
            class:wanted=move || !mine.get()
            aria-label=label
            title=label
            disabled=move || store.link.get() != LinkPhase::Connected
            on:click=move |_| {
                if mine.get_untracked() {
                    reach.hands.with_value(Hands::release_all);
                    reach.link.with_value(|link| link.send(&ToRelay::GiveUpControl));
                } else {
                    reach.link.with_value(|link| link.send(&ToRelay::TakeControl));
                    focus_screen();
                }
            }
        >
            <Drawn icon=Icon::Control/>
            <span class="word">{word}</span>
        </button>
    }
}

#[component]
fn PointerSwitch() -> impl IntoView {
    let text = text();
    let mode = expect_context::<Store>().preferences.pointer_mode;
    let relative = move || mode.get() == PointerMode::Relative;
    view! {
        <button
            class="tool"
            aria-label=text.pointer_mode_switch
            title=text.pointer_mode_switch
            aria-pressed=move || relative().to_string()
            on:click=move |_| {
                if mode.get_untracked() == PointerMode::Relative {
                    unlock_pointer();
                    mode.set(PointerMode::Absolute);
                } else {
                    mode.set(PointerMode::Relative);
                }
                focus_screen();
            }
        >
            <Drawn icon=Icon::Mouse/>
            <span class="word">{text.pointer_by}</span>
        </button>
    }
}

#[component]
fn PanelSwitch(panel: Panel, label: &'static str, icon: Icon) -> impl IntoView {
    let open = expect_context::<Store>().panel;
    let is_open = move || open.get() == Some(panel);
    view! {
        <button
            class="tool"
            aria-label=label
            title=label
            aria-pressed=move || is_open().to_string()
            on:click=move |_| open.update(|open| *open = (*open != Some(panel)).then_some(panel))
        >
            <Drawn icon/>
            <span class="word">{label}</span>
        </button>
    }
}

/// Arrow keys go from tool to tool; Esc goes back to the machine.
fn move_along(event: &KeyboardEvent) {
    let Some(here) = document().active_element() else {
        return;
    };
    let next = match event.key().as_str() {
        "ArrowRight" => here.next_element_sibling(),
        "ArrowLeft" => here.previous_element_sibling(),
        "Home" => ends(&here).0,
        "End" => ends(&here).1,
        "Escape" => {
            focus_screen();
            return;
        }
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        let _not_focusable = next.focus();
    }
}

fn ends(tool: &Element) -> (Option<Element>, Option<Element>) {
    tool.parent_element().map_or((None, None), |bar| {
        (bar.first_element_child(), bar.last_element_child())
    })
}
