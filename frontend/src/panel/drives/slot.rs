//! One drive: what is in it, and what is to be in it.

use leptos::prelude::*;
use shared::media::{Drive, DriveKind, Ejected, Library, Medium, Source};
use wasm_bindgen_futures::spawn_local;

use super::{
    Light, Shared,
    contents::Contents,
    drive_names,
    held::{HeldChooser, HeldMedium},
    light, now_ms,
};
use crate::{
    api::{Refusal, media},
    holding::Wish,
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
    let written = written(medium);
    view! {
        <section class="card drive" aria-label=move || name.get()>
            <div class="card-head">
                <h3>{move || name.get()}</h3>
                <span class="remark" data-busy=move || (lit.get() != Light::default()).to_string()>
                    <Doing place medium lit/>
                </span>
            </div>
            {move || match (drive.get(), medium.get()) {
                (Some(drive), Some(medium)) => view! { <Inserted place drive medium/> }.into_any(),
                (Some(drive), None) => view! { <Empty drive/> }.into_any(),
                (None, _) => ().into_any(),
            }}
            {move || written.get().map(|(image, name)| view! { <Written image name/> })}
        </section>
    }
}

/// The image that the machine could write on and that was in the drive last, while the drive is empty.
fn written(medium: Memo<Option<Medium>>) -> RwSignal<Option<(u32, String)>> {
    let written = RwSignal::new(None);
    Effect::new(move |before: Option<Option<Medium>>| {
        let now = medium.get();
        let ejected = before
            .flatten()
            .filter(|before| before.writable && now.is_none());
        match (ejected, &now) {
            (
                Some(Medium {
                    source: Source::Library(id),
                    name,
                    ..
                }),
                _,
            ) => written.set(Some((id, name))),
            (None, Some(_)) => written.set(None),
            _ => {}
        }
        now
    });
    written
}

/// Offers what stands on an image now.
#[component]
fn Written(image: u32, name: String) -> impl IntoView {
    let text = text();
    let open = RwSignal::new(false);
    let name = StoredValue::new(name);
    view! {
        <Show
            when=move || open.get()
            fallback=move || view! {
                <div class="row">
                    <button class="button" on:click=move |_| open.set(true)>
                        {text.files_on(name.get_value())}
                    </button>
                </div>
            }
        >
            <Contents image name=name.get_value() close=move || open.set(false)/>
        </Show>
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
fn Inserted(place: usize, drive: Drive, medium: Medium) -> impl IntoView {
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
    let elsewhere = view! { <Elsewhere place medium=medium.clone()/> };
    view! {
        <p class="medium">
            <span class="name">{medium.name}</span>
            <span class="size">{bytes(medium.bytes)}</span>
        </p>
        {elsewhere}
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

/// Where the bytes of a medium are that is not on the relay, and how much of them the machine has read.
#[component]
fn Elsewhere(place: usize, medium: Medium) -> impl IntoView {
    let text = text();
    let host = match medium.source {
        Source::Server { host } => host,
        Source::Browser(number) => {
            let Medium {
                bytes, reachable, ..
            } = medium;
            return view! { <HeldMedium place number bytes reachable/> }.into_any();
        }
        Source::Library(_) | Source::Url | Source::Files => return ().into_any(),
    };
    if !medium.reachable {
        let away = text.drive_server_away(host);
        return view! { <p class="note" role="alert"><Drawn icon=Icon::Warning/>{away}</p> }
            .into_any();
    }
    let activity = expect_context::<Store>().drive_activity.get(place).copied();
    let read = move || {
        let bytes_read = activity?.with(|activity| activity.bytes_read)?;
        (bytes_read > 0).then(|| text.drive_has_read(bytes(bytes_read)))
    };
    view! { <p class="hint">{text.drive_from_server(host)} " " {read}</p> }.into_any()
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
    let wish = Wish::Drive(slot.clone());
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
                Ejected::SourceChanged => text.drive_source_changed,
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
            <HeldChooser label=text.held_here wish/>
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
