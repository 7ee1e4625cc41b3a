//! Which page is shown, and what all of them share.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::{
    api,
    browser::{document, remember, remembered, window},
    invitation::opened,
    offline,
    page::{claim::Claim, console::Console, sign_in::SignIn, waiting::Waiting},
    store::{Page, Panel, Store},
    ui::{language::speak, text},
};

/// Under which the browser remembers the machine's name.
const MACHINE: &str = "machine";

/// Starts the page.
pub fn start() {
    console_error_panic_hook::set_once();
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let store = Store::new();
    provide_context(store);
    heed_address(store);
    offline::start(store);
    remember_machine(store);
    find_out(store);
    let language = Memo::new(move |_| speak(store.preferences.language.get()));
    Effect::new(move |_| {
        language.track();
        document().set_title(&title(store));
    });
    view! { <For each=move || [language.get().tag] key=|tag| *tag let(_tag)><Shown/></For> }
}

/// The page in one language; another language gets another one.
#[component]
fn Shown() -> impl IntoView {
    let store = expect_context::<Store>();
    let page = Memo::new(move |_| store.page.get());
    move || match page.get() {
        Page::Loading | Page::Unreachable => view! { <Waiting/> }.into_any(),
        Page::Claim => view! { <Claim/> }.into_any(),
        Page::SignIn => view! { <SignIn/> }.into_any(),
        Page::Console => view! { <Console/> }.into_any(),
    }
}

/// Does what the address asks for, and forgets it, so that it is not done again by a reload.
fn heed_address(store: Store) {
    let Ok(query) = window().location().search() else {
        return;
    };
    if query.is_empty() {
        return;
    }
    let panel = opened(&query).and_then(Panel::of_address);
    store.panel.set(panel);
    if panel == Some(Panel::TypeText) {
        spawn_local(async move {
            if let Some(text) = api::shared_text().await {
                store.draft.set(text);
            }
        });
    }
    if let Ok(history) = window().history() {
        let _stays_in_sight = history.replace_state_with_url(&JsValue::NULL, "", Some("/"));
    }
}

/// The machine's name is told when the relay cannot tell it.
fn remember_machine(store: Store) {
    let name = store.part(|state| state.machine.clone());
    Effect::new(move |_| {
        if let Some(name) = name.get() {
            remember(MACHINE, &name);
        }
    });
}

/// The name of the machine that this page has last shown.
pub(crate) fn last_machine() -> Option<String> {
    remembered(MACHINE)
}

/// Asks the relay where this browser belongs.
pub(crate) fn find_out(store: Store) {
    spawn_local(async move {
        store.page.set(match api::access().await {
            Ok(access) => {
                store.may_operate.set(access.may_operate());
                store.has_serial.set(access.serial);
                store.has_switch.set(access.switch);
                Page::for_access(&access)
            }
            Err(_) => Page::Unreachable,
        });
    });
}

fn title(store: Store) -> String {
    let text = text();
    match store.page.get() {
        Page::Console => {
            let (name, _) = crate::panel::status::words(store);
            let machine = store.machine();
            format!("{} · {name}", machine.as_deref().unwrap_or("Armchair"))
        }
        Page::Claim => format!("Armchair · {}", text.claim_title),
        Page::SignIn => format!("Armchair · {}", text.sign_in_title),
        Page::Loading | Page::Unreachable => "Armchair".to_owned(),
    }
}
