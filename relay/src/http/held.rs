//! `/link/held`: a file that a browser has, given part by part.

use std::time::Duration;

use axum::{
    Error,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
};
use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use shared::held::{
    Ask, End, FROM_HOLDER_MAX, FromHolder, Offer, SUBPROTOCOL, ToHolder, decode_from_holder,
    encode_to_holder,
};
use tokio::time::{interval, timeout};
use tracing::debug;

use super::{
    App,
    api::Operator,
    link::{Kind, NoMessage, next_message, say_farewell, upgraded},
    problem::Problem,
};
use crate::{
    auth::Session,
    media::{
        held::Holding,
        remote::{Request, Supply},
    },
};

/// How long a page may take to make its offer.
const OFFER_LIMIT: Duration = Duration::from_secs(5);

/// How often a page is asked whether it is there.
const PING: Duration = Duration::from_secs(2);

/// How long nothing may come from a page: its browser answers pings by itself.
const SILENCE_LIMIT: Duration = Duration::from_secs(7);

/// `GET /link/held`
pub async fn open(
    State(app): State<App>,
    Operator(session): Operator,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let kind = Kind {
        subprotocol: SUBPROTOCOL,
        message_max: FROM_HOLDER_MAX,
    };
    let upgrade = upgraded(upgrade, &kind)?;
    Ok(upgrade.on_upgrade(|socket| serve(socket, app, session)))
}

async fn serve(mut socket: WebSocket, app: App, session: Session) {
    let mut closed = app.room.closed();
    let end = tokio::select! {
        biased;
        _ = closed.wait_for(|closed| *closed) => Some(End::Restarting),
        () = app.room.signed_out(&session) => Some(End::SignedOut),
        end = hold(&mut socket, &app, &session) => end,
    };
    if let Some(end) = end {
        debug!(
            name = session.user.name,
            ?end,
            "a held file's link is closed"
        );
        say_farewell(&mut socket, end.code(), format!("{end:?}")).await;
    }
}

/// From the offer to the end of the link; gives the reason where the relay ends it.
async fn hold(socket: &mut WebSocket, app: &App, session: &Session) -> Option<End> {
    let offer = match offer(socket).await {
        Ok(offer) => offer,
        Err(end) => return end,
    };
    let holding = match app.room.media().held.take(offer, &session.user.name) {
        Ok(holding) => holding,
        Err(end) => return Some(end),
    };
    let (mut sink, mut stream) = socket.split();
    let supply = holding.supply()?;
    tokio::select! {
        end = answers(&mut stream, supply) => end,
        end = asks(&mut sink, &holding, supply) => end,
    }
}

async fn offer(socket: &mut WebSocket) -> Result<Offer, Option<End>> {
    let message = match timeout(OFFER_LIMIT, next(socket)).await {
        Err(_) => return Err(Some(End::Silent)),
        Ok(message) => message?,
    };
    match decode_from_holder(&message) {
        Ok((FromHolder::Offer(offer), _)) => Ok(offer),
        _ => Err(Some(End::BadMessage)),
    }
}

/// The next binary message, or the reason why the link ends; none where the page has ended it.
async fn next(
    stream: &mut (impl Stream<Item = Result<Message, Error>> + Unpin),
) -> Result<Bytes, Option<End>> {
    next_message(stream, SILENCE_LIMIT)
        .await
        .map_err(|nothing| match nothing {
            NoMessage::Silent => Some(End::Silent),
            NoMessage::Unreadable => Some(End::BadMessage),
            NoMessage::Gone => None,
        })
}

/// Takes what the page delivers until the link ends.
async fn answers(
    stream: &mut (impl Stream<Item = Result<Message, Error>> + Unpin),
    supply: &Supply,
) -> Option<End> {
    loop {
        let message = match next(stream).await {
            Ok(message) => message,
            Err(end) => return end,
        };
        let taken = match decode_from_holder(&message) {
            Ok((FromHolder::Part { number }, part)) => supply.deliver(number, part),
            Ok((FromHolder::Unread { number }, _)) => supply.fail(number),
            Ok((FromHolder::Changed, _)) => {
                supply.give_up(shared::media::Ejected::SourceChanged);
                return Some(End::Ejected);
            }
            Ok((FromHolder::Offer(_), _)) | Err(_) => return Some(End::BadMessage),
        };
        if taken.is_err() {
            return Some(match supply.is_superseded() {
                true => End::Superseded,
                false => End::BadMessage,
            });
        }
    }
}

/// Asks for what the machine reads until the link ends.
async fn asks(
    sink: &mut (impl Sink<Message> + Unpin),
    holding: &Holding,
    supply: &Supply,
) -> Option<End> {
    let held = holding.number();
    let mut pings = interval(PING);
    let mut message = binary(&ToHolder::Taken { held });
    loop {
        if sink.send(message).await.is_err() {
            return None;
        }
        message = tokio::select! {
            asked = supply.next() => match asked {
                Some(Request { number, offset, length }) => {
                    binary(&ToHolder::Ask(Ask { number, offset, length }))
                }
                None if supply.is_over() => return Some(End::Ejected),
                None => return Some(End::Superseded),
            },
            _ = pings.tick() => Message::Ping(Bytes::new()),
        };
    }
}

fn binary(message: &ToHolder) -> Message {
    Message::Binary(encode_to_holder(message).into())
}
