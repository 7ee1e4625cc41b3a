//! Files that the page gives to its operator.

use js_sys::{Array, Date};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::{
    browser::document,
    file_name::{Moment, file_name},
    store::Store,
};

/// How long the browser has for reading what it downloads, in milliseconds.
const KEPT_MS: u32 = 60_000;

/// The name for a file that is made now.
pub(crate) fn name_now(store: Store, extension: &str) -> String {
    let names = untrack(|| [store.relay_name(), store.port()]);
    let machine = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let now = Date::new_0();
    let at = Moment {
        year: now.get_full_year(),
        month: now.get_month() + 1,
        day: now.get_date(),
        hour: now.get_hours(),
        minute: now.get_minutes(),
        second: now.get_seconds(),
    };
    file_name(&machine, at, extension)
}

/// Has the browser save what the relay has at an address, under the name that the relay says.
pub(crate) fn save_from(address: &str) {
    if let Ok(link) = document().create_element("a") {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(address);
        link.set_download("");
        link.click();
    }
}

/// Puts a file into the browser's downloads.
///
/// # Errors
/// What the browser says.
pub(crate) fn download(blob: &Blob, name: &str) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    gloo_timers::callback::Timeout::new(KEPT_MS, move || {
        let _gone_already = Url::revoke_object_url(&address);
    })
    .forget();
    Ok(())
}

/// One file out of parts.
///
/// # Errors
/// Where the browser has no room for it.
pub(crate) fn joined(parts: &Array) -> Result<Blob, JsValue> {
    Blob::new_with_blob_sequence(parts)
}
