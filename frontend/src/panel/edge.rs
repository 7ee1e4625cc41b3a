//! Buttons and modifiers for the thumbs of whoever touches the picture: one hand holds while the other one moves.

use leptos::prelude::*;
use shared::input::{Buttons, Usage};
use web_sys::{MouseEvent, PointerEvent};

use crate::{
    browser::has_touch, input::hands::Hands, page::console::Reach, store::Store, ui::text,
};

/// What a button of the edge holds.
#[derive(Clone, Copy)]
enum Holds {
    Button(Buttons),
    Key(Usage),
}

impl Holds {
    fn set(self, hands: &Hands, down: bool) {
        match self {
            Self::Button(button) => hands.hold_button(button, down),
            Self::Key(usage) => hands.hold(usage, down),
        }
    }
}

/// The buttons, where the screen can be touched and they are wanted.
#[component]
pub(crate) fn Edge() -> impl IntoView {
    let wanted = expect_context::<Store>().preferences.edge_buttons;
    view! {
        <Show when=move || has_touch() && wanted.get()>
            <EdgeButtons/>
        </Show>
    }
}

#[component]
fn EdgeButtons() -> impl IntoView {
    let text = text();
    let key = |name, usage| {
        view! { <EdgeButton name word=name holds=Holds::Key(Usage::Keyboard(usage))/> }
    };
    let button = |name, word, button| {
        view! { <EdgeButton name word holds=Holds::Button(button)/> }
    };
    view! {
        <div class="edge" role="group" aria-label=text.edge_buttons>
            <div class="edge-keys">
                {key(text.key_ctrl, 0xE0)}
                {key(text.key_shift, 0xE1)}
                {key(text.key_alt, 0xE2)}
                {key(text.key_meta, 0xE3)}
            </div>
            <div class="edge-mouse">
                {button(text.left_button, text.left_word, Buttons::LEFT)}
                {button(text.middle_button, text.middle_word, Buttons::MIDDLE)}
                {button(text.right_button, text.right_word, Buttons::RIGHT)}
            </div>
        </div>
    }
}

/// It holds as long as it is touched, whatever other fingers do. From a keyboard it presses and releases.
#[component]
fn EdgeButton(name: &'static str, word: &'static str, holds: Holds) -> impl IntoView {
    let reach = expect_context::<Reach>();
    let down = RwSignal::new(false);
    let set = move |now: bool| {
        if down.get_untracked() != now {
            down.set(now);
            reach.hands.with_value(|hands| holds.set(hands, now));
        }
    };
    on_cleanup(move || set(false));
    view! {
        <button
            class="edge-button"
            aria-label=name
            aria-pressed=move || down.get().to_string()
            on:pointerdown=move |event: PointerEvent| {
                event.prevent_default();
                set(true);
            }
            on:mousedown=|event: MouseEvent| event.prevent_default()
            on:pointerup=move |_| set(false)
            on:pointercancel=move |_| set(false)
            on:lostpointercapture=move |_| set(false)
            on:contextmenu=|event: MouseEvent| event.prevent_default()
            on:click=move |event: MouseEvent| {
                if event.detail() == 0 {
                    set(true);
                    set(false);
                }
            }
        >
            {word}
        </button>
    }
}
