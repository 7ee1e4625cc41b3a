//! A new shortcut: recorded from the keyboard, or put together from a list where the browser would take the keys.

use leptos::prelude::*;
use shared::{
    input::Usage,
    keys::{self, CODES},
    shortcut::{KEYS_MAX, Shortcut},
};
use web_sys::{Event, HtmlSelectElement, KeyboardEvent, SubmitEvent};

use super::Desk;
use crate::{
    board::name::{chord_name, key_name},
    chords::Recorder,
    ui::{
        field::labelled,
        icon::{Drawn, Icon},
        text,
    },
};

/// The button that begins one, and then its form.
#[component]
pub(super) fn Editor(desk: Desk) -> impl IntoView {
    let text = text();
    let open = RwSignal::new(false);
    view! {
        {move || if open.get() {
            view! { <Form desk open/> }.into_any()
        } else {
            view! {
                <button class="button" on:click=move |_| open.set(true)>
                    <Drawn icon=Icon::Add/>
                    {text.shortcut_new}
                </button>
            }.into_any()
        }}
    }
}

#[component]
fn Form(desk: Desk, open: RwSignal<bool>) -> impl IntoView {
    let text = text();
    let name = RwSignal::new(String::new());
    let keys = RwSignal::new(Vec::<Usage>::new());
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let usages = keys.get_untracked();
        let typed = name.get_untracked().trim().to_owned();
        let name = if typed.is_empty() {
            chord_name(&usages).chars().take(60).collect()
        } else {
            typed
        };
        open.set(false);
        desk.book
            .change(|shortcuts| shortcuts.push(Shortcut::new(name, &usages)));
    };
    view! {
        <form class="editor" aria-label=text.shortcut_new on:submit=save>
            {labelled(text.shortcut_name, "", view! {
                <input
                    type="text"
                    aria-label=text.shortcut_name
                    maxlength="60"
                    placeholder=move || keys.with(|keys| chord_name(keys))
                    on:input=move |event| name.set(event_target_value(&event))
                />
            })}
            <Keys keys/>
            <div class="row">
                <Record keys/>
                <KeyList keys/>
            </div>
            <p class="hint">{text.shortcut_record_hint}</p>
            <div class="row">
                <button class="button main" type="submit" disabled=move || keys.with(Vec::is_empty)>{text.save}</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>{text.cancel}</button>
            </div>
        </form>
    }
}

/// The keys so far; each can be taken out again.
#[component]
fn Keys(keys: RwSignal<Vec<Usage>>) -> impl IntoView {
    let text = text();
    let key = move |usage: Usage| {
        let name = key_name(usage).name;
        view! {
            <li>
                {name}
                <button
                    type="button"
                    aria-label=text.shortcut_take_out(name)
                    title=text.shortcut_take_out(name)
                    on:click=move |_| keys.update(|keys| keys.retain(|known| *known != usage))
                >
                    <Drawn icon=Icon::Close/>
                </button>
            </li>
        }
    };
    view! {
        <ul class="keycaps" aria-label=text.shortcut_keys>
            {move || keys.get().into_iter().map(key).collect_view()}
        </ul>
    }
}

/// Takes keys down while it is on; it keeps the focus, so that they go nowhere else.
#[component]
fn Record(keys: RwSignal<Vec<Usage>>) -> impl IntoView {
    let text = text();
    let recorder = RwSignal::new(None::<Recorder>);
    let on_key = move |event: KeyboardEvent| {
        let Some(mut now) = recorder.get_untracked() else {
            return;
        };
        event.prevent_default();
        event.stop_propagation();
        let Some(usage) = keys::usage(&event.code()) else {
            return;
        };
        let complete = now.key(usage, event.type_() == "keydown");
        let pressed: Vec<Usage> = now.keys().iter().copied().take(KEYS_MAX).collect();
        if !pressed.is_empty() {
            keys.set(pressed);
        }
        recorder.set((!complete).then_some(now));
    };
    view! {
        <button
            class="button"
            type="button"
            class:main=move || recorder.with(Option::is_some)
            aria-pressed=move || recorder.with(Option::is_some).to_string()
            aria-label=text.shortcut_record
            on:click=move |_| recorder.update(|now| *now = now.is_none().then(Recorder::default))
            on:keydown=on_key
            on:keyup=on_key
            on:blur=move |_| recorder.set(None)
        >
            <Drawn icon=Icon::Record/>
            {move || if recorder.with(Option::is_some) { text.shortcut_recording } else { text.shortcut_record }}
        </button>
    }
}

/// Every key there is, for those that the browser would take.
#[component]
fn KeyList(keys: RwSignal<Vec<Usage>>) -> impl IntoView {
    let text = text();
    let mut options = vec![(String::new(), text.shortcut_add_key.to_owned())];
    let mut known: Vec<_> = CODES
        .iter()
        .map(|(code, usage)| ((*code).to_owned(), key_name(*usage).name.to_owned()))
        .collect();
    known.sort_by_cached_key(|(_, name)| name.to_lowercase());
    options.extend(known);
    let add = move |event: Event| {
        if let Some(usage) = keys::usage(&event_target_value(&event)) {
            keys.update(|keys| {
                if !keys.contains(&usage) && keys.len() < KEYS_MAX {
                    keys.push(usage);
                }
            });
        }
        event_target::<HtmlSelectElement>(&event).set_value("");
    };
    let option = |(code, name)| view! { <option value=code>{name}</option> };
    view! {
        <select aria-label=text.shortcut_add_key on:change=add>
            {options.into_iter().map(option).collect_view()}
        </select>
    }
}
