//! The line of the serial console to the relay, which comes back by itself and goes on where it was.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use gloo_timers::callback::Timeout;
use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::*;
use shared::serial::{
    End, FromTerminal, PATH, Place, Refused, SUBPROTOCOL, TYPED_MAX, ToTerminal,
    decode_to_terminal, encode_from_terminal,
};

use crate::{
    link::{
        backoff::Backoff,
        socket::{Address, Events, Socket},
    },
    store::{Control, Store},
    terminal::screen::Screen,
    ui::text,
};

/// How long a connection may take to stand, in milliseconds.
const CONNECT_MS: u32 = 4_000;

/// What changes on the screen is told by this.
type OnChange = Box<dyn Fn()>;

/// A serial console. It ends when it is dropped.
#[derive(Clone)]
pub(crate) struct SerialLine(Rc<Inner>);

struct Inner {
    store: Store,
    screen: RefCell<Screen>,
    /// Where the output goes on.
    place: Cell<Option<Place>>,
    /// What comes before this is the past.
    now: Cell<u64>,
    socket: RefCell<Option<Socket>>,
    backoff: Cell<Backoff>,
    retry: RefCell<Option<Timeout>>,
    on_change: RefCell<Option<OnChange>>,
    stands: RwSignal<bool>,
    refused: RwSignal<Option<Refused>>,
}

impl SerialLine {
    /// Connects.
    pub(crate) fn open(store: Store) -> Self {
        let line = Self(Rc::new(Inner {
            store,
            screen: RefCell::default(),
            place: Cell::default(),
            now: Cell::default(),
            socket: RefCell::default(),
            backoff: Cell::default(),
            retry: RefCell::default(),
            on_change: RefCell::default(),
            stands: RwSignal::new(false),
            refused: RwSignal::new(None),
        }));
        line.connect();
        line
    }

    /// Whether it is connected. What reads it follows it.
    pub(crate) fn stands(&self) -> RwSignal<bool> {
        self.0.stands
    }

    /// Why the last thing was not done.
    pub(crate) fn refused(&self) -> RwSignal<Option<Refused>> {
        self.0.refused
    }

    /// Calls that whenever there is something to paint.
    pub(crate) fn on_change(&self, act: impl Fn() + 'static) {
        *self.0.on_change.borrow_mut() = Some(Box::new(act));
        self.changed();
    }

    /// Does something with the screen.
    pub(crate) fn screen<T>(&self, act: impl FnOnce(&mut Screen) -> T) -> T {
        act(&mut self.0.screen.borrow_mut())
    }

    /// Gives the machine bytes.
    pub(crate) fn send(&self, bytes: &[u8]) {
        self.0.refused.set(None);
        self.send_quietly(bytes);
    }

    /// Gives the machine the break signal.
    pub(crate) fn send_break(&self) {
        self.0.refused.set(None);
        self.say(|viewer| FromTerminal::Break { viewer }, &[]);
    }

    /// Gives the port another speed.
    pub(crate) fn set_speed(&self, speed: u32) {
        self.0.refused.set(None);
        self.say(|viewer| FromTerminal::SetSpeed { viewer, speed }, &[]);
    }

    /// Closes it for good.
    pub(crate) fn close(&self) {
        self.0.retry.borrow_mut().take();
        self.0.socket.borrow_mut().take();
        self.0.on_change.borrow_mut().take();
    }

    fn send_quietly(&self, bytes: &[u8]) {
        for bytes in bytes.chunks(TYPED_MAX) {
            self.say(|viewer| FromTerminal::Type { viewer }, bytes);
        }
    }

    fn say(&self, message: impl FnOnce(u32) -> FromTerminal, tail: &[u8]) {
        let state = self.0.store.state;
        let viewer = state.with_untracked(|state| state.as_ref().map_or(0, |state| state.you));
        self.send_message(&message(viewer), tail);
    }

    fn send_message(&self, message: &FromTerminal, tail: &[u8]) {
        let bytes = Uint8Array::from(&encode_from_terminal(message, tail)[..]);
        if let Some(socket) = &*self.0.socket.borrow() {
            socket.send_buffer(&bytes.buffer());
        }
    }

