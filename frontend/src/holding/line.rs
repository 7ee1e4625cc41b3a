//! The line of one held file to the relay, which comes back by itself.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use gloo_timers::callback::Timeout;
use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use shared::held::{
    self, Ask, End, FromHolder, Offer, PATH, SUBPROTOCOL, ToHolder, decode_to_holder,
    encode_from_holder,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::Holding;
use crate::link::{
    backoff::Backoff,
    socket::{Address, Events, Socket},
};

/// How long a connection may take to stand, in milliseconds.
const CONNECT_MS: u32 = 4_000;

/// What a browser says of a file that has changed or is gone.
const GONE: [&str; 2] = ["NotReadableError", "NotFoundError"];

/// One file's.
pub(super) struct Line {
    holding: Holding,
    key: u32,
    file: File,
    identity: held::File,
    number: Cell<Option<u32>>,
    /// The drive into which it goes as soon as the relay has taken it.
    slot: RefCell<Option<String>>,
    socket: RefCell<Option<Socket>>,
    /// Counts the sockets: an answer is for the one that has asked.
    sockets: Cell<u32>,
    backoff: Cell<Backoff>,
    retry: RefCell<Option<Timeout>>,
}

impl Line {
    /// Not yet connected. `resumes` is the number of the file in whose place it is to go on.
    pub(super) fn new(
        holding: Holding,
        key: u32,
        file: File,
        identity: held::File,
        resumes: Option<u32>,
        slot: Option<String>,
    ) -> Rc<Self> {
        Rc::new(Self {
            holding,
            key,
            file,
            identity,
            number: Cell::new(resumes),
            slot: RefCell::new(slot),
            socket: RefCell::default(),
            sockets: Cell::default(),
            backoff: Cell::default(),
            retry: RefCell::default(),
        })
    }

    /// By what the page knows it.
    pub(super) fn key(&self) -> u32 {
        self.key
    }

    /// Connects anew.
    pub(super) fn connect(self: &Rc<Self>) {
        let address = Address {
            path: PATH,
            subprotocol: SUBPROTOCOL,
        };
        self.sockets.set(self.sockets.get() + 1);
        let socket = Socket::connect(&address, &Handle(Rc::downgrade(self)));
        let refused = socket.is_none();
        *self.socket.borrow_mut() = socket;
        if refused {
            return self.lost();
        }
        self.later(CONNECT_MS, Self::lost);
    }

    fn later(self: &Rc<Self>, wait_ms: u32, act: fn(&Rc<Self>)) {
        let line = Rc::downgrade(self);
        let act = move || {
            if let Some(line) = line.upgrade() {
                act(&line);
            }
        };
        *self.retry.borrow_mut() = Some(Timeout::new(wait_ms, act));
    }

    fn opened(&self) {
        let offer = Offer {
            file: self.identity.clone(),
            resumes: self.number.get(),
        };
        self.send(&FromHolder::Offer(offer), &Uint8Array::new_with_length(0));
    }

    fn message(self: &Rc<Self>, message: &ArrayBuffer) {
        match decode_to_holder(&Uint8Array::new(message).to_vec()) {
            Ok(ToHolder::Taken { held }) => self.taken(held),
            Ok(ToHolder::Ask(ask)) => {
                let (line, socket) = (self.clone(), self.sockets.get());
                spawn_local(async move { line.answer(ask, socket).await });
            }
            Err(_) => self.holding.ended(self.key, Some(End::BadMessage)),
        }
    }

    fn taken(&self, number: u32) {
        self.retry.borrow_mut().take();
        self.backoff.set(Backoff::default());
        self.number.set(Some(number));
        let slot = self.slot.borrow_mut().take();
        self.holding.taken(self.key, number, slot);
    }

    async fn answer(&self, ask: Ask, socket: u32) {
        let Ask {
            number,
            offset,
            length,
        } = ask;
        let end = offset.saturating_add(length.into()) as f64;
        let read = match self.file.slice_with_f64_and_f64(offset as f64, end) {
            Ok(part) => JsFuture::from(part.array_buffer()).await,
            Err(error) => Err(error),
        };
        if self.sockets.get() != socket {
            return;
        }
        let nothing = Uint8Array::new_with_length(0);
        match read {
            Ok(part) => self.send(&FromHolder::Part { number }, &Uint8Array::new(&part)),
            Err(error) if is_gone(&error) => self.send(&FromHolder::Changed, &nothing),
            Err(_) => self.send(&FromHolder::Unread { number }, &nothing),
        }
    }

    /// The tail never passes through the memory of this program.
    fn send(&self, message: &FromHolder, tail: &Uint8Array) {
        let head = encode_from_holder(message, &[]);
        let head_length = u32::try_from(head.len()).unwrap_or(0);
        let whole = Uint8Array::new_with_length(head_length + tail.length());
        whole.subarray(0, head_length).copy_from(&head);
        whole.set(tail, head_length);
        if let Some(socket) = &*self.socket.borrow() {
            socket.send_buffer(&whole.buffer());
        }
    }

    fn closed(self: &Rc<Self>, code: u16) {
        match End::from_code(code) {
            Some(end) if !end.is_passing() => self.holding.ended(self.key, Some(end)),
            _ => self.lost(),
        }
    }

    fn lost(self: &Rc<Self>) {
        self.socket.borrow_mut().take();
        if self.number.get().is_none() {
            return self.holding.ended(self.key, None);
        }
        self.holding.lost(self.key);
        let mut backoff = self.backoff.get();
        let wait_ms = backoff.next_ms(js_sys::Math::random());
        self.backoff.set(backoff);
        self.later(wait_ms, Self::connect);
    }
}

fn is_gone(error: &JsValue) -> bool {
    let name = Reflect::get(error, &"name".into()).ok();
    let name = name.and_then(|name| name.as_string());
    name.is_some_and(|name| GONE.contains(&name.as_str()))
}

#[derive(Clone)]
struct Handle(Weak<Line>);

impl Events for Handle {
    fn opened(&self) {
        if let Some(line) = self.0.upgrade() {
            line.opened();
        }
    }

    fn message(&self, message: ArrayBuffer) {
        if let Some(line) = self.0.upgrade() {
            line.message(&message);
        }
    }

    fn closed(&self, code: u16) {
        if let Some(line) = self.0.upgrade() {
            line.closed(code);
        }
    }
}
