//! The language that the page speaks: the browser's, unless its operator has chosen another.

use std::cell::Cell;

use leptos::prelude::*;

use super::{select::Select, text};
use crate::{
    browser::{document, languages},
    store::Store,
    text::{LANGUAGES, Language},
};

/// What stands for the browser's language among the tags.
const AUTOMATIC: &str = "";

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(LANGUAGES[0]) };
}

/// The language of all texts.
pub(crate) fn spoken() -> Language {
    SPOKEN.get()
}

/// Speaks the language that was chosen, or the browser's, and tells the document. What is on the page already is left
/// as it is.
pub(crate) fn speak(chosen: Option<Language>) -> Language {
    let language = chosen.unwrap_or_else(of_browser);
    SPOKEN.set(language);
    if let Some(root) = document().document_element() {
        for (name, value) in [("lang", language.tag), ("dir", language.text.direction)] {
            let _always_a_valid_attribute = root.set_attribute(name, value);
        }
    }
    language
}

fn of_browser() -> Language {
    let tags = languages();
    Language::choose(tags.iter().map(String::as_str))
}

/// Chooses the language. Each is named in itself, so that its readers find it.
#[component]
pub(crate) fn LanguageSelect() -> impl IntoView {
    let text = text();
    let language = expect_context::<Store>().preferences.language;
    let automatic = text.language_automatic(of_browser().text.language_name);
    let named = LANGUAGES.map(|language| (language.tag, language.text.language_name.to_owned()));
    let options = [(AUTOMATIC, automatic)].into_iter().chain(named).collect();
    view! {
        <Select
            label=text.language
            options
            value=Signal::derive(move || language.get().map_or(AUTOMATIC, |language| language.tag))
            commit=move |tag| language.set(Language::of(&tag))
        />
    }
}
