//! The operators' own shortcuts: sent, ordered, pinned, renamed and deleted.

use leptos::prelude::*;
use shared::shortcut::Shortcut;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::Desk;
use crate::{
    board::name::chord_name,
    browser::document,
    ui::{
        focus,
        icon::{Drawn, Icon},
        text,
    },
};

/// What is being done to one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// The one at this place is renamed.
    Renaming(usize),
    /// It is asked whether the one at this place is to be deleted.
    Deleting(usize),
    /// One is dragged from a place to another.
    Dragging(usize, usize),
}

/// The list.
#[component]
pub(super) fn Own(desk: Desk) -> impl IntoView {
    let text = text();
    let doing = RwSignal::new(Doing::Nothing);
    let rows = move || {
        let shortcuts = desk.book.kept.with(|kept| kept.shortcuts.clone());
        if shortcuts.is_empty() {
            return view! { <p class="hint">{text.shortcuts_none}</p> }.into_any();
        }
        let row = |(place, shortcut): (usize, Shortcut)| {
            let keys = chord_name(&shortcut.usages());
            desk.shows(&[&shortcut.name, &keys])
                .then(|| view! { <Row desk doing place shortcut/> })
        };
        let rows = shortcuts.into_iter().enumerate().map(row).collect_view();
        view! { <ul class="chords" aria-label=text.shortcuts_own>{rows}</ul> }.into_any()
    };
    view! { {rows} }
}

#[component]
fn Row(desk: Desk, doing: RwSignal<Doing>, place: usize, shortcut: Shortcut) -> impl IntoView {
    let text = text();
    let usages = shortcut.usages();
    let keys = chord_name(&usages);
    let Shortcut { name, pinned, .. } = shortcut;
    let about = (keys != name).then_some(keys);
    let over =
        move || matches!(doing.get(), Doing::Dragging(from, to) if to == place && from != to);
    let named = name.clone();
    view! {
        <li data-place=place.to_string() class:over=over>
            <Grip desk doing place name=name.clone()/>
            <button class="send" aria-label=name.clone() on:click=move |_| desk.send(&usages)>
                <b>{name.clone()}</b>
                <small>{about}</small>
            </button>
            <button
                class="tool"
                aria-label=text.shortcut_pin(&name)
                title=text.shortcut_pin(&name)
                aria-pressed=pinned.to_string()
                on:click=move |_| desk.book.change(|shortcuts| {
                    if let Some(shortcut) = shortcuts.get_mut(place) {
                        shortcut.pinned = !shortcut.pinned;
                    }
                })
            >
                <Drawn icon=Icon::Pin/>
            </button>
            <button
                class="tool"
                aria-label=text.shortcut_rename(&name)
                title=text.shortcut_rename(&name)
                on:click=move |_| doing.set(Doing::Renaming(place))
            >
                <Drawn icon=Icon::Edit/>
            </button>
            <button
                class="tool"
                aria-label=text.shortcut_delete(&name)
                title=text.shortcut_delete(&name)
                on:click=move |_| doing.set(Doing::Deleting(place))
            >
                <Drawn icon=Icon::Delete/>
            </button>
            {move || match doing.get() {
                Doing::Renaming(at) if at == place => view! { <Rename desk doing place name=named.clone()/> }.into_any(),
                Doing::Deleting(at) if at == place => view! { <Delete desk doing place name=named.clone()/> }.into_any(),
                _ => ().into_any(),
            }}
        </li>
    }
}

