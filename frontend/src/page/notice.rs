//! What an operator must know while the picture goes on.

use leptos::prelude::*;
use shared::{ToRelay, message::Usb};

use crate::{
    board::name::chord_name,
    offline,
    store::{Control, LinkPhase, Panel, Store},
    typist::{Typist, words},
    ui::{
        icon::{Drawn, Icon},
        text,
    },
};

/// Lines above the picture: who has the controls, and whether keys arrive.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let store = expect_context::<Store>();
    let control = Memo::new(move |_| store.control());
    let usb = Memo::new(move |_| store.usb().filter(|_| !store.switching()));
    let connected = move || store.link.get() == LinkPhase::Connected;
    view! {
        <div class="notices" aria-live="polite">
            <Show when=move || store.update_ready.get()><NewVersion/></Show>
            {move || connected().then(|| control.get()).and_then(watching)}
            {move || connected().then(|| usb.get()).flatten().and_then(deaf)}
            <Typing/>
            {move || not_typed(store)}
        </div>
    }
}

/// That the relay types, while the dialog is not open.
#[component]
fn Typing() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let typist = expect_context::<Typist>();
    let shown = Memo::new(move |_| typist.is_busy() && store.panel.get() != Some(Panel::TypeText));
    view! {
        <Show when=move || shown.get()>
            <p class="notice">
                <Drawn icon=Icon::Keyboard/>
                <span><b>{text.relay_types}</b>" "{move || typist.typing().as_ref().map(words)}</span>
                <button class="button" on:click=move |_| store.panel.set(Some(Panel::TypeText))>{text.show}</button>
                <button class="button" on:click=move |_| typist.tell(&ToRelay::CancelTyping)>{text.cancel}</button>
            </p>
        </Show>
    }
}

#[component]
fn NewVersion() -> impl IntoView {
    let text = text();
    view! {
        <p class="notice">
            <Drawn icon=Icon::Armchair/>
            <span>{text.new_version}</span>
            <button class="button" on:click=|_| offline::take_update()>{text.reload_for_it}</button>
        </p>
    }
}

fn watching(control: Control) -> Option<impl IntoView> {
    let text = text();
    let (title, hint) = match control {
        Control::Mine => return None,
        Control::Nobody => (
            text.control_nobody.to_owned(),
            text.control_free_hint.to_owned(),
        ),
        Control::Theirs(name) => (text.watching.to_owned(), text.has_the_controls(name)),
    };
    Some(notice(Icon::Eye, title, hint))
}

fn deaf(usb: Usb) -> Option<impl IntoView> {
    let text = text();
    let (title, hint) = match usb {
        Usb::Configured => return None,
        Usb::NotConnected => (text.input_not_connected, text.input_not_connected_hint),
        Usb::Suspended => (text.input_suspended, text.input_suspended_hint),
        Usb::DeviceGone => (text.input_device_gone, text.input_device_gone_hint),
    };
    Some(notice(Icon::Usb, title.to_owned(), hint.to_owned()))
}

fn not_typed(store: Store) -> Option<impl IntoView> {
    let characters = store.not_typed.get();
    let title = text().not_typed(&characters);
    (!characters.is_empty())
        .then(|| notice(Icon::Keyboard, title, text().not_typed_hint.to_owned()))
}

fn notice(icon: Icon, title: String, hint: String) -> impl IntoView {
    view! {
        <p class="notice">
            <Drawn icon/>
            <span><b>{title}</b>" "{hint}</span>
        </p>
    }
}

/// For a moment after the picture has got the focus: where keys go now, and the way out.
#[component]
pub(crate) fn KeyHint() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let mine = Memo::new(move |_| store.control() == Control::Mine);
    let connected = move || store.link.get() == LinkPhase::Connected;
    let shown = move || store.focused.get() && mine.get() && connected();
    view! {
        <Show when=shown>
            <p class="key-hint">
                <Drawn icon=Icon::Keyboard/>
                <span>{text.keys_go_here}</span>
                <span class="way-out">
                    {move || if store.pointer_locked.get() {
                        text.locked_pointer_hint
                    } else if store.keyboard_locked.get() {
                        text.keyboard_locked
                    } else {
                        text.keys_way_out
                    }}
                </span>
            </p>
        </Show>
    }
}

/// The chord after the leader key, as far as it has been typed.
#[component]
pub(crate) fn LeaderHint() -> impl IntoView {
    let text = text();
    let leader = expect_context::<Store>().leader;
    let chord = move || {
        leader.with(|keys| match keys.as_deref() {
            None | Some([]) => "…".to_owned(),
            Some(keys) => format!("{} + …", chord_name(keys)),
        })
    };
    view! {
        <div class="leader" role="status" aria-label=text.leader_key>
            <Show when=move || leader.with(Option::is_some)>
                <p>
                    <b>{chord}</b>
                    <span>{text.leader_typing}</span>
                </p>
            </Show>
        </div>
    }
}
