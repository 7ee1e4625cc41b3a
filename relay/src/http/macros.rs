//! `macros`: those that the relay keeps, and their runs.

use std::{collections::HashMap, num::NonZeroU32};

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use serde::{Deserialize, Serialize};
use shared::{
    macros::{DOCUMENT_MAX, Macro, VALUE_MAX, Variable},
    message::{MacroPhase, MacroRun},
};

use super::{
    App,
    api::{self, Operator, Viewer},
    problem::Problem,
};
use crate::{
    audit::Event,
    macros::{
        Changed, Kept, MACROS_MAX, Order, RunRefused,
        document::{self, Read, Unreadable},
    },
};

/// The largest file, in bytes: a macro as PiKVM writes it down is longer than one of ours.
pub const BODY_MAX: usize = 4 * DOCUMENT_MAX;

/// The largest body of `POST macros/{id}/run`, in bytes: twenty values, each character as long as it gets in JSON.
pub const VALUES_MAX: usize = 20 * VALUE_MAX * 12 + 4096;

/// The name of a file that has none.
const UNNAMED: &str = "Imported macro";

/// The answer of `GET macros`.
#[derive(Serialize)]
pub struct List {
    macros: Vec<Listed>,
}

/// One macro in the list.
#[derive(Serialize)]
pub struct Listed {
    id: u32,
    revision: u32,
    name: String,
    description: String,
    variables: Vec<Variable>,
    steps: usize,
}

impl From<Kept> for Listed {
    fn from(kept: Kept) -> Self {
        let Macro {
            name,
            description,
            variables,
            steps,
            ..
        } = kept.document;
        Self {
            id: kept.id,
            revision: kept.revision,
            name,
            description,
            variables,
            steps: steps.len(),
        }
    }
}

/// What a file is called.
#[derive(Deserialize)]
pub struct Named {
    /// The name of a macro whose file does not say it.
    name: Option<String>,
}

/// The answer of `POST macros`.
#[derive(Serialize)]
pub struct Added {
    id: u32,
    left_out: Vec<String>,
}

/// The body of `POST macros/{id}/run`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    #[serde(default)]
    variables: HashMap<String, String>,
    /// 0: until it is stopped.
    #[serde(default = "once")]
    repeat: u32,
    /// The viewer that this is for, where it is for a page.
    viewer: Option<u32>,
}

fn once() -> u32 {
    1
}

/// The answer of `POST macros/{id}/run`.
#[derive(Serialize)]
pub struct Begun {
    run: u32,
}

/// The answer of `GET macros/run`.
#[derive(Serialize)]
pub struct Progress {
    run: u32,
    id: u32,
    step: u32,
    steps: u32,
    round: u32,
    rounds: u32,
    phase: &'static str,
}

impl From<MacroRun> for Progress {
    fn from(run: MacroRun) -> Self {
        Self {
            run: run.id,
            id: run.of,
            step: run.step,
            steps: run.steps,
            round: run.round,
            rounds: run.rounds,
            phase: match run.phase {
                MacroPhase::Running => "running",
                MacroPhase::Done => "done",
                MacroPhase::Stopped => "stopped",
                MacroPhase::TakenOver => "taken-over",
                MacroPhase::LinkLost => "link-lost",
                MacroPhase::MachineGone => "machine-gone",
                MacroPhase::TimedOut => "timed-out",
                MacroPhase::DriveLocked => "drive-locked",
                MacroPhase::DriveFailed => "drive-failed",
                MacroPhase::PowerFailed => "power-failed",
                MacroPhase::Switched => "switched",
            },
        }
    }
}

/// `GET macros`: all of them, without their steps.
pub async fn list(State(app): State<App>, _: Viewer) -> Result<Json<List>, Problem> {
    let kept = app.room.macros().all().await?;
    let macros = kept.into_iter().map(Listed::from).collect();
    Ok(Json(List { macros }))
}

/// `POST macros`: a new one, from a file of ours or of PiKVM.
pub async fn add(
    State(app): State<App>,
    Operator(session): Operator,
    named: Result<Query<Named>, QueryRejection>,
    file: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Added>), Problem> {
    let Query(Named { name }) =
        named.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let name = name
        .map(|name| name.trim().chars().take(80).collect())
        .filter(|name: &String| !name.is_empty())
        .unwrap_or_else(|| UNNAMED.to_owned());
    let Read { document, left_out } = read(file, &name)?;
    let id = app.room.macros().add(&document).await?.ok_or_else(|| {
        Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            format!("There are {MACROS_MAX} macros, and no room for more. Delete some first."),
        )
    })?;
    let name = document.name;
    app.record(&session, &Event::MacroAdded { name });
    Ok((StatusCode::CREATED, Json(Added { id, left_out })))
}

/// `GET macros/{id}`: its document, as a file.
pub async fn document(
    State(app): State<App>,
    _: Viewer,
    id: Result<Path<u32>, PathRejection>,
) -> Result<impl IntoResponse, Problem> {
    let id = known(id)?;
    let kept = app.room.macros().get(id).await?.ok_or_else(not_there)?;
    let headers = AppendHeaders([
        (header::ETAG, tag(kept.revision)),
        (header::CONTENT_DISPOSITION, attachment(&kept.document.name)),
    ]);
    Ok((headers, Json(kept.document)))
}

