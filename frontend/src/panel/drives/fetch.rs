//! An image on a server: the relay fetches it by itself, or reads it there.

use leptos::prelude::*;
use web_sys::SubmitEvent;

use super::{Shared, drive_names};
use crate::{
    api::{Refusal, media},
    store::Store,
    ui::{button::Button, line::Line, select::InlineSelect, text},
};

/// The form. `done` is called when the relay has taken it.
#[component]
pub(super) fn Fetch(done: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let (address, sum) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let into = RwSignal::new(String::new());
    let asking = RwSignal::new(false);
    let in_place = Memo::new(move |_| into.with(|slot| !slot.is_empty()));
    let ready =
        Signal::derive(move || !asking.get() && !address.with(|address| address.trim().is_empty()));
    let start = move || {
        if !ready.get_untracked() {
            return;
        }
        let (address, sum) = (address.get_untracked(), sum.get_untracked());
        let slot = into.get_untracked();
        asking.set(true);
        shared.act(async move {
            let taken = take(address.trim(), sum.trim(), &slot).await;
            asking.try_set(false);
            taken?;
            done();
            Ok(())
        });
    };
    let label = Signal::derive(move || match in_place.get() {
        true => text.fetch_insert.to_owned(),
        false => text.fetch_start.to_owned(),
    });
    view! {
        <form
            class="fetch"
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                start();
            }
        >
            <Line label=text.fetch_address value=String::new() commit=move |typed| address.set(typed)/>
            <What into/>
            <Show
                when=move || in_place.get()
                fallback=move || view! {
                    <Line label=text.fetch_sum value=String::new() commit=move |typed| sum.set(typed)/>
                    <p class="hint">{text.fetch_hint}</p>
                }
            >
                <p class="hint">{text.fetch_in_place_hint}</p>
            </Show>
            <div class="row">
                <Button label main=true ready act=start/>
                <span class="hint" role="status">
                    {move || (asking.get() && in_place.get()).then_some(text.fetch_asking)}
                </span>
            </div>
        </form>
    }
}

/// Into the library, or into which drive: its slot.
#[component]
fn What(into: RwSignal<String>) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let options = Signal::derive(move || {
        store.drives.with(|drives| {
            let inserts = drives.iter().zip(drive_names(drives));
            let inserts =
                inserts.map(|(drive, name)| (drive.slot.clone(), text.fetch_in_place(name)));
            let download = (String::new(), text.fetch_download.to_owned());
            std::iter::once(download).chain(inserts).collect()
        })
    });
    view! {
        <div class="field">
            <span class="field-name" aria-hidden="true">{text.fetch_what}</span>
            <InlineSelect
                label=text.fetch_what
                options
                value=into.into()
                commit=move |chosen| into.set(chosen)
            />
        </div>
    }
}

async fn take(url: &str, sum: &str, slot: &str) -> Result<(), Refusal> {
    if !slot.is_empty() {
        return media::insert_in_place(slot, url).await;
    }
    let wanted = media::Fetch {
        url,
        sha256: (!sum.is_empty()).then_some(sum),
    };
    media::fetch_image(&wanted).await
}
