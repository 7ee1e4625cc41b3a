//! What must survive a power cut, in one SQLite file.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension};
use thiserror::Error;
use tracing::warn;

/// The name of the file in the state folder.
pub const FILE: &str = "armchair.db";

/// The layout that this build reads and writes.
const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// What leads from each layout to the next; the first makes layout 1 of nothing.
const MIGRATIONS: [&str; 5] = [FIRST, MACROS, IMAGES, ZEROS, AUDIT];

const FIRST: &str = "
    CREATE TABLE users (
        id       INTEGER PRIMARY KEY,
        name     TEXT NOT NULL UNIQUE COLLATE NOCASE,
        password TEXT NOT NULL,
        role     TEXT NOT NULL
    ) STRICT;
    CREATE TABLE sessions (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        token   BLOB NOT NULL UNIQUE,
        user    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created INTEGER NOT NULL,
        seen    INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE settings (
        name  TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT;
";

const MACROS: &str = "
    CREATE TABLE macros (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        revision INTEGER NOT NULL,
        document TEXT NOT NULL
    ) STRICT;
";

const IMAGES: &str = "
    CREATE TABLE images (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        name     TEXT NOT NULL UNIQUE,
        bytes    INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        sha256   TEXT NOT NULL,
        added    INTEGER NOT NULL,
        kind     TEXT NOT NULL,
        label    TEXT,
        bootable INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE transfers (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        name      TEXT NOT NULL,
        total     INTEGER,
        sha256    TEXT,
        url       TEXT,
        validator TEXT
    ) STRICT;
";

const ZEROS: &str = "ALTER TABLE transfers ADD COLUMN sent INTEGER;";

const AUDIT: &str = "
    CREATE TABLE audit (
        id    INTEGER PRIMARY KEY AUTOINCREMENT,
        at_us INTEGER NOT NULL,
        act   TEXT NOT NULL,
        what  TEXT NOT NULL AS (act ->> 'what') VIRTUAL
    ) STRICT;
    CREATE INDEX audit_refused ON audit (id) WHERE what = 'sign-in-refused';
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN
        SELECT RAISE(ABORT, 'the audit log is only added to');
    END;
    CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
    WHEN OLD.what <> 'sign-in-refused' AND OLD.id > (SELECT max(id) FROM audit) - 100000
    BEGIN
        SELECT RAISE(ABORT, 'the audit log is only added to');
    END;
";

/// The open store. Clones are handles to the same one.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
}

/// Why the store cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite failed.
    #[error("the store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The relay is stopping.
    #[error("the relay is stopping")]
    Stopping,
    /// The folder or the file cannot be made.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A newer relay has written it.
    #[error("{}: written by a newer relay (layout {found}, this one knows {SCHEMA_VERSION}); start that one, or move the file away", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The layout in it.
        found: i64,
    },
}

impl Store {
    /// Opens the store in a state folder; makes both where they are not there. A damaged file is kept aside under
    /// another name, and a new one is begun. Blocks.
    ///
    /// # Errors
    /// Where folder or file cannot be used, or a newer relay has written it.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        make_folder(folder)?;
        let path = folder.join(FILE);
        match Self::open_file(&path) {
            Err(StoreError::Sqlite(error)) if is_damage(&error) => {
                let aside = set_aside(&path)?;
                warn!(
                    %error, kept = %aside.display(),
                    "the store is damaged: it is kept aside, and users, sessions and settings begin anew"
                );
                Self::open_file(&path)
            }
            other => other,
        }
    }

    fn open_file(path: &Path) -> Result<Self, StoreError> {
        make_file(path)?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        check(&connection)?;
        migrate(&mut connection, path)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Does something with the database. Blocks.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn blocking<T>(
        &self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(act(&mut connection)?)
    }

    /// Does something with the database on a thread that may block.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub async fn call<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        match tokio::task::spawn_blocking(move || store.blocking(act)).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(StoreError::Stopping),
            },
        }
    }

    /// A number that changes when another process has written to the store.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub async fn others_version(&self) -> Result<i64, StoreError> {
        self.call(|connection| {
            connection.pragma_query_value(None, "data_version", |row| row.get(0))
        })
        .await
    }

    /// A setting that was made in the page.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub async fn setting(&self, name: &'static str) -> Result<Option<String>, StoreError> {
        self.call(move |connection| {
            connection
                .query_row(
                    "SELECT value FROM settings WHERE name = ?1",
                    [name],
                    |row| row.get(0),
                )
                .optional()
        })
        .await
    }

    /// Keeps a setting that was made in the page.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub async fn keep_setting(&self, name: &'static str, value: String) -> Result<(), StoreError> {
        self.call(move |connection| {
            connection.execute(
                "INSERT INTO settings (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )
        })
        .await
        .map(drop)
    }
}

