//! Which disc is in which drive: insert, eject, swap, and what the machine does meanwhile.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread::JoinHandle,
};

use serde::Deserialize;
use shared::media::{self, Activity, DriveKind, Drives, Medium, Source};
use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tracing::warn;

use super::{Disc, Drive, DriveError};

mod bay;

use bay::{Bay, Command};

/// A drive that the relay has: its name and what the machine sees.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its name in addresses.
    pub name: String,
    /// What the machine sees.
    pub kind: DriveKind,
}

/// All drives of the machine. Clones are handles to the same ones.
#[derive(Clone)]
pub struct Slots(Arc<Shared>);

struct Shared {
    slots: Vec<Slot>,
    commands: Vec<mpsc::Sender<Command>>,
    state: Arc<State>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads of the drives tell.
struct State {
    drives: watch::Sender<Drives>,
    activity: watch::Sender<Vec<Activity>>,
    /// What is on its way into a drive: drive, image, writable.
    pending: Mutex<Vec<(usize, Source, bool)>>,
}

/// Why something was not done at a slot.
#[derive(Debug, Error)]
pub enum SlotError {
    /// No drive has this name.
    #[error("there is no drive of this name")]
    Unknown,
    /// A CD/DVD cannot be written.
    #[error("a CD/DVD cannot be written")]
    ReadOnly,
    /// The same bytes would be written from two sides.
    #[error(
        "the image is in the drive \"{0}\", and two drives with one image would damage it when one writes"
    )]
    InUse(String),
    /// The drive did not do it.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// The relay is ending.
    #[error("the relay is ending")]
    Ended,
}

impl Slots {
    /// Takes the drives over, one a slot; slots for which there is no drive are left out.
    ///
    /// # Errors
    /// Where no thread can be had.
    pub fn start(slots: &[Slot], drives: Vec<Box<dyn Drive>>) -> std::io::Result<Self> {
        let slots: Vec<Slot> = slots.iter().take(drives.len()).cloned().collect();
        let empty = slots.iter().map(|slot| media::Drive {
            slot: slot.name.clone(),
            kind: slot.kind,
            medium: None,
            ejected: None,
        });
        let idle = (0..slots.len()).map(|drive| Activity {
            drive: u8::try_from(drive).unwrap_or(u8::MAX),
            ..Activity::default()
        });
        let state = Arc::new(State {
            drives: watch::Sender::new(Drives::new(empty)),
            activity: watch::Sender::new(idle.collect()),
            pending: Mutex::default(),
        });
        let mut commands = Vec::new();
        let mut threads = Vec::new();
        for (index, (slot, drive)) in slots.iter().zip(drives).enumerate() {
            let (sender, receiver) = mpsc::channel();
            let bay = Bay::new(index, drive, state.clone());
            let thread = std::thread::Builder::new().name(format!("drive {}", slot.name));
            threads.push(thread.spawn(move || bay.run(&receiver))?);
            commands.push(sender);
        }
        Ok(Self(Arc::new(Shared {
            slots,
            commands,
            state,
            threads: Mutex::new(threads),
        })))
    }

    /// The drives as they are, now and from now on.
    #[must_use]
    pub fn drives(&self) -> watch::Receiver<Drives> {
        self.0.state.drives.subscribe()
    }

    /// What the machine does with each drive, told five times a second at most.
    #[must_use]
    pub fn activity(&self) -> watch::Receiver<Vec<Activity>> {
        self.0.state.activity.subscribe()
    }

    /// The drive that has an image, or into which it is on its way.
    #[must_use]
    pub fn in_use(&self, image: u32) -> Option<String> {
        let users = self.0.users(&Source::Library(image));
        let (drive, _) = users.into_iter().next()?;
        Some(self.0.slots.get(drive)?.name.clone())
    }

    /// Whether the machine can write on an image: it is, or is about to be, in a drive for that.
    #[must_use]
    pub fn is_written(&self, image: u32) -> bool {
        let users = self.0.users(&Source::Library(image));
        users.into_iter().any(|(_, writes)| writes)
    }

