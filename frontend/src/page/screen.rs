//! The machine's picture, with the hands on it.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Interval;
use leptos::{html, prelude::*};
use shared::{ToRelay, video::Ack};
use web_sys::HtmlCanvasElement;

use super::{
    console::Reach,
    notice::{KeyHint, LeaderHint, Notices},
    obstacle::Obstacle,
    said::Said,
};
use crate::{
    browser::{Listener, Resized, document, now_us},
    figures::Figures,
    input::{listen::listen, place::Size},
    link::connection::Link,
    panel::{device_keyboard::DeviceKeyboard, edge::Edge, view::ViewBar},
    preferences::AsText,
    store::Store,
    typist::Typist,
    ui::{focus, focus_screen, text},
    video::{canvas::Canvas, report::Report},
};

/// How often the figures are summed up, in milliseconds.
const FIGURES_MS: u32 = 500;

/// The picture and what stands in for it.
#[component]
pub(crate) fn Screen() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let reach = expect_context::<Reach>();
    let typist = expect_context::<Typist>();
    let canvas = NodeRef::<html::Canvas>::new();
    let frame = NodeRef::<html::Div>::new();
    let running = StoredValue::new_local(None);
    let resized = StoredValue::new_local(None);
    canvas.on_load(move |canvas: HtmlCanvasElement| {
        running.set_value(Some(Running::start(&canvas, store, reach, typist)));
        store.shown.lay_out(canvas);
        focus_screen();
    });
    frame.on_load(move |frame| {
        let room = frame.clone();
        resized.set_value(Resized::new(&frame, move |_, _| store.shown.measure(&room)));
    });
    view! {
        <div
            class="view"
            class:focused=move || store.focused.get()
        >
            <Notices/>
            <div class="frame" node_ref=frame>
                <canvas
                    node_ref=canvas
                    class="picture"
                    data-cursor=move || store.preferences.cursor.get().to_text()
                    class:empty=move || store.picture.get().is_none()
                    role="application"
                    aria-label=text.remote_screen
                    aria-describedby="screen-help"
                    tabindex="0"
                ></canvas>
                <Obstacle/>
            </div>
            <DeviceKeyboard/>
            <Edge/>
            <ViewBar/>
            <KeyHint/>
            <LeaderHint/>
            <Said/>
            <p id="screen-help" class="unseen">{text.screen_help}</p>
        </div>
    }
}

/// Everything that runs while the picture is there.
struct Running {
    _listeners: Vec<Listener>,
    _figures: Interval,
}

impl Running {
    fn start(canvas: &HtmlCanvasElement, store: Store, reach: Reach, typist: Typist) -> Self {
        let link = reach.link.get_value();
        let hands = reach.hands.get_value();
        let figures = Rc::new(RefCell::new(Figures::default()));
        show(canvas, store, reach, &figures);
        let summed = figures.clone();
        let figures = Interval::new(FIGURES_MS, move || {
            let summary = summed.borrow_mut().summary(now_us(), link.round_trip_us());
            if store.figures.get_untracked() != summary {
                store.figures.set(summary);
            }
        });
        Self {
            _listeners: listen(canvas, &hands, store, typist, leave),
            _figures: figures,
        }
    }
}

/// Sends video to the worker and what the worker says to where it belongs.
fn show(canvas: &HtmlCanvasElement, store: Store, reach: Reach, figures: &Rc<RefCell<Figures>>) {
    let link = reach.link.get_value();
    let recorder = reach.recorder.get_value();
    store.picture.set(None);
    store.cannot_decode.set(false);
    let (answering, shown) = (link.clone(), figures.clone());
    let worker = Canvas::start(canvas, move |report| {
        heed(report, store, &answering, &mut shown.borrow_mut());
    });
    match worker {
        None => store.cannot_decode.set(true),
        Some(worker) => {
            let received = figures.clone();
            link.on_video(move |message, arrived_us| {
                received
                    .borrow_mut()
                    .received(message.byte_length() as usize, arrived_us);
                recorder.take(message, arrived_us);
                worker.take(message, arrived_us);
            });
        }
    }
}

fn heed(report: Report, store: Store, link: &Link, figures: &mut Figures) {
    match report {
        Report::Ready => {}
        Report::Shown(shown) => {
            let now_us = now_us();
            figures.shown(&shown, link.captured_us(shown.captured_us), now_us);
            let shown_us = now_us.saturating_sub(shown.arrived_us);
            acknowledge(link, shown.stream, shown.sequence, shown_us.max(1));
        }
        Report::LeftOut { stream, sequence } => acknowledge(link, stream, sequence, 0),
        Report::Resized { width, height } => store.picture.set(Some(Size { width, height })),
        Report::NeedsKeyFrame => link.send(&ToRelay::RequestKeyFrame),
        Report::CannotDecode => store.cannot_decode.set(true),
    }
}

fn acknowledge(link: &Link, stream: u32, sequence: u32, shown_us: u64) {
    link.send(&ToRelay::Ack(Ack {
        stream,
        sequence,
        shown_us: u32::try_from(shown_us).unwrap_or(u32::MAX),
    }));
}

/// The operator wants the keyboard back: it goes to the first tool.
fn leave() {
    if document().fullscreen_element().is_some() {
        crate::input::lock::leave_full_screen();
    }
    focus("[role=toolbar] button");
}
