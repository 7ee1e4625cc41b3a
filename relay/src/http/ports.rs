//! `ports`: the switch between the relay and its machines, and moving to another one.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
};
use serde::Deserialize;
use shared::switch::{Moving, Switch};

use super::{
    App,
    api::{Operator, Viewer},
    power::moment,
    problem::Problem,
};
use crate::switch::control::{SwitchControl, SwitchRefused};

/// The body of `POST ports`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Counted from 0.
    port: usize,
}

/// `GET ports`
pub async fn list(State(app): State<App>, _: Viewer) -> Result<Json<Switch>, Problem> {
    Ok(Json(switch(&app)?.state().borrow().clone()))
}

/// `POST ports`: begins to move, and answers at once. How it ends is told by `GET ports` and over the link.
pub async fn select(
    State(app): State<App>,
    Operator(session): Operator,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Moving>), Problem> {
    let Json(Wanted { port }) = body?;
    let moving = switch(&app)?.begin(port, &session.user.name)?;
    Ok((StatusCode::ACCEPTED, Json(moving)))
}

fn switch(app: &App) -> Result<&SwitchControl, Problem> {
    app.room.switch().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "This relay has one machine. A switch to several is named in its settings, under [switch].",
        )
        .of_kind("no-switch")
    })
}

impl From<SwitchRefused> for Problem {
    fn from(refused: SwitchRefused) -> Self {
        match refused {
            SwitchRefused::Busy(Moving {
                to, by, since_us, ..
            }) => {
                let who = match by.as_str() {
                    "" => "Somebody, by the switch's own button,",
                    by => by,
                };
                let (port, since) = (u32::from(to) + 1, moment(since_us));
                Self::new(
                    StatusCode::CONFLICT,
                    format!(
                        "{who} is moving to port {port} since {since}. Try again once that is over."
                    ),
                )
                .of_kind("switch-busy")
            }
            SwitchRefused::NoSuchPort(ports) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("There is no such port: the switch has {ports}, counted from 0 here."),
            ),
            SwitchRefused::Ended => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The relay is about to end.",
            ),
        }
    }
}
