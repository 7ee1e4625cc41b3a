//! `/sim/switch`: the switch of a rack, as somebody who stands before it sees it. Ports are counted from 1, as on its front.

use axum::{Json, body::Bytes, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};

use super::{Control, Problem, parse};
use crate::target::sim::rack::Fault;

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Standing {
    pub(super) port: usize,
    pub(super) fault: Fault,
    pub(super) moves: u64,
}

/// `GET /sim/switch`
pub(super) async fn standing(State(control): State<Control>) -> Json<Standing> {
    let standing = control.rack.standing();
    Json(Standing {
        port: standing.port + 1,
        fault: standing.fault,
        moves: standing.moves,
    })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Request {
    Press(Press),
    Fail(Fail),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    port: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fail {
    fault: Fault,
}

/// `POST /sim/switch`: the button of a port is pressed, or something goes wrong.
pub(super) async fn act(
    State(control): State<Control>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let ports = control.rack.pcs().len();
    let wanted = || {
        Problem::bad_request(format!(
            r#"one of {{"port": 1..{ports}}}, {{"fault": "none"|"silent"|"refuses"|"stuck"}}"#
        ))
    };
    match parse(&body).map_err(|_| wanted())? {
        Request::Press(Press { port }) if (1..=ports).contains(&port) => {
            control.rack.turn(port - 1);
        }
        Request::Press(_) => return Err(wanted()),
        Request::Fail(Fail { fault }) => control.rack.set_fault(fault),
    }
    Ok(StatusCode::NO_CONTENT)
}
