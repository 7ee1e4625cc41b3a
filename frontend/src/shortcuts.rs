//! The operators' own shortcuts, as the relay keeps them.

use leptos::prelude::*;
use shared::shortcut::{Shortcut, Shortcuts, check};
use wasm_bindgen_futures::spawn_local;

use crate::{
    api::{self, Refusal},
    ui::text,
};

/// The shortcuts, and why the last change of them was not kept.
#[derive(Clone, Copy)]
pub(crate) struct Book {
    /// As the relay keeps them, or as they are about to be kept.
    pub(crate) kept: RwSignal<Shortcuts>,
    /// Whether the relay has said what it keeps, or why it does not.
    pub(crate) asked: RwSignal<bool>,
    /// Why the last change was not kept.
    pub(crate) refused: RwSignal<Option<String>>,
}

impl Book {
    /// Asks for them, and follows what the relay says of their revision.
    pub(crate) fn follow(revision: RwSignal<Option<u32>>) -> Self {
        let book = Self {
            kept: RwSignal::new(Shortcuts::default()),
            asked: RwSignal::new(false),
            refused: RwSignal::new(None),
        };
        book.fetch();
        Effect::new(move |_| {
            let wanted = revision.get();
            let known = book.kept.with_untracked(|kept| kept.revision);
            if book.asked.get() && wanted.is_some_and(|wanted| wanted != known) {
                book.fetch();
            }
        });
        book
    }

    /// Changes the list, on the relay, too. What cannot be kept is taken back, and said.
    pub(crate) fn change(self, act: impl FnOnce(&mut Vec<Shortcut>)) {
        let before = self.kept.get_untracked();
        let mut shortcuts = before.shortcuts.clone();
        act(&mut shortcuts);
        if shortcuts == before.shortcuts {
            return;
        }
        if let Err(error) = check(&shortcuts) {
            self.refused.set(Some(error.to_string()));
            return;
        }
        self.refused.set(None);
        self.kept
            .update(|kept| kept.shortcuts.clone_from(&shortcuts));
        spawn_local(async move {
            match api::keep_shortcuts(before.revision, &shortcuts).await {
                Ok(revision) => {
                    let _page_is_gone = self.kept.try_update(|kept| kept.revision = revision);
                }
                Err(refusal) => {
                    let _page_is_gone = self.refused.try_set(Some(words(&refusal)));
                    self.fetch();
                }
            }
        });
    }

    fn fetch(self) {
        spawn_local(async move {
            match api::shortcuts().await {
                Ok(shortcuts) => {
                    let _page_is_gone = self.kept.try_set(shortcuts);
                }
                Err(refusal) => {
                    let _page_is_gone = self.refused.try_set(Some(words(&refusal)));
                }
            }
            let _page_is_gone = self.asked.try_set(true);
        });
    }
}

fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unreachable => text().no_answer.to_owned(),
        Refusal::Problem(problem) if problem.status == 412 => text().shortcuts_changed.to_owned(),
        Refusal::Problem(problem) => problem.text().to_owned(),
    }
}