    fn connect(&self) {
        let address = Address {
            path: PATH,
            subprotocol: SUBPROTOCOL,
        };
        let socket = Socket::connect(&address, &Handle(Rc::downgrade(&self.0)));
        *self.0.socket.borrow_mut() = socket;
        self.later(CONNECT_MS, Self::lost);
    }

    fn later(&self, wait_ms: u32, act: fn(&Self)) {
        let line = Handle(Rc::downgrade(&self.0));
        let act = move || line.with(act);
        *self.0.retry.borrow_mut() = Some(Timeout::new(wait_ms, act));
    }

    fn opened(&self) {
        let resumes = self.0.place.get();
        self.send_message(&FromTerminal::Open { resumes }, &[]);
    }

    fn message(&self, message: &ArrayBuffer) {
        let bytes = Uint8Array::new(message).to_vec();
        match decode_to_terminal(&bytes) {
            Ok((ToTerminal::Opened { log, from, now }, _)) => self.begins(log, from, now),
            Ok((ToTerminal::Output { offset }, output)) => self.output(offset, output),
            Ok((ToTerminal::Refused(refused), _)) => self.0.refused.set(Some(refused)),
            Err(_) => self.lost(),
        }
    }

    fn begins(&self, log: u64, from: u64, now: u64) {
        self.0.retry.borrow_mut().take();
        self.0.backoff.set(Backoff::default());
        self.0.now.set(now);
        let text = text();
        match self.0.place.get() {
            Some(place) if place.log == log => self.skips(place.offset, from),
            Some(_) => self.screen(|screen| screen.note(text.serial_anew)),
            None if from > 0 => self.screen(|screen| screen.note(text.serial_earlier)),
            None => {}
        }
        self.0.place.set(Some(Place { log, offset: from }));
        self.0.stands.set(true);
        self.changed();
    }

    /// Output from one place to another did not come.
    fn skips(&self, from: u64, to: u64) {
        if to > from {
            let words = text().serial_skipped(to - from);
            self.screen(|screen| screen.note(&words));
        }
    }

    fn output(&self, offset: u64, output: &[u8]) {
        let Some(place) = self.0.place.get() else {
            return self.lost();
        };
        self.skips(place.offset, offset);
        let end = offset + output.len() as u64;
        self.0.place.set(Some(Place {
            offset: end,
            ..place
        }));
        // A question that stands across the border was asked before.
        let answers = self.screen(|screen| screen.print(output));
        let is_present = offset >= self.0.now.get();
        if is_present && !answers.is_empty() && self.in_control() {
            self.send_quietly(&answers);
        }
        self.changed();
    }

    fn in_control(&self) -> bool {
        let state = self.0.store.state;
        state.with_untracked(|state| {
            state
                .as_ref()
                .is_some_and(|state| Control::of(state) == Control::Mine)
        })
    }

    fn changed(&self) {
        if let Some(act) = &*self.0.on_change.borrow() {
            act();
        }
    }

    fn closed(&self, code: u16) {
        match End::from_code(code) {
            // The page's own link ends for the same reason, and says so.
            Some(End::SignedOut) => self.0.stands.set(false),
            _ => self.lost(),
        }
    }

    fn lost(&self) {
        self.0.socket.borrow_mut().take();
        self.0.stands.set(false);
        let mut backoff = self.0.backoff.get();
        let wait_ms = backoff.next_ms(js_sys::Math::random());
        self.0.backoff.set(backoff);
        self.later(wait_ms, Self::connect);
    }
}

#[derive(Clone)]
struct Handle(Weak<Inner>);

impl Handle {
    fn with(&self, act: impl FnOnce(&SerialLine)) {
        if let Some(inner) = self.0.upgrade() {
            act(&SerialLine(inner));
        }
    }
}

impl Events for Handle {
    fn opened(&self) {
        self.with(SerialLine::opened);
    }

    fn message(&self, message: ArrayBuffer) {
        self.with(|line| line.message(&message));
    }

    fn closed(&self, code: u16) {
        self.with(|line| line.closed(code));
    }
}
