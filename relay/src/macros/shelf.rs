//! The macros that the relay keeps, in its store.

use rusqlite::{Connection, OptionalExtension, Row};
use shared::macros::Macro;

/// The most macros.
pub const MACROS_MAX: u32 = 500;

/// A macro that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number; never given to another one.
    pub id: u32,
    /// Counts its changes.
    pub revision: u32,
    /// What it does.
    pub document: Macro,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is made; the new revision.
    To(u32),
    /// There is no such macro.
    NotThere,
    /// Somebody else has changed it since that revision.
    Meanwhile,
}

/// All of them, in the order of their names.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Kept>> {
    let mut statement = connection.prepare("SELECT id, revision, document FROM macros")?;
    let mut kept: Vec<Kept> = statement
        .query_map([], kept)?
        .collect::<Result<_, rusqlite::Error>>()?;
    kept.sort_by_cached_key(|kept| (kept.document.name.to_lowercase(), kept.id));
    Ok(kept)
}

pub(super) fn get(connection: &Connection, id: u32) -> rusqlite::Result<Option<Kept>> {
    connection
        .query_row(
            "SELECT id, revision, document FROM macros WHERE id = ?1",
            [id],
            kept,
        )
        .optional()
}

/// `None` where there is no room for it.
pub(super) fn add(connection: &Connection, document: &str) -> rusqlite::Result<Option<u32>> {
    connection
        .query_row(
            "INSERT INTO macros (revision, document)
             SELECT 1, ?1 WHERE (SELECT count(*) FROM macros) < ?2 RETURNING id",
            (document, MACROS_MAX),
            |row| row.get(0),
        )
        .optional()
}

/// Whatever revision it has, where none is given.
pub(super) fn replace(
    connection: &mut Connection,
    id: u32,
    of: Option<u32>,
    document: &str,
) -> rusqlite::Result<Changed> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let revision: Option<u32> = transaction
        .query_row("SELECT revision FROM macros WHERE id = ?1", [id], |row| {
            row.get(0)
        })
        .optional()?;
    let changed = match revision {
        None => Changed::NotThere,
        Some(revision) if of.is_some_and(|of| of != revision) => Changed::Meanwhile,
        Some(revision) => {
            transaction.execute(
                "UPDATE macros SET revision = ?2, document = ?3 WHERE id = ?1",
                (id, revision + 1, document),
            )?;
            Changed::To(revision + 1)
        }
    };
    transaction.commit()?;
    Ok(changed)
}

/// Whether there was one.
pub(super) fn delete(connection: &Connection, id: u32) -> rusqlite::Result<bool> {
    Ok(connection.execute("DELETE FROM macros WHERE id = ?1", [id])? == 1)
}

fn kept(row: &Row) -> rusqlite::Result<Kept> {
    let document: String = row.get(2)?;
    let document = serde_json::from_str(&document).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(Kept {
        id: row.get(0)?,
        revision: row.get(1)?,
        document,
    })
}
