//! Small parts that every page uses.

pub(crate) mod button;
pub(crate) mod check;
pub(crate) mod field;
pub(crate) mod file_chooser;
pub(crate) mod icon;
pub(crate) mod language;
pub(crate) mod line;
pub(crate) mod number;
pub(crate) mod panel;
pub(crate) mod range;
pub(crate) mod select;
pub(crate) mod tabs;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::{browser::document, text::Text};

/// What the page says, in the reader's language.
pub(crate) fn text() -> &'static Text {
    language::spoken().text
}

/// A time in seconds as on a clock: `0:07`, `1:02:33`.
pub(crate) fn clock(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A moment of Unix time in microseconds as the reader's clock shows it.
pub(crate) fn time_of_day(us: u64) -> String {
    let at = js_sys::Date::new(&(us as f64 / 1000.0).into());
    at.to_locale_time_string(language::spoken().tag).into()
}

/// What an arrow key asks for along a line of controls: the next (`true`) or the one before, in the direction of the
/// writing.
pub(crate) fn along(key: &str) -> Option<bool> {
    let from_right = document().dir() == "rtl";
    match key {
        "ArrowRight" => Some(!from_right),
        "ArrowLeft" => Some(from_right),
        _ => None,
    }
}

/// Gives the keyboard to the machine.
pub(crate) fn focus_screen() {
    focus("[role=application]");
}

/// Focuses an element, if it can be.
pub(crate) fn focus_element(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _not_focusable = element.focus();
    }
}

/// Focuses the first element that the selector finds, if there is one.
pub(crate) fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        focus_element(&element);
    }
}
