//! `drives`: what is in the machine's drives.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use serde::Deserialize;
use shared::media::{Drives, Medium};

use super::{
    App,
    api::{Operator, Viewer},
    images::cut_off,
    problem::Problem,
};
use crate::{
    audit::Event,
    media::{
        DriveError, InsertError, fetch::in_place::InPlaceRefused, held::HeldError, slots::SlotError,
    },
};

/// The body of `POST drives/{slot}/insert`: an image of the library, one on a server, or a file
/// that a browser holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insert {
    image: Option<u32>,
    /// Where it is: http or https.
    url: Option<String>,
    /// The number of a file that a browser holds.
    held: Option<u32>,
    #[serde(default)]
    writable: bool,
}

/// The body of `POST drives/{slot}/eject`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Eject {
    /// Though the machine has locked it in.
    force: bool,
}

/// `GET drives`
pub async fn list(State(app): State<App>, _: Viewer) -> Result<Json<Drives>, Problem> {
    Ok(Json(app.room.slots().drives().borrow().clone()))
}

/// `POST drives/{slot}/insert`: puts an image into a drive; another one that is in it is ejected first. One on a server
/// stays there, and is read as the machine reads.
pub async fn insert(
    State(app): State<App>,
    Operator(session): Operator,
    Path(slot): Path<String>,
    body: Result<Json<Insert>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let media = app.room.media();
    let Insert {
        image,
        url,
        held,
        writable,
    } = body?.0;
    match (image, url, held) {
        (Some(image), None, None) => media.insert(&slot, image, writable).await?,
        (None, Some(_), None) if writable => return Err(not_writable_in_place()),
        (None, Some(url), None) => {
            media.slots.slot(&slot).ok_or(SlotError::Unknown)?;
            let found = app.fetches.in_place(&url).await?;
            media.put(&slot, found).await?;
        }
        (None, None, Some(_)) if writable => return Err(not_writable_from_a_browser()),
        (None, None, Some(held)) => media.insert_held(&slot, held).await?,
        _ => return Err(not_one()),
    }
    if let Some(Medium { name, writable, .. }) = medium(&app, &slot) {
        let drive = slot;
        let inserted = Event::Inserted {
            drive,
            name,
            writable,
        };
        app.record(&session, &inserted);
    }
    Ok(StatusCode::NO_CONTENT)
}

fn not_writable_in_place() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "An image that stays on its server cannot be written. Insert it read-only, or fetch it into the library first.",
    )
    .of_kind("in-place-not-writable")
}

fn not_writable_from_a_browser() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "A file that stays with a browser cannot be written. Insert it read-only, or upload it into the library first.",
    )
    .of_kind("held-not-writable")
}

fn not_one() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "Say which image of the library is to be inserted, or the url of one on a server, or which held file: one of them.",
    )
}

/// `POST drives/{slot}/eject`; the body may be left out.
pub async fn eject(
    State(app): State<App>,
    Operator(session): Operator,
    Path(slot): Path<String>,
    body: Result<Option<Json<Eject>>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Eject { force }) = body?.unwrap_or_default();
    let before = medium(&app, &slot);
    app.room.slots().eject(&slot, force).await?;
    if let Some(Medium { name, .. }) = before {
        let ejected = Event::Ejected {
            drive: slot,
            name,
            forced: force,
        };
        app.record(&session, &ejected);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What is in a drive.
fn medium(app: &App, slot: &str) -> Option<Medium> {
    let drives = app.room.slots().drives();
    let drives = drives.borrow();
    let drive = drives.iter().find(|drive| drive.slot == slot)?;
    drive.medium.clone()
}

impl From<InPlaceRefused> for Problem {
    fn from(refused: InPlaceRefused) -> Self {
        let fetch_instead = "Fetch it into the library instead.";
        let (status, kind, detail) = match refused {
            InPlaceRefused::Source(bad) => return bad.into(),
            InPlaceRefused::Unreachable(why) => (
                StatusCode::BAD_GATEWAY,
                "server-unreachable",
                format!("The server was not found or does not answer: {why}."),
            ),
            InPlaceRefused::Status(status) => (
                StatusCode::BAD_GATEWAY,
                "server-status",
                format!("The server answers with status {status}. Check the address."),
            ),
            InPlaceRefused::NoParts => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "no-parts",
                format!("This server sends its files only as a whole. {fetch_instead}"),
            ),
            InPlaceRefused::NoSize => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "no-size",
                format!("This server does not say how large the image is. {fetch_instead}"),
            ),
            InPlaceRefused::Empty => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "empty",
                "There is nothing in this file.".to_owned(),
            ),
            InPlaceRefused::Unreadable(error) => (
                StatusCode::BAD_GATEWAY,
                "server-unreachable",
                format!(
                    "The server has broken off: {error}. Try again, or fetch it into the library."
                ),
            ),
        };
        Self::new(status, detail).of_kind(kind)
    }
}

