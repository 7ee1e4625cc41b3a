//! A key of the on-screen keyboard.

use leptos::prelude::*;
use shared::{input::Usage, message::Leds};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent, PointerEvent};

use super::Board;
use crate::{
    board::geometry::Key,
    input::onscreen::Stick,
    page::console::Reach,
    store::{Control, Store},
};

/// A key. It never takes the focus by a finger or a mouse, so that the screen keeps it.
#[component]
pub(super) fn KeyButton(
    /// Which, and where.
    key_: Key,
    /// What it types.
    board: Board,
) -> impl IntoView {
    let Key {
        usage,
        x,
        y,
        width,
        height,
        hooked,
    } = key_;
    let store = expect_context::<Store>();
    let hands = expect_context::<Reach>().hands;
    let face = Memo::new(move |_| board.face(usage));
    let is_down = Memo::new(move |_| store.held.with(|held| held.down.contains(&usage)));
    let stick = Memo::new(move |_| stick(store, usage));
    let lit = lock(usage).map(|lit| {
        let leds = store.part(|state| state.leds);
        Memo::new(move |_| leds.get().flatten().is_some_and(lit))
    });
    let pressed = move || match lit {
        Some(lit) => Some(lit.get().to_string()),
        None => usage.is_modifier().then(|| is_down.get().to_string()),
    };
    let watching = Memo::new(move |_| matches!(store.control(), Control::Theirs(_)));
    let touched = StoredValue::new(false);
    let press = move |event: PointerEvent| {
        event.prevent_default();
        if event.button() != 0 {
            return;
        }
        touched.set_value(true);
        if let Some(key) = event
            .current_target()
            .and_then(|key| key.dyn_into::<Element>().ok())
        {
            let _pointer_is_gone = key.set_pointer_capture(event.pointer_id());
        }
        hands.with_value(|hands| hands.press(event.pointer_id(), usage, event.time_stamp()));
    };
    let lift = move |event: PointerEvent| {
        hands.with_value(|hands| hands.lift(event.pointer_id(), event.time_stamp()));
    };
    let choose = move |event: MouseEvent| {
        if !touched.get_value() {
            hands.with_value(|hands| hands.choose(usage, event.time_stamp()));
        }
        touched.set_value(false);
    };
    let corner = move |which: usize| move || face.with(|face| face.corners[which]);
    view! {
        <button
            class="key"
            class:hooked=hooked
            class:acts=move || face.with(|face| face.acts)
            class:dim=move || face.with(|face| face.dim)
            class:down=move || is_down.get()
            class:lit=move || lit.is_some_and(|lit| lit.get())
            data-stick=move || stick.get()
            aria-label=move || face.with(|face| face.name.clone())
            aria-pressed=pressed
            aria-disabled=move || watching.get().then_some("true")
            tabindex=if usage == Usage::Keyboard(0x29) || usage == Usage::Keyboard(0x14) { "0" } else { "-1" }
            style:--x=x.to_string()
            style:--y=y.to_string()
            style:--width=width.to_string()
            style:--height=height.to_string()
            on:pointerdown=press
            on:pointerup=lift
            on:pointercancel=lift
            on:lostpointercapture=lift
            on:mousedown=|event| event.prevent_default()
            on:contextmenu=|event| event.prevent_default()
            on:click=choose
        >
            <span class="face">
                <span class="cap">{move || face.with(|face| face.cap.clone())}</span>
                <span class="corner shift">{corner(0)}</span>
                <span class="corner alt-gr">{corner(1)}</span>
            </span>
        </button>
    }
}

fn stick(store: Store, usage: Usage) -> Option<&'static str> {
    let stick = store.held.with(|held| {
        let found = held.sticks.iter().find(|(known, _)| *known == usage);
        found.map(|(_, stick)| *stick)
    })?;
    Some(match stick {
        Stick::Touched => "touched",
        Stick::Next => "next",
        Stick::Locked => "locked",
    })
}

/// Which light a lock key has.
fn lock(usage: Usage) -> Option<fn(Leds) -> bool> {
    match usage {
        Usage::Keyboard(0x39) => Some(|leds| leds.caps_lock),
        Usage::Keyboard(0x47) => Some(|leds| leds.scroll_lock),
        Usage::Keyboard(0x53) => Some(|leds| leds.num_lock),
        _ => None,
    }
}
