//! An image that the relay fetches by itself.

use leptos::prelude::*;
use web_sys::SubmitEvent;

use super::Shared;
use crate::{
    api::media,
    ui::{button::Button, line::Line, text},
};

/// The form. `done` is called when the relay has taken it.
#[component]
pub(super) fn Fetch(done: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let text = text();
    let shared = expect_context::<Shared>();
    let (address, sum) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let ready = Signal::derive(move || !address.with(|address| address.trim().is_empty()));
    let fetch = move || {
        if !ready.get_untracked() {
            return;
        }
        let (address, sum) = (address.get_untracked(), sum.get_untracked());
        shared.act(async move {
            let sum = sum.trim();
            let wanted = media::Fetch {
                url: address.trim(),
                sha256: (!sum.is_empty()).then_some(sum),
            };
            media::fetch_image(&wanted).await?;
            done();
            Ok(())
        });
    };
    view! {
        <form
            class="fetch"
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                fetch();
            }
        >
            <Line label=text.fetch_address value=String::new() commit=move |typed| address.set(typed)/>
            <Line label=text.fetch_sum value=String::new() commit=move |typed| sum.set(typed)/>
            <p class="hint">{text.fetch_hint}</p>
            <div class="row">
                <Button label=text.fetch_start main=true ready act=fetch/>
            </div>
        </form>
    }
}