    /// All slots, in their order.
    #[must_use]
    pub fn all(&self) -> &[Slot] {
        &self.0.slots
    }

    /// What a slot is; `None` where there is none of this name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.0.slots.iter().find(|slot| slot.name == name)
    }

    /// Puts a disc into a drive. What is in it is ejected first, unless the machine has locked it.
    ///
    /// # Errors
    /// Any [`SlotError`]. After one of a drive, the drive may be empty.
    pub async fn insert(&self, slot: &str, disc: Disc, medium: Medium) -> Result<(), SlotError> {
        let index = self.0.index(slot)?;
        if self.0.slots[index].kind == DriveKind::Cd && disc.writable {
            return Err(SlotError::ReadOnly);
        }
        let pending = Pending::new(&self.0, index, &medium)?;
        let (reply, done) = oneshot::channel();
        let command = Command::Insert {
            disc,
            medium,
            pending,
            reply,
        };
        self.0.ask(index, command, done).await
    }

    /// Empties a drive. `force` does it though the machine has locked its disc in.
    ///
    /// # Errors
    /// [`SlotError::Unknown`], or what the drive says.
    pub async fn eject(&self, slot: &str, force: bool) -> Result<(), SlotError> {
        let index = self.0.index(slot)?;
        let (reply, done) = oneshot::channel();
        self.0
            .ask(index, Command::Eject { force, reply }, done)
            .await
    }

    /// Empties all drives and ends. Blocks until it is done.
    pub fn stop(&self) {
        for command in &self.0.commands {
            let _ = command.send(Command::Stop);
        }
        for thread in lock(&self.0.threads).drain(..) {
            if thread.join().is_err() {
                warn!("the thread of a drive has failed");
            }
        }
    }
}

impl Shared {
    fn index(&self, slot: &str) -> Result<usize, SlotError> {
        let named = |known: &Slot| known.name == slot;
        self.slots.iter().position(named).ok_or(SlotError::Unknown)
    }

    async fn ask(
        &self,
        index: usize,
        command: Command,
        done: oneshot::Receiver<Result<(), DriveError>>,
    ) -> Result<(), SlotError> {
        self.commands[index]
            .send(command)
            .map_err(|_| SlotError::Ended)?;
        Ok(done.await.map_err(|_| SlotError::Ended)??)
    }

    /// The drives with these bytes, and whether they write them.
    fn users(&self, source: &Source) -> Vec<(usize, bool)> {
        let pending = lock(&self.state.pending);
        self.state.users(&pending, source)
    }
}

impl State {
    fn users(&self, pending: &[(usize, Source, bool)], source: &Source) -> Vec<(usize, bool)> {
        let coming = pending
            .iter()
            .filter(|(_, coming, _)| coming == source)
            .map(|(drive, _, writable)| (*drive, *writable));
        let drives = self.drives.borrow();
        let inserted = drives.iter().enumerate().filter_map(|(drive, known)| {
            let medium = known.medium.as_ref()?;
            (medium.source == *source).then_some((drive, medium.writable))
        });
        coming.chain(inserted).collect()
    }
}

/// Says that bytes are on their way into a drive, until it is dropped.
struct Pending {
    state: Arc<State>,
    what: (usize, Source, bool),
}

impl Pending {
    fn new(shared: &Shared, drive: usize, medium: &Medium) -> Result<Self, SlotError> {
        let what = (drive, medium.source.clone(), medium.writable);
        let mut pending = lock(&shared.state.pending);
        let users = match medium.source {
            Source::Library(_) => shared.state.users(&pending, &medium.source),
            Source::Browser(_) | Source::Url | Source::Files | Source::Server { .. } => Vec::new(),
        };
        let conflict = users
            .into_iter()
            .find(|(user, writes)| *user != drive && (*writes || medium.writable));
        if let Some((user, _)) = conflict {
            return Err(SlotError::InUse(shared.slots[user].name.clone()));
        }
        pending.push(what.clone());
        Ok(Self {
            state: shared.state.clone(),
            what,
        })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut pending = lock(&self.state.pending);
        if let Some(at) = pending.iter().position(|known| *known == self.what) {
            pending.swap_remove(at);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
