//! Files and folders of this computer, as they are chosen or dropped: with the folders that they are in.

use std::collections::VecDeque;

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File};

#[wasm_bindgen]
extern "C" {
    /// `DataTransferItem`
    type Item;

    #[wasm_bindgen(method, js_name = webkitGetAsEntry)]
    fn entry(this: &Item) -> Option<Dropped>;

    /// `FileSystemEntry`: a file or a folder.
    #[derive(Clone)]
    pub(crate) type Dropped;

    #[wasm_bindgen(method, getter)]
    fn name(this: &Dropped) -> String;

    #[wasm_bindgen(method, getter, js_name = isDirectory)]
    pub(crate) fn is_folder(this: &Dropped) -> bool;

    #[wasm_bindgen(method)]
    fn file(this: &Dropped, done: &Function, failed: &Function);

    #[wasm_bindgen(method, js_name = createReader)]
    fn reader(this: &Dropped) -> Reader;

    /// `FileSystemDirectoryReader`
    type Reader;

    #[wasm_bindgen(method, js_name = readEntries)]
    fn next(this: &Reader, done: &Function, failed: &Function);
}

/// A file, or a folder that may be empty.
#[derive(Clone)]
pub(crate) struct Gathered {
    /// The names from where it was chosen on.
    pub(crate) path: Vec<String>,
    /// `None` is a folder.
    pub(crate) file: Option<File>,
}

impl Gathered {
    /// A file as a chooser gives it, which knows its folders where a folder was chosen.
    pub(crate) fn chosen(file: File) -> Self {
        let path = Reflect::get(&file, &"webkitRelativePath".into());
        let path = path
            .ok()
            .and_then(|path| path.as_string())
            .unwrap_or_default();
        let path = match path.is_empty() {
            true => vec![composed(&file.name())],
            false => path.split('/').map(composed).collect(),
        };
        Self {
            path,
            file: Some(file),
        }
    }
}

/// What was dropped. It must be asked for before the event is over.
pub(crate) fn dropped(event: &DragEvent) -> Vec<Dropped> {
    let Some(data) = event.data_transfer() else {
        return Vec::new();
    };
    let items = Reflect::get(&data, &"items".into()).unwrap_or_default();
    let items = Array::from(&items);
    items
        .iter()
        .filter_map(|item| item.unchecked_into::<Item>().entry())
        .collect()
}

/// All that is in what was dropped; what cannot be read is the error, by its path.
pub(crate) async fn all(dropped: Vec<Dropped>) -> Result<Vec<Gathered>, String> {
    let mut gathered = Vec::new();
    let mut left: VecDeque<(Vec<String>, Dropped)> = dropped
        .into_iter()
        .map(|entry| (Vec::new(), entry))
        .collect();
    while let Some((above, entry)) = left.pop_front() {
        let mut path = above;
        path.push(composed(&entry.name()));
        let failed = |_| path.join("/");
        if !entry.is_folder() {
            let file = settled(|done, broken| entry.file(done, broken))
                .await
                .map_err(failed)?;
            gathered.push(Gathered {
                path,
                file: Some(file.unchecked_into()),
            });
            continue;
        }
        let reader = entry.reader();
        loop {
            let part = settled(|done, broken| reader.next(done, broken))
                .await
                .map_err(failed)?;
            let part = Array::from(&part);
            if part.length() == 0 {
                break;
            }
            left.extend(
                part.iter()
                    .map(|entry| (path.clone(), entry.unchecked_into())),
            );
        }
        gathered.push(Gathered { path, file: None });
    }
    Ok(gathered)
}

/// The outcome of what calls back.
async fn settled(mut start: impl FnMut(&Function, &Function)) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::new(&mut |done, failed| start(&done, &failed))).await
}

/// In Unicode's composed form: macOS gives names apart, which other systems show so.
fn composed(name: &str) -> String {
    js_sys::JsString::from(name).normalize("NFC").into()
}
