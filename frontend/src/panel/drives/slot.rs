//! One drive: what is in it, and what is to be in it.

use leptos::prelude::*;
use shared::media::{Drive, DriveKind, Ejected, Library, Medium};
use wasm_bindgen_futures::spawn_local;

use super::{Light, Shared, drive_names, light, now_ms};
use crate::{
    api::{Refusal, media},
    speed::{Speed, bytes},
    store::Store,
    ui::{
        button::Button,
        check::Check,
        icon::{Drawn, Icon},
        select::InlineSelect,
        text,
    },
};

/// The drive at a place.
#[component]
pub(super) fn Slot(place: usize) -> impl IntoView {
    let store = expect_context::<Store>();
    let drive = Memo::new(move |_| store.drives.with(|drives| drives.get(place).cloned()));
    let name = Memo::new(move |_| {
        store
            .drives
            .with(|drives| drive_names(drives).into_iter().nth(place))
    });
    let lit = light(store, place);
    let medium = Memo::new(move |_| drive.get().and_then(|drive| drive.medium));
    view! {
        <section class="card drive" aria-label=move || name.get()>
            <div class="card-head">
                <h3>{move || name.get()}</h3>
                <span class="remark" data-busy=move || (lit.get() != Light::default()).to_string()>
                    <Doing place medium lit/>
                </span>
            </div>
            {move || match (drive.get(), medium.get()) {
                (Some(drive), Some(medium)) => view! { <Inserted drive medium/> }.into_any(),
                (Some(drive), None) => view! { <Empty drive/> }.into_any(),
                (None, _) => ().into_any(),
            }}
        </section>
    }
}

/// What goes on, in a few words.
#[component]
fn Doing(place: usize, medium: Memo<Option<Medium>>, lit: Signal<Light>) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let speed = StoredValue::new(Speed::default());
    let read = Memo::new(move |_| {
        let activity = store.drive_activity.get(place)?;
        let bytes = activity.with(|activity| {
            let (read, written) = (activity.bytes_read?, activity.bytes_written.unwrap_or(0));
            Some(read + written)
        })?;
        speed.update_value(|speed| speed.seen(bytes, now_ms()));
        speed.with_value(Speed::bytes_per_second)
    });
    move || {
        let Some(medium) = medium.get() else {
            return text.drive_empty.to_owned();
        };
        let doing = match lit.get() {
            _ if !medium.reachable => return text.drive_unreachable.to_owned(),
            Light { writes: true, .. } => text.drive_writing,
            Light { reads: true, .. } => text.drive_reading,
            Light { .. } if medium.writable => return text.drive_is_writable.to_owned(),
            Light { .. } => return text.drive_read_only.to_owned(),
        };
        match read.get() {
            Some(speed) => format!("{doing} · {}/s", bytes(speed as u64)),
            None => doing.to_owned(),
        }
    }
}

#[component]
fn Inserted(drive: Drive, medium: Medium) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let locked = RwSignal::new(false);
    let slot = StoredValue::new(drive.slot);
    let eject = move |force: bool| {
        shared.refused.set(String::new());
        spawn_local(async move {
            match media::eject(&slot.get_value(), force).await {
                Err(Refusal::Problem(problem)) if problem.is_locked() => {
                    locked.try_set(true);
                }
                Err(refusal) => shared.refused.set(refusal.words()),
                Ok(()) => {}
            }
        });
    };
    view! {
        <p class="medium">
            <span class="name">{medium.name}</span>
            <span class="size">{bytes(medium.bytes)}</span>
        </p>
        <Show
            when=move || locked.get()
            fallback=move || view! {
                <div class="row">
                    <button class="button" on:click=move |_| eject(false)>{text.drive_eject}</button>
                </div>
            }
        >
            <p role="alert">{text.drive_locked}</p>
            <div class="row">
                <button class="button danger" on:click=move |_| eject(true)>{text.drive_force}</button>
                <button class="button" on:click=move |_| locked.set(false)>{text.cancel}</button>
            </div>
        </Show>
    }
}

#[component]
fn Empty(drive: Drive) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let Drive {
        slot,
        kind,
        ejected,
        ..
    } = drive;
    let fitting = Memo::new(move |_| shared.library.with(|library| fitting(library, kind)));
    let picked = RwSignal::new(None::<String>);
    let chosen = Memo::new(move |_| {
        let fitting = fitting.get();
        let picked = picked.get();
        let known = |picked: &String| fitting.iter().any(|(id, _)| id == picked);
        picked
            .filter(known)
            .or_else(|| fitting.first().map(|(id, _)| id.clone()))
            .unwrap_or_default()
    });
    let writable = RwSignal::new(false);
    let insert = move || {
        if let Ok(id) = chosen.get_untracked().parse() {
            let slot = slot.clone();
            let writable = writable.get_untracked();
            shared.act(async move { media::insert(&slot, id, writable).await });
        }
    };
    let ready = Signal::derive(move || !chosen.get().is_empty());
    view! {
        {ejected.map(|ejected| {
            let why = match ejected {
                Ejected::ByHost => text.drive_ejected_by_host,
                Ejected::SourceLost => text.drive_source_lost,
            };
            view! { <p class="note" role="status"><Drawn icon=Icon::Warning/>{why}</p> }
        })}
        <Show
            when=move || ready.get()
            fallback=move || view! { <p class="hint">{text.drive_no_image}</p> }
        >
            <InlineSelect
                label=text.drive_image
                options=fitting.into()
                value=chosen.into()
                commit=move |id| picked.set(Some(id))
            />
        </Show>
        <div class="row spread">
            <Button label=text.drive_insert main=true ready act=insert/>
            {(kind == DriveKind::Disk).then(|| view! {
                <Check label=text.drive_writable on=writable commit=move |on| writable.set(on)/>
            })}
        </div>
    }
}

/// What can be inserted into a drive of this kind: the newest first, those that are made for it before others.
fn fitting(library: &Library, kind: DriveKind) -> Vec<(String, String)> {
    let mut images: Vec<_> = library
        .images
        .iter()
        .filter(|image| kind == DriveKind::Disk || image.kind == DriveKind::Cd)
        .collect();
    images.sort_by_key(|image| {
        (
            image.kind != kind,
            u64::MAX - image.added_s,
            u32::MAX - image.id,
        )
    });
    images
        .into_iter()
        .map(|image| (image.id.to_string(), image.name.clone()))
        .collect()
}
