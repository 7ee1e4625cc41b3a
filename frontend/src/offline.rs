//! The page's side of its service worker: keeps the page openable without its relay, and says when the relay has a
//! newer one. In a private window, or with a certificate that the browser does not trust, there is none, and the page
//! works without.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Event, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState,
};

use crate::{
    browser::{Listener, window},
    store::{LinkPhase, Store},
};

const SCRIPT: &str = "/service-worker.js";

/// Asks the network for the page's entry, however long it takes.
const FRESH: &str = "/?fresh";

/// Starts the service worker, and looks for a newer one whenever the link to the relay stands anew.
pub(crate) fn start(store: Store) {
    let Some(container) = container() else {
        return;
    };
    spawn_local(async move {
        let registered = JsFuture::from(container.register(SCRIPT)).await;
        let Ok(registration) = registered.map(JsCast::unchecked_into::<ServiceWorkerRegistration>)
        else {
            return;
        };
        follow(store, &registration);
    });
}

/// Loads the newer page.
pub(crate) fn take_update() {
    let Some(container) = container() else {
        return load_fresh();
    };
    spawn_local(async move {
        let found = JsFuture::from(container.get_registration()).await.ok();
        let registration =
            found.and_then(|found| found.dyn_into::<ServiceWorkerRegistration>().ok());
        match registration.and_then(|registration| registration.waiting()) {
            Some(waiting) => take_over(&container, &waiting),
            None => load_fresh(),
        }
    });
}

/// Loads the page from the relay, and not what is kept of it.
pub(crate) fn load_fresh() {
    let _nothing_left_to_do = window().location().replace(FRESH);
}

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window().navigator();
    let there = js_sys::Reflect::get(&navigator, &"serviceWorker".into());
    there
        .is_ok_and(|there| !there.is_undefined())
        .then(|| navigator.service_worker())
}

fn follow(store: Store, registration: &ServiceWorkerRegistration) {
    if registration.waiting().is_some() {
        store.update_ready.set(true);
    }
    let found = registration.clone();
    let listener = Listener::new(registration, "updatefound", move |_: Event| {
        if let Some(installing) = found.installing() {
            say_when_installed(store, &installing);
        }
    });
    std::mem::forget(listener);
    let link = Memo::new(move |_| store.link.get() == LinkPhase::Connected);
    let registration = StoredValue::new_local(registration.clone());
    Effect::new(move |_| {
        if link.get() {
            registration.with_value(|registration| {
                if let Ok(update) = registration.update() {
                    spawn_local(async move {
                        let _looked_for_again_later = JsFuture::from(update).await;
                    });
                }
            });
        }
    });
}

/// The first one that is installed is the one that this page came with.
fn say_when_installed(store: Store, installing: &ServiceWorker) {
    let worker = installing.clone();
    let listener = Listener::new(installing, "statechange", move |_: Event| {
        let replaces = container().is_some_and(|container| container.controller().is_some());
        if worker.state() == ServiceWorkerState::Installed && replaces {
            store.update_ready.set(true);
        }
    });
    std::mem::forget(listener);
}

fn take_over(container: &ServiceWorkerContainer, waiting: &ServiceWorker) {
    let listener = Listener::new(container, "controllerchange", |_: Event| load_fresh());
    std::mem::forget(listener);
    if waiting.post_message(&JsValue::from("take over")).is_err() {
        load_fresh();
    }
}
