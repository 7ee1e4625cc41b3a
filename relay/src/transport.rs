//! What carries messages between the relay and a page.

use std::future::Future;

use bytes::Bytes;
use shared::message::Closing;
use thiserror::Error;

pub mod websocket;

/// A connection to one page. Its two halves never wait for each other.
pub trait Link: Send + 'static {
    /// Messages to the page.
    type Sender: LinkSender;
    /// Messages from the page.
    type Receiver: LinkReceiver;

    /// The two halves.
    fn split(self) -> (Self::Sender, Self::Receiver);
}

/// Messages to the page.
pub trait LinkSender: Send {
    /// Sends one message and waits until the network has taken all of it. One that is given up half way is sent on with
    /// the next.
    ///
    /// # Errors
    /// Where the link has ended.
    fn send(&mut self, message: Bytes) -> impl Future<Output = Result<(), LinkError>> + Send;

    /// Tells the page why, and ends the link.
    ///
    /// # Errors
    /// Where the link has ended before.
    fn close(&mut self, closing: Closing) -> impl Future<Output = Result<(), LinkError>> + Send;
}

/// Messages from the page.
pub trait LinkReceiver: Send {
    /// The next message; `None` where the page has ended the link.
    ///
    /// # Errors
    /// Where the link broke, or carried what is no message.
    fn receive(&mut self) -> impl Future<Output = Result<Option<Bytes>, LinkError>> + Send;
}

/// A link that broke, or carried what cannot be a message: too large, or not binary.
#[derive(Debug, Error)]
#[error("the link broke: {0}")]
pub struct LinkError(pub String);
