//! The few items of WebCodecs that are used (W3C WebCodecs; AVC registration).

use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::order::Setup;

#[wasm_bindgen]
extern "C" {
    /// `VideoDecoder`
    pub(super) type VideoDecoder;

    #[wasm_bindgen(constructor, catch)]
    fn new(init: &Object) -> Result<VideoDecoder, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn configure(this: &VideoDecoder, config: &Object) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn reset(this: &VideoDecoder) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn decode(this: &VideoDecoder, chunk: &EncodedVideoChunk) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn close(this: &VideoDecoder) -> Result<(), JsValue>;

    #[wasm_bindgen(method, getter, js_name = decodeQueueSize)]
    pub(super) fn queue(this: &VideoDecoder) -> u32;

    /// `EncodedVideoChunk`
    pub(super) type EncodedVideoChunk;

    #[wasm_bindgen(constructor, catch)]
    fn new(init: &Object) -> Result<EncodedVideoChunk, JsValue>;

    /// `VideoFrame`
    #[derive(Clone)]
    pub(super) type VideoFrame;

    #[wasm_bindgen(method, getter)]
    pub(super) fn timestamp(this: &VideoFrame) -> f64;

    #[wasm_bindgen(method)]
    pub(super) fn close(this: &VideoFrame);

    /// `CanvasRenderingContext2D`, which can draw a `VideoFrame`.
    pub(super) type Painter;

    #[wasm_bindgen(method, catch, js_name = drawImage)]
    pub(super) fn draw(
        this: &Painter,
        frame: &VideoFrame,
        from_x: f64,
        from_y: f64,
        from_width: f64,
        from_height: f64,
        to_x: f64,
        to_y: f64,
        to_width: f64,
        to_height: f64,
    ) -> Result<(), JsValue>;
}

impl VideoDecoder {
    /// A decoder that gives frames to `output` and its failure to `error`.
    pub(super) fn create(output: &Function, error: &Function) -> Result<Self, JsValue> {
        Self::new(&object(&[("output", output), ("error", error)])?)
    }

    /// Sets it up for an Annex B stream, for the least delay.
    pub(super) fn set_up(&self, setup: &Setup) -> Result<(), JsValue> {
        self.configure(&object(&[
            ("codec", &setup.codec.as_str().into()),
            ("codedWidth", &setup.format.width.into()),
            ("codedHeight", &setup.format.height.into()),
            ("optimizeForLatency", &true.into()),
            ("hardwareAcceleration", &"no-preference".into()),
        ])?)
    }
}

impl EncodedVideoChunk {
    /// An access unit whose frame comes out with this timestamp.
    pub(super) fn create(key: bool, timestamp: u32, unit: &Uint8Array) -> Result<Self, JsValue> {
        let kind = if key { "key" } else { "delta" };
        Self::new(&object(&[
            ("type", &kind.into()),
            ("timestamp", &timestamp.into()),
            ("data", unit),
        ])?)
    }
}

fn object(entries: &[(&str, &JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in entries {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}
