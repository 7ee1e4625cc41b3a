//! One WebSocket, closed when it is dropped.

use js_sys::ArrayBuffer;
use shared::{ToRelay, wire};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use crate::browser::{Listener, window};

/// What happens on a socket.
pub(crate) trait Events: Clone + 'static {
    /// It is open.
    fn opened(&self);
    /// A message arrived.
    fn message(&self, message: ArrayBuffer);
    /// It is closed, or could not be opened.
    fn closed(&self, code: u16);
}

/// Where a socket leads.
pub(crate) struct Address {
    /// The path on the relay.
    pub(crate) path: &'static str,
    /// What is spoken there.
    pub(crate) subprotocol: &'static str,
}

/// An owned WebSocket. After it is dropped no event comes from it.
pub(crate) struct Socket {
    socket: WebSocket,
    _listeners: [Listener; 3],
}

impl Socket {
    /// Starts to connect to the relay that this page came from. `None` where the browser refuses to try.
    pub(crate) fn connect(address: &Address, events: &impl Events) -> Option<Self> {
        let socket = WebSocket::new_with_str(&url(address.path)?, address.subprotocol).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (on_open, on_message, on_close) = (events.clone(), events.clone(), events.clone());
        let listeners = [
            Listener::new(&socket, "open", move |_: Event| on_open.opened()),
            Listener::new(&socket, "message", move |event: MessageEvent| {
                if let Ok(message) = event.data().dyn_into() {
                    on_message.message(message);
                }
            }),
            Listener::new(&socket, "close", move |event: CloseEvent| {
                on_close.closed(event.code());
            }),
        ];
        Some(Self {
            socket,
            _listeners: listeners,
        })
    }

    /// Sends, if it is open.
    pub(crate) fn send(&self, message: &ToRelay) {
        let bytes = wire::encode_to_relay(message);
        let _not_open = self.socket.send_with_u8_array(&bytes);
    }

    /// Sends bytes as they are, if it is open.
    pub(crate) fn send_buffer(&self, bytes: &ArrayBuffer) {
        let _not_open = self.socket.send_with_array_buffer(bytes);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _already_closed = self.socket.close();
    }
}

fn url(path: &str) -> Option<String> {
    let location = window().location();
    let scheme = match location.protocol().ok()?.as_str() {
        "https:" => "wss",
        _ => "ws",
    };
    Some(format!("{scheme}://{}{path}", location.host().ok()?))
}
