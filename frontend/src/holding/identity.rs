//! What a file is known by, so that only the same one goes on where another was.

use js_sys::{Array, Promise, Uint8Array};
use shared::held::{self, NAME_MAX, samples};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

#[wasm_bindgen]
extern "C" {
    /// `SubtleCrypto.digest`
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    fn digest(algorithm: &str, bytes: &JsValue) -> Result<Promise, JsValue>;
}

/// Of a file; `None` where it is empty or cannot be read.
pub(super) async fn of(file: &File) -> Option<held::File> {
    let bytes = file.size() as u64;
    if bytes == 0 {
        return None;
    }
    let parts = Array::new();
    for (offset, length) in samples(bytes) {
        let end = (offset + length) as f64;
        let part = file.slice_with_f64_and_f64(offset as f64, end);
        let part: Blob = part.ok()?;
        parts.push(&part);
    }
    let parts = Blob::new_with_blob_sequence(&parts).ok()?;
    let parts = JsFuture::from(parts.array_buffer()).await.ok()?;
    let hash = JsFuture::from(digest("SHA-256", &parts).ok()?).await.ok()?;
    Some(held::File {
        name: shortened(file.name()),
        bytes,
        modified_ms: file.last_modified() as i64,
        samples: Uint8Array::new(&hash).to_vec().try_into().ok()?,
    })
}

fn shortened(mut name: String) -> String {
    while name.len() > NAME_MAX {
        name.pop();
    }
    name
}
