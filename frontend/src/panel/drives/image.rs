//! An image of the library: what it is, and what can be done with it.

use leptos::prelude::*;
use shared::media::{DriveKind, Image};

use super::{Shared, contents::Contents};
use crate::{
    api::media,
    speed::bytes,
    ui::{
        icon::{Drawn, Icon},
        line::Line,
        text,
    },
};

/// What is being done to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// It is looked at closely.
    Looking,
    /// Its files are looked through.
    Browsing,
    Renaming,
    /// It is asked whether it is to be deleted.
    Deleting,
}

/// A row, which opens.
#[component]
pub(super) fn Item(image: Image) -> impl IntoView {
    let doing = RwSignal::new(Doing::Nothing);
    let (name, size) = (image.name.clone(), bytes(image.bytes));
    let icon = match image.kind {
        DriveKind::Cd => Icon::Disc,
        DriveKind::Disk => Icon::Usb,
    };
    let image = StoredValue::new(image);
    view! {
        <li>
            <button
                class="image"
                aria-expanded=move || (doing.get() != Doing::Nothing).to_string()
                on:click=move |_| doing.update(|doing| {
                    *doing = match doing {
                        Doing::Nothing => Doing::Looking,
                        _ => Doing::Nothing,
                    };
                })
            >
                <Drawn icon/>
                <span class="name">{name}</span>
                <span class="size">{size}</span>
            </button>
            {move || match doing.get() {
                Doing::Nothing => ().into_any(),
                Doing::Looking => view! { <Close image doing/> }.into_any(),
                Doing::Browsing => view! { <Browse image doing/> }.into_any(),
                Doing::Renaming => view! { <Rename image doing/> }.into_any(),
                Doing::Deleting => view! { <Delete image doing/> }.into_any(),
            }}
        </li>
    }
}

#[component]
fn Close(image: StoredValue<Image>, doing: RwSignal<Doing>) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let Image {
        id,
        label,
        bootable,
        sha256,
        ..
    } = image.get_value();
    let same = shared.library.with_untracked(|library| {
        let twin = |other: &&Image| other.id != id && other.sha256 == sha256;
        library
            .images
            .iter()
            .find(twin)
            .map(|other| other.name.clone())
    });
    let bootable = match bootable {
        true => text.image_bootable,
        false => text.image_not_bootable,
    };
    view! {
        <div class="image-more">
            <p class="hint">{label.map(|label| format!("{label} · "))}{bootable}</p>
            {same.map(|name| view! { <p class="hint">{text.image_same(name)}</p> })}
            <p class="sum"><span>"sha256 "</span><code>{sha256}</code></p>
            <div class="row">
                <button class="button" on:click=move |_| save(id)>{text.image_download}</button>
                <button class="button" on:click=move |_| doing.set(Doing::Browsing)>{text.files}</button>
                <button class="button" on:click=move |_| doing.set(Doing::Renaming)>{text.image_rename}</button>
                <button class="button" on:click=move |_| doing.set(Doing::Deleting)>{text.image_delete}</button>
            </div>
        </div>
    }
}

#[component]
fn Browse(image: StoredValue<Image>, doing: RwSignal<Doing>) -> impl IntoView {
    let Image { id, name, .. } = image.get_value();
    view! {
        <div class="image-more">
            <Contents image=id name close=move || doing.set(Doing::Looking)/>
        </div>
    }
}

#[component]
fn Rename(image: StoredValue<Image>, doing: RwSignal<Doing>) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let Image { id, name, .. } = image.get_value();
    let typed = RwSignal::new(name);
    let rename = move |_| {
        let name = typed.get_untracked();
        shared.act(async move { media::rename_image(id, name.trim()).await });
        doing.set(Doing::Nothing);
    };
    view! {
        <div class="image-more">
            <Line label=text.image_name value=typed.get_untracked() commit=move |name| typed.set(name)/>
            <div class="row">
                <button class="button main" on:click=rename>{text.image_rename}</button>
                <button class="button" on:click=move |_| doing.set(Doing::Looking)>{text.cancel}</button>
            </div>
        </div>
    }
}

#[component]
fn Delete(image: StoredValue<Image>, doing: RwSignal<Doing>) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let Image { id, name, .. } = image.get_value();
    let delete = move |_| {
        shared.act(async move { media::delete_image(id).await });
        doing.set(Doing::Nothing);
    };
    view! {
        <div class="image-more">
            <p>{text.image_delete_sure(name)}</p>
            <div class="row">
                <button class="button danger" on:click=delete>{text.image_delete}</button>
                <button class="button" on:click=move |_| doing.set(Doing::Looking)>{text.cancel}</button>
            </div>
        </div>
    }
}

/// Has the browser download an image.
fn save(id: u32) {
    crate::save::save_from(&media::image_content(id));
}
