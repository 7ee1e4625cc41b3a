//! Records what arrives, from a click to the next.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Interval;
use js_sys::{ArrayBuffer, Date, Uint8Array};
use leptos::prelude::*;
use shared::{ToBrowser, ToRelay, wire};
use wasm_bindgen_futures::spawn_local;
use web_sys::Event;

use super::{
    mux::Muxer,
    sink::{Refused, Sink},
};
use crate::{
    browser::{Listener, now_us, window},
    link::connection::Link,
    save::name_now,
    store::Store,
    ui::text,
};

/// How often the time is told, in milliseconds.
const TELL_MS: u32 = 250;

/// Records for one console. Clones are handles to the same one.
#[derive(Clone)]
pub(crate) struct Recorder(Rc<Inner>);

struct Inner {
    store: Store,
    link: Link,
    running: RefCell<Option<Running>>,
}

struct Running {
    muxer: Muxer,
    sink: Sink,
    _timer: Interval,
    _keeps_the_page: Listener,
}

impl Recorder {
    /// Records what comes through a link.
    pub(crate) fn new(store: Store, link: Link) -> Self {
        store.filmed.set(None);
        Self(Rc::new(Inner {
            store,
            link,
            running: RefCell::default(),
        }))
    }

    /// Begins, or ends and saves. To be called from a click.
    pub(crate) fn toggle(&self) {
        if self.0.store.filmed.get_untracked().is_some() {
            self.stop();
        } else {
            self.start();
        }
    }

    /// Takes a video message.
    pub(crate) fn take(&self, message: &ArrayBuffer, arrived_us: u64) {
        let mut running = self.0.running.borrow_mut();
        let Some(running) = &mut *running else {
            return;
        };
        let bytes = Uint8Array::new(message).to_vec();
        if let Ok((ToBrowser::Video(frame), unit)) = wire::decode_to_browser(&bytes)
            && let Some(bytes) = running.muxer.frame(&frame, unit, arrived_us)
        {
            running.sink.write(&bytes);
        }
    }

    /// Ends and saves, if it records.
    pub(crate) fn stop(&self) {
        self.end(text().recording_saved);
    }

    fn start(&self) {
        let recorder = self.clone();
        let name = name_now(self.0.store, "mp4");
        self.0.store.filmed.set(Some(0));
        spawn_local(async move {
            match Sink::open(name).await {
                Ok(sink) => recorder.begin(sink),
                Err(refused) => {
                    recorder.0.store.filmed.set(None);
                    if refused == Refused::Failed {
                        let text = text().recording_refused;
                        recorder.0.store.say(text.to_owned());
                    }
                }
            }
        });
    }

    fn begin(&self, sink: Sink) {
        let watching = Rc::downgrade(&self.0);
        let timer = Interval::new(TELL_MS, move || {
            if let Some(inner) = watching.upgrade() {
                Self(inner).watch();
            }
        });
        let keeps = Listener::new(&window(), "beforeunload", |event: Event| {
            event.prevent_default();
        });
        *self.0.running.borrow_mut() = Some(Running {
            muxer: Muxer::new(sink.bytes_max(), (Date::now() / 1000.0) as u64),
            sink,
            _timer: timer,
            _keeps_the_page: keeps,
        });
        self.0.link.send(&ToRelay::RequestKeyFrame);
    }

    fn watch(&self) {
        let now_us = now_us();
        let found = self.0.running.borrow().as_ref().map(|running| {
            (
                running.muxer.seconds(now_us),
                running.muxer.has_begun(),
                running.muxer.is_full(now_us),
                running.sink.has_failed(),
            )
        });
        let Some((seconds, has_begun, is_full, has_failed)) = found else {
            return;
        };
        if has_failed {
            self.end(text().recording_saved);
        } else if is_full {
            self.end(text().recording_full);
        } else {
            if !has_begun {
                self.0.link.send(&ToRelay::RequestKeyFrame);
            }
            let seconds = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
            if self.0.store.filmed.get_untracked() != seconds {
                self.0.store.filmed.set(seconds);
            }
        }
    }

    /// Ends, and says so with the file's name in the place of `{name}`.
    fn end(&self, saved: &'static str) {
        let store = self.0.store;
        store.filmed.set(None);
        let Some(Running { muxer, sink, .. }) = self.0.running.borrow_mut().take() else {
            return;
        };
        let ending = muxer.finish(now_us());
        let failed = sink.has_failed();
        spawn_local(async move {
            let text = text();
            let name = sink.name().to_owned();
            let is_empty = ending.is_none();
            let finished = sink.finish(ending).await;
            store.say(if failed || finished.is_err() {
                text.recording_failed.to_owned()
            } else if is_empty {
                text.recording_empty.to_owned()
            } else {
                saved.replace("{name}", &name)
            });
        });
    }
}
