//! The machine: its picture in the middle, its tools around it.

use js_sys::Reflect;
use leptos::{html, prelude::*};
use web_sys::{DragEvent, Event};

use super::screen::Screen;
use crate::{
    awake::stay_awake,
    browser::{Listener, document, window},
    gathered::{self, Dropped},
    holding::Holding,
    input::{hands::Hands, keyboard::System},
    launched::{self, dropped, is_image},
    layouts::Layouts,
    link::connection::Link,
    new_disk::NewDisk,
    panel::{
        drives::Drives,
        keyboard::OnscreenKeyboard,
        machine::MachineMenu,
        machines::{self, Machines, thumbnail::Thumbnails},
        macros::{self, Macros},
        power::PowerPanel,
        serial::SerialConsole,
        settings::Settings,
        shortcuts::ShortcutsPanel,
        statistics::Statistics,
        status::Status,
        toolbar::Toolbar,
        type_text::TypeText,
    },
    recording::recorder::Recorder,
    shortcuts::Book,
    store::{Panel, Store},
    typist::Typist,
    uploads::Uploads,
};

/// What the console's parts reach the machine by.
#[derive(Clone, Copy)]
pub(crate) struct Reach {
    /// The link to the relay.
    pub(crate) link: StoredValue<Link, LocalStorage>,
    /// The operator's hands.
    pub(crate) hands: StoredValue<Hands, LocalStorage>,
    /// What records the picture.
    pub(crate) recorder: StoredValue<Recorder, LocalStorage>,
}

/// The console.
#[component]
pub(crate) fn Console() -> impl IntoView {
    let store = expect_context::<Store>();
    let link = Link::open(store);
    let hands = Hands::new(link.clone(), store, system());
    let recorder = StoredValue::new_local(Recorder::new(store, link.clone()));
    let link = StoredValue::new_local(link);
    let hands = StoredValue::new_local(hands);
    let reach = Reach {
        link,
        hands,
        recorder,
    };
    let layouts = Layouts::fetch(store.preferences.layout);
    provide_context(reach);
    provide_context(layouts);
    provide_context(Book::follow(store.shortcuts));
    let typist = Typist::new(store, reach, layouts);
    let uploads = Uploads::new(store);
    provide_context(typist);
    provide_context(uploads);
    let new_disk = NewDisk::new(store, uploads);
    provide_context(new_disk);
    provide_context(Holding::new(store, uploads.refused));
    let take = move |file| match is_image(&file) {
        true => uploads.begin(file),
        false => typist.open_file(file),
    };
    let _launched = StoredValue::new_local(launched::follow(take));
    provide_context(macros::Shared::new());
    on_cleanup(move || {
        recorder.try_with_value(Recorder::stop);
        link.try_with_value(Link::close);
    });
    let root = NodeRef::<html::Div>::new();
    let _full_screen = StoredValue::new_local(Listener::new(
        &document(),
        "fullscreenchange",
        move |_: Event| {
            let full = document().fullscreen_element().is_some();
            store.full_screen.set(full);
            if !full {
                store.keyboard_locked.set(false);
            }
        },
    ));
    stay_awake(store);
    let machine = Memo::new(move |_| store.machine());
    provide_context(Thumbnails::follow(store));
    machines::tell_moves(store);
    view! {
        <div
            class="console"
            node_ref=root
            on:dragover=|event: DragEvent| event.prevent_default()
            on:drop=move |event: DragEvent| {
                let files = dropped(&event);
                if files.is_empty() || event.default_prevented() {
                    return;
                }
                event.prevent_default();
                let entries = gathered::dropped(&event);
                let folders = entries.iter().any(Dropped::is_folder);
                match folders || (files.len() > 1 && !files.iter().all(is_image)) {
                    true => new_disk.drop(entries),
                    false => files.into_iter().for_each(take),
                }
            }
        >
            <header class="head">
                <h1 class="unseen">{move || machine.get().unwrap_or_else(|| "Armchair".to_owned())}</h1>
                <div class="bar">
                    <MachineMenu/>
                    <Status/>
                </div>
                <Toolbar console=root/>
            </header>
            <main class="stage">
                <Screen/>
                {move || match store.panel.get() {
                    None => ().into_any(),
                    Some(Panel::Machines) => view! { <Machines/> }.into_any(),
                    Some(Panel::TypeText) => view! { <TypeText/> }.into_any(),
                    Some(Panel::Shortcuts) => view! { <ShortcutsPanel/> }.into_any(),
                    Some(Panel::Macros) => view! { <Macros/> }.into_any(),
                    Some(Panel::Drives) => view! { <Drives/> }.into_any(),
                    Some(Panel::Power) => view! { <PowerPanel/> }.into_any(),
                    Some(Panel::Serial) => view! { <SerialConsole/> }.into_any(),
                    Some(Panel::Statistics) => view! { <Statistics/> }.into_any(),
                    Some(Panel::Settings) => view! { <Settings/> }.into_any(),
                }}
            </main>
            <Show when=move || store.keyboard.get()>
                <OnscreenKeyboard/>
            </Show>
        </div>
    }
}

/// The operator's own system, which changes what its browser says of the keyboard.
fn system() -> System {
    let platform = Reflect::get(&window().navigator(), &"platform".into())
        .ok()
        .and_then(|platform| platform.as_string())
        .unwrap_or_default();
    System::from_platform(&platform)
}
