//! `GET audit`: who did what.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};

use super::{App, api::Admin, problem::Problem};
use crate::audit::{Entry, PAGE_MAX};

/// How many entries an answer has where nobody says it.
const USUAL: u16 = 100;

/// Which entries are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those before this one.
    before: Option<i64>,
    /// At most so many, 1 to [`PAGE_MAX`].
    limit: Option<u16>,
}

/// The answer of `GET audit`.
#[derive(Serialize)]
pub struct Answer {
    /// Newest first.
    entries: Vec<Entry>,
    /// Whether there are older ones, which `before` the last of these gives.
    more: bool,
}

/// `GET audit?before=&limit=`
pub async fn read(
    State(app): State<App>,
    _: Admin,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Answer>, Problem> {
    let Query(Wanted { before, limit }) =
        wanted.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let limit = limit.unwrap_or(USUAL);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("An answer has 1 to {PAGE_MAX} entries."),
        ));
    }
    let mut entries = app.room.audit().read(before, limit + 1).await?;
    let more = entries.len() > usize::from(limit);
    entries.truncate(limit.into());
    Ok(Json(Answer { entries, more }))
}
