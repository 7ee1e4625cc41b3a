//! The operators' own shortcuts: one list, kept through power cuts, changed by one operator at a time.

use rusqlite::{OptionalExtension, TransactionBehavior};
use shared::shortcut::{Shortcut, Shortcuts};
use thiserror::Error;
use tokio::sync::watch;
use tracing::warn;

use crate::store::{Store, StoreError};

/// The name under which they are stored.
const SETTING: &str = "shortcuts";

/// The kept shortcuts. Clones are handles to the same ones.
#[derive(Clone)]
pub struct Kept {
    store: Store,
    revision: watch::Sender<u32>,
}

/// Why shortcuts were not kept.
#[derive(Debug, Error)]
pub enum KeepError {
    /// Somebody else has changed them since.
    #[error("the shortcuts are of revision {now} now")]
    Stale {
        /// The revision that is kept.
        now: u32,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kept {
    /// As they were last kept. Blocks.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn open(store: Store) -> Result<Self, StoreError> {
        let now = store.blocking(|connection| read(connection))?;
        Ok(Self {
            store,
            revision: watch::Sender::new(now.revision),
        })
    }

    /// All of them.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn get(&self) -> Result<Shortcuts, StoreError> {
        self.store.call(|connection| read(connection)).await
    }

    /// Keeps these in the place of those of `revision`, and gives the new revision. They must have been checked.
    ///
    /// # Errors
    /// [`KeepError::Stale`] where others are kept by now; nothing is changed then.
    pub async fn replace(&self, revision: u32, shortcuts: Vec<Shortcut>) -> Result<u32, KeepError> {
        let outcome = self
            .store
            .call(move |connection| {
                let transaction =
                    connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let now = read(&transaction)?.revision;
                if now != revision {
                    return Ok(Err(KeepError::Stale { now }));
                }
                let new = Shortcuts {
                    revision: revision.wrapping_add(1),
                    shortcuts,
                };
                let text = serde_json::to_string(&new)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
                transaction.execute(
                    "INSERT INTO settings (name, value) VALUES (?1, ?2)
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (SETTING, text),
                )?;
                transaction.commit()?;
                Ok(Ok(new.revision))
            })
            .await?;
        if let Ok(revision) = outcome {
            self.revision.send_replace(revision);
        }
        outcome
    }

    /// The revision that is kept, now and from now on.
    #[must_use]
    pub fn revision(&self) -> watch::Receiver<u32> {
        self.revision.subscribe()
    }
}

fn read(connection: &rusqlite::Connection) -> rusqlite::Result<Shortcuts> {
    let text: Option<String> = connection
        .query_row(
            "SELECT value FROM settings WHERE name = ?1",
            [SETTING],
            |row| row.get(0),
        )
        .optional()?;
    Ok(text.map_or_else(Shortcuts::default, |text| {
        serde_json::from_str(&text).unwrap_or_else(|error| {
            warn!(%error, "the stored shortcuts cannot be read; they begin anew");
            Shortcuts::default()
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str) -> Vec<Shortcut> {
        vec![Shortcut {
            name: name.to_owned(),
            keys: vec!["AltLeft".to_owned(), "F4".to_owned()],
            pinned: true,
        }]
    }

    #[tokio::test]
    async fn they_are_there_after_a_start() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::open(Store::open(folder.path()).unwrap()).unwrap();
        assert_eq!(kept.get().await.unwrap(), Shortcuts::default());
        assert_eq!(kept.replace(0, one("a")).await.unwrap(), 1);
        drop(kept);
        let kept = Kept::open(Store::open(folder.path()).unwrap()).unwrap();
        assert_eq!(*kept.revision().borrow(), 1);
        assert_eq!(kept.get().await.unwrap().shortcuts, one("a"));
    }

    #[tokio::test]
    async fn of_two_who_change_the_same_the_second_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::open(Store::open(folder.path()).unwrap()).unwrap();
        kept.replace(0, one("first")).await.unwrap();
        let error = kept.replace(0, one("second")).await.unwrap_err();
        assert!(matches!(error, KeepError::Stale { now: 1 }), "{error}");
        assert_eq!(kept.get().await.unwrap().shortcuts, one("first"));
        kept.replace(1, one("second")).await.unwrap();
        assert_eq!(*kept.revision().borrow(), 2);
    }

    #[tokio::test]
    async fn what_cannot_be_read_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.keep_setting(SETTING, "{".into()).await.unwrap();
        let kept = Kept::open(store).unwrap();
        assert_eq!(kept.replace(0, one("a")).await.unwrap(), 1);
    }
}
