//! Keeps the display on while there is a picture to watch.

use std::{cell::RefCell, rc::Rc};

use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, VisibilityState};

use crate::{
    browser::{Listener, document},
    store::Store,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "wakeLock"], catch)]
    fn request(kind: &str) -> Result<Promise, JsValue>;

    type Sentinel;

    #[wasm_bindgen(method)]
    fn release(this: &Sentinel) -> Promise;
}

/// Whether the display is to stay on, and what keeps it so.
#[derive(Default)]
struct Lock {
    wanted: bool,
    sentinel: Option<Sentinel>,
}

/// Keeps the display on for as long as the picture is current and the page is in sight. Browsers take the lock back
/// from a hidden page, so it is asked for again.
pub(crate) fn stay_awake(store: Store) {
    let lock = Rc::new(RefCell::new(Lock::default()));
    let watched = Memo::new(move |_| store.is_current());
    let again = lock.clone();
    let visible = StoredValue::new_local(Listener::new(
        &document(),
        "visibilitychange",
        move |_: Event| keep(&again, watched.get_untracked()),
    ));
    let lock = StoredValue::new_local(lock);
    Effect::new(move |_| lock.with_value(|lock| keep(lock, watched.get())));
    on_cleanup(move || {
        lock.try_with_value(|lock| keep(lock, false));
        visible.dispose();
    });
}

fn keep(lock: &Rc<RefCell<Lock>>, watched: bool) {
    let wanted = watched && document().visibility_state() == VisibilityState::Visible;
    let changed = std::mem::replace(&mut lock.borrow_mut().wanted, wanted) != wanted;
    if !wanted {
        let_go(lock.borrow_mut().sentinel.take());
    } else if changed && let Ok(asked) = request("screen") {
        let lock = lock.clone();
        spawn_local(async move {
            let Ok(sentinel) = JsFuture::from(asked).await else {
                return;
            };
            let sentinel: Sentinel = sentinel.unchecked_into();
            let mut lock = lock.borrow_mut();
            let outdated = if lock.wanted {
                lock.sentinel.replace(sentinel)
            } else {
                Some(sentinel)
            };
            drop(lock);
            let_go(outdated);
        });
    }
}

fn let_go(sentinel: Option<Sentinel>) {
    if let Some(sentinel) = sentinel {
        let _released_already = sentinel.release();
    }
}
