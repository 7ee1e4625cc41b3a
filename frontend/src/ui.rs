//! Small parts that every page uses.

pub(crate) mod field;
pub(crate) mod icon;
pub(crate) mod panel;
pub(crate) mod range;
pub(crate) mod tabs;

use std::sync::OnceLock;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::{
    browser::{document, window},
    text::{Text, choose},
};

static TEXT: OnceLock<&'static Text> = OnceLock::new();

/// What the page says, in the reader's language.
pub(crate) fn text() -> &'static Text {
    TEXT.get_or_init(|| {
        let languages: Vec<String> = window()
            .navigator()
            .languages()
            .iter()
            .filter_map(|language| language.as_string())
            .collect();
        choose(languages.iter().map(String::as_str))
    })
}

/// The language of [`text`], as a BCP 47 tag.
pub(crate) fn language() -> &'static str {
    text().language
}

/// Gives the keyboard to the machine.
pub(crate) fn focus_screen() {
    focus("[role=application]");
}

/// Focuses the first element that the selector finds, if there is one.
pub(crate) fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _not_focusable = element.focus();
    }
}
