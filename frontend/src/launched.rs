//! Files that the operator drops on the page, or opens with the installed app.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, File};

use crate::browser::window;

/// How names of disk images end.
const IMAGE_ENDINGS: [&str; 5] = [".iso", ".img", ".raw", ".dd", ".efi"];

/// From how many bytes on a file is no text that somebody would have typed.
const NO_TEXT: f64 = 4.0 * 1024.0 * 1024.0;

#[wasm_bindgen]
extern "C" {
    /// `FileSystemFileHandle`
    type Handle;

    #[wasm_bindgen(method, js_name = getFile)]
    fn file(this: &Handle) -> Promise;

    /// `LaunchQueue`
    type LaunchQueue;

    #[wasm_bindgen(method, js_name = setConsumer)]
    fn set_consumer(this: &LaunchQueue, consumer: &Function);
}

/// What the browser calls with the files that the app is opened with.
pub(crate) type Consumer = Closure<dyn Fn(JsValue)>;

/// Whether a file is for a drive, and not a text.
pub(crate) fn is_image(file: &File) -> bool {
    let name = file.name().to_lowercase();
    file.size() > NO_TEXT || IMAGE_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The files that were dropped.
pub(crate) fn dropped(event: &DragEvent) -> Vec<File> {
    let files = event.data_transfer().and_then(|data| data.files());
    files.map_or_else(Vec::new, |files| {
        (0..files.length())
            .filter_map(|index| files.get(index))
            .collect()
    })
}

/// Takes the files that the installed app is opened with, while the result is kept. `None` where the browser has no
/// such thing.
pub(crate) fn follow(take: impl Fn(File) + Copy + 'static) -> Option<Consumer> {
    let queue = Reflect::get(&window(), &"launchQueue".into()).ok()?;
    if queue.is_undefined() {
        return None;
    }
    let consumer = Consumer::new(move |launch: JsValue| {
        let Ok(handles) = Reflect::get(&launch, &"files".into()) else {
            return;
        };
        for handle in Array::from(&handles).iter() {
            let opened = handle.unchecked_into::<Handle>().file();
            spawn_local(async move {
                if let Ok(file) = JsFuture::from(opened).await {
                    take(file.unchecked_into());
                }
            });
        }
    });
    queue
        .unchecked_into::<LaunchQueue>()
        .set_consumer(consumer.as_ref().unchecked_ref());
    Some(consumer)
}
