//! `/link`: from an HTTP request to a viewer of the machine, and what all links have in common.

use std::time::Duration;

use axum::{
    extract::{
        State,
        ws::{
            CloseFrame, Message, OnFailedUpgrade, WebSocket, WebSocketUpgrade,
            rejection::WebSocketUpgradeRejection,
        },
    },
    http::{HeaderMap, StatusCode},
    response::Response,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use shared::{SUBPROTOCOL, wire::TO_RELAY_MAX};
use tokio::time::timeout;
use tracing::debug;

use super::{App, api, problem::Problem};
use crate::transport::websocket::WebSocketLink;

/// How long the last words to a page may take.
const FAREWELL_LIMIT: Duration = Duration::from_millis(500);

/// `GET /link`
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let session = api::session(&app, &headers)
        .await?
        .ok_or_else(Problem::signed_out)?;
    let kind = Kind {
        subprotocol: SUBPROTOCOL,
        message_max: TO_RELAY_MAX,
    };
    let upgrade = upgraded(upgrade, &kind)?;
    let room = app.room.clone();
    Ok(upgrade
        .on_upgrade(|socket| async move { room.watch(WebSocketLink::new(socket), session).await }))
}

/// What a WebSocket of the relay carries.
pub struct Kind {
    /// The subprotocol that a page must name.
    pub subprotocol: &'static str,
    /// The largest message that it may send, in bytes.
    pub message_max: usize,
}

/// A request for a WebSocket of this kind, ready to be granted.
///
/// # Errors
/// Where it is none, or one of another kind.
pub fn upgraded(
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    kind: &Kind,
) -> Result<WebSocketUpgrade<impl OnFailedUpgrade>, Problem> {
    let Kind {
        subprotocol,
        message_max,
    } = *kind;
    let upgrade =
        upgrade.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.body_text()))?;
    let upgrade = upgrade
        .max_message_size(message_max)
        .max_frame_size(message_max)
        .write_buffer_size(0)
        .protocols([subprotocol]);
    if upgrade.selected_protocol().is_none() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            format!("The link needs the WebSocket subprotocol {subprotocol}."),
        ));
    }
    Ok(upgrade.on_failed_upgrade(|error| debug!(%error, "a link was not opened")))
}

/// Why there is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMessage {
    /// Nothing came for too long.
    Silent,
    /// Something came that is none.
    Unreadable,
    /// The page has ended the link.
    Gone,
}

/// The next binary message.
///
/// # Errors
/// Where none comes, and nothing else for as long as `limit`.
pub async fn next_message(
    stream: &mut (impl Stream<Item = Result<Message, axum::Error>> + Unpin),
    limit: Duration,
) -> Result<Bytes, NoMessage> {
    loop {
        match timeout(limit, stream.next()).await {
            Err(_) => return Err(NoMessage::Silent),
            Ok(Some(Ok(Message::Binary(message)))) => return Ok(message),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Close(_))) | None) => return Err(NoMessage::Gone),
            Ok(Some(Ok(Message::Text(_)) | Err(_))) => return Err(NoMessage::Unreadable),
        }
    }
}

/// Says why a link ends, and keeps the connection for a moment, so that the page can read it.
pub async fn say_farewell(socket: &mut WebSocket, code: u16, reason: String) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    let farewell = async {
        if socket.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(_))) => return,
                Some(Ok(_)) => {}
                None | Some(Err(_)) => std::future::pending().await,
            }
        }
    };
    let _too_long = timeout(FAREWELL_LIMIT, farewell).await;
}
