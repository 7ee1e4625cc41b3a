//! The link over a WebSocket.

use axum::{
    Error,
    extract::ws::{CloseFrame, Message, WebSocket},
};
use bytes::Bytes;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use shared::{ToBrowser, message::Closing, wire::encode_to_browser};

use super::{Link, LinkError, LinkReceiver, LinkSender};

/// A page that is connected by WebSocket.
pub struct WebSocketLink(WebSocket);

/// Its half to the page.
pub struct Sender(SplitSink<WebSocket, Message>);

/// Its half from the page.
pub struct Receiver(SplitStream<WebSocket>);

impl WebSocketLink {
    /// From an upgraded connection. The size of messages is limited there.
    #[must_use]
    pub fn new(socket: WebSocket) -> Self {
        Self(socket)
    }
}

impl Link for WebSocketLink {
    type Sender = Sender;
    type Receiver = Receiver;

    fn split(self) -> (Sender, Receiver) {
        let (sink, stream) = self.0.split();
        (Sender(sink), Receiver(stream))
    }
}

impl LinkSender for Sender {
    async fn send(&mut self, message: Bytes) -> Result<(), LinkError> {
        self.0
            .send(Message::Binary(message))
            .await
            .map_err(|error| broken(&error))
    }

    async fn close(&mut self, closing: Closing) -> Result<(), LinkError> {
        let last = encode_to_browser(&ToBrowser::Closing(closing), &[]);
        self.send(last.into()).await?;
        let frame = CloseFrame {
            code: closing.code(),
            reason: format!("{closing:?}").into(),
        };
        self.0
            .send(Message::Close(Some(frame)))
            .await
            .map_err(|error| broken(&error))
    }
}

impl LinkReceiver for Receiver {
    async fn receive(&mut self) -> Result<Option<Bytes>, LinkError> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Binary(message))) => return Ok(Some(message)),
                Some(Ok(Message::Text(_))) => {
                    return Err(LinkError("a text message".to_owned()));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Ok(None),
                Some(Err(error)) => return Err(broken(&error)),
            }
        }
    }
}

fn broken(error: &Error) -> LinkError {
    LinkError(error.to_string())
}
