//! The worker: messages in, decoded by the browser, the newest frames out.
//!
//! The page sends `[message, arrived]` for each video message: an `ArrayBuffer` and when it arrived, in microseconds of
//! Unix time. The worker answers with the bytes of a [`Report`], and for a frame that is to be shown with
//! `[bytes, VideoFrame]`, which is moved and not copied.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, ArrayBuffer, Uint8Array};
use shared::{
    ToBrowser,
    video::{Format, Frame},
    wire,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::{
    order::{Arrival, InDecoder, Order, Setup},
    report::{Report, Shown},
    webcodecs::{EncodedVideoChunk, VideoDecoder, VideoFrame},
};

/// How much of a message is copied into the program's memory, in bytes: its head and a key frame's parameter sets.
const COPIED_MAX: u32 = 4096;

/// Starts the worker.
pub fn start() {
    console_error_panic_hook::set_once();
    let worker = Rc::new(Worker::new(
        js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>(),
    ));
    let listening = worker.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        listening.message(&event.data());
    });
    worker
        .scope
        .set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    worker.report(Report::Ready);
}

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    order: RefCell<Order>,
    decoder: RefCell<Option<Decoder>>,
    /// What the decoder is set up for.
    format: Cell<Option<Format>>,
    /// What the page was told last.
    told: Cell<Option<Format>>,
}

/// A decoder with the closures that it calls.
struct Decoder {
    decoder: VideoDecoder,
    _output: Closure<dyn Fn(VideoFrame)>,
    _error: Closure<dyn Fn(JsValue)>,
}

impl Drop for Decoder {
    fn drop(&mut self) {
        let _already_closed_by_its_failure = self.decoder.close();
    }
}

impl Worker {
    fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        Self {
            scope,
            order: RefCell::default(),
            decoder: RefCell::default(),
            format: Cell::default(),
            told: Cell::default(),
        }
    }

    fn report(&self, report: Report) {
        let bytes = Uint8Array::from(report.to_bytes().as_slice());
        let _page_is_gone = self.scope.post_message(&bytes);
    }

    fn now_us(&self) -> u64 {
        self.scope.performance().map_or(0, |performance| {
            ((performance.time_origin() + performance.now()) * 1000.0) as u64
        })
    }

    fn message(self: &Rc<Self>, data: &JsValue) {
        let Some(pair) = data.dyn_ref::<Array>() else {
            return;
        };
        let arrived_us = pair.get(1).as_f64().unwrap_or_default() as u64;
        if let Ok(message) = pair.get(0).dyn_into::<ArrayBuffer>() {
            self.video(&message, arrived_us);
        }
    }

    fn video(self: &Rc<Self>, message: &ArrayBuffer, arrived_us: u64) {
        let bytes = Uint8Array::new(message);
        let head = bytes.subarray(0, COPIED_MAX.min(bytes.length())).to_vec();
        let Ok((ToBrowser::Video(frame), unit)) = wire::decode_to_browser(&head) else {
            return;
        };
        let start = (head.len() - unit.len()) as u32;
        let queue = self.queue();
        let arrival = self
            .order
            .borrow_mut()
            .arrived(frame, unit, queue, arrived_us);
        match arrival {
            Arrival::Leave { ask } => {
                self.left_out(frame);
                if ask {
                    self.report(Report::NeedsKeyFrame);
                }
            }
            Arrival::Decode(setup) => {
                let unit = Uint8Array::new_with_byte_offset(message, start);
                let decoded = self.decode(setup.as_ref(), frame.key, frame.sequence, &unit);
                if decoded.is_err() {
                    self.failed();
                    self.left_out(frame);
                }
            }
        }
    }

    fn queue(&self) -> u32 {
        self.decoder
            .borrow()
            .as_ref()
            .map_or(0, |decoder| decoder.decoder.queue())
    }

    fn decode(
        self: &Rc<Self>,
        setup: Option<&Setup>,
        key: bool,
        sequence: u32,
        unit: &Uint8Array,
    ) -> Result<(), JsValue> {
        if let Some(setup) = setup {
            self.set_up(setup)?;
        }
        let chunk = EncodedVideoChunk::create(key, sequence, unit)?;
        match &*self.decoder.borrow() {
            Some(decoder) => decoder.decoder.decode(&chunk),
            None => Err(JsValue::NULL),
        }
    }

    fn set_up(self: &Rc<Self>, setup: &Setup) -> Result<(), JsValue> {
        let mut slot = self.decoder.borrow_mut();
        let decoder = match slot.take() {
            Some(decoder) => {
                decoder.decoder.reset()?;
                decoder
            }
            None => self.create_decoder()?,
        };
        decoder.decoder.set_up(setup)?;
        *slot = Some(decoder);
        self.format.set(Some(setup.format));
        Ok(())
    }

    fn create_decoder(self: &Rc<Self>) -> Result<Decoder, JsValue> {
        let (for_output, for_error) = (Rc::downgrade(self), Rc::downgrade(self));
        let output = Closure::<dyn Fn(VideoFrame)>::new(move |frame: VideoFrame| {
            if let Some(worker) = for_output.upgrade() {
                worker.decoded(&frame);
            }
            frame.close();
        });
        let error = Closure::<dyn Fn(JsValue)>::new(move |_| {
            if let Some(worker) = for_error.upgrade() {
                worker.failed();
            }
        });
        let decoder = VideoDecoder::create(
            output.as_ref().unchecked_ref(),
            error.as_ref().unchecked_ref(),
        )?;
        Ok(Decoder {
            decoder,
            _output: output,
            _error: error,
        })
    }

    fn decoded(&self, frame: &VideoFrame) {
        let decoded_us = self.now_us();
        let sequence = frame.timestamp() as u32;
        let Some((known, show)) = self.order.borrow_mut().decoded(sequence, decoded_us) else {
            return;
        };
        match show {
            true => self.hand_over(frame, self.shown(known, decoded_us)),
            false => self.left_out(known.frame),
        }
    }

    fn left_out(
        &self,
        Frame {
            stream, sequence, ..
        }: Frame,
    ) {
        self.report(Report::LeftOut { stream, sequence });
    }

    fn shown(&self, InDecoder { frame, arrived_us }: InDecoder, decoded_us: u64) -> Shown {
        Shown {
            stream: frame.stream,
            sequence: frame.sequence,
            captured_us: frame.captured_us,
            encode_us: frame.encode_us,
            arrived_us,
            decoded_us,
            queue: self.queue(),
        }
    }

    fn hand_over(&self, frame: &VideoFrame, shown: Shown) {
        if let Some(Format { width, height, .. }) = self.format.get()
            && self.told.replace(self.format.get()) != self.format.get()
        {
            self.report(Report::Resized { width, height });
        }
        let bytes = Uint8Array::from(Report::Shown(shown).to_bytes().as_slice());
        let pair = Array::of2(&bytes, frame);
        let moved = Array::of1(frame);
        let _page_is_gone = self.scope.post_message_with_transfer(&pair, &moved);
    }

    /// The decoder is broken, and what was in it is lost.
    fn failed(&self) {
        self.decoder.borrow_mut().take();
        let (lost, goes_on) = self.order.borrow_mut().failed();
        if let Some(newest) = lost {
            self.left_out(newest);
        }
        self.report(if goes_on {
            Report::NeedsKeyFrame
        } else {
            Report::CannotDecode
        });
    }
}
