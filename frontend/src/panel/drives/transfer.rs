//! Something on its way into the library: how far it is, how fast, and for how long still.

use leptos::prelude::*;
use shared::media::{Transfer, TransferFault, TransferPhase, Way};

use super::{Shared, now_ms};
use crate::{
    api::media,
    holding::{Holding, Wish},
    speed::{Speed, bytes},
    store::Store,
    ui::{clock, text},
    uploads::Uploads,
};

/// The transfer of this number.
#[component]
pub(super) fn Arriving(id: u32) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let speed = StoredValue::new(Speed::default());
    let transfer = Memo::new(move |_| {
        store
            .transfers
            .with(|transfers| transfers.iter().find(|known| known.id == id).cloned())
    });
    let state = Memo::new(move |_| {
        let transfer = transfer.get()?;
        speed.update_value(|speed| match transfer.phase {
            TransferPhase::Running => speed.seen(transfer.received, now_ms()),
            _ => *speed = Speed::default(),
        });
        Some(speed.with_value(|speed| words(&transfer, speed)))
    });
    let name = Memo::new(move |_| transfer.get().map(|transfer| transfer.name));
    let percent = Memo::new(move |_| {
        let Transfer {
            received, total, ..
        } = transfer.get()?;
        let total = total.filter(|total| *total > 0)?;
        Some((received as f64 / total as f64 * 100.0).floor() as u32)
    });
    view! {
        <li class="arriving">
            <p class="medium">
                <span class="name">{move || name.get()}</span>
                <span class="size">{move || percent.get().map(|percent| text.percent(percent))}</span>
            </p>
            <progress
                aria-label=move || name.get()
                max="100"
                value=move || percent.get().map(|percent| percent.to_string())
            ></progress>
            <p class="hint">{move || state.get()}</p>
            <Controls id transfer/>
        </li>
    }
}

#[component]
fn Controls(id: u32, transfer: Memo<Option<Transfer>>) -> impl IntoView {
    let text = text();
    let uploads = expect_context::<Uploads>();
    let shared = expect_context::<Shared>();
    let way = Memo::new(move |_| transfer.get().map(|transfer| transfer.way));
    let failed = Memo::new(move |_| {
        transfer.with(|transfer| {
            let phase = transfer.as_ref().map(|transfer| transfer.phase);
            matches!(phase, Some(TransferPhase::Failed(_)))
        })
    });
    let again = move |_| shared.act(media::resume_fetch(id));
    let holding = expect_context::<Holding>();
    let insert = move |_| {
        if let Some(file) = untrack(|| uploads.file(id)) {
            uploads.pause(id);
            holding.begin(file, Wish::Anywhere);
        }
    };
    view! {
        <div class="row">
            {move || match uploads.is_running(id) {
                Some(true) => view! {
                    <button class="button" on:click=move |_| uploads.pause(id)>{text.pause}</button>
                }.into_any(),
                Some(false) => view! {
                    <button class="button" on:click=move |_| uploads.resume(id)>{text.resume}</button>
                }.into_any(),
                None if failed.get() && way.get() == Some(Way::Fetch) => view! {
                    <button class="button" on:click=again>{text.retry}</button>
                }.into_any(),
                None => ().into_any(),
            }}
            <Show when=move || uploads.file(id).is_some()>
                <button class="button" on:click=insert>{text.held_now}</button>
            </Show>
            <button class="button" on:click=move |_| uploads.cancel(id)>
                {move || if failed.get() { text.transfer_remove } else { text.cancel }}
            </button>
        </div>
    }
}

fn words(transfer: &Transfer, speed: &Speed) -> String {
    let text = text();
    let sizes = match transfer.total {
        Some(total) => text.transfer_of(bytes(transfer.received), bytes(total)),
        None => bytes(transfer.received),
    };
    match transfer.phase {
        TransferPhase::Failed(fault) => fault_words(fault),
        TransferPhase::Waiting => format!("{sizes} · {}", text.transfer_waiting),
        TransferPhase::Running => {
            let fast = speed
                .bytes_per_second()
                .map(|speed| format!(" · {}/s", bytes(speed as u64)));
            let left = transfer
                .total
                .and_then(|total| speed.seconds_left(total))
                .map(|seconds| format!(" · {}", text.transfer_left(clock(seconds))));
            format!(
                "{sizes}{}{}",
                fast.unwrap_or_default(),
                left.unwrap_or_default()
            )
        }
    }
}

fn fault_words(fault: TransferFault) -> String {
    let text = text();
    let words = match fault {
        TransferFault::NoRoom => text.fault_no_room,
        TransferFault::TooLarge => text.fault_too_large,
        TransferFault::Checksum => text.fault_checksum,
        TransferFault::CutOff => text.fault_cut_off,
        TransferFault::Size => text.fault_size,
        TransferFault::Forbidden => text.fault_forbidden,
        TransferFault::Unreachable => text.fault_unreachable,
        TransferFault::Status(status) => return text.fault_status(status),
        TransferFault::Changed => text.fault_changed,
        TransferFault::Disk => text.fault_disk,
    };
    words.to_owned()
}
