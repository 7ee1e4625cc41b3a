//! What is written into the terminal: by the keys of a keyboard, by the device's own, and by a row of keys for hands
//! that have no others.

use std::{cell::RefCell, rc::Rc};

use leptos::{html, prelude::*};
use web_sys::{Event, HtmlTextAreaElement, KeyboardEvent};

use super::Console;
use crate::{
    browser::window,
    input::device_text::{DeviceText, PADDING},
    panel::device_keyboard::{is_composing, restart, writes},
    serial::SerialLine,
    terminal::{
        keys::{Pressed, bytes, control, written},
        screen::Screen,
    },
    ui::{focus, text},
};

/// The field's place on the page.
const FIELD: &str = "#serial-field";

/// The field, which nobody sees.
#[component]
pub(super) fn Field() -> impl IntoView {
    let console = expect_context::<Console>();
    let field = NodeRef::<html::Textarea>::new();
    let language = window().navigator().language().unwrap_or_default();
    let text = StoredValue::new_local(Rc::new(RefCell::new(DeviceText::new(&language))));
    field.on_load(|field: HtmlTextAreaElement| {
        let _always_a_valid_attribute = field.set_attribute("autocorrect", "off");
    });
    let changed = move |composing: bool| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let text = text.get_value();
        let mut text = text.borrow_mut();
        let edit = text.changed(&field.value(), composing);
        if !composing && text.is_over() {
            text.start();
            restart(&field);
        }
        let mut sent = vec![0x7f; edit.erase];
        sent.extend(with_ctrl(console, &edit.text));
        if !sent.is_empty() {
            console.send(&sent);
        }
    };
    let key = move |event: KeyboardEvent| {
        if leaves(&event) || !console.mine.get_untracked() {
            return;
        }
        event.stop_propagation();
        if event.is_composing() {
            return;
        }
        let pressed = Pressed {
            key: &event.key(),
            ctrl: event.ctrl_key(),
            alt: event.alt_key(),
            shift: event.shift_key(),
        };
        if event.meta_key() || copies_or_pastes(&event) {
            return;
        }
        match bytes(pressed, application_keys(console)) {
            Some(bytes) => {
                event.prevent_default();
                console.send(&bytes);
            }
            None if writes(&event) => {}
            None => event.prevent_default(),
        }
    };
    view! {
        <textarea
            node_ref=field
            id="serial-field"
            class="serial-field"
            aria-label=crate::ui::text().serial_input
            autocapitalize="none"
            autocomplete="off"
            spellcheck="false"
            enterkeyhint="enter"
            prop:value=PADDING
            prop:readOnly=move || !console.mine.get()
            on:focus=move |_| {
                if let Some(field) = field.get_untracked() {
                    restart(&field);
                    text.get_value().borrow_mut().start();
                }
            }
            on:keydown=key
            on:input=move |event: Event| changed(is_composing(&event))
            on:compositionend=move |_| changed(false)
        ></textarea>
    }
}

/// Gives the terminal the keyboard.
pub(super) fn focus_field() {
    focus(FIELD);
}

/// The way out of the terminal: back by Shift and Tab, since Tab and Escape are for the machine.
fn leaves(event: &KeyboardEvent) -> bool {
    event.key() == "Tab" && event.shift_key()
}

/// As in other terminals, where Control alone is the machine's.
fn copies_or_pastes(event: &KeyboardEvent) -> bool {
    let with_insert = event.key() == "Insert" && (event.shift_key() || event.ctrl_key());
    let with_letter =
        event.ctrl_key() && event.shift_key() && ["KeyC", "KeyV"].contains(&event.code().as_str());
    with_insert || with_letter
}

fn application_keys(console: Console) -> bool {
    let application = |line: &SerialLine| line.screen(|screen| Screen::application_keys(screen));
    console.line.with_value(application)
}

/// The bytes of a text, where its first character may count with Control.
fn with_ctrl(console: Console, text: &str) -> Vec<u8> {
    let mut characters = text.chars();
    if console.ctrl.get_untracked()
        && let Some(byte) = characters.next().and_then(control)
    {
        console.ctrl.set(false);
        return [vec![byte], written(characters.as_str())].concat();
    }
    written(text)
}

/// Keys that keyboards on glass do not have.
#[component]
pub(super) fn Keys() -> impl IntoView {
    let text = text();
    let console = expect_context::<Console>();
    let key = move |label: &'static str, name: &'static str, key: &'static str| {
        let act = move |_| {
            let pressed = Pressed {
                key,
                ctrl: console.ctrl.get_untracked(),
                alt: false,
                shift: false,
            };
            console.ctrl.set(false);
            if let Some(bytes) = bytes(pressed, application_keys(console)) {
                console.send(&bytes);
            }
            focus_field();
        };
        view! { <button class="button" aria-label=name on:click=act>{label}</button> }
    };
    view! {
        <div class="row serial-keys" role="group" aria-label=text.serial_keys>
            {key("Esc", "Esc", "Escape")}
            {key("Tab", "Tab", "Tab")}
            <button
                class="button"
                aria-pressed=move || console.ctrl.get().to_string()
                on:click=move |_| {
                    console.ctrl.update(|ctrl| *ctrl = !*ctrl);
                    focus_field();
                }
            >"Ctrl"</button>
            {key("↑", text.serial_up, "ArrowUp")}
            {key("↓", text.serial_down, "ArrowDown")}
            {key("←", text.serial_left, "ArrowLeft")}
            {key("→", text.serial_right, "ArrowRight")}
        </div>
    }
}
