//! The audit log: who did what, in the order in which it was done. It is only ever added to.

use std::{
    fmt, io, iter,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
};

use rusqlite::{Connection, Transaction};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::oneshot;
use tracing::error;

use crate::{
    clock::unix_us,
    store::{Store, StoreError},
};

pub mod event;

pub use event::Event;

/// How many entries are kept; the oldest go first. The store itself refuses to delete any of these, or to change one.
pub const KEPT: i64 = 100_000;

/// How many refused sign-ins are kept, so that nobody can push out with them what was done.
pub const REFUSALS_KEPT: i64 = 1_000;

/// The most entries of one answer.
pub const PAGE_MAX: u16 = 1_000;

/// Entries that wait for the disk.
const WAITING_MAX: usize = 1_024;

/// The most entries that are written at a time.
const BATCH_MAX: usize = 128;

/// Writes down what is done. Clones write into the same log; the default one writes nothing down.
#[derive(Clone, Default)]
pub struct Audit {
    writer: Option<Writer>,
    place: Option<Place>,
}

/// The machine at which something is done, where there are several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The port of the switch, counted from 0.
    pub port: u8,
    /// The name of the machine behind it.
    pub machine: String,
}

/// What was done, as it stands in the store.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Counts the entries; a number is never used again.
    pub id: i64,
    /// When, in microseconds of Unix time.
    pub at_us: u64,
    /// `by`, `what`, and what goes with it, see [`Event`]; `port` and `machine` where there are several.
    #[serde(flatten)]
    pub act: Map<String, Value>,
}

#[derive(Clone)]
struct Writer {
    queue: SyncSender<Message>,
    store: Store,
}

enum Message {
    Add(Act),
    /// Answered once all that came before is in the store.
    Flush(oneshot::Sender<()>),
}

/// What waits for the disk.
struct Act {
    at_us: u64,
    text: String,
}

/// What is written down of an act, beside its time.
#[derive(Serialize)]
struct Written<'a> {
    by: &'a str,
    #[serde(flatten)]
    place: Option<&'a Place>,
    #[serde(flatten)]
    event: &'a Event,
}

impl Audit {
    /// Writes into this store, on a thread of its own, which ends with the last clone.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub fn start(store: Store) -> io::Result<Self> {
        let (queue, waiting) = sync_channel(WAITING_MAX);
        let writer = Writer {
            queue,
            store: store.clone(),
        };
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || write(&store, &waiting))?;
        Ok(Self {
            writer: Some(writer),
            place: None,
        })
    }

    /// The same log, for what is done at this machine.
    #[must_use]
    pub fn at(&self, place: Option<Place>) -> Self {
        Self {
            writer: self.writer.clone(),
            place,
        }
    }

    /// Writes down what the person of this name does, and does not wait for the disk. The name is empty where it is not
    /// known, as with a switch that is moved by its own button.
    pub fn record(&self, by: &str, event: &Event) {
        let Some(Writer { queue, .. }) = &self.writer else {
            return;
        };
        let act = Act::new(by, self.place.as_ref(), event);
        if let Err(TrySendError::Full(Message::Add(act))) = queue.try_send(Message::Add(act)) {
            lost(&[act], "the disk is too slow");
        }
    }

    /// Returns once all that was recorded so far is in the store, or could not be written; at once where so much waits for
    /// the disk that nothing more can.
    pub async fn flush(&self) {
        let Some(Writer { queue, .. }) = &self.writer else {
            return;
        };
        let (flushed, done) = oneshot::channel();
        if queue.try_send(Message::Flush(flushed)).is_ok() {
            let _ = done.await;
        }
    }

    /// The entries before the one of this number, or the last ones; newest first, at most so many.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn read(&self, before: Option<i64>, limit: u16) -> Result<Vec<Entry>, StoreError> {
        let Some(Writer { store, .. }) = &self.writer else {
            return Ok(Vec::new());
        };
        self.flush().await;
        store
            .call(move |connection| select(connection, before, limit))
            .await
    }
}

impl Act {
    fn new(by: &str, place: Option<&Place>, event: &Event) -> Self {
        Self {
            at_us: unix_us(),
            // Names, numbers and addresses can always be written as JSON.
            text: serde_json::to_string(&Written { by, place, event }).unwrap_or_default(),
        }
    }
}

fn select(
    connection: &Connection,
    before: Option<i64>,
    limit: u16,
) -> rusqlite::Result<Vec<Entry>> {
    let mut entries = connection
        .prepare("SELECT id, at_us, act FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2")?;
    let entries = entries.query_map((before.unwrap_or(i64::MAX), limit), |row| {
        let text: String = row.get(2)?;
        Ok(Entry {
            id: row.get(0)?,
            at_us: u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default(),
            act: serde_json::from_str(&text).unwrap_or_default(),
        })
    })?;
    entries.collect()
}

/// Writes down what is done without a relay, as at the command line.
///
/// # Errors
/// Where SQLite fails.
pub fn add(connection: &mut Connection, by: &str, event: &Event) -> rusqlite::Result<()> {
    insert(connection, &[Act::new(by, None, event)])
}

/// Until the last clone is gone.
fn write(store: &Store, waiting: &Receiver<Message>) {
    while let Ok(first) = waiting.recv() {
        let (mut acts, mut flushed) = (Vec::new(), Vec::new());
        for message in iter::once(first).chain(waiting.try_iter().take(BATCH_MAX)) {
            match message {
                Message::Add(act) => acts.push(act),
                Message::Flush(done) => flushed.push(done),
            }
        }
        if let Err(error) = store.blocking(|connection| insert(connection, &acts)) {
            lost(&acts, error);
        }
        for done in flushed {
            let _ = done.send(());
        }
    }
}

/// What is not in the audit log is at least in the relay's own.
fn lost(acts: &[Act], error: impl fmt::Display) {
    for act in acts {
        error!(%error, act = act.text, "the audit log could not be written");
    }
}

fn insert(connection: &mut Connection, acts: &[Act]) -> rusqlite::Result<()> {
    if acts.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for Act { at_us, text } in acts {
        let at_us = i64::try_from(*at_us).unwrap_or(i64::MAX);
        transaction.execute(
            "INSERT INTO audit (at_us, act) VALUES (?1, ?2)",
            (at_us, text),
        )?;
    }
    forget(&transaction)?;
    transaction.commit()
}

fn forget(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute(
        "DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?1",
        [KEPT],
    )?;
    transaction.execute(
        "DELETE FROM audit WHERE what = 'sign-in-refused' AND id <= (
             SELECT id FROM audit WHERE what = 'sign-in-refused' ORDER BY id DESC LIMIT 1 OFFSET ?1
         )",
        [REFUSALS_KEPT],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
