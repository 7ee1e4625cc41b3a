//! `images` and `transfers`: the library, and what is on its way into it.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use shared::{
    media::{Image, Library as Listing, Transfers},
    volume::{Format, LayoutError},
};
use tokio::task::spawn_blocking;

use super::{
    App,
    api::{Operator, Viewer},
    problem::Problem,
    range::{self, Range},
    tus,
};
use crate::{
    audit::Event,
    auth::Session,
    media::{
        fetch::{
            FetchRefused,
            source::{self, BadSource},
        },
        library::{Library, LibraryError, name::Name},
    },
};

/// How much of an image is read at a time, in bytes.
const STEP: u64 = 256 * 1024;

/// What stands for itself in `filename*`: `attr-char` of RFC 8187.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The body of `PATCH images/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    name: String,
}

/// The body of `POST images`: an image on a server, by its URL, or a disk with nothing on it, by its size and format.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    url: Option<String>,
    name: Option<String>,
    sha256: Option<String>,
    size: Option<u64>,
    format: Option<BlankFormat>,
}

/// What a new disk has on it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlankFormat {
    /// Nothing at all.
    None,
    /// An empty FAT32.
    Fat32,
    /// An empty exFAT.
    ExFat,
}

/// The answer of `POST images`.
#[derive(Serialize)]
pub struct Begun {
    id: u32,
}

/// `GET images`: all of them, and how much room there is.
pub async fn list(State(app): State<App>, _: Viewer) -> Result<Json<Listing>, Problem> {
    let library = app.room.library();
    Ok(Json(library.call(Library::list).await?))
}

/// `POST images`: begins to fetch or to make one, and answers at once with the number of the transfer.
pub async fn add(
    State(app): State<App>,
    Operator(session): Operator,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let Json(wanted) = body?;
    let id = match wanted {
        Wanted {
            url: Some(url),
            name,
            sha256,
            size: None,
            format: None,
        } => {
            let sha256 = sha256.as_deref().map(tus::sha256).transpose()?;
            let begun = app.fetches.begin(&url, name.as_deref(), sha256).await?;
            let name = begun.transfer.name;
            let url = source::shown(&url);
            app.record(&session, &Event::FetchBegun { name, url });
            begun.transfer.id
        }
        Wanted {
            url: None,
            name: Some(name),
            sha256: None,
            size: Some(size),
            format: Some(format),
        } => {
            let id = make(app.room.library(), &name, size, format).await?;
            app.record(&session, &Event::DiskBegun { name, bytes: size });
            id
        }
        _ => return Err(neither()),
    };
    Ok((StatusCode::ACCEPTED, Json(Begun { id })))
}

/// Begins to make a blank disk, on a thread of its own: the hash of a large one takes its time.
async fn make(
    library: &Library,
    name: &str,
    size: u64,
    format: BlankFormat,
) -> Result<u32, Problem> {
    let name = Name::new(name).map_err(LibraryError::from)?;
    let format = match format {
        BlankFormat::None => None,
        BlankFormat::Fat32 => Some(Format::Fat32),
        BlankFormat::ExFat => Some(Format::ExFat),
    };
    let begun = library.call(move |library| library.begin_blank(name, size, format));
    let making = begun.await?.map_err(bad_size)?;
    let id = making.id();
    spawn_blocking(move || making.finish());
    Ok(id)
}

fn neither() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "Say the url of an image to fetch, or the name, size and format of a disk to make.",
    )
}

