//! Which page is shown, and what all of them share.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    api,
    browser::document,
    page::{claim::Claim, console::Console, sign_in::SignIn, waiting::Waiting},
    store::{Page, Store},
    ui::{language::speak, text},
};

/// Starts the page.
pub fn start() {
    console_error_panic_hook::set_once();
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let store = Store::new();
    provide_context(store);
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

/// Asks the relay where this browser belongs.
pub(crate) fn find_out(store: Store) {
    spawn_local(async move {
        store.page.set(match api::access().await {
            Ok(access) => Page::for_access(&access),
            Err(_) => Page::Unreachable,
        });
    });
}

fn title(store: Store) -> String {
    let text = text();
    match store.page.get() {
        Page::Console => {
            let (name, _) = crate::panel::status::words(store);
            store.state.with(|state| match state {
                Some(state) => format!("{} · {name}", state.machine),
                None => format!("Armchair · {name}"),
            })
        }
        Page::Claim => format!("Armchair · {}", text.claim_title),
        Page::SignIn => format!("Armchair · {}", text.sign_in_title),
        Page::Loading | Page::Unreachable => "Armchair".to_owned(),
    }
}
