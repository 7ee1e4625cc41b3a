//! The serial console: `/link/serial`, and the log as a file.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderName, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use shared::serial::{
    End, FROM_TERMINAL_MAX, FromTerminal, OUTPUT_MAX, Place, Refused, SUBPROTOCOL, ToTerminal,
    decode_from_terminal, encode_to_terminal,
};
use tokio::{
    sync::mpsc,
    time::{interval, timeout},
};
use tracing::debug;

use super::{
    App,
    api::Viewer,
    images::attachment,
    link::{Kind, NoMessage, next_message, say_farewell, upgraded},
    problem::Problem,
};
use crate::{
    audit::Event,
    auth::{Role, Session},
    serial::Serial,
    session::Room,
};

/// How long a page may take to say where it begins.
const OPEN_LIMIT: Duration = Duration::from_secs(5);

/// How often a page is asked whether it is there.
const PING: Duration = Duration::from_secs(2);

/// How long nothing may come from a page: its browser answers pings by itself.
const SILENCE_LIMIT: Duration = Duration::from_secs(7);

/// How much of the past a page gets that has none of it; the rest is in the log.
const PAST_MAX: u64 = 512 * 1024;

/// Refusals that wait for the network; a page that does not read them needs no more of them.
const REFUSALS_MAX: usize = 8;

/// `GET /api/v1/serial/log`: all that is kept of what the port has printed.
pub async fn log(
    State(app): State<App>,
    Viewer(session): Viewer,
) -> Result<([(HeaderName, String); 2], Body), Problem> {
    let serial = app.room.serial().ok_or_else(no_port)?;
    let (_, bytes) = serial.read(0, usize::MAX);
    app.record(&session, &Event::SerialLogDownloaded);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            attachment(&format!("{} serial.log", app.machine)),
        ),
    ];
    Ok((headers, Body::from(bytes)))
}

/// `GET /link/serial`
pub async fn open(
    State(app): State<App>,
    Viewer(session): Viewer,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let serial = app.room.serial().cloned().ok_or_else(no_port)?;
    let kind = Kind {
        subprotocol: SUBPROTOCOL,
        message_max: FROM_TERMINAL_MAX,
    };
    let upgrade = upgraded(upgrade, &kind)?;
    let terminal = Terminal {
        room: app.room,
        session,
        serial,
    };
    Ok(upgrade.on_upgrade(|socket| terminal.serve(socket)))
}

fn no_port() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "This relay has no serial port: its settings name one under [serial].",
    )
}

/// One page's.
struct Terminal {
    room: Room,
    session: Session,
    serial: Serial,
}

impl Terminal {
    async fn serve(self, mut socket: WebSocket) {
        let mut closed = self.room.closed();
        let end = tokio::select! {
            biased;
            _ = closed.wait_for(|closed| *closed) => Some(End::Restarting),
            () = self.room.signed_out(&self.session) => Some(End::SignedOut),
            end = self.converse(&mut socket) => end,
        };
        if let Some(end) = end {
            debug!(name = self.session.user.name, ?end, "closing a serial link");
            say_farewell(&mut socket, end.code(), format!("{end:?}")).await;
        }
    }

    /// Until the link ends; gives the reason where the relay ends it.
    async fn converse(&self, socket: &mut WebSocket) -> Option<End> {
        let resumes = match opened(socket).await {
            Ok(resumes) => resumes,
            Err(end) => return end,
        };
        let (mut sink, mut stream) = socket.split();
        let (refuse, refused) = mpsc::channel(REFUSALS_MAX);
        tokio::select! {
            end = self.take(&mut stream, &refuse) => end,
            () = self.give(&mut sink, resumes, refused) => None,
        }
    }

