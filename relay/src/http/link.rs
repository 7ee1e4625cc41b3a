//! `/link`: from an HTTP request to a viewer of the machine.

use axum::{
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode},
    response::Response,
};
use shared::{SUBPROTOCOL, wire::TO_RELAY_MAX};
use tracing::debug;

use super::{App, api, problem::Problem};
use crate::transport::websocket::WebSocketLink;

/// `GET /link`
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let session = api::session(&app, &headers)
        .await?
        .ok_or_else(Problem::signed_out)?;
    let upgrade =
        upgrade.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.body_text()))?;
    let upgrade = upgrade
        .max_message_size(TO_RELAY_MAX)
        .max_frame_size(TO_RELAY_MAX)
        .write_buffer_size(0)
        .protocols([SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            format!("The link needs the WebSocket subprotocol {SUBPROTOCOL}."),
        ));
    }
    let room = app.room.clone();
    Ok(upgrade
        .on_failed_upgrade(|error| debug!(%error, "a link was not opened"))
        .on_upgrade(|socket| async move { room.watch(WebSocketLink::new(socket), session).await }))
}