fn bad_size(error: LayoutError) -> Problem {
    let detail = format!("A disk of this size cannot have this file system: {error}.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).of_kind("bad-size")
}

/// `PATCH images/{id}`: gives it another name.
pub async fn rename(
    State(app): State<App>,
    Operator(session): Operator,
    id: Result<Path<u32>, PathRejection>,
    body: Result<Json<Rename>, JsonRejection>,
) -> Result<Json<Image>, Problem> {
    let id = known(id)?;
    let Json(Rename { name }) = body?;
    let library = app.room.library();
    let renamed = library.call(move |library| {
        let before = library.image(id)?;
        Ok((before.name, library.rename(id, &name)?))
    });
    let (from, image) = renamed.await?;
    let to = image.name.clone();
    app.record(&session, &Event::ImageRenamed { from, to });
    Ok(Json(image))
}

/// `DELETE images/{id}`
pub async fn delete(
    State(app): State<App>,
    Operator(session): Operator,
    id: Result<Path<u32>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let id = known(id)?;
    let library = app.room.library();
    let deleted = library.call(move |library| {
        let image = library.image(id)?;
        library.delete(id)?;
        Ok(image.name)
    });
    let name = deleted.await?;
    app.record(&session, &Event::ImageDeleted { name });
    Ok(StatusCode::NO_CONTENT)
}

/// `GET images/{id}/content`: the file, or a part of it.
pub async fn content(
    State(app): State<App>,
    Operator(session): Operator,
    headers: HeaderMap,
    id: Result<Path<u32>, PathRejection>,
) -> Result<Response, Problem> {
    let id = known(id)?;
    let library = app.room.library();
    let (image, file) = library.call(move |library| library.read(id)).await?;
    let name = image.name.clone();
    app.record(&session, &Event::ImageDownloaded { name });
    let tag = format!("\"{}\"", image.sha256);
    let about: [(HeaderName, String); 4] = [
        (header::ETAG, tag.clone()),
        (header::ACCEPT_RANGES, "bytes".into()),
        (header::CONTENT_TYPE, "application/octet-stream".into()),
        (header::CONTENT_DISPOSITION, attachment(&image.name)),
    ];
    let size = image.bytes;
    Ok(match range::wanted(&headers, &tag, size) {
        Range::All => (
            about,
            [(header::CONTENT_LENGTH, size.to_string())],
            body(file, 0, size),
        )
            .into_response(),
        Range::Part { start, end } => (
            StatusCode::PARTIAL_CONTENT,
            about,
            [
                (header::CONTENT_LENGTH, (end - start).to_string()),
                (
                    header::CONTENT_RANGE,
                    format!("bytes {start}-{}/{size}", end - 1),
                ),
            ],
            body(file, start, end),
        )
            .into_response(),
        Range::Beyond => (
            [(header::CONTENT_RANGE, format!("bytes */{size}"))],
            Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                format!("The image has {size} bytes, and none there."),
            ),
        )
            .into_response(),
    })
}

/// `GET transfers`: what is on its way.
pub async fn transfers(State(app): State<App>, _: Viewer) -> Result<Json<Transfers>, Problem> {
    let library = app.room.library();
    let transfers = library.call(|library| Ok(library.transfers_now())).await?;
    Ok(Json(transfers))
}

/// `DELETE transfers/{id}`: gives it up, and removes what is here of it.
pub async fn give_up(
    State(app): State<App>,
    Operator(session): Operator,
    id: Result<Path<u32>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let id = id.map_err(|_| not_on_its_way())?.0;
    match given_up(&app, &session, id).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(LibraryError::NotThere) => Err(not_on_its_way()),
        Err(error) => Err(error.into()),
    }
}

/// Gives a transfer up, whoever sends or fetches it.
///
/// # Errors
/// Where it is not there any more, or the disk fails.
pub(super) async fn given_up(app: &App, session: &Session, id: u32) -> Result<(), LibraryError> {
    let library = app.room.library();
    let given_up = library.call(move |library| {
        let standing = library.standing(id)?;
        library.give_up(id)?;
        Ok(standing.transfer.name)
    });
    let name = given_up.await?;
    app.record(session, &Event::TransferGivenUp { name });
    Ok(())
}

/// `POST transfers/{id}/resume`: goes on with a fetch that has failed.
pub async fn resume(
    State(app): State<App>,
    _: Operator,
    id: Result<Path<u32>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let id = id.map_err(|_| not_on_its_way())?.0;
    match app.fetches.resume(id).await {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(FetchRefused::Library(LibraryError::NotThere)) => Err(not_on_its_way()),
        Err(error) => Err(error.into()),
    }
}

/// The bytes from `start` up to `end`, read as fast as they are taken. A file that is shorter breaks the answer off.
fn body(file: File, start: u64, end: u64) -> Body {
    let file = Arc::new(file);
    Body::from_stream(stream::unfold(start, move |at| {
        let file = file.clone();
        async move {
            if at >= end {
                return None;
            }
            let length = (end - at).min(STEP);
            let read = spawn_blocking(move || read(&file, at, length)).await;
            Some(match read {
                Ok(Ok(bytes)) => (Ok(bytes), at + length),
                Ok(Err(error)) => (Err(error), end),
                Err(error) => (Err(io::Error::other(error)), end),
            })
        }
    }))
}

fn read(file: &File, at: u64, length: u64) -> io::Result<Bytes> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes.into())
}

/// Says that a browser shall save it, under its name, and under one in ASCII where it knows no other (RFC 6266).
pub(super) fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|character| match character {
            '"' | '\\' | '%' => '_',
            ' '..='~' => character,
            _ => '_',
        })
        .collect();
    let encoded = utf8_percent_encode(name, PLAIN);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

