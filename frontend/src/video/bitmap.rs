//! How a drawn picture goes from the worker to the page: as an `ImageBitmap`, which is moved and not copied.
//!
//! A canvas whose control is handed to the worker (`transferControlToOffscreen`) would show a picture only with the
//! worker's next animation frame. The page shows a bitmap with its own next one, which is half a frame earlier.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, prelude::JsValue, prelude::wasm_bindgen};
use web_sys::{HtmlCanvasElement, OffscreenCanvas};

use super::webcodecs::{Painter, VideoFrame};

#[wasm_bindgen]
extern "C" {
    /// `ImageBitmap`
    pub(super) type ImageBitmap;

    #[wasm_bindgen(method, getter)]
    fn width(this: &ImageBitmap) -> u32;

    #[wasm_bindgen(method, getter)]
    fn height(this: &ImageBitmap) -> u32;

    type Taken;

    #[wasm_bindgen(method, catch, js_name = transferToImageBitmap)]
    fn transfer_to_image_bitmap(this: &Taken) -> Result<ImageBitmap, JsValue>;

    type BitmapContext;

    #[wasm_bindgen(method, catch, js_name = transferFromImageBitmap)]
    fn show(this: &BitmapContext, bitmap: &ImageBitmap) -> Result<(), JsValue>;
}

/// The worker's end: frames become bitmaps.
pub(super) struct Easel {
    canvas: OffscreenCanvas,
    painter: Painter,
}

impl Easel {
    /// For pictures of this size in pixels.
    pub(super) fn new(width: u16, height: u16) -> Result<Self, JsValue> {
        let canvas = OffscreenCanvas::new(width.into(), height.into())?;
        let options = Object::new();
        Reflect::set(&options, &"alpha".into(), &false.into())?;
        let context = canvas.get_context_with_context_options("2d", &options)?;
        let painter = context.ok_or(JsValue::NULL)?.unchecked_into();
        Ok(Self { canvas, painter })
    }

    /// Whether it is for pictures of this size.
    pub(super) fn fits(&self, width: u16, height: u16) -> bool {
        (self.canvas.width(), self.canvas.height()) == (width.into(), height.into())
    }

    /// Draws what belongs to the picture; a coded frame may be larger.
    pub(super) fn draw(&self, frame: &VideoFrame) -> Result<ImageBitmap, JsValue> {
        let (width, height) = (self.canvas.width().into(), self.canvas.height().into());
        self.painter
            .draw(frame, 0.0, 0.0, width, height, 0.0, 0.0, width, height)?;
        let taken: &Taken = self.canvas.unchecked_ref();
        taken.transfer_to_image_bitmap()
    }
}

/// The page's end: the bitmap that was shown last is the canvas's picture.
pub(super) struct Wall {
    canvas: HtmlCanvasElement,
    context: BitmapContext,
}

impl Wall {
    /// On a canvas of the page. `None` where the browser cannot show bitmaps.
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("bitmaprenderer").ok()??;
        Some(Self {
            canvas: canvas.clone(),
            context: context.unchecked_into(),
        })
    }

    /// Shows a picture in its own size.
    pub(super) fn show(&self, bitmap: &ImageBitmap) {
        let (width, height) = (bitmap.width(), bitmap.height());
        if (self.canvas.width(), self.canvas.height()) != (width, height) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        let _bitmap_was_shown_before = self.context.show(bitmap);
    }
}
