//! The library of images, and what is on its way into it.

use leptos::{html, prelude::*};
use shared::media::Image;

use super::{Shared, fetch::Fetch, image::Item, transfer::Arriving};
use crate::{speed::bytes, store::Store, ui::text, uploads::Uploads};

/// The files that a chooser offers first.
const ENDINGS: &str =
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
    let fetching = RwSignal::new(false);
    let file = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        let Some(input) = file.get_untracked() else {
            return;
        };
        if let Some(files) = input.files() {
            for file in (0..files.length()).filter_map(|index| files.get(index)) {
                uploads.begin(file);
            }
        }
        input.set_value("");
    };
    let choose = move |_| {
        if let Some(input) = file.get_untracked() {
            input.click();
        }
    };
    view! {
        <div class="row">
            <button class="button" on:click=choose>{text.image_upload}</button>
            <button
                class="button"
                aria-expanded=move || fetching.get().to_string()
                on:click=move |_| fetching.update(|fetching| *fetching = !*fetching)
            >
                {text.image_fetch}
            </button>
            <input
                node_ref=file
                class="unseen"
                type="file"
                multiple
                accept=ENDINGS
                tabindex="-1"
                aria-hidden="true"
                on:change=chosen
            />
        </div>
        <Show when=move || fetching.get()>
            <Fetch done=move || fetching.set(false)/>
        </Show>
    }
}