impl From<InsertError> for Problem {
    fn from(error: InsertError) -> Self {
        match error {
            InsertError::Image(error) => error.into(),
            InsertError::Held(error @ HeldError::Unknown) => Self::new(
                StatusCode::NOT_FOUND,
                format!("{error}; its page has left, or its drive was emptied. Choose it anew."),
            )
            .of_kind("not-held"),
            InsertError::Held(error @ HeldError::Inserted) => Self::new(
                StatusCode::CONFLICT,
                format!("{error}. Eject it there first."),
            )
            .of_kind("held-in-use"),
            InsertError::Unread(error) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!(
                    "The browser did not give the file's first bytes: {error}. Choose it anew."
                ),
            )
            .of_kind("held-unread"),
            InsertError::NotACd => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This image has no file system of a CD or DVD. Insert it as a USB disk.",
            )
            .of_kind("not-a-cd"),
            InsertError::CutOff(bytes) => cut_off(bytes),
            InsertError::Slot(error) => error.into(),
        }
    }
}

impl From<SlotError> for Problem {
    fn from(error: SlotError) -> Self {
        match error {
            SlotError::Unknown => Self::new(
                StatusCode::NOT_FOUND,
                "The machine has no drive of this name. GET /api/v1/drives lists them.",
            )
            .of_kind("unknown-drive"),
            SlotError::ReadOnly => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "A CD/DVD cannot be written. Insert it without that, or as a USB disk.",
            )
            .of_kind("cd-not-writable"),
            SlotError::InUse(slot) => Self::new(
                StatusCode::CONFLICT,
                format!(
                    "The image is in the drive \"{slot}\". One image in two drives would be damaged when the machine writes on it: eject it there first."
                ),
            )
            .of_kind("image-in-use"),
            SlotError::Drive(error) => error.into(),
            SlotError::Ended => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The relay is about to end.",
            ),
        }
    }
}

impl From<DriveError> for Problem {
    fn from(error: DriveError) -> Self {
        match error {
            DriveError::Locked => Self::new(
                StatusCode::CONFLICT,
                "The machine is using the disc and keeps it in. Eject it there, or force it out: what the machine is about to write is lost then.",
            )
            .of_kind("drive-locked"),
            DriveError::TooLarge { most } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!(
                    "As a CD/DVD, this relay can show at most {most} bytes of an image. Insert it as a USB disk: most images for installing start from there, too."
                ),
            )
            .of_kind("too-large-for-cd"),
            DriveError::TooSmall { least } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("The image is too small for this drive, which shows no less than {least} bytes."),
            )
            .of_kind("too-small"),
            DriveError::Unavailable(reason) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("The image cannot be brought to the drive: {reason}."),
            )
            .of_kind("unavailable"),
            DriveError::Io(error) => {
                tracing::warn!(%error, "a drive has failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    format!("The drive has failed: {error}."),
                )
                .of_kind("drive-failed")
            }
        }
    }
}
