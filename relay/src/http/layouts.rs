//! `GET layouts` and `GET layouts/{name}`.

use axum::{
    Json,
    extract::Path,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;

use super::{api::Viewer, problem::Problem};
use crate::layouts;

/// One layout in the list.
#[derive(Serialize)]
pub struct Listed {
    name: String,
    label: String,
}

/// `GET layouts`: all of them, by name.
pub async fn list(_: Viewer) -> Result<Json<Vec<Listed>>, Problem> {
    let listed = layouts::names().into_iter().filter_map(|name| {
        let label = layouts::named(&name)?.label().to_owned();
        Some(Listed { name, label })
    });
    Ok(Json(listed.collect()))
}

/// `GET layouts/{name}`: its table, as [`shared::layout::Layout::parse`] reads it.
pub async fn table(_: Viewer, Path(name): Path<String>) -> Result<impl IntoResponse, Problem> {
    let table = layouts::table(&name).ok_or_else(|| unknown(&name, StatusCode::NOT_FOUND))?;
    Ok((
        [(header::CONTENT_TYPE, "application/octet-stream")],
        table.into_owned(),
    ))
}

/// There is no layout of this name.
pub fn unknown(name: &str, status: StatusCode) -> Problem {
    let known = layouts::names().join(", ");
    let name: String = name.chars().take(40).collect();
    Problem::new(
        status,
        format!("There is no keyboard layout {name:?}. There are: {known}."),
    )
}
