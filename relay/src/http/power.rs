//! `power`: what the machine's power is, and what is done to it.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
};
use serde::Deserialize;
use shared::power::{Power, PowerAction, Running};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    App,
    api::{Operator, Viewer},
    problem::Problem,
};
use crate::{audit::Event, power::control::PowerRefused};

/// The body of `POST power`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    action: PowerAction,
    /// The port of the machine that is meant, counted from 0: nothing is done where another one is selected by now.
    port: Option<usize>,
}

/// `GET power`
pub async fn state(State(app): State<App>, _: Viewer) -> Result<Json<Power>, Problem> {
    Ok(Json(app.room.power().state().borrow().clone()))
}

/// `POST power`: begins, and answers at once. How it ends is told by `GET power` and over the link.
pub async fn act(
    State(app): State<App>,
    Operator(session): Operator,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Running>), Problem> {
    let Json(Wanted { action, port }) = body?;
    let power = match port {
        None => app.room.power(),
        Some(port) => app.room.power_of(port).ok_or_else(other_machine)?,
    };
    let running = power.begin(action, &session.user.name)?;
    Ok((StatusCode::ACCEPTED, Json(running)))
}

fn other_machine() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "Another machine is selected by now. Nothing was done to either.",
    )
    .of_kind("other-machine")
}

/// `DELETE power`: breaks off what goes on; the buttons are released.
pub async fn break_off(
    State(app): State<App>,
    Operator(session): Operator,
) -> Result<StatusCode, Problem> {
    app.record(&session, &Event::PowerBrokenOff);
    app.room.power().break_off();
    Ok(StatusCode::NO_CONTENT)
}

impl From<PowerRefused> for Problem {
    fn from(refused: PowerRefused) -> Self {
        match refused {
            PowerRefused::Busy(Running {
                action,
                by,
                since_us,
                ..
            }) => Self::new(
                StatusCode::CONFLICT,
                format!(
                    "{by} is at the machine's power since {}: {}. Wait for its end, or stop it.",
                    moment(since_us),
                    action.name()
                ),
            )
            .of_kind("power-busy"),
            PowerRefused::NotPossible => Self::new(
                StatusCode::CONFLICT,
                "This relay has no line to the machine that can do it. The lines are named in its settings, under [power] or, behind a switch, [switch.port.power].",
            )
            .of_kind("not-possible"),
            PowerRefused::Ended => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The relay is about to end.",
            ),
        }
    }
}

/// A moment of Unix time, for people.
pub(super) fn moment(unix_us: u64) -> String {
    let seconds = i64::try_from(unix_us / 1_000_000).unwrap_or_default();
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_default()
}
