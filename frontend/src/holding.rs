//! Files of this computer that are in drives without being uploaded: this page gives the relay what the machine reads.

mod identity;
mod line;

use std::{collections::BTreeMap, rc::Rc};

use leptos::prelude::*;
use shared::held::End;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, File};

use self::line::Line;
use crate::{
    api::media,
    browser::{Listener, window},
    free_drive::free_drive,
    store::{Panel, Store},
    ui::text,
};

/// What is to become of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// It goes into the first drive that is free for it.
    Anywhere,
    /// It goes into the drive of this name.
    Drive(String),
    /// The held file of this number goes on with it.
    Again(u32),
}

/// The files that this page holds. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Holding {
    store: Store,
    files: RwSignal<BTreeMap<u32, Held>, LocalStorage>,
    last: StoredValue<u32>,
    /// Asks before the page is closed, while a file is held.
    leaving: StoredValue<Option<Listener>, LocalStorage>,
    refused: RwSignal<String>,
}

/// A file that this page holds.
struct Held {
    _line: Rc<Line>,
    /// Its number, once the relay has taken it.
    number: Option<u32>,
    stands: bool,
}

impl Holding {
    /// None yet. Why something was not done is said in `refused`.
    pub(crate) fn new(store: Store, refused: RwSignal<String>) -> Self {
        Self {
            store,
            files: RwSignal::new_local(BTreeMap::new()),
            last: StoredValue::new(0),
            leaving: StoredValue::new_local(None),
            refused,
        }
    }

    /// Does with a file what is wished, and shows the drives.
    pub(crate) fn begin(self, file: File, wish: Wish) {
        self.refused.set(String::new());
        self.store.panel.set(Some(Panel::Drives));
        let (slot, resumes) = match wish {
            Wish::Drive(slot) => (Some(slot), None),
            Wish::Again(held) => (None, Some(held)),
            Wish::Anywhere => {
                let (name, bytes) = (file.name(), file.size() as u64);
                let free = self.store.drives.with_untracked(|drives| {
                    free_drive(drives, &name, bytes).map(|drive| drive.slot.clone())
                });
                if free.is_none() {
                    return self.refused.set(text().held_no_drive.to_owned());
                }
                (free, None)
            }
        };
        spawn_local(async move {
            match identity::of(&file).await {
                Some(identity) => {
                    let line = Line::new(self, self.key(), file, identity, resumes, slot);
                    self.files.update(|files| {
                        let held = Held {
                            _line: line.clone(),
                            number: resumes,
                            stands: false,
                        };
                        files.insert(line.key(), held);
                    });
                    line.connect();
                }
                None => self.refused.set(text().held_unreadable.to_owned()),
            }
        });
    }

    /// Whether this page holds the file of a number, and whether its line to the relay stands. What reads it follows
    /// it.
    pub(crate) fn stands(self, number: u32) -> Option<bool> {
        self.files.with(|files| {
            let mut held = files.values();
            held.find(|held| held.number == Some(number))
                .map(|held| held.stands)
        })
    }

    fn key(self) -> u32 {
        self.last.update_value(|last| *last += 1);
        self.last.get_value()
    }

    /// The relay has taken a file, and it is to go into a drive where one is named.
    fn taken(self, key: u32, number: u32, slot: Option<String>) {
        self.change(key, |held| {
            (held.number, held.stands) = (Some(number), true);
        });
        self.ask_before_leaving();
        let Some(slot) = slot else { return };
        spawn_local(async move {
            if let Err(refusal) = media::insert_held(&slot, number).await {
                self.forget(key);
                self.refused.try_set(refusal.words());
            }
        });
    }

    fn lost(self, key: u32) {
        self.change(key, |held| held.stands = false);
    }

    /// The relay has no use for a file any more, or never had.
    fn ended(self, key: u32, end: Option<End>) {
        self.forget(key);
        let text = text();
        let words = match end {
            Some(End::Ejected | End::SignedOut) => return,
            Some(End::OtherFile) => text.held_other_file,
            Some(End::Unknown) => text.held_unknown,
            Some(End::Superseded) => text.held_superseded,
            Some(End::Full) => text.held_full,
            Some(End::BadMessage) => text.held_misunderstood,
            Some(End::Restarting | End::Silent) | None => text.unreachable,
        };
        self.refused.try_set(words.to_owned());
    }

    fn change(self, key: u32, change: impl FnOnce(&mut Held)) {
        self.files.try_update(|files| {
            if let Some(held) = files.get_mut(&key) {
                change(held);
            }
        });
    }

    fn forget(self, key: u32) {
        let gone = self.files.try_update(|files| files.remove(&key));
        drop(gone);
        self.ask_before_leaving();
    }

    fn ask_before_leaving(self) {
        let holds = self.files.try_with_untracked(|files| !files.is_empty());
        self.leaving.try_update_value(|leaving| {
            *leaving = match leaving.take() {
                known if holds != Some(true) => {
                    drop(known);
                    None
                }
                Some(known) => Some(known),
                None => Some(Listener::new(&window(), "beforeunload", |event: Event| {
                    event.prevent_default();
                })),
            };
        });
    }
}