fn make_folder(folder: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| StoreError::Io {
            path: folder.to_owned(),
            source,
        })
}

fn make_file(path: &Path) -> Result<(), StoreError> {
    fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|source| StoreError::Io {
            path: path.to_owned(),
            source,
        })
}

fn check(connection: &Connection) -> rusqlite::Result<()> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        Some(verdict),
    ))
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
        });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for migration in &MIGRATIONS[done..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    Ok(transaction.commit()?)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Renames the file and its journals; gives the file's new name.
fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let renamed = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let damaged = format!(".damaged-{}", now.as_secs());
    for journal in ["-wal", "-shm"] {
        let _ = fs::rename(renamed(journal), renamed(&format!("{damaged}{journal}")));
    }
    let aside = renamed(&damaged);
    fs::rename(path, &aside).map_err(|source| StoreError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn count_users(store: &Store) -> i64 {
        store
            .blocking(|connection| {
                connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0))
            })
            .unwrap()
    }

    fn add_user(store: &Store) {
        store
            .blocking(|connection| {
                connection.execute(
                    "INSERT INTO users (name, password, role) VALUES ('ada', '', 'admin')",
                    [],
                )
            })
            .unwrap();
    }

    #[test]
    fn what_was_written_is_there_after_a_start() {
        let folder = tempfile::tempdir().unwrap();
        add_user(&Store::open(folder.path()).unwrap());
        assert_eq!(count_users(&Store::open(folder.path()).unwrap()), 1);
    }

    #[test]
    fn only_the_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        Store::open(&state).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state), 0o700);
        assert_eq!(mode(&state.join(FILE)), 0o600);
    }

    #[test]
    fn a_file_that_is_no_database_is_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join(FILE),
            b"not a database, but more than a header's worth of bytes".repeat(40),
        )
        .unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(count_users(&store), 0);
        let kept = fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .contains(".damaged-")
            })
            .count();
        assert_eq!(kept, 1);
    }

    #[test]
    fn a_torn_page_never_prevents_a_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        drop(Store::open(folder.path()).unwrap());
        let mut bytes = fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0xA5);
        bytes[100..200].fill(0x5A);
        fs::write(&path, bytes).unwrap();
        assert_eq!(count_users(&Store::open(folder.path()).unwrap()), 0);
    }

    #[test]
    fn a_newer_layout_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store
            .blocking(|connection| connection.pragma_update(None, "user_version", 99))
            .unwrap();
        drop(store);
        let error = Store::open(folder.path()).err().unwrap();
        assert!(
            matches!(error, StoreError::Newer { found: 99, .. }),
            "{error}"
        );
    }

    #[test]
    fn an_older_layout_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let older = Connection::open(folder.path().join(FILE)).unwrap();
        older.execute_batch(FIRST).unwrap();
        older.pragma_update(None, "user_version", 1).unwrap();
        drop(older);
        let store = Store::open(folder.path()).unwrap();
        add_user(&store);
        let macros: i64 = store
            .blocking(|connection| {
                connection.query_row("SELECT count(*) FROM macros", [], |row| row.get(0))
            })
            .unwrap();
        assert_eq!((count_users(&store), macros), (1, 0));
    }

    #[tokio::test]
    async fn another_process_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let other = Store::open(folder.path()).unwrap();
        let before = store.others_version().await.unwrap();
        add_user(&other);
        assert_ne!(store.others_version().await.unwrap(), before);
    }

    #[tokio::test]
    async fn a_setting_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.setting("video").await.unwrap(), None);
        store.keep_setting("video", "1".into()).await.unwrap();
        store.keep_setting("video", "2".into()).await.unwrap();
        assert_eq!(store.setting("video").await.unwrap().as_deref(), Some("2"));
    }
}
