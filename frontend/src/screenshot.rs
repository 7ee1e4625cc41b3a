//! What the canvas shows as a picture of its own: into a file and, where the browser lets it, the clipboard.

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlCanvasElement, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

use crate::{
    browser::document,
    save::{download, name_now},
    store::Store,
    ui::text,
};

#[wasm_bindgen]
extern "C" {
    type ClipboardItem;

    #[wasm_bindgen(constructor, catch)]
    fn new(items: &Object) -> Result<ClipboardItem, JsValue>;

    #[wasm_bindgen(js_namespace = ["navigator", "clipboard"], js_name = write, catch)]
    fn write_clipboard(items: &Array) -> Result<Promise, JsValue>;
}

/// Takes a screenshot and says what became of it. To be called from a click, without which browsers copy nothing.
pub(crate) fn take(store: Store) {
    let png = match picture() {
        Ok(png) => png,
        Err(_) => return store.say(text().screenshot_failed.to_owned()),
    };
    let copied = copy(&png);
    let name = name_now(store, "png");
    spawn_local(async move {
        let saved = match JsFuture::from(png).await {
            Ok(blob) => download(&blob.unchecked_into::<Blob>(), &name).is_ok(),
            Err(_) => false,
        };
        let copied = match copied {
            Ok(copied) => JsFuture::from(copied).await.is_ok(),
            Err(_) => false,
        };
        let text = text();
        store.say(match (saved, copied) {
            (true, true) => text.screenshot_saved_and_copied(name),
            (true, false) => text.screenshot_saved(name),
            (false, true) => text.screenshot_copied.to_owned(),
            (false, false) => text.screenshot_failed.to_owned(),
        });
    });
}

/// The canvas in the machine's pixels, as a promise of a PNG.
fn picture() -> Result<Promise, JsValue> {
    let canvas: HtmlCanvasElement = document()
        .query_selector("canvas.picture")?
        .ok_or(JsValue::NULL)?
        .unchecked_into();
    let copy = OffscreenCanvas::new(canvas.width(), canvas.height())?;
    let painter: OffscreenCanvasRenderingContext2d = copy
        .get_context("2d")?
        .ok_or(JsValue::NULL)?
        .unchecked_into();
    painter.draw_image_with_html_canvas_element(&canvas, 0.0, 0.0)?;
    copy.convert_to_blob()
}

fn copy(png: &Promise) -> Result<Promise, JsValue> {
    let items = Object::new();
    Reflect::set(&items, &"image/png".into(), png)?;
    write_clipboard(&Array::of1(&ClipboardItem::new(&items)?.into()))
}