    /// Does what the page asks for until the link ends.
    async fn take(
        &self,
        stream: &mut (impl Stream<Item = Result<Message, axum::Error>> + Unpin),
        refuse: &mpsc::Sender<Refused>,
    ) -> Option<End> {
        loop {
            let message = match next_message(stream, SILENCE_LIMIT).await {
                Ok(message) => message,
                Err(nothing) => return ended(nothing),
            };
            let Ok((message, bytes)) = decode_from_terminal(&message) else {
                return Some(End::BadMessage);
            };
            let done = match message {
                FromTerminal::Open { .. } => return Some(End::BadMessage),
                FromTerminal::Type { viewer } => self
                    .in_control(viewer)
                    .and_then(|()| self.serial.send(bytes)),
                FromTerminal::Break { viewer } => self.send_break(viewer),
                FromTerminal::SetSpeed { viewer, speed } => self.set_speed(viewer, speed).await,
            };
            if let Err(refused) = done {
                let _full = refuse.try_send(refused);
            }
        }
    }

    fn in_control(&self, viewer: u32) -> Result<(), Refused> {
        let may = self.session.user.role >= Role::Operator
            && self.room.hands_of(&self.session, Some(viewer)).is_ok();
        may.then_some(()).ok_or(Refused::NoControl)
    }

    fn record(&self, event: &Event) {
        self.room.record(&self.session.user.name, event);
    }

    fn send_break(&self, viewer: u32) -> Result<(), Refused> {
        self.in_control(viewer)?;
        self.serial.send_break()?;
        self.record(&Event::SerialBreakSent);
        Ok(())
    }

    async fn set_speed(&self, viewer: u32, speed: u32) -> Result<(), Refused> {
        self.in_control(viewer)?;
        self.serial.set_speed(speed).await?;
        self.record(&Event::SerialSpeedSet { speed });
        Ok(())
    }

    /// Gives the page what the port prints, from where it goes on. Nothing queues: what a slow page has not got yet is
    /// read from the log once there is room, as far as it is still there.
    async fn give(
        &self,
        sink: &mut (impl Sink<Message> + Unpin),
        resumes: Option<Place>,
        mut refused: mpsc::Receiver<Refused>,
    ) {
        let mut end = self.serial.end();
        let mut pings = interval(PING);
        let wanted = resumes
            .filter(|place| place.log == self.serial.log())
            .map(|place| place.offset);
        let now = *end.borrow_and_update();
        let wanted = wanted.unwrap_or(now.saturating_sub(PAST_MAX));
        let mut at = wanted.clamp(self.serial.oldest(), now.max(self.serial.oldest()));
        let mut message = binary(
            &ToTerminal::Opened {
                log: self.serial.log(),
                from: at,
                now,
            },
            &[],
        );
        loop {
            if sink.send(message).await.is_err() {
                return;
            }
            message = tokio::select! {
                Some(refused) = refused.recv() => binary(&ToTerminal::Refused(refused), &[]),
                (offset, bytes) = output(&self.serial, &mut end, at) => {
                    at = offset + bytes.len() as u64;
                    binary(&ToTerminal::Output { offset }, &bytes)
                }
                _ = pings.tick() => Message::Ping(Bytes::new()),
            };
        }
    }
}

/// Where the page begins.
async fn opened(socket: &mut WebSocket) -> Result<Option<Place>, Option<End>> {
    let message = match timeout(OPEN_LIMIT, next_message(socket, SILENCE_LIMIT)).await {
        Err(_) => return Err(Some(End::Silent)),
        Ok(message) => message.map_err(ended)?,
    };
    match decode_from_terminal(&message) {
        Ok((FromTerminal::Open { resumes }, _)) => Ok(resumes),
        _ => Err(Some(End::BadMessage)),
    }
}

fn ended(nothing: NoMessage) -> Option<End> {
    match nothing {
        NoMessage::Silent => Some(End::Silent),
        NoMessage::Unreadable => Some(End::BadMessage),
        NoMessage::Gone => None,
    }
}

/// What comes behind a place, once there is anything. Dropping the future loses nothing.
async fn output(
    serial: &Serial,
    end: &mut tokio::sync::watch::Receiver<u64>,
    at: u64,
) -> (u64, Vec<u8>) {
    if end.wait_for(|end| *end > at).await.is_err() {
        std::future::pending::<()>().await;
    }
    serial.read(at, OUTPUT_MAX)
}

fn binary(message: &ToTerminal, tail: &[u8]) -> Message {
    Message::Binary(encode_to_terminal(message, tail).into())
}
