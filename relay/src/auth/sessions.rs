//! The sessions in the store.

use rusqlite::{Connection, OptionalExtension, Params};

use super::{Session, users};

/// A session that nobody uses ends after this many seconds.
const IDLE: i64 = 24 * 60 * 60;

/// Every session ends after this many seconds.
pub const LONGEST: i64 = 14 * 24 * 60 * 60;

/// How exactly its use is recorded, in seconds; each record is a write to the disk.
const SEEN_EVERY: i64 = 60;

/// Opens a session and forgets those that have ended by themselves; gives its id. Times are Unix seconds.
///
/// # Errors
/// Where SQLite fails.
pub fn open(
    connection: &Connection,
    token: &[u8; 32],
    user: i64,
    now: i64,
) -> rusqlite::Result<i64> {
    connection.execute(
        "DELETE FROM sessions WHERE seen <= ?1 OR created <= ?2",
        (now - IDLE, now - LONGEST),
    )?;
    connection.query_row(
        "INSERT INTO sessions (token, user, created, seen) VALUES (?1, ?2, ?3, ?3) RETURNING id",
        (token, user, now),
        |row| row.get(0),
    )
}

/// The session of a token's hash, if it is open.
///
/// # Errors
/// Where SQLite fails.
pub fn find(
    connection: &Connection,
    token: &[u8; 32],
    now: i64,
) -> rusqlite::Result<Option<Session>> {
    one(
        connection,
        "sessions.token = ?1",
        (token, now - IDLE, now - LONGEST),
        now,
    )
}

/// A session, if it is open.
///
/// # Errors
/// Where SQLite fails.
pub fn renew(connection: &Connection, id: i64, now: i64) -> rusqlite::Result<Option<Session>> {
    one(
        connection,
        "sessions.id = ?1",
        (id, now - IDLE, now - LONGEST),
        now,
    )
}

/// Ends a session.
///
/// # Errors
/// Where SQLite fails.
pub fn end(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection
        .execute("DELETE FROM sessions WHERE id = ?1", [id])
        .map(drop)
}

fn one(
    connection: &Connection,
    which: &str,
    parameters: impl Params,
    now: i64,
) -> rusqlite::Result<Option<Session>> {
    let found = connection
        .prepare(&format!(
            "SELECT users.id, users.name, users.role, sessions.id, sessions.seen
             FROM sessions JOIN users ON users.id = sessions.user
             WHERE {which} AND sessions.seen > ?2 AND sessions.created > ?3"
        ))?
        .query_row(parameters, |row| {
            let session = Session {
                id: row.get(3)?,
                user: users::from_row(row)?,
            };
            Ok((session, row.get::<_, i64>(4)?))
        })
        .optional()?;
    if let Some((session, seen)) = &found
        && now - seen >= SEEN_EVERY
    {
        connection.execute(
            "UPDATE sessions SET seen = ?2 WHERE id = ?1",
            (session.id, now),
        )?;
    }
    Ok(found.map(|(session, _)| session))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{auth::Role, store::Store};

    const TOKEN: [u8; 32] = [7; 32];
    const START: i64 = 1_800_000_000;

    fn with_session(test: impl FnOnce(&Connection, i64)) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store
            .blocking(|connection| {
                let user = users::add(connection, "ada", "", Role::Operator)?.unwrap();
                let id = open(connection, &TOKEN, user.id, START)?;
                test(connection, id);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn a_session_belongs_to_its_user() {
        with_session(|connection, id| {
            let session = find(connection, &TOKEN, START + 5).unwrap().unwrap();
            assert_eq!((session.id, session.user.name.as_str()), (id, "ada"));
            assert_eq!(session.user.role, Role::Operator);
            assert_eq!(find(connection, &[8; 32], START).unwrap(), None);
        });
    }

    #[test]
    fn an_idle_session_ends() {
        with_session(|connection, _| {
            assert!(find(connection, &TOKEN, START + IDLE).unwrap().is_none());
        });
    }

    #[test]
    fn a_session_in_use_goes_on_up_to_its_limit() {
        with_session(|connection, id| {
            let mut now = START;
            while now + IDLE / 2 < START + LONGEST {
                now += IDLE / 2;
                assert!(
                    renew(connection, id, now).unwrap().is_some(),
                    "{}",
                    now - START
                );
            }
            assert!(renew(connection, id, START + LONGEST).unwrap().is_none());
        });
    }

    #[test]
    fn an_ended_session_is_gone() {
        with_session(|connection, id| {
            end(connection, id).unwrap();
            assert!(find(connection, &TOKEN, START).unwrap().is_none());
        });
    }

    #[test]
    fn a_removed_user_has_no_session() {
        with_session(|connection, _| {
            assert!(users::remove(connection, "ADA").unwrap());
            assert!(find(connection, &TOKEN, START).unwrap().is_none());
        });
    }
}
