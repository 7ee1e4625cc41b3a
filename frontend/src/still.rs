//! Small stills of what the machine shows.

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::HtmlCanvasElement;

use crate::browser::document;

#[wasm_bindgen]
extern "C" {
    type Painter;

    #[wasm_bindgen(method, catch, js_name = drawImage)]
    fn draw_image(
        this: &Painter,
        image: &HtmlCanvasElement,
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    ) -> Result<(), JsValue>;
}

/// Draws what is on the screen onto a canvas that gets this width, in pixels of its own.
///
/// # Errors
/// Where there is no screen, or the browser cannot draw.
pub(crate) fn draw(onto: &HtmlCanvasElement, width: u32) -> Result<(), JsValue> {
    let screen = document()
        .query_selector("canvas.picture")?
        .ok_or(JsValue::NULL)?;
    copy(&screen.unchecked_into(), onto, width)
}

/// Draws one canvas onto another that gets this width.
///
/// # Errors
/// Where the browser cannot draw.
pub(crate) fn copy(
    from: &HtmlCanvasElement,
    onto: &HtmlCanvasElement,
    width: u32,
) -> Result<(), JsValue> {
    let height = width * from.height() / from.width().max(1);
    if (onto.width(), onto.height()) != (width, height) {
        onto.set_width(width);
        onto.set_height(height);
    }
    let painter: Painter = onto
        .get_context("2d")?
        .ok_or(JsValue::NULL)?
        .unchecked_into();
    painter.draw_image(from, 0.0, 0.0, f64::from(width), f64::from(height))
}
