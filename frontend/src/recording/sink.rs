//! Where a recording goes: to a file that its operator chose, as it comes; or, in browsers that have no such thing,
//! into the page's memory and from there to the downloads.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Blob;

use super::mux::Ending;
use crate::{
    browser::has_global,
    save::{download, joined},
};

/// The most bytes of a recording that is kept in memory.
const MEMORY_MAX: u64 = 512 << 20;

/// How many bytes are written at once.
const PIECE: usize = 1 << 20;

/// The most bytes that wait for the disk.
const WAITING_MAX: usize = 64 << 20;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = showSaveFilePicker, catch)]
    fn show_save_file_picker(options: &Object) -> Result<Promise, JsValue>;

    type FileHandle;

    #[wasm_bindgen(method, catch, js_name = createWritable)]
    fn create_writable(this: &FileHandle) -> Result<Promise, JsValue>;

    #[derive(Clone)]
    type Writable;

    #[wasm_bindgen(method, catch)]
    fn write(this: &Writable, what: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn close(this: &Writable) -> Result<Promise, JsValue>;
}

/// Why there is nowhere to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The operator changed their mind.
    Cancelled,
    /// The browser does not let the page write there.
    Failed,
}

/// A file in the making.
pub(super) struct Sink {
    name: String,
    piece: RefCell<Vec<u8>>,
    place: Place,
}

enum Place {
    File(Rc<File>),
    Memory(RefCell<Vec<Blob>>),
}

struct File {
    writable: Writable,
    waiting: Cell<usize>,
    failed: Cell<bool>,
}

impl Sink {
    /// Asks where to write. To be called from a click, without which browsers do not ask.
    pub(super) async fn open(name: String) -> Result<Self, Refused> {
        let place = if has_global("showSaveFilePicker") {
            Place::File(Rc::new(File {
                writable: choose(&name).await?,
                waiting: Cell::new(0),
                failed: Cell::new(false),
            }))
        } else {
            Place::Memory(RefCell::default())
        };
        Ok(Self {
            name,
            piece: RefCell::default(),
            place,
        })
    }

    /// The most bytes that it takes.
    pub(super) fn bytes_max(&self) -> u64 {
        match self.place {
            Place::File(_) => u64::MAX,
            Place::Memory(_) => MEMORY_MAX,
        }
    }

    /// The file's name, as it was proposed.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the disk is full, gone, or too slow.
    pub(super) fn has_failed(&self) -> bool {
        match &self.place {
            Place::File(file) => file.failed.get() || file.waiting.get() > WAITING_MAX,
            Place::Memory(_) => false,
        }
    }

    /// Adds bytes at the end.
    pub(super) fn write(&self, bytes: &[u8]) {
        let mut piece = self.piece.borrow_mut();
        piece.extend_from_slice(bytes);
        if piece.len() >= PIECE {
            self.flush(&std::mem::take(&mut *piece));
        }
    }

    /// Ends the file and hands it over.
    pub(super) async fn finish(self, ending: Option<Ending>) -> Result<(), JsValue> {
        self.flush(&self.piece.take());
        match self.place {
            Place::File(file) => finish_file(&file, ending).await,
            Place::Memory(parts) => match ending {
                Some(ending) => finish_memory(&parts.take(), &ending, &self.name),
                None => Ok(()),
            },
        }
    }

    fn flush(&self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match &self.place {
            Place::File(file) => append(file, bytes),
            Place::Memory(parts) => {
                if let Ok(part) = part(bytes) {
                    parts.borrow_mut().push(part);
                }
            }
        }
    }
}

async fn choose(name: &str) -> Result<Writable, Refused> {
    let refused = |error: JsValue| {
        let kind = Reflect::get(&error, &"name".into()).ok();
        if kind.and_then(|kind| kind.as_string()).as_deref() == Some("AbortError") {
            Refused::Cancelled
        } else {
            Refused::Failed
        }
    };
    let options = picker_options(name).map_err(|_| Refused::Failed)?;
    let handle = show_save_file_picker(&options).map_err(refused)?;
    let handle: FileHandle = JsFuture::from(handle)
        .await
        .map_err(refused)?
        .unchecked_into();
    let writable = handle.create_writable().map_err(refused)?;
    let writable = JsFuture::from(writable).await.map_err(refused)?;
    Ok(writable.unchecked_into())
}

fn picker_options(name: &str) -> Result<Object, JsValue> {
    let accept = Object::new();
    Reflect::set(&accept, &"video/mp4".into(), &Array::of1(&".mp4".into()))?;
    let kind = Object::new();
    Reflect::set(&kind, &"accept".into(), &accept)?;
    let options = Object::new();
    Reflect::set(&options, &"suggestedName".into(), &name.into())?;
    Reflect::set(&options, &"types".into(), &Array::of1(&kind))?;
    Ok(options)
}

/// Writes are queued by the browser, in order.
fn append(file: &Rc<File>, bytes: &[u8]) {
    let length = bytes.len();
    file.waiting.set(file.waiting.get() + length);
    let Ok(written) = file.writable.write(&Uint8Array::from(bytes)) else {
        file.failed.set(true);
        return;
    };
    let file = file.clone();
    spawn_local(async move {
        let written = JsFuture::from(written).await;
        file.waiting.set(file.waiting.get().saturating_sub(length));
        if written.is_err() {
            file.failed.set(true);
        }
    });
}

async fn finish_file(file: &File, ending: Option<Ending>) -> Result<(), JsValue> {
    if let Some(ending) = ending {
        JsFuture::from(file.writable.write(&Uint8Array::from(&ending.tail[..]))?).await?;
        let over = Object::new();
        let length = Uint8Array::from(&ending.length[..]);
        let position = ending.length_at as f64;
        for (name, value) in [
            ("type", JsValue::from("write")),
            ("position", position.into()),
            ("data", length.into()),
        ] {
            Reflect::set(&over, &name.into(), &value)?;
        }
        JsFuture::from(file.writable.write(&over)?).await?;
    }
    JsFuture::from(file.writable.close()?).await?;
    Ok(())
}

fn finish_memory(parts: &[Blob], ending: &Ending, name: &str) -> Result<(), JsValue> {
    let all = Array::new();
    let first = parts.first().ok_or(JsValue::NULL)?;
    let (from, to) = (ending.length_at as i32, ending.length_at as i32 + 8);
    all.push(&first.slice_with_i32_and_i32(0, from)?.into());
    all.push(&part(&ending.length)?.into());
    all.push(&first.slice_with_i32_and_i32(to, i32::MAX)?.into());
    for part in &parts[1..] {
        all.push(part);
    }
    all.push(&part(&ending.tail)?.into());
    download(&joined(&all)?, name)
}

fn part(bytes: &[u8]) -> Result<Blob, JsValue> {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes)))
}
