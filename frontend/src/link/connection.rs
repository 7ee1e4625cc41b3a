//! Keeps the link standing: hello, state, pings, and back again after a loss.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use gloo_timers::callback::{Interval, Timeout};
use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::*;
use shared::{
    SUBPROTOCOL, ToBrowser, ToRelay,
    held::Holders,
    message::{Change, Closing, Jiggler, State},
    version::SPOKEN,
    wire,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, VisibilityState};

use super::{
    backoff::Backoff,
    socket::{Address, Events, Socket},
};
use crate::{
    api,
    browser::{Listener, document, now_us, window},
    clock::Clock,
    store::{LinkPhase, Page, Store},
};

/// How often the relay is pinged, in milliseconds.
const PING_MS: u32 = 1_000;

/// With this many pings without an answer the page says so...
const UNANSWERED_SAID: u32 = 3;

/// ...and with more than this many the link is taken for dead. Most stalls end before, and then the picture is back
/// at once.
const UNANSWERED_MAX: u32 = 8;

/// How long a connection may take to stand, in milliseconds.
const CONNECT_MS: u32 = 4_000;

/// Takes video messages with the time when each arrived.
type OnVideo = Box<dyn Fn(&ArrayBuffer, u64)>;

/// The link. What it gives video to may hold it in turn, so it is closed by [`Link::close`].
#[derive(Clone)]
pub(crate) struct Link(Rc<Inner>);

struct Inner {
    store: Store,
    socket: RefCell<Option<Socket>>,
    backoff: Cell<Backoff>,
    clock: RefCell<Clock>,
    unanswered: Cell<u32>,
    since_us: Cell<i64>,
    on_video: RefCell<Option<OnVideo>>,
    retry: RefCell<Option<Timeout>>,
    timers: RefCell<Vec<Interval>>,
    listeners: RefCell<Vec<Listener>>,
}

impl Link {
    /// Connects.
    pub(crate) fn open(store: Store) -> Self {
        let link = Self(Rc::new(Inner {
            store,
            socket: RefCell::default(),
            backoff: Cell::default(),
            clock: RefCell::default(),
            unanswered: Cell::default(),
            since_us: Cell::default(),
            on_video: RefCell::default(),
            retry: RefCell::default(),
            timers: RefCell::default(),
            listeners: RefCell::default(),
        }));
        store.link.set(LinkPhase::Connecting);
        link.watch();
        link.connect();
        link
    }

    /// Sends a message, if the link stands.
    pub(crate) fn send(&self, message: &ToRelay) {
        if let Some(socket) = &*self.0.socket.borrow() {
            socket.send(message);
        }
    }

    /// Video goes there from now on.
    pub(crate) fn on_video(&self, take: impl Fn(&ArrayBuffer, u64) + 'static) {
        *self.0.on_video.borrow_mut() = Some(Box::new(take));
    }

    /// When a picture was captured, by this page's clock, from the relay's time of it; both in microseconds. `None`
    /// for what was captured before this link stood: its age says nothing of the link.
    pub(crate) fn captured_us(&self, relay_us: u64) -> Option<i64> {
        let captured_us = self.0.clock.borrow().to_page_us(relay_us)?;
        (captured_us >= self.0.since_us.get()).then_some(captured_us)
    }

    /// The latest round trip in microseconds.
    pub(crate) fn round_trip_us(&self) -> Option<u64> {
        self.0.clock.borrow().round_trip_us()
    }

    /// Tries now, if a try is due later.
    pub(crate) fn retry_now(&self) {
        let waiting = self.0.retry.borrow_mut().take().is_some();
        let closed = matches!(self.0.store.link.get_untracked(), LinkPhase::Closed(_));
        if waiting || closed {
            self.connect();
        }
    }

    /// Closes it for good.
    pub(crate) fn close(&self) {
        let inner = &self.0;
        inner.socket.borrow_mut().take();
        inner.retry.borrow_mut().take();
        inner.timers.borrow_mut().clear();
        inner.listeners.borrow_mut().clear();
        inner.on_video.borrow_mut().take();
    }

    fn watch(&self) {
        let ping = self.weakly(Self::ping);
        self.0
            .timers
            .borrow_mut()
            .push(Interval::new(PING_MS, ping));
        let online = self.weakly(Self::retry_if_lost);
        let visible = self.weakly(Self::retry_if_lost);
        *self.0.listeners.borrow_mut() = vec![
            Listener::new(&window(), "online", move |_: Event| online()),
            Listener::new(&document(), "visibilitychange", move |_: Event| {
                if document().visibility_state() == VisibilityState::Visible {
                    visible();
                }
            }),
        ];
    }

