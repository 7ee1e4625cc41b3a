//! Files of this computer on their way into the relay's library, by tus: what has arrived stays there when the link or
//! the page goes, and the same file goes on from where it was.

use std::{collections::BTreeMap, rc::Rc};

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use shared::media::{Transfer, TransferPhase, Way};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Blob, File};

use crate::{
    api::{Refusal, media},
    store::{Panel, Store},
};

/// How much is sent in one request, in bytes: proxies do not take any amount.
const PART: f64 = 32.0 * 1024.0 * 1024.0;

/// How long to wait before trying again, at first and at most, in milliseconds.
const AGAIN_MS: (u32, u32) = (500, 15_000);

/// The uploads of this page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Uploads {
    store: Store,
    /// By their numbers.
    sent: RwSignal<BTreeMap<u32, Sent>, LocalStorage>,
    /// Why the last one was not taken.
    pub(crate) refused: RwSignal<String>,
}

/// What is to become an image.
#[derive(Clone)]
pub(crate) struct Part {
    /// The image's name.
    pub(crate) name: String,
    /// What is sent of it.
    pub(crate) blob: Blob,
    /// The image's size in bytes, where zeros follow on what is sent.
    pub(crate) whole: Option<u64>,
}

/// Something that this page sends.
#[derive(Clone)]
struct Sent {
    blob: Blob,
    /// Called when all of it has become an image.
    done: Rc<dyn Fn()>,
    /// Ends the request under way; `None` while it is paused.
    running: Option<AbortController>,
}

impl Uploads {
    /// None yet.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            sent: RwSignal::new_local(BTreeMap::new()),
            refused: RwSignal::new(String::new()),
        }
    }

    /// Sends a file, from where an earlier try has ended if there was one; shows how far it is.
    pub(crate) fn begin(self, file: File) {
        self.refused.set(String::new());
        self.store.panel.set(Some(Panel::Drives));
        match self.interrupted(&file) {
            Some(id) => self.send(id, file.into(), Rc::new(|| ())),
            None => {
                let part = Part {
                    name: file.name(),
                    blob: file.into(),
                    whole: None,
                };
                self.send_new(part, || ());
            }
        }
    }

    /// Sends something new, and calls `done` when it has become an image.
    pub(crate) fn send_new(self, part: Part, done: impl Fn() + 'static) {
        spawn_local(async move {
            let Part { name, blob, whole } = part;
            match media::create_upload(&name, blob.size(), whole).await {
                Ok(id) => self.send(id, blob, Rc::new(done)),
                Err(refusal) => self.refused.set(refusal.words()),
            }
        });
    }

    /// Whether this page has the file of a transfer, and whether it sends it just now. What reads it follows it.
    pub(crate) fn is_running(self, id: u32) -> Option<bool> {
        self.sent
            .with(|sent| sent.get(&id).map(|sent| sent.running.is_some()))
    }

    /// The file of a transfer, where this page has it and it is one of this computer. What reads it follows it.
    pub(crate) fn file(self, id: u32) -> Option<File> {
        self.sent
            .with(|sent| sent.get(&id)?.blob.dyn_ref::<File>().cloned())
    }

    /// Stops sending until [`Self::resume`].
    pub(crate) fn pause(self, id: u32) {
        self.sent.update(|sent| {
            if let Some(running) = sent.get_mut(&id).and_then(|sent| sent.running.take()) {
                running.abort();
            }
        });
    }

    /// Goes on.
    pub(crate) fn resume(self, id: u32) {
        let sent = self.sent.with_untracked(|sent| sent.get(&id).cloned());
        if let Some(Sent {
            blob,
            done,
            running: None,
        }) = sent
        {
            self.send(id, blob, done);
        }
    }

    /// Ends it; what of it is on the relay is removed.
    pub(crate) fn cancel(self, id: u32) {
        self.pause(id);
        self.sent.update(|sent| {
            sent.remove(&id);
        });
        spawn_local(async move {
            if let Err(refusal) = media::cancel_transfer(id).await {
                self.refused.set(refusal.words());
            }
        });
    }

    /// The transfer that this file was in before: the same name and size, and nobody sends it.
    fn interrupted(self, file: &File) -> Option<u32> {
        let is_it = |transfer: &&Transfer| {
            transfer.way == Way::Upload
                && transfer.phase == TransferPhase::Waiting
                && transfer.name == file.name()
                && transfer.total.map(|total| total as f64) == Some(file.size())
        };
        self.store
            .transfers
            .with_untracked(|transfers| transfers.iter().find(is_it).map(|found| found.id))
    }

    fn send(self, id: u32, blob: Blob, done: Rc<dyn Fn()>) {
        let Ok(running) = AbortController::new() else {
            return;
        };
        let signal = running.signal();
        let sent = Sent {
            blob: blob.clone(),
            done: done.clone(),
            running: Some(running),
        };
        self.sent.update(|all| {
            all.insert(id, sent);
        });
        spawn_local(async move {
            let mut wait_ms = AGAIN_MS.0;
            loop {
                match send_next(id, &blob, &signal).await {
                    Ok(false) => wait_ms = AGAIN_MS.0,
                    Ok(true) => {
                        self.ended(id, None);
                        return done();
                    }
                    Err(_) if signal.aborted() => return,
                    Err(refusal) if is_lasting(&refusal) => return self.ended(id, Some(&refusal)),
                    Err(_) => {
                        TimeoutFuture::new(wait_ms).await;
                        wait_ms = (wait_ms * 2).min(AGAIN_MS.1);
                        if signal.aborted() {
                            return;
                        }
                    }
                }
            }
        });
    }

    fn ended(self, id: u32, refusal: Option<&Refusal>) {
        self.sent.try_update(|sent| sent.remove(&id));
        if let Some(refusal) = refusal {
            self.refused.try_set(refusal.words());
        }
    }
}

/// Sends what the relay does not have yet, or a part of it. Whether all of it was there.
async fn send_next(id: u32, blob: &Blob, signal: &web_sys::AbortSignal) -> Result<bool, Refusal> {
    let offset = media::upload_offset(id).await?;
    if offset >= blob.size() {
        return Ok(true);
    }
    let end = (offset + PART).min(blob.size());
    let part = blob
        .slice_with_f64_and_f64(offset, end)
        .map_err(|_| Refusal::Unreachable)?;
    media::send_part(id, offset, &part, signal).await?;
    Ok(end >= blob.size())
}

/// Whether trying again would end in the same way. 423: the relay still has the request that broke.
fn is_lasting(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Unreachable => false,
        Refusal::Problem(problem) => {
            (400..500).contains(&problem.status) && ![409, 423, 429].contains(&problem.status)
        }
    }
}
