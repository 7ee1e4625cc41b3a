//! `GET` and `PUT shortcuts`: the operators' own shortcuts.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::shortcut::{self, Shortcut};

use super::{
    App,
    api::{Operator, Viewer},
    problem::Problem,
};
use crate::{audit::Event, shortcuts::KeepError};

/// The largest body of `PUT shortcuts`, in bytes: as many as are kept, each as long as it gets.
pub const BODY_MAX: usize =
    shortcut::SHORTCUTS_MAX * (shortcut::NAME_MAX * 12 + shortcut::KEYS_MAX * 40 + 64) + 1024;

/// The body of `PUT shortcuts`. What `GET` answers can be sent back: its revision is not read here.
#[derive(Deserialize)]
pub struct Wanted {
    shortcuts: Vec<Shortcut>,
}

/// `GET shortcuts`: all of them, with their revision as the entity tag.
pub async fn get(State(app): State<App>, _: Viewer) -> Result<Response, Problem> {
    let shortcuts = app.shortcuts.get().await?;
    let tag = tag(shortcuts.revision);
    Ok(([(header::ETAG, tag)], Json(shortcuts)).into_response())
}

/// `PUT shortcuts`: replaces those of the revision that `If-Match` names.
pub async fn put(
    State(app): State<App>,
    Operator(session): Operator,
    headers: HeaderMap,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, Problem> {
    let revision = wanted_revision(&headers)?;
    let Json(wanted) = body?;
    shortcut::check(&wanted.shortcuts).map_err(|error| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("Nothing was changed: {error}."),
        )
    })?;
    let revision = app.shortcuts.replace(revision, wanted.shortcuts).await?;
    app.record(&session, &Event::ShortcutsReplaced);
    Ok((StatusCode::NO_CONTENT, [(header::ETAG, tag(revision))]).into_response())
}

fn tag(revision: u32) -> String {
    format!("\"{revision}\"")
}

fn wanted_revision(headers: &HeaderMap) -> Result<u32, Problem> {
    let Some(wanted) = headers.get(header::IF_MATCH) else {
        return Err(Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "Say in If-Match which shortcuts are to be replaced: the ETag of GET shortcuts.",
        ));
    };
    let revision = wanted.to_str().ok().and_then(|wanted| {
        wanted
            .trim()
            .strip_prefix('"')?
            .strip_suffix('"')?
            .parse()
            .ok()
    });
    revision.ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "If-Match must be the ETag of GET shortcuts.",
        )
    })
}

impl From<KeepError> for Problem {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Stale { .. } => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "Somebody else has changed the shortcuts in the meantime. Nothing was changed: look at them and try again.",
            ),
            KeepError::Store(error) => error.into(),
        }
    }
}
