//! The device's own keyboard, which writes into a field that nobody sees.

use std::{cell::RefCell, rc::Rc};

use leptos::{html, prelude::*};
use web_sys::{Event, HtmlTextAreaElement, InputEvent, KeyboardEvent};

use crate::{
    browser::window,
    input::{
        device_text::{DeviceText, PADDING},
        hands::Hands,
        keyboard::KeyEvent,
    },
    layouts::Layouts,
    page::console::Reach,
    store::Store,
    ui::text,
};

/// The field. What is written into it is typed at the machine.
#[component]
pub(crate) fn DeviceKeyboard() -> impl IntoView {
    let store = expect_context::<Store>();
    let reach = expect_context::<Reach>();
    let layouts = expect_context::<Layouts>();
    let field = NodeRef::<html::Textarea>::new();
    let language = window().navigator().language().unwrap_or_default();
    let written = StoredValue::new_local(Rc::new(RefCell::new(DeviceText::new(&language))));
    field.on_load(|field| {
        let _always_a_valid_attribute = field.set_attribute("autocorrect", "off");
    });
    let changed = move |composing: bool| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let written = written.get_value();
        let mut written = written.borrow_mut();
        let edit = written.changed(&field.value(), composing);
        if !composing && written.is_over() {
            written.start();
            restart(&field);
        }
        let layout = layouts.table.get_untracked();
        reach
            .hands
            .with_value(|hands| hands.edit(&edit, layout.as_deref()));
    };
    let focused = move |now: bool| {
        store.device_keyboard.set(now);
        if !now {
            reach.hands.with_value(Hands::release_all);
        }
    };
    let key = move |event: KeyboardEvent| {
        if writes(&event) {
            return;
        }
        event.prevent_default();
        reach.hands.with_value(|hands| {
            hands.key(KeyEvent {
                code: &event.code(),
                down: event.type_() == "keydown",
                repeat: event.repeat(),
                shift: event.shift_key(),
                at_ms: event.time_stamp(),
            })
        });
    };
    view! {
        <textarea
            node_ref=field
            id="device-keyboard"
            class="device-field"
            aria-label=text().device_keyboard
            tabindex="-1"
            autocapitalize="none"
            autocomplete="off"
            spellcheck="false"
            enterkeyhint="enter"
            prop:value=PADDING
            on:focus=move |_| {
                if let Some(field) = field.get_untracked() {
                    restart(&field);
                    written.get_value().borrow_mut().start();
                }
                focused(true);
            }
            on:blur=move |_| focused(false)
            on:keydown=key
            on:keyup=key
            on:input=move |event: Event| changed(is_composing(&event))
            on:compositionend=move |_| changed(false)
        ></textarea>
    }
}

pub(super) fn restart(field: &HtmlTextAreaElement) {
    field.set_value(PADDING);
    let end = PADDING.len() as u32;
    let _always_in_the_text = field.set_selection_range(end, end);
}

pub(super) fn is_composing(event: &Event) -> bool {
    use wasm_bindgen::JsCast;
    event
        .dyn_ref::<InputEvent>()
        .is_some_and(InputEvent::is_composing)
}

/// Whether a key only writes into the field, which says better what was meant.
pub(super) fn writes(event: &KeyboardEvent) -> bool {
    let key = event.key();
    let chord = event.ctrl_key() || event.meta_key() || event.alt_key();
    let is_text = key.chars().count() == 1 && !chord;
    let of_the_field = [
        "Backspace",
        "Enter",
        "Shift",
        "CapsLock",
        "Dead",
        "Process",
        "Unidentified",
        "AltGraph",
    ];
    event.is_composing()
        || is_text
        || event.code().is_empty()
        || (of_the_field.contains(&key.as_str()) && !chord)
}