pub(super) fn known(id: Result<Path<u32>, PathRejection>) -> Result<u32, Problem> {
    id.map(|Path(id)| id)
        .map_err(|_| LibraryError::NotThere.into())
}

/// The status that tus has for a chunk that is not what its checksum says.
fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
}

fn not_on_its_way() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "This transfer is not there any more: it is done, or was given up.",
    )
}

impl From<FetchRefused> for Problem {
    fn from(refused: FetchRefused) -> Self {
        match refused {
            FetchRefused::Source(bad) => bad.into(),
            FetchRefused::Library(error) => error.into(),
            FetchRefused::NotNow => Self::new(
                StatusCode::CONFLICT,
                "This transfer cannot go on: it runs, a client sends it, or it has ended.",
            )
            .of_kind("not-now"),
        }
    }
}

impl From<BadSource> for Problem {
    fn from(bad: BadSource) -> Self {
        let kind = match bad {
            BadSource::Forbidden(_) => "forbidden-address",
            _ => "bad-address",
        };
        let detail = format!("Nothing is fetched: {bad}.");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail).of_kind(kind)
    }
}

impl From<LibraryError> for Problem {
    fn from(error: LibraryError) -> Self {
        let (status, kind, detail) = match error {
            LibraryError::NotThere => (
                StatusCode::NOT_FOUND,
                "not-there",
                "This image is not there any more. Somebody may have deleted it.".to_owned(),
            ),
            LibraryError::InUse => (
                StatusCode::CONFLICT,
                "in-use",
                "This image is in a drive of the machine. Eject it first.".to_owned(),
            ),
            LibraryError::BadName(bad) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad-name",
                format!("This name cannot be an image's: {bad}."),
            ),
            LibraryError::NameTaken(name) => (
                StatusCode::CONFLICT,
                "name-taken",
                format!("There is a \"{name}\" already. Choose another name, or remove that one."),
            ),
            LibraryError::Duplicate(image) => (
                StatusCode::CONFLICT,
                "duplicate",
                format!("The same image is here already: \"{}\".", image.name),
            ),
            LibraryError::TooMany => (
                StatusCode::INSUFFICIENT_STORAGE,
                "too-many",
                "There are too many images or transfers. Remove some first.".to_owned(),
            ),
            LibraryError::Empty => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "empty",
                "It is empty, and an image has at least one byte.".to_owned(),
            ),
            LibraryError::TooLarge { max } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                format!("It is too large: the relay's settings allow images of {max} bytes."),
            ),
            LibraryError::NoRoom { free } => (
                StatusCode::INSUFFICIENT_STORAGE,
                "no-room",
                format!("The relay's disk has room for {free} bytes. Delete images first."),
            ),
            LibraryError::TooMuch => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-much",
                "More bytes came than were announced. Those of this request were not kept."
                    .to_owned(),
            ),
            LibraryError::Offset { at } => (
                StatusCode::CONFLICT,
                "offset",
                format!("{at} bytes are here. Go on from there."),
            ),
            LibraryError::Busy => {
                return Self::new(
                    StatusCode::LOCKED,
                    "Another request sends this upload just now.",
                )
                .of_kind("busy")
                .again_in(1);
            }
            LibraryError::ChunkChecksum => (
                checksum_mismatch(),
                "chunk-checksum",
                "The bytes were damaged on their way, and not kept. Send them again.".to_owned(),
            ),
            LibraryError::Checksum { found } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "checksum",
                format!("It is not what was announced, and was not kept: its sha256 is {found}."),
            ),
            LibraryError::CutOff { bytes } => return cut_off(bytes),
            LibraryError::Disk(error) => {
                tracing::error!(%error, "the folder of images failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "disk",
                    format!("The relay cannot use its folder of images: {error}."),
                )
            }
            LibraryError::Store(error) => return error.into(),
        };
        Self::new(status, detail).of_kind(kind)
    }
}

/// An image has fewer bytes than its file system, which has so many.
pub(super) fn cut_off(bytes: u64) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        format!(
            "The image is cut off: its file system has {bytes} bytes, and the file has fewer. Get the image once more."
        ),
    )
    .of_kind("cut-off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_saved_as_it_is_and_never_ends_its_own_quotes() {
        assert_eq!(
            attachment("a b.iso"),
            "attachment; filename=\"a b.iso\"; filename*=UTF-8''a%20b.iso"
        );
        assert_eq!(
            attachment("é\".iso"),
            "attachment; filename=\"__.iso\"; filename*=UTF-8''%C3%A9%22.iso"
        );
    }
}
