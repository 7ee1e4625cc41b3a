//! `drives`: what is in the machine's drives.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use shared::media::Drives;

use super::{
    App,
    api::{self, Operator},
    problem::Problem,
};
use crate::media::{DriveError, InsertError, slots::SlotError};

/// The body of `POST drives/{slot}/insert`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insert {
    /// The number of an image in the library.
    image: u32,
    /// Whether the machine may write on it.
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
pub async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Json<Drives>, Problem> {
    api::signed_in_session(&app, &headers).await?;
    Ok(Json(app.room.slots().drives().borrow().clone()))
}

/// `POST drives/{slot}/insert`: puts an image into a drive; another one that is in it is ejected first.
pub async fn insert(
    State(app): State<App>,
    _: Operator,
    Path(slot): Path<String>,
    body: Result<Json<Insert>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Insert { image, writable }) = body?;
    app.room.media().insert(&slot, image, writable).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST drives/{slot}/eject`; the body may be left out.
pub async fn eject(
    State(app): State<App>,
    _: Operator,
    Path(slot): Path<String>,
    body: Result<Option<Json<Eject>>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Eject { force }) = body?.unwrap_or_default();
    app.room.slots().eject(&slot, force).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<InsertError> for Problem {
    fn from(error: InsertError) -> Self {
        match error {
            InsertError::Image(error) => error.into(),
            InsertError::NotACd => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This image has no file system of a CD or DVD. Insert it as a USB disk.",
            )
            .of_kind("not-a-cd"),
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