/// `PUT macros/{id}`: another document in its place; only if it is still the one that `If-Match` names.
pub async fn replace(
    State(app): State<App>,
    Operator(session): Operator,
    headers: HeaderMap,
    id: Result<Path<u32>, PathRejection>,
    file: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, Problem> {
    let id = known(id)?;
    let Read { document, .. } = read(file, UNNAMED)?;
    let of = headers.get(header::IF_MATCH).map(revision).transpose()?;
    match app.room.macros().replace(id, of, &document).await? {
        Changed::To(revision) => {
            let name = document.name;
            app.record(&session, &Event::MacroReplaced { name });
            let tag = [(header::ETAG, tag(revision))];
            Ok((StatusCode::NO_CONTENT, AppendHeaders(tag)))
        }
        Changed::NotThere => Err(not_there()),
        Changed::Meanwhile => Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "Somebody else has changed this macro meanwhile. Open it again to see what it is now.",
        )),
    }
}

/// `DELETE macros/{id}`
pub async fn delete(
    State(app): State<App>,
    Operator(session): Operator,
    id: Result<Path<u32>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (id, macros) = (known(id)?, app.room.macros());
    let name = name(&app, id).await?;
    if !macros.delete(id).await? {
        return Err(not_there());
    }
    app.record(&session, &Event::MacroDeleted { name });
    Ok(StatusCode::NO_CONTENT)
}

/// `POST macros/{id}/run`: begins, and answers at once.
pub async fn run(
    State(app): State<App>,
    Operator(session): Operator,
    id: Result<Path<u32>, PathRejection>,
    body: Result<Json<RunRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let id = known(id)?;
    let Json(request) = body?;
    let viewer = api::hands(&app, &session, request.viewer)?;
    let order = Order {
        values: request.variables,
        rounds: NonZeroU32::new(request.repeat),
        viewer,
        by: session.user.name.clone(),
    };
    let name = name(&app, id).await?;
    let run = app.room.macros().run(id, order).await?;
    app.record(&session, &Event::MacroRun { name });
    Ok((StatusCode::ACCEPTED, Json(Begun { run })))
}

async fn name(app: &App, id: u32) -> Result<String, Problem> {
    let kept = app.room.macros().get(id).await?;
    Ok(kept.ok_or_else(not_there)?.document.name)
}

/// `GET macros/run`: how far the run is that goes on, or how the last one ended.
pub async fn progress(
    State(app): State<App>,
    _: Viewer,
) -> Result<Json<Option<Progress>>, Problem> {
    let run = *app.room.macros().running().borrow();
    Ok(Json(run.map(Progress::from)))
}

/// `DELETE macros/run`: ends it and releases everything.
pub async fn stop(State(app): State<App>, _: Operator) -> Result<StatusCode, Problem> {
    app.room.macros().stop();
    Ok(StatusCode::NO_CONTENT)
}

fn read(file: Result<Bytes, BytesRejection>, name: &str) -> Result<Read, Problem> {
    let file = file.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status => Problem::new(status, rejection.body_text()),
    })?;
    let read = document::read(&file, name)?;
    let size = serde_json::to_vec(&read.document).map_or(usize::MAX, |json| json.len());
    match size > DOCUMENT_MAX {
        true => Err(too_large()),
        false => Ok(read),
    }
}

fn known(id: Result<Path<u32>, PathRejection>) -> Result<u32, Problem> {
    id.map(|Path(id)| id).map_err(|_| not_there())
}

fn not_there() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "This macro is not there any more. Somebody may have deleted it.",
    )
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "Nothing was kept: the file is too large. A macro has at most {} kB.",
            DOCUMENT_MAX / 1024
        ),
    )
}

fn tag(revision: u32) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{revision}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

fn revision(tag: &HeaderValue) -> Result<u32, Problem> {
    let revision = tag
        .to_str()
        .ok()
        .and_then(|tag| tag.trim_matches('"').parse().ok());
    revision.ok_or_else(|| {
        Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "If-Match is not the ETag of this macro.",
        )
    })
}

/// Says that a browser shall save the document, under its name and, for one that does not know how to read that (RFC
/// 6266), under one that is safe everywhere.
fn attachment(name: &str) -> HeaderValue {
    let safe: String = name
        .chars()
        .map(|character| match character {
            character if character.is_ascii_alphanumeric() => character,
            '-' | '_' => character,
            _ => '-',
        })
        .collect();
    let whole: String = name
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let names = format!("filename=\"{safe}.json\"; filename*=UTF-8''{whole}.json");
    HeaderValue::from_str(&format!("attachment; {names}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

impl From<Unreadable> for Problem {
    fn from(unreadable: Unreadable) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("Nothing was kept: {unreadable}."),
        )
    }
}

impl From<RunRefused> for Problem {
    fn from(refused: RunRefused) -> Self {
        match refused {
            RunRefused::NotThere => not_there(),
            RunRefused::NotReady(not_ready) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("Nothing was done: {not_ready}."),
            ),
            RunRefused::NotNow(refused) => refused.into(),
            RunRefused::Store(error) => error.into(),
        }
    }
}