    /// A closure that does not keep the link alive.
    fn weakly(&self, act: fn(&Self)) -> impl Fn() + use<> + 'static {
        let inner: Weak<Inner> = Rc::downgrade(&self.0);
        move || {
            if let Some(inner) = inner.upgrade() {
                act(&Self(inner));
            }
        }
    }

    fn retry_if_lost(&self) {
        if self.0.retry.borrow().is_some() {
            self.retry_now();
        }
    }

    fn connect(&self) {
        let address = Address {
            path: "/link",
            subprotocol: SUBPROTOCOL,
        };
        let socket = Socket::connect(&address, &Handle(Rc::downgrade(&self.0)));
        let refused = socket.is_none();
        *self.0.socket.borrow_mut() = socket;
        if refused {
            return self.lost(None);
        }
        let overdue = self.weakly(|link| link.lost(None));
        *self.0.retry.borrow_mut() = Some(Timeout::new(CONNECT_MS, overdue));
    }

    fn opened(&self) {
        self.send(&ToRelay::Hello(SPOKEN));
    }

    fn message(&self, message: &ArrayBuffer) {
        let bytes = Uint8Array::new(message);
        if bytes.length() > 0 && bytes.get_index(0) == wire::VIDEO {
            let arrived_us = now_us();
            if let Some(take) = &*self.0.on_video.borrow() {
                take(message, arrived_us);
            }
            return;
        }
        match wire::decode_to_browser(&bytes.to_vec()) {
            Ok((message, _)) => self.understood(message),
            Err(_) => self.lost(Some(Closing::ReloadPage)),
        }
    }

    fn understood(&self, message: ToBrowser) {
        let store = self.0.store;
        match message {
            ToBrowser::Hello { .. } => self.ping(),
            ToBrowser::State(state) => self.stands(state),
            ToBrowser::Change(Change::Jiggler(jiggler)) => store.jiggler.set(jiggler),
            ToBrowser::Change(Change::Typing(typing)) => store.typing.set(Some(typing)),
            ToBrowser::Change(Change::Shortcuts { revision }) => {
                store.shortcuts.set(Some(revision));
            }
            ToBrowser::Change(Change::Macro(run)) => store.run.set(Some(run)),
            ToBrowser::Change(Change::Macros(revision)) => store.macros.set(revision),
            ToBrowser::Change(Change::Drives(drives)) => store.drives.set(drives),
            ToBrowser::Change(Change::DriveActivity(activity)) => {
                if let Some(drive) = store.drive_activity.get(usize::from(activity.drive)) {
                    drive.set(activity);
                }
            }
            ToBrowser::Change(Change::Images(revision)) => store.images.set(Some(revision)),
            ToBrowser::Change(Change::Transfers(transfers)) => store.transfers.set(transfers),
            ToBrowser::Change(Change::Holders(holders)) => store.holders.set(holders),
            ToBrowser::Change(Change::Power(power)) => store.told_power(power),
            ToBrowser::Change(Change::Serial(port)) => store.serial.set(Some(port)),
            ToBrowser::Change(Change::Switch(switch)) => store.switch.set(Some(switch)),
            ToBrowser::Change(change) => store.state.update(|state| {
                if let Some(state) = state {
                    state.apply(change);
                }
            }),
            ToBrowser::Pong { sent_us, relay_us } => {
                self.0.unanswered.set(0);
                if self.0.store.link.get_untracked() == LinkPhase::Stalled {
                    self.0.store.link.set(LinkPhase::Connected);
                }
                let mut clock = self.0.clock.borrow_mut();
                clock.answered(sent_us, relay_us, now_us());
            }
            ToBrowser::Closing(closing) => self.lost(Some(closing)),
            ToBrowser::Video(_) => {}
        }
    }

    fn stands(&self, state: State) {
        self.0.since_us.set(now_us().cast_signed());
        self.0.retry.borrow_mut().take();
        self.0.unanswered.set(0);
        let mut backoff = self.0.backoff.get();
        backoff.reset();
        self.0.backoff.set(backoff);
        self.0.store.typing.set(None);
        self.0.store.run.set(None);
        self.0.store.macros.notify();
        self.0.store.holders.set(Holders::default());
        self.0.store.state.set(Some(state));
        self.0.store.jiggler.set(Jiggler::default());
        self.0.store.link.set(LinkPhase::Connected);
    }

    fn ping(&self) {
        if self.0.store.link.get_untracked().stands() {
            let unanswered = self.0.unanswered.get() + 1;
            self.0.unanswered.set(unanswered);
            if unanswered > UNANSWERED_MAX {
                return self.lost(None);
            }
            if unanswered > UNANSWERED_SAID {
                self.0.store.link.set(LinkPhase::Stalled);
            }
        }
        self.send(&ToRelay::Ping { sent_us: now_us() });
    }

    fn lost(&self, closing: Option<Closing>) {
        let stood = self.0.store.link.get_untracked().stands();
        self.0.socket.borrow_mut().take();
        self.0.retry.borrow_mut().take();
        *self.0.clock.borrow_mut() = Clock::default();
        match closing {
            Some(Closing::SignedOut) => self.0.store.page.set(Page::SignIn),
            Some(closing @ (Closing::ReloadPage | Closing::BadMessage | Closing::Full)) => {
                self.0.store.link.set(LinkPhase::Closed(closing));
            }
            closing @ (Some(Closing::Restarting | Closing::Silent) | None) => {
                self.0.store.link.set(LinkPhase::Lost(closing));
                self.retry_later();
                if !stood {
                    self.check_access();
                }
            }
        }
    }

    fn retry_later(&self) {
        let mut backoff = self.0.backoff.get();
        let wait_ms = backoff.next_ms(js_sys::Math::random());
        self.0.backoff.set(backoff);
        let again = self.weakly(Self::connect);
        *self.0.retry.borrow_mut() = Some(Timeout::new(wait_ms, again));
    }

    /// A browser does not tell why an upgrade failed, so the page asks whether it is still signed in.
    fn check_access(&self) {
        let store = self.0.store;
        spawn_local(async move {
            if let Ok(access) = api::access().await
                && access.signed_in.is_none()
            {
                store.page.set(Page::for_access(&access));
            }
        });
    }
}

#[derive(Clone)]
struct Handle(Weak<Inner>);

impl Handle {
    fn link(&self) -> Option<Link> {
        self.0.upgrade().map(Link)
    }
}

impl Events for Handle {
    fn opened(&self) {
        if let Some(link) = self.link() {
            link.opened();
        }
    }

    fn message(&self, message: ArrayBuffer) {
        if let Some(link) = self.link() {
            link.message(&message);
        }
    }

    fn closed(&self, code: u16) {
        if let Some(link) = self.link() {
            link.lost(Closing::from_code(code));
        }
    }
}
