//! The connection of a native viewer and the task that owns it.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use rustls::pki_types::ServerName;
use shared::{
    ToBrowser, ToRelay,
    message::{Change, Closing},
    version::SUBPROTOCOL,
    wire,
};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{mpsc, watch},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

use super::{Closed, Command, Pong, Told, decoder::Sink, now_us};
use crate::account::{Account, origin, tls_config};

/// Well within the two seconds that the protocol asks for.
const PING_INTERVAL: Duration = Duration::from_secs(1);

/// A request for the link.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// Where the relay is.
    pub base: Url,
    /// The session's cookie.
    pub cookie: Option<String>,
    /// The page's origin.
    pub origin: Option<String>,
    /// The WebSocket subprotocol.
    pub subprotocol: Option<String>,
    /// Where the link is.
    pub path: &'static str,
}

impl Upgrade {
    /// The request that the page of this account makes.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self {
            base: account.base.clone(),
            cookie: Some(account.cookie.clone()),
            origin: Some(origin(&account.base)),
            subprotocol: Some(SUBPROTOCOL.to_owned()),
            path: "/link",
        }
    }
}

/// The relay answered the upgrade with an HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the relay refuses the link with status {0}")]
pub struct Refused(pub u16);

pub(super) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

pub(super) struct Socket(pub(super) WebSocketStream<Box<dyn Connection>>);

pub(super) async fn open(upgrade: &Upgrade) -> Result<Socket> {
    let connection = connect(&upgrade.base).await?;
    let mut url = upgrade.base.join(upgrade.path)?;
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme)
        .map_err(|()| anyhow::anyhow!("not a web address: {}", upgrade.base))?;
    let mut request = url.as_str().into_client_request()?;
    let headers: [(HeaderName, &Option<String>); 3] = [
        (header::COOKIE, &upgrade.cookie),
        (header::ORIGIN, &upgrade.origin),
        (header::SEC_WEBSOCKET_PROTOCOL, &upgrade.subprotocol),
    ];
    for (name, value) in headers {
        if let Some(value) = value {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_str(value)?);
        }
    }
    let config = WebSocketConfig::default()
        .max_message_size(Some(wire::TO_BROWSER_MAX))
        .max_frame_size(Some(wire::TO_BROWSER_MAX));
    match client_async_with_config(request, connection, Some(config)).await {
        Ok((socket, _)) => Ok(Socket(socket)),
        Err(Error::Http(response)) => Err(Refused(response.status().as_u16()).into()),
        Err(error) => Err(error.into()),
    }
}

async fn connect(base: &Url) -> Result<Box<dyn Connection>> {
    let host = base.host_str().context("an address without a host")?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let port = base.port_or_known_default().context("a port")?;
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    stream.set_nodelay(true)?;
    if base.scheme() != "https" {
        return Ok(Box::new(stream));
    }
    let connector = tokio_rustls::TlsConnector::from(Arc::new(tls_config()?));
    let name = ServerName::try_from(host)?;
    Ok(Box::new(connector.connect(name, stream).await?))
}

/// Owns the connection until it ends.
pub(super) async fn run(
    Socket(mut socket): Socket,
    mut commands: mpsc::UnboundedReceiver<Command>,
    told: watch::Sender<Told>,
    sink: Sink,
) {
    let mut ping = tokio::time::interval(PING_INTERVAL);
    let mut reading = true;
    let mut closing = None;
    let code = loop {
        tokio::select! {
            command = commands.recv() => {
                let Some(command) = command else { return };
                if act(&mut socket, command, &mut reading).await.is_err() {
                    reading = true;
                }
            }
            message = socket.next(), if reading => match message {
                Some(Ok(Message::Binary(bytes))) => take(&bytes, &told, &sink, &mut closing),
                Some(Ok(Message::Close(frame))) => break frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break None,
            },
            _ = ping.tick(), if reading => {
                let bytes = wire::encode_to_relay(&ToRelay::Ping { sent_us: now_us() });
                let _ = socket.send(Message::binary(bytes)).await;
            }
        }
    };
    told.send_modify(|told| told.closed = Some(Closed { closing, code }));
}

async fn act(
    socket: &mut WebSocketStream<Box<dyn Connection>>,
    command: Command,
    reading: &mut bool,
) -> Result<(), Error> {
    match command {
        Command::Send(bytes) => socket.send(Message::binary(bytes)).await,
        Command::SendText(text) => socket.send(Message::text(text)).await,
        Command::Close => socket.close(None).await,
        Command::Read(on) => {
            *reading = on;
            Ok(())
        }
    }
}

fn take(bytes: &[u8], told: &watch::Sender<Told>, sink: &Sink, closing: &mut Option<Closing>) {
    let arrived_us = now_us();
    let Ok((message, tail)) = wire::decode_to_browser(bytes) else {
        return;
    };
    match message {
        ToBrowser::Hello { version } => told.send_modify(|told| told.version = Some(version)),
        ToBrowser::State(state) => told.send_modify(|told| told.state = Some(state)),
        ToBrowser::Change(Change::Power(power)) => {
            told.send_modify(|told| told.power = Some(power));
        }
        ToBrowser::Change(Change::Switch(switch)) => {
            told.send_modify(|told| told.switch = Some(switch));
        }
        ToBrowser::Change(Change::Drives(drives)) => {
            told.send_modify(|told| told.drives = Some(drives));
        }
        ToBrowser::Change(Change::DriveActivity(activity)) => {
            told.send_modify(|told| {
                told.activity.retain(|known| known.drive != activity.drive);
                told.activity.push(activity);
            });
        }
        ToBrowser::Change(Change::Typing(typing)) => {
            told.send_modify(|told| told.typing = Some(typing));
        }
        ToBrowser::Change(change) => told.send_modify(|told| {
            if let Some(state) = &mut told.state {
                state.apply(change);
            }
        }),
        ToBrowser::Video(frame) => sink.take(frame, arrived_us, bytes.len(), tail),
        ToBrowser::Pong { sent_us, relay_us } => told.send_modify(|told| {
            told.pong = Some(Pong {
                sent_us,
                relay_us,
                arrived_us,
            });
        }),
        ToBrowser::Closing(why) => *closing = Some(why),
    }
}
