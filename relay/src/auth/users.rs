//! The users in the store.

use std::fmt;

use rusqlite::{
    Connection, OptionalExtension, Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::Serialize;

use super::password::{PASSWORD_MAX, PASSWORD_MIN};

/// The most characters of a user's name.
pub const NAME_MAX: usize = 64;

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Unique in the store.
    pub id: i64,
    /// Unique, whether in upper or lower case.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// What a user may do; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Watch.
    Viewer,
    /// Have the controls and change how the picture is encoded.
    Operator,
    /// Manage the relay.
    Admin,
}

impl Role {
    const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl ToSql for Role {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Role {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == name)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A name as it is stored: without space at its ends.
///
/// # Errors
/// What is wrong with it, for people.
pub fn valid_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    if name.is_empty() {
        return Err("The name is empty.".to_owned());
    }
    if name.chars().count() > NAME_MAX {
        return Err(format!("The name is longer than {NAME_MAX} characters."));
    }
    if name.chars().any(char::is_control) {
        return Err("The name has a control character in it.".to_owned());
    }
    Ok(name.to_owned())
}

/// Checks a new password.
///
/// # Errors
/// What is wrong with it, for people.
pub fn valid_password(password: &str) -> Result<(), String> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(format!(
            "The password is shorter than {PASSWORD_MIN} characters."
        ));
    }
    if password.len() > PASSWORD_MAX {
        return Err(format!("The password is longer than {PASSWORD_MAX} bytes."));
    }
    Ok(())
}

/// Whether there is any.
///
/// # Errors
/// Where SQLite fails.
pub fn any(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0))
}

/// Adds the first user, as an administrator; `None` where there is one already.
///
/// # Errors
/// Where SQLite fails.
pub fn add_first(
    connection: &Connection,
    name: &str,
    password: &str,
) -> rusqlite::Result<Option<User>> {
    connection
        .query_row(
            "INSERT INTO users (name, password, role)
             SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM users)
             RETURNING id, name, role",
            (name, password, Role::Admin),
            from_row,
        )
        .optional()
}

/// Adds a user; `None` where the name is taken.
///
/// # Errors
/// Where SQLite fails.
pub fn add(
    connection: &Connection,
    name: &str,
    password: &str,
    role: Role,
) -> rusqlite::Result<Option<User>> {
    connection
        .query_row(
            "INSERT INTO users (name, password, role) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO NOTHING RETURNING id, name, role",
            (name, password, role),
            from_row,
        )
        .optional()
}

/// A user and their password's hash.
///
/// # Errors
/// Where SQLite fails.
pub fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<(User, String)>> {
    connection
        .query_row(
            "SELECT id, name, role, password FROM users WHERE name = ?1",
            [name],
            |row| Ok((from_row(row)?, row.get(3)?)),
        )
        .optional()
}

/// All of them, by name.
///
/// # Errors
/// Where SQLite fails.
pub fn list(connection: &Connection) -> rusqlite::Result<Vec<User>> {
    connection
        .prepare("SELECT id, name, role FROM users ORDER BY name")?
        .query_map([], from_row)?
        .collect()
}

/// Removes a user and their sessions; whether there was one.
///
/// # Errors
/// Where SQLite fails.
pub fn remove(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    let removed = connection.execute("DELETE FROM users WHERE name = ?1", [name])?;
    Ok(removed > 0)
}

/// Gives a user another password, which ends their sessions; whether there is one.
///
/// # Errors
/// Where SQLite fails.
pub fn set_password(
    connection: &mut Connection,
    name: &str,
    password: &str,
) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    let changed = transaction.execute(
        "UPDATE users SET password = ?2 WHERE name = ?1",
        (name, password),
    )?;
    transaction.execute(
        "DELETE FROM sessions WHERE user = (SELECT id FROM users WHERE name = ?1)",
        [name],
    )?;
    transaction.commit()?;
    Ok(changed > 0)
}

/// From the columns id, name and role.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        role: row.get(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_trimmed() {
        assert_eq!(valid_name("  Ada Lovelace "), Ok("Ada Lovelace".to_owned()));
        assert!(valid_name(" ").is_err());
        assert!(valid_name("a\nb").is_err());
        assert!(valid_name(&"ä".repeat(64)).is_ok());
        assert!(valid_name(&"ä".repeat(65)).is_err());
    }

    #[test]
    fn passwords_are_bounded() {
        assert!(valid_password("1234567").is_err());
        assert!(valid_password("12345678").is_ok());
        assert!(valid_password(&"x".repeat(256)).is_ok());
        assert!(valid_password(&"x".repeat(257)).is_err());
    }

    #[test]
    fn roles_are_ordered() {
        assert!(Role::Viewer < Role::Operator && Role::Operator < Role::Admin);
    }
}
