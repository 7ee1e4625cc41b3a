//! What stands on an image: its folders, and its files to download.

use leptos::prelude::*;
use shared::media::FileEntry;
use wasm_bindgen_futures::spawn_local;

use crate::{
    api::media,
    save::save_from,
    speed::bytes,
    ui::{
        field::Refused,
        icon::{Drawn, Icon},
        text,
    },
};

/// How many files and folders are shown at most.
const SHOWN_MAX: usize = 1000;

/// The files of an image. `close` ends the look at them.
#[component]
pub(super) fn Contents(
    /// The image's number.
    image: u32,
    /// The image's name.
    name: String,
    /// Called when the operator has seen enough.
    close: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let text = text();
    let folder = RwSignal::new(Vec::<String>::new());
    let entries = RwSignal::new(None::<Vec<FileEntry>>);
    let refused = RwSignal::new(String::new());
    Effect::new(move || {
        let at = folder.get();
        refused.set(String::new());
        spawn_local(async move {
            let listed = media::files(image, &at).await;
            if folder.try_get_untracked() != Some(at) {
                return;
            }
            match listed {
                Ok(files) => entries.set(Some(files.entries)),
                Err(refusal) => {
                    entries.set(None);
                    refused.set(refusal.words());
                }
            }
        });
    });
    let shown = move || {
        let entries = entries.get().unwrap_or_default();
        entries.into_iter().take(SHOWN_MAX).collect::<Vec<_>>()
    };
    let more = move || {
        let count = entries.with(|entries| entries.as_ref().map_or(0, Vec::len));
        (count > SHOWN_MAX).then(|| text.more_entries((count - SHOWN_MAX).to_string()))
    };
    let none = move || entries.with(|entries| entries.as_ref().is_some_and(Vec::is_empty));
    let any =
        move || entries.with(|entries| entries.as_ref().is_some_and(|entries| !entries.is_empty()));
    let label = text.files_on(name.clone());
    view! {
        <section class="contents" aria-label=label>
            <p class="medium"><span class="name">{move || at_words(&name, &folder.get())}</span></p>
            <Refused reason=refused/>
            <ul class="images" role="list">
                <For each=shown key=|entry| format!("{entry:?}") let:entry>
                    <Row image folder entry/>
                </For>
            </ul>
            <p class="hint">{move || if none() { Some(text.files_none.to_owned()) } else { more() }}</p>
            <div class="row">
                <Show when=move || !folder.with(Vec::is_empty)>
                    <button class="button" on:click=move |_| folder.update(|folder| {
                        folder.pop();
                    })>{text.files_up}</button>
                </Show>
                <Show when=any>
                    <button
                        class="button"
                        on:click=move |_| save_from(&folder.with_untracked(|folder| media::archive(image, folder)))
                    >
                        {text.files_all}
                    </button>
                </Show>
                <button class="button" on:click=move |_| close()>{text.close}</button>
            </div>
        </section>
    }
}

#[component]
fn Row(image: u32, folder: RwSignal<Vec<String>>, entry: FileEntry) -> impl IntoView {
    let FileEntry {
        name,
        folder: is_folder,
        bytes: size,
        modified,
    } = entry;
    let icon = if is_folder { Icon::Folder } else { Icon::File };
    let open = {
        let name = name.clone();
        move |_| {
            let mut path = folder.get_untracked();
            path.push(name.clone());
            match is_folder {
                true => folder.set(path),
                false => save_from(&media::file_content(image, &path)),
            }
        }
    };
    view! {
        <li>
            <button class="image" title=modified.map(|modified| modified.replace('T', " ")) on:click=open>
                <Drawn icon/>
                <span class="name">{name}</span>
                <span class="size">{(!is_folder).then(|| bytes(size))}</span>
            </button>
        </li>
    }
}

/// Where the operator is: the image, and the folders within.
fn at_words(name: &str, folder: &[String]) -> String {
    let folders = folder.iter().map(|folder| format!(" / {folder}"));
    std::iter::once(name.to_owned()).chain(folders).collect()
}
