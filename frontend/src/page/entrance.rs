//! The card in the middle of the window that people come in by.

use leptos::prelude::*;

use crate::ui::{
    icon::{Drawn, Icon},
    language::LanguageSelect,
};

/// The card, with Armchair's mark above it.
#[component]
pub(crate) fn Entrance(
    /// What it is for.
    title: &'static str,
    /// What to know first.
    #[prop(optional)]
    subtitle: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <main class="entrance">
            <div class="card">
                <div class="mark"><Drawn icon=Icon::Armchair/><span>"Armchair"</span></div>
                <h1>{title}</h1>
                {(!subtitle.is_empty()).then(|| view! { <p class="subtitle">{subtitle}</p> })}
                {children()}
                <div class="foot"><LanguageSelect/></div>
            </div>
        </main>
    }
}
