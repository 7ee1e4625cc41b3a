//! The index of the images and of what is on its way, in the relay's store.

use rusqlite::{Connection, Row};
use shared::media::{DriveKind, Image};

/// An image as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it is told.
    pub image: Image,
    /// When its file was last written, in nanoseconds of Unix time.
    pub modified: i64,
}

/// A transfer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ongoing {
    /// Its number; never given to another one.
    pub id: u32,
    /// What the image will be called.
    pub name: String,
    /// How many bytes there will be, where that is known.
    pub total: Option<u64>,
    /// How many of them are sent, where the others are zeros that follow.
    pub sent: Option<u64>,
    /// The hash that was given, in hexadecimal.
    pub sha256: Option<String>,
    /// Where it is fetched from; `None` where a client sends it.
    pub url: Option<String>,
    /// What tells whether the file on the server is still the same, as in `If-Range`.
    pub validator: Option<String>,
}

pub(super) fn images(connection: &Connection) -> rusqlite::Result<Vec<Kept>> {
    connection
        .prepare(
            "SELECT id, name, bytes, modified, sha256, added, kind, label, bootable FROM images",
        )?
        .query_map([], kept)?
        .collect()
}

/// Adds an image in the place of a transfer, where it comes from one; gives its number.
pub(super) fn add(
    connection: &mut Connection,
    kept: &Kept,
    transfer: Option<u32>,
) -> rusqlite::Result<u32> {
    let transaction = connection.transaction()?;
    let Kept { image, modified } = kept;
    let id = transaction.query_row(
        "INSERT INTO images (name, bytes, modified, sha256, added, kind, label, bootable)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
        (
            &image.name,
            image.bytes,
            modified,
            &image.sha256,
            image.added_s,
            kind_name(image.kind),
            &image.label,
            image.bootable,
        ),
        |row| row.get(0),
    )?;
    if let Some(transfer) = transfer {
        transaction.execute("DELETE FROM transfers WHERE id = ?1", [transfer])?;
    }
    transaction.commit()?;
    Ok(id)
}

/// Keeps what has become of an image's content.
pub(super) fn refresh(connection: &Connection, kept: &Kept) -> rusqlite::Result<()> {
    let Kept { image, modified } = kept;
    connection
        .execute(
            "UPDATE images SET bytes = ?2, modified = ?3, sha256 = ?4, kind = ?5, label = ?6, bootable = ?7
             WHERE id = ?1",
            (
                image.id,
                image.bytes,
                modified,
                &image.sha256,
                kind_name(image.kind),
                &image.label,
                image.bootable,
            ),
        )
        .map(drop)
}

pub(super) fn rename(connection: &Connection, id: u32, name: &str) -> rusqlite::Result<()> {
    connection
        .execute("UPDATE images SET name = ?2 WHERE id = ?1", (id, name))
        .map(drop)
}

pub(super) fn remove(connection: &Connection, id: u32) -> rusqlite::Result<()> {
    connection
        .execute("DELETE FROM images WHERE id = ?1", [id])
        .map(drop)
}

pub(super) fn transfers(connection: &Connection) -> rusqlite::Result<Vec<Ongoing>> {
    connection
        .prepare("SELECT id, name, total, sha256, url, validator, sent FROM transfers ORDER BY id")?
        .query_map([], ongoing)?
        .collect()
}

/// Adds a transfer, whose number is not known yet, and gives it.
pub(super) fn begin(connection: &Connection, transfer: &Ongoing) -> rusqlite::Result<u32> {
    connection.query_row(
        "INSERT INTO transfers (name, total, sha256, url, validator, sent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        (
            &transfer.name,
            transfer.total,
            &transfer.sha256,
            &transfer.url,
            &transfer.validator,
            transfer.sent,
        ),
        |row| row.get(0),
    )
}

/// Keeps what a server has said of its file.
pub(super) fn learn(
    connection: &Connection,
    id: u32,
    total: Option<u64>,
    validator: Option<&str>,
) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE transfers SET total = ?2, validator = ?3 WHERE id = ?1",
            (id, total, validator),
        )
        .map(drop)
}

pub(super) fn retitle(connection: &Connection, id: u32, name: &str) -> rusqlite::Result<()> {
    connection
        .execute("UPDATE transfers SET name = ?2 WHERE id = ?1", (id, name))
        .map(drop)
}

pub(super) fn end(connection: &Connection, id: u32) -> rusqlite::Result<()> {
    connection
        .execute("DELETE FROM transfers WHERE id = ?1", [id])
        .map(drop)
}

fn kind_name(kind: DriveKind) -> &'static str {
    match kind {
        DriveKind::Cd => "cd",
        DriveKind::Disk => "disk",
    }
}

fn kept(row: &Row) -> rusqlite::Result<Kept> {
    let kind: String = row.get(6)?;
    Ok(Kept {
        image: Image {
            id: row.get(0)?,
            name: row.get(1)?,
            bytes: row.get(2)?,
            sha256: row.get(4)?,
            added_s: row.get(5)?,
            kind: match kind.as_str() {
                "cd" => DriveKind::Cd,
                _ => DriveKind::Disk,
            },
            label: row.get(7)?,
            bootable: row.get(8)?,
        },
        modified: row.get(3)?,
    })
}

fn ongoing(row: &Row) -> rusqlite::Result<Ongoing> {
    Ok(Ongoing {
        id: row.get(0)?,
        name: row.get(1)?,
        total: row.get(2)?,
        sha256: row.get(3)?,
        url: row.get(4)?,
        validator: row.get(5)?,
        sent: row.get(6)?,
    })
}
