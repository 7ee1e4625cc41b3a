//! The machine's drives, and the images that can be put into them.

mod contents;
mod disk;
mod fetch;
mod held;
mod image;
mod images;
mod slot;
mod transfer;

use std::time::Duration;

use leptos::prelude::*;
use shared::media::{Drive, DriveKind, Library};
use wasm_bindgen_futures::spawn_local;

use self::{held::HeldChooser, images::Images, slot::Slot};
use crate::{
    api::{Refusal, media},
    browser::window,
    holding::Wish,
    store::Store,
    ui::{field::Refused, panel::Sheet, text},
    uploads::Uploads,
};

/// How long the light of a drive stays on after the machine was at it.
const LIT: Duration = Duration::from_millis(350);

/// What the panel's parts have in common. Copied freely.
#[derive(Clone, Copy)]
struct Shared {
    library: RwSignal<Library>,
    /// Why the last thing was not done.
    refused: RwSignal<String>,
}

impl Shared {
    /// Does something at the relay, and says why where it was not done.
    fn act(self, act: impl Future<Output = Result<(), Refusal>> + 'static) {
        self.refused.set(String::new());
        spawn_local(async move {
            if let Err(refusal) = act.await {
                self.refused.set(refusal.words());
            }
        });
    }
}

/// The panel.
#[component]
pub(crate) fn Drives() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let uploads = expect_context::<Uploads>();
    let shared = Shared {
        library: RwSignal::new(Library::default()),
        refused: uploads.refused,
    };
    provide_context(shared);
    Effect::new(move || {
        store.images.track();
        spawn_local(async move {
            match media::library().await {
                Ok(library) => shared.library.set(library),
                Err(refusal) => shared.refused.set(refusal.words()),
            }
        });
    });
    let places = Memo::new(move |_| store.drives.with(|drives| drives.len()));
    view! {
        <Sheet label=text.drives>
            <For each=move || 0..places.get() key=|place| *place let:place>
                <Slot place/>
            </For>
            <Refused reason=shared.refused/>
            <Images/>
            <div class="row held">
                <HeldChooser label=text.held_use wish=Wish::Anywhere main=true/>
            </div>
        </Sheet>
    }
}

/// The names of all drives, for people: what they are, and where there are several of a kind, which.
pub(crate) fn drive_names(drives: &[Drive]) -> Vec<String> {
    let kind = |kind| match kind {
        DriveKind::Cd => text().drive_cd,
        DriveKind::Disk => text().drive_usb,
    };
    let name = |(place, drive): (usize, &Drive)| {
        let before = drives.iter().take(place);
        match before.filter(|other| other.kind == drive.kind).count() {
            0 => kind(drive.kind).to_owned(),
            _ => format!("{} {}", kind(drive.kind), drive.slot),
        }
    };
    drives.iter().enumerate().map(name).collect()
}

/// What the machine does with a drive just now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Light {
    /// Whether it reads.
    pub(crate) reads: bool,
    /// Whether it writes.
    pub(crate) writes: bool,
}

/// The access light of the drive at a place.
pub(crate) fn light(store: Store, place: usize) -> Signal<Light> {
    let lit = RwSignal::new(Light::default());
    let Some(activity) = store.drive_activity.get(place).copied() else {
        return lit.into();
    };
    let put_out = StoredValue::new(None::<TimeoutHandle>);
    let clear = move || {
        if let Some(timer) = put_out.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    Effect::new(move |before: Option<(u32, u32)>| {
        let now = activity.with(|activity| (activity.reads, activity.writes));
        let before = before.unwrap_or(now);
        let light = Light {
            reads: now.0 > before.0,
            writes: now.1 > before.1,
        };
        if light != Light::default() {
            clear();
            lit.set(light);
            let timer = set_timeout_with_handle(
                move || {
                    lit.try_set(Light::default());
                },
                LIT,
            );
            put_out.set_value(timer.ok());
        }
        now
    });
    on_cleanup(clear);
    lit.into()
}

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}
