//! Where decoded frames become the canvas's picture: on the page, as soon as they come, and one an animation frame.
//!
//! A worker that draws on a canvas of its own has to give each picture away as a bitmap, or to wait for its next animation
//! frame; either takes half a frame longer than to move the decoder's frame to the page and draw it there.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::HtmlCanvasElement;

use super::{
    report::{Report, Shown},
    webcodecs::{Painter, VideoFrame},
};
use crate::browser::{document, window};

/// A canvas, and whom to tell what becomes of frames.
pub(super) struct Wall {
    canvas: HtmlCanvasElement,
    painter: Painter,
    on_report: Box<dyn Fn(Report)>,
    /// Whether a frame was drawn as it came since the last animation frame.
    drawn: Cell<bool>,
    waiting: RefCell<Option<(VideoFrame, Shown)>>,
    on_animation_frame: Closure<dyn Fn()>,
}

impl Wall {
    /// On a canvas of the page. `None` where the browser cannot draw on it.
    pub(super) fn new(
        canvas: &HtmlCanvasElement,
        on_report: impl Fn(Report) + 'static,
    ) -> Option<Rc<Self>> {
        let options = Object::new();
        Reflect::set(&options, &"alpha".into(), &false.into()).ok()?;
        let context = canvas.get_context_with_context_options("2d", &options);
        let painter = context.ok()??.unchecked_into();
        Some(Rc::new_cyclic(|wall: &Weak<Self>| {
            let wall = wall.clone();
            Self {
                canvas: canvas.clone(),
                painter,
                on_report: Box::new(on_report),
                drawn: Cell::new(false),
                waiting: RefCell::default(),
                on_animation_frame: Closure::new(move || {
                    if let Some(wall) = wall.upgrade() {
                        wall.go_on();
                    }
                }),
            }
        }))
    }

    /// Frames have this size from now on, in pixels.
    pub(super) fn resize(&self, width: u16, height: u16) {
        self.leave_out_waiting();
        self.canvas.set_width(width.into());
        self.canvas.set_height(height.into());
    }

    /// Draws a frame, now or at the next animation frame; one that still waits for that is left out.
    pub(super) fn show(&self, frame: VideoFrame, shown: Shown) {
        self.leave_out_waiting();
        if self.drawn.get() && !document().hidden() {
            self.waiting.replace(Some((frame, shown)));
        } else {
            self.draw(&frame, shown);
            self.follow_animation();
        }
    }

    fn follow_animation(&self) {
        if !self.drawn.replace(true) {
            let next = self.on_animation_frame.as_ref().unchecked_ref();
            self.drawn
                .set(window().request_animation_frame(next).is_ok());
        }
    }

    fn draw(&self, frame: &VideoFrame, shown: Shown) {
        let (width, height) = (self.canvas.width().into(), self.canvas.height().into());
        let drawn = self
            .painter
            .draw(frame, 0.0, 0.0, width, height, 0.0, 0.0, width, height);
        frame.close();
        match drawn {
            Ok(()) => (self.on_report)(Report::Shown(shown)),
            Err(_) => self.left_out(shown),
        }
    }

    /// What is drawn now does not count for the time until the next animation frame: else one frame would stand in line for
    /// ever where frames come as often as the browser draws.
    fn go_on(&self) {
        self.drawn.set(false);
        if let Some((frame, shown)) = self.waiting.take() {
            self.draw(&frame, shown);
        }
    }

    fn leave_out_waiting(&self) {
        if let Some((frame, shown)) = self.waiting.take() {
            frame.close();
            self.left_out(shown);
        }
    }

    fn left_out(&self, shown: Shown) {
        (self.on_report)(Report::LeftOut {
            stream: shown.stream,
            sequence: shown.sequence,
        });
    }
}

impl Drop for Wall {
    fn drop(&mut self) {
        if let Some((frame, _)) = self.waiting.take() {
            frame.close();
        }
    }
}
