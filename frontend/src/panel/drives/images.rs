//! The library of images, and what is on its way into it.

use leptos::prelude::*;
use shared::media::Image;

use super::{Shared, disk::DiskForm, fetch::Fetch, image::Item, transfer::Arriving};
use crate::{
    new_disk::NewDisk,
    speed::bytes,
    store::Store,
    ui::{file_chooser::FileChooser, text},
    uploads::Uploads,
};

/// The files that a chooser offers first.
pub(super) const ENDINGS: &str =
    ".iso,.img,.raw,.dd,.bin,.efi,application/x-iso9660-image,application/octet-stream";

/// All of it.
#[component]
pub(super) fn Images() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let shared = expect_context::<Shared>();
    let free = move || {
        let free = shared.library.with(|library| library.free_bytes);
        (free > 0).then(|| text.images_free(bytes(free)))
    };
    let images = move || shared.library.with(|library| library.images.clone());
    let arriving = Memo::new(move |_| {
        store.transfers.with(|transfers| {
            let ids = transfers.iter().map(|transfer| transfer.id);
            ids.collect::<Vec<u32>>()
        })
    });
    let none = move || shared.library.with(|library| library.images.is_empty());
    view! {
        <section class="card" aria-label=text.images>
            <div class="card-head">
                <h3 aria-hidden="true">{text.images}</h3>
                <span class="remark">{free}</span>
            </div>
            <ul class="images" role="list" aria-label=text.images>
                <For each=images key=|image: &Image| format!("{image:?}") let:image>
                    <Item image/>
                </For>
                <For each=move || arriving.get() key=|id| *id let:id>
                    <Arriving id/>
                </For>
            </ul>
            <Show when=move || none() && arriving.with(Vec::is_empty)>
                <p class="hint">{text.images_none}</p>
            </Show>
            <Bring/>
        </section>
    }
}

/// The ways into the library.
#[component]
fn Bring() -> impl IntoView {
    let text = text();
    let uploads = expect_context::<Uploads>();
    let new_disk = expect_context::<NewDisk>();
    let fetching = RwSignal::new(false);
    view! {
        <div class="row">
            <FileChooser
                label=text.image_upload
                accept=ENDINGS
                multiple=true
                choose=move |file| uploads.begin(file)
            />
            <button
                class="button"
                aria-expanded=move || fetching.get().to_string()
                on:click=move |_| fetching.update(|fetching| *fetching = !*fetching)
            >
                {text.image_fetch}
            </button>
            <button
                class="button"
                aria-expanded=move || new_disk.open.get().to_string()
                on:click=move |_| new_disk.open.update(|open| *open = !*open)
            >
                {text.disk_new}
            </button>
        </div>
        <Show when=move || new_disk.open.get()>
            <DiskForm/>
        </Show>
        <Show when=move || fetching.get()>
            <Fetch done=move || fetching.set(false)/>
        </Show>
    }
}
