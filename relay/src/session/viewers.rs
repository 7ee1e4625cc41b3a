//! Who is here.

use std::sync::{Arc, Mutex, PoisonError};

use shared::message::Viewer;
use tokio::sync::watch;

use crate::input::Controls;

/// The most viewers at a time.
pub const VIEWERS_MAX: usize = 32;

/// Everybody who watches. Clones are handles to the same list.
#[derive(Clone)]
pub struct Viewers(Arc<Shared>);

struct Shared {
    present: watch::Sender<Vec<Viewer>>,
    next_id: Mutex<u32>,
    controls: Controls,
}

/// One viewer's place. Dropping it releases what the viewer holds, and its controls.
pub struct Seat {
    id: u32,
    shared: Arc<Shared>,
}

impl Viewers {
    /// Nobody is here yet.
    #[must_use]
    pub fn new(controls: Controls) -> Self {
        Self(Arc::new(Shared {
            present: watch::Sender::new(Vec::new()),
            next_id: Mutex::new(1),
            controls,
        }))
    }

    /// Takes a place; `None` where there is none left. An operator gets the controls if nobody has them.
    #[must_use]
    pub fn join(&self, name: &str, is_operator: bool) -> Option<Seat> {
        let mut next_id = self
            .0
            .next_id
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let id = *next_id;
        let joined = self.0.present.send_if_modified(|present| {
            let room = present.len() < VIEWERS_MAX;
            if room {
                present.push(Viewer {
                    id,
                    name: name.to_owned(),
                });
            }
            room
        });
        if !joined {
            return None;
        }
        *next_id += 1;
        if is_operator && self.0.controls.controller().borrow().is_none() {
            self.0.controls.take(id);
        }
        Some(Seat {
            id,
            shared: self.0.clone(),
        })
    }

    /// Everybody, now and from now on.
    #[must_use]
    pub fn list(&self) -> watch::Receiver<Vec<Viewer>> {
        self.0.present.subscribe()
    }

    /// Waits until nobody is here.
    pub async fn all_gone(&self) {
        let _ = self.list().wait_for(Vec::is_empty).await;
    }
}

impl Seat {
    /// The viewer's id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.controls.leave(self.id);
        self.shared
            .present
            .send_modify(|present| present.retain(|viewer| viewer.id != self.id));
    }
}