#[component]
fn Rename(desk: Desk, doing: RwSignal<Doing>, place: usize, name: String) -> impl IntoView {
    let text = text();
    let typed = RwSignal::new(name.clone());
    let keep = move || {
        doing.set(Doing::Nothing);
        let name = typed.get_untracked().trim().to_owned();
        desk.book.change(|shortcuts| {
            if let Some(shortcut) = shortcuts.get_mut(place) {
                shortcut.name = name;
            }
        });
    };
    let input = NodeRef::<leptos::html::Input>::new();
    input.on_load(|input| request_animation_frame(move || input.select()));
    view! {
        <div class="ask">
            <input
                node_ref=input
                type="text"
                aria-label=text.shortcut_name
                maxlength="60"
                prop:value=name
                on:input=move |event| typed.set(event_target_value(&event))
                on:keydown=move |event: KeyboardEvent| match event.key().as_str() {
                    "Enter" => keep(),
                    "Escape" => {
                        event.stop_propagation();
                        doing.set(Doing::Nothing);
                    }
                    _ => {}
                }
            />
            <button class="button main" on:click=move |_| keep()>{text.save}</button>
            <button class="button" on:click=move |_| doing.set(Doing::Nothing)>{text.cancel}</button>
        </div>
    }
}

#[component]
fn Delete(desk: Desk, doing: RwSignal<Doing>, place: usize, name: String) -> impl IntoView {
    let text = text();
    view! {
        <div class="ask" role="group" aria-label=text.shortcut_delete_ask>
            <p>{text.shortcut_delete_ask}</p>
            <button class="button main" on:click=move |_| {
                doing.set(Doing::Nothing);
                desk.book.change(|shortcuts| {
                    if place < shortcuts.len() {
                        shortcuts.remove(place);
                    }
                });
            }>{text.shortcut_delete(name)}</button>
            <button class="button" on:click=move |_| doing.set(Doing::Nothing)>{text.cancel}</button>
        </div>
    }
}

/// What one is moved by: dragged, or with arrow keys.
#[component]
fn Grip(desk: Desk, doing: RwSignal<Doing>, place: usize, name: String) -> impl IntoView {
    let label = text().shortcut_move(name);
    let grab = move |event: PointerEvent| {
        event.prevent_default();
        let grip = event
            .current_target()
            .and_then(|grip| grip.dyn_into::<Element>().ok());
        if let Some(grip) = grip {
            let _pointer_is_gone = grip.set_pointer_capture(event.pointer_id());
        }
        doing.set(Doing::Dragging(place, place));
    };
    let drag = move |event: PointerEvent| {
        if let Doing::Dragging(from, to) = doing.get_untracked()
            && let Some(over) = place_under(&event)
            && over != to
        {
            doing.set(Doing::Dragging(from, over));
        }
    };
    let drop = move |_: PointerEvent| {
        if let Doing::Dragging(from, to) = doing.get_untracked() {
            doing.set(Doing::Nothing);
            put(desk, from, to);
        }
    };
    let step = move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowUp" => place.checked_sub(1),
            "ArrowDown" => Some(place + 1),
            _ => return,
        };
        event.prevent_default();
        let count = desk.book.kept.with_untracked(|kept| kept.shortcuts.len());
        if let Some(to) = to.filter(|to| *to < count) {
            put(desk, place, to);
            request_animation_frame(move || focus(&format!("[data-place='{to}'] .grip")));
        }
    };
    view! {
        <button
            class="tool grip"
            aria-label=label.clone()
            title=label
            on:pointerdown=grab
            on:pointermove=drag
            on:pointerup=drop
            on:pointercancel=move |_| doing.set(Doing::Nothing)
            on:keydown=step
        >
            <Drawn icon=Icon::Order/>
        </button>
    }
}

fn put(desk: Desk, from: usize, to: usize) {
    desk.book.change(|shortcuts| {
        if from < shortcuts.len() && to < shortcuts.len() {
            let moved = shortcuts.remove(from);
            shortcuts.insert(to, moved);
        }
    });
}

/// The place of the shortcut under the pointer.
fn place_under(event: &PointerEvent) -> Option<usize> {
    let (x, y) = (event.client_x() as f32, event.client_y() as f32);
    let row = document()
        .element_from_point(x, y)?
        .closest("[data-place]")
        .ok()??;
    row.get_attribute("data-place")?.parse().ok()
}
