//! How the link is, in one line, and the machine's lock lights.

use leptos::prelude::*;
use shared::{
    input::Usage,
    media::DriveKind,
    message::{Leds, Signal as Capture},
    power::Supply,
};
use web_sys::MouseEvent;

use crate::{
    figures::Summary,
    page::console::Reach,
    panel::{
        drives::{Light, drive_names, light},
        power::{shade, supply_word},
    },
    store::{Control, LinkPhase, Store},
    ui::{
        clock,
        icon::{Drawn, Icon},
        text,
    },
};

/// The state line: latency stays last, and what there is no room for is left out before it.
#[component]
pub(crate) fn Status() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let numbers = Memo::new(move |_| {
        let connected = store.link.get() == LinkPhase::Connected;
        connected && has_signal(store) && store.picture.get().is_some()
    });
    view! {
        <div class="state">
            <Recording/>
            <div role="status" aria-label=text.connection class="status" data-tone=move || words(store).1>
                <span class:unseen=move || numbers.get()>{move || words(store).0}</span>
                <Show when=move || numbers.get()>
                    <Numbers/>
                </Show>
            </div>
            <Show when=move || store.jiggler.get().is_on()>
                <span class="awake" role="img" aria-label=text.jiggler_on title=text.jiggler_on>
                    <Drawn icon=Icon::Awake/>
                </span>
            </Show>
            <Power/>
            <Inserted/>
            <Locks/>
            <Show when=move || store.keyboard_locked.get()>
                <span class="awake" role="img" aria-label=text.keyboard_locked title=text.keyboard_locked>
                    <Drawn icon=Icon::Padlock/>
                </span>
            </Show>
        </div>
    }
}

/// What the machine's power light says, where anything is known of its power.
#[component]
fn Power() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let supply = Memo::new(move |_| {
        store.power.with(|power| {
            let known = power.supply != Supply::Unknown || !power.actions.is_empty();
            known.then_some(power.supply)
        })
    });
    move || {
        let supply = supply.get()?;
        let word = supply_word(supply);
        let about = text.power_is(word);
        Some(view! {
            <span class="inserted supply" role="img" aria-label=about.clone() title=about data-supply=shade(supply)>
                <Drawn icon=Icon::Power/>
                <span class="name">{word}</span>
            </span>
        })
    }
}

/// What is in the machine's drives, with their access lights.
#[component]
fn Inserted() -> impl IntoView {
    let store = expect_context::<Store>();
    let places = move || 0..store.drives.with(|drives| drives.len());
    view! {
        <For each=places key=|place| *place let:place>
            <Drive place/>
        </For>
    }
}

#[component]
fn Drive(place: usize) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let medium = Memo::new(move |_| {
        store
            .drives
            .with(|drives| drives.get(place).and_then(|drive| drive.medium.clone()))
    });
    let kind = Memo::new(move |_| {
        store.drives.with(|drives| {
            let kind = drives.get(place).map(|drive| drive.kind);
            let name = drive_names(drives).into_iter().nth(place);
            (kind, name.unwrap_or_default())
        })
    });
    let lit = light(store, place);
    move || {
        let medium = medium.get()?;
        let (kind, drive) = kind.get();
        let icon = match kind {
            Some(DriveKind::Disk) => Icon::Usb,
            _ => Icon::Disc,
        };
        let about = text.drive_holds(drive, &medium.name);
        Some(view! {
            <span
                class="inserted"
                role="img"
                aria-label=about.clone()
                title=about
                data-busy=move || (lit.get() != Light::default()).to_string()
                data-reachable=medium.reachable.to_string()
            >
                <Drawn icon/>
                <span class="name">{medium.name}</span>
            </span>
        })
    }
}

/// How long the picture has been recorded.
#[component]
fn Recording() -> impl IntoView {
    let filmed = expect_context::<Store>().filmed;
    move || {
        filmed.get().map(|seconds| {
            view! {
                <span class="recording" role="timer" aria-label=text().recording_time>
                    <span class="lamp" data-tone="bad"></span>
                    {clock(seconds)}
                </span>
            }
        })
    }
}

/// The numbers change all the time, so nobody reads them out.
#[component]
fn Numbers() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let size = move || {
        store
            .picture
            .get()
            .map_or_else(String::new, |size| text.size(size.width, size.height))
    };
    view! {
        <span class="numbers" aria-live="off">
            <span class="size">{size}</span>
            <span class="rate">{move || rate(&store.figures.get())}</span>
            <span class="latency">{move || latency(&store.figures.get())}</span>
        </span>
    }
}

fn rate(summary: &Summary) -> String {
    match summary.frames {
        0 => text().still.to_owned(),
        frames => text().fps(frames),
    }
}

fn latency(summary: &Summary) -> String {
    let total = summary.latency.and_then(|latency| latency.total());
    text().milliseconds(total.map_or_else(|| "–".to_owned(), |total| format!("{total:.0}")))
}

/// The link in a word, and its tone: `good`, `warn` or `bad`.
pub(crate) fn words(store: Store) -> (&'static str, &'static str) {
    let text = text();
    match store.link.get() {
        LinkPhase::Connecting => (text.connecting, "warn"),
        LinkPhase::Stalled => (text.stalled, "warn"),
        LinkPhase::Lost(_) => (text.reconnecting, "warn"),
        LinkPhase::Closed(_) => (text.disconnected, "bad"),
        LinkPhase::Connected if has_signal(store) => (text.connected, "good"),
        LinkPhase::Connected => (text.connected_without_picture, "warn"),
    }
}

fn has_signal(store: Store) -> bool {
    matches!(store.signal(), Some(Capture::Picture { .. }))
}

/// The lock lights. Each is a key, too: a tablet has none.
#[component]
fn Locks() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let leds = store.part(|state| state.leds);
    let lock = move |name: &'static str,
                     letter: &'static str,
                     key: Usage,
                     lit: fn(Leds) -> bool| {
        view! { <Lock name letter key lit=Signal::derive(move || leds.get().flatten().map(lit))/> }
    };
    view! {
        <div class="locks" role="group" aria-label=text.locks>
            {lock(text.caps_lock, "A", Usage::Keyboard(0x39), |leds| leds.caps_lock)}
            {lock(text.num_lock, "1", Usage::Keyboard(0x53), |leds| leds.num_lock)}
            {lock(text.scroll_lock, "S", Usage::Keyboard(0x47), |leds| leds.scroll_lock)}
        </div>
    }
}

#[component]
fn Lock(
    name: &'static str,
    letter: &'static str,
    key: Usage,
    lit: Signal<Option<bool>>,
) -> impl IntoView {
    let text = text();
    let reach = expect_context::<Reach>();
    let store = expect_context::<Store>();
    let mine = Memo::new(move |_| store.control() == Control::Mine);
    let title = move || match lit.get() {
        Some(true) => text.lock_on(name),
        Some(false) => text.lock_off(name),
        None => text.lock_unknown.to_owned(),
    };
    view! {
        <button
            class="lock"
            data-letter=letter
            aria-label=name
            aria-pressed=move || lit.get().unwrap_or_default().to_string()
            aria-disabled=move || (!mine.get()).to_string()
            title=title
            on:mousedown=|event: MouseEvent| event.prevent_default()
            on:click=move |_| {
                if mine.get_untracked() {
                    reach.hands.with_value(|hands| hands.tap(key));
                }
            }
        >
        </button>
    }
}
