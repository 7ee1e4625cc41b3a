//! The page's side of the worker: hands it the messages, shows what it has decoded, and takes its reports.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, prelude::JsValue};
use web_sys::{Event, HtmlCanvasElement, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{report::Report, wall::Wall};
use crate::browser::{Listener, document};

/// The worker whose frames are shown on a canvas; it ends when this is dropped.
pub(crate) struct Canvas {
    worker: Worker,
    waiting: Waiting,
    _listeners: [Listener; 2],
}

/// What cannot be sent before the worker listens.
type Waiting = Rc<RefCell<Option<Vec<(JsValue, Array)>>>>;

impl Canvas {
    /// Starts the worker for a canvas, on which nobody else can draw from then on. `None` where the browser cannot do
    /// that. A report of a frame comes once it is on the canvas.
    pub(crate) fn start(
        canvas: &HtmlCanvasElement,
        on_report: impl Fn(Report) + Clone + 'static,
    ) -> Option<Self> {
        let wall = Wall::new(canvas, on_report.clone())?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&script()?, &options).ok()?;
        let waiting = Waiting::new(RefCell::new(Some(Vec::new())));
        let broken = on_report.clone();
        let listeners = [
            listen(&worker, waiting.clone(), wall, on_report),
            Listener::new(&worker, "error", move |_: Event| {
                broken(Report::CannotDecode);
            }),
        ];
        Some(Self {
            worker,
            waiting,
            _listeners: listeners,
        })
    }

    /// Gives the worker a video message, which is moved there.
    pub(crate) fn take(&self, message: &ArrayBuffer, arrived_us: u64) {
        let pair = Array::of2(message, &(arrived_us as f64).into());
        let moved = Array::of1(message);
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push((pair.into(), moved)),
            None => post(&self.worker, &pair, &moved),
        }
    }
}

impl Drop for Canvas {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

fn listen(
    worker: &Worker,
    waiting: Waiting,
    wall: Rc<Wall>,
    on_report: impl Fn(Report) + 'static,
) -> Listener {
    let answering = worker.clone();
    Listener::new(worker, "message", move |event: MessageEvent| {
        let data = event.data();
        let (report, frame) = match data.dyn_ref::<Array>() {
            Some(pair) => (pair.get(0), Some(pair.get(1))),
            None => (data, None),
        };
        let bytes: Uint8Array = report.unchecked_into();
        let report = Report::from_bytes(&bytes.to_vec());
        match (report, frame) {
            (Some(Report::Ready), _) => {
                for (message, moved) in waiting.borrow_mut().take().unwrap_or_default() {
                    post(&answering, &message, &moved);
                }
            }
            (Some(Report::Shown(shown)), Some(frame)) => wall.show(frame.unchecked_into(), shown),
            (Some(report), _) => {
                if let Report::Resized { width, height } = report {
                    wall.resize(width, height);
                }
                on_report(report);
            }
            (None, _) => {}
        }
    })
}

fn post(worker: &Worker, message: &JsValue, moved: &Array) {
    let _worker_is_gone = worker.post_message_with_transfer(message, moved);
}

/// The bundler names the worker's script in the page's head.
fn script() -> Option<String> {
    document()
        .query_selector("meta[name=worker]")
        .ok()??
        .get_attribute("content")
}
