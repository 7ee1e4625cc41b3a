//! The HTTP interface by which a test looks at the simulated PC and meddles with it. Bound to loopback only.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    fault::Kind as Fault,
    geometry::Size,
    live::Live,
    pattern::{FPS_MAX, Kind as PatternKind, Pattern},
    pc,
    rack::Rack,
    usb::Record,
};

/// How long `/sim/reports?wait=true` waits for a report before it answers with none.
const REPORT_WAIT: Duration = Duration::from_secs(10);

/// The buttons, cables and other end of a simulated PC, or of a rack of them.
#[derive(Clone)]
pub struct Control {
    rack: Arc<Rack>,
    /// Which PC; `None` for the one that is selected.
    place: Option<usize>,
}

impl Control {
    pub(super) fn new(rack: Arc<Rack>) -> Self {
        Self { rack, place: None }
    }

    #[cfg(test)]
    pub(super) fn rack(&self) -> &Rack {
        &self.rack
    }

    pub(super) fn live(&self) -> Arc<Live> {
        match self.place {
            Some(place) => self.rack.pcs()[place].clone(),
            None => self.rack.live(),
        }
    }

    /// `/sim/*`: `state`, `reports`, `picture` (binary PPM), `fault`, `screen`, `host`. In a rack they are those of the PC
    /// that is selected, those of each are at `/sim/pc/1/*` and so on, and its switch is `/sim/switch`. Every answer but
    /// the picture is JSON; refusals are RFC 9457 problem details.
    pub fn router(&self) -> Router {
        let router = Router::new().nest("/sim", self.of_pc());
        if !self.rack.has_switch() {
            return router;
        }
        let of_switch = Router::new()
            .route("/sim/switch", get(switch::standing).post(switch::act))
            .with_state(self.clone());
        let places = 0..self.rack.pcs().len();
        places.fold(router.merge(of_switch), |router, place| {
            let pc = Self {
                rack: self.rack.clone(),
                place: Some(place),
            };
            router.nest(&format!("/sim/pc/{}", place + 1), pc.of_pc())
        })
    }

    fn of_pc(&self) -> Router {
        Router::new()
            .route("/state", get(state))
            .route("/reports", get(reports))
            .route("/picture", get(picture))
            .route("/fault", post(fault))
            .route("/screen", post(screen))
            .route("/host", post(host::act))
            .with_state(self.clone())
    }
}

struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    fn bad_request(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            detail: detail.into(),
        }
    }

    fn conflict(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            detail: detail.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, body.to_string()).into_response()
    }
}

fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| Problem::bad_request(error.to_string()))
}

async fn state(State(control): State<Control>) -> Json<pc::State> {
    let live = control.live();
    let mut access = live.access();
    let state = access.pc().state();
    access.leave();
    Json(state)
}

async fn reports(
    State(control): State<Control>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<Record>>, Problem> {
    let ReportsQuery { since, wait } = ReportsQuery::parse(query.as_deref().unwrap_or(""))?;
    if wait {
        let mut count = control.live().reports();
        let _ = tokio::time::timeout(REPORT_WAIT, count.wait_for(|count| *count > since)).await;
    }
    let live = control.live();
    let mut access = live.access();
    let records = access.pc().usb.record(since).collect();
    access.leave();
    Ok(Json(records))
}

#[derive(Debug, Default, PartialEq, Eq)]
struct ReportsQuery {
    since: u64,
    wait: bool,
}

impl ReportsQuery {
    fn parse(query: &str) -> Result<Self, Problem> {
        let mut parsed = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let bad = || {
                Problem::bad_request(format!(
                    "{pair}: known are since=NUMBER and wait=true|false"
                ))
            };
            match pair.split_once('=') {
                Some(("since", since)) => parsed.since = since.parse().map_err(|_| bad())?,
                Some(("wait", wait)) => parsed.wait = wait.parse().map_err(|_| bad())?,
                _ => return Err(bad()),
            }
        }
        Ok(parsed)
    }
}

async fn picture(State(control): State<Control>) -> Result<Response, Problem> {
    let canvas = {
        let live = control.live();
        let frame = live.display.lock();
        if !frame.lit {
            return Err(Problem::conflict(
                "the machine shows no picture: it is off or asleep",
            ));
        }
        frame.canvas.clone()
    };
    let kind = [(header::CONTENT_TYPE, "image/x-portable-pixmap")];
    Ok((kind, canvas.to_ppm()).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultRequest {
    kind: Fault,
    ms: Option<u32>,
}

async fn fault(State(control): State<Control>, body: Bytes) -> Result<StatusCode, Problem> {
    let FaultRequest { kind, ms } = parse(&body)?;
    if kind == Fault::SlowHost && ms.is_none() {
        return Err(Problem::bad_request(
            "slow_host needs ms, the time that a report takes",
        ));
    }
    let live = control.live();
    let mut access = live.access();
    let now = access.now;
    access.pc().faults.set(now, kind, ms);
    access.stir();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreenRequest {
    size: Option<String>,
    pattern: Option<PatternKind>,
    fps: Option<u32>,
    timecode: Option<bool>,
}

async fn screen(State(control): State<Control>, body: Bytes) -> Result<StatusCode, Problem> {
    let request: ScreenRequest = parse(&body)?;
    let size = request.size.as_deref().map(str::parse::<Size>).transpose();
    let size = size.map_err(|error| Problem::bad_request(error.to_string()))?;
    if request.fps.is_some_and(|fps| !(1..=FPS_MAX).contains(&fps)) {
        return Err(Problem::bad_request("fps is from 1 to 60"));
    }
    let live = control.live();
    let mut access = live.access();
    let pc = access.pc();
    if let Some(size) = size {
        pc.machine.resize(size);
    }
    if request.pattern.is_some() || request.fps.is_some() || request.timecode.is_some() {
        let turn = pc.pattern.turn + 1;
        let changed = request.pattern.map_or(pc.pattern, |kind| Pattern {
            kind,
            ..Pattern::default()
        });
        pc.pattern = Pattern {
            fps: request.fps.or(changed.fps),
            timecode: request.timecode.unwrap_or(changed.timecode),
            turn,
            ..changed
        };
    }
    access.stir();
    Ok(StatusCode::NO_CONTENT)
}

mod host;
mod switch;

#[cfg(test)]
mod tests;
