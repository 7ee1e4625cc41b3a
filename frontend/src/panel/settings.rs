//! What can be set: the picture for all, the hands for this browser.

mod leader;
mod pointer;

use leptos::prelude::*;
use shared::{
    ToRelay,
    message::VideoSettings,
    version::{SPOKEN, Versions},
};

use self::pointer::KeyboardAndPointer;
use super::statistics::bits;
use crate::{
    page::console::Reach,
    store::Store,
    ui::{language::LanguageSelect, panel::Sheet, range::Range, tabs::TabList, text},
};

/// The bit rates that the slider offers, in kbit/s.
const BITRATES: [u32; 14] = [
    250, 500, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 20_000, 30_000, 40_000,
    50_000,
];

/// The panel.
#[component]
pub(crate) fn Settings() -> impl IntoView {
    let text = text();
    let chosen = RwSignal::new(0);
    let names = vec![text.screen, text.keyboard_and_pointer, text.about];
    let label = {
        let names = names.clone();
        move || names[chosen.get()]
    };
    view! {
        <Sheet label=text.settings>
            <TabList label=text.settings names chosen/>
            <div id="tab-panel" class="tab-panel" role="tabpanel" aria-label=label>
                {move || match chosen.get() {
                    0 => view! { <Screen/> }.into_any(),
                    1 => view! { <KeyboardAndPointer/> }.into_any(),
                    _ => view! { <About/> }.into_any(),
                }}
            </div>
            <div class="foot"><LanguageSelect/></div>
        </Sheet>
    }
}

#[component]
fn Screen() -> impl IntoView {
    let text = text();
    let reach = expect_context::<Reach>();
    let video = expect_context::<Store>().part(|state| state.video);
    let video = move || video.get().unwrap_or_default();
    let change = move |settings: VideoSettings| {
        reach
            .link
            .with_value(|link| link.send(&ToRelay::SetVideo(settings.clamped())));
    };
    let nearest = move || {
        let below = BITRATES.iter().filter(|rate| **rate < video().bitrate_kbps);
        below.count().min(BITRATES.len() - 1) as u32
    };
    view! {
        <Range
            label=text.bitrate
            hint=text.bitrate_hint
            min=0
            max=BITRATES.len() as u32 - 1
            value=Signal::derive(nearest)
            words=|index| bits(BITRATES[index as usize % BITRATES.len()])
            commit=move |index| change(VideoSettings {
                bitrate_kbps: BITRATES[index as usize % BITRATES.len()],
                ..video()
            })
        />
        <Range
            label=text.frame_rate
            hint=text.frame_rate_hint
            min=1
            max=60
            value=Signal::derive(move || video().frame_rate.into())
            words=|rate| crate::ui::text().fps(rate)
            commit=move |rate| change(VideoSettings {
                frame_rate: u8::try_from(rate).unwrap_or(60),
                ..video()
            })
        />
        <p class="hint">{text.changes_for_all}</p>
    }
}

fn choice(
    group: &'static str,
    name: &'static str,
    hint: &'static str,
    chosen: impl Fn() -> bool + Send + 'static,
    choose: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name=group prop:checked=chosen on:change=move |_| choose() aria-label=name/>
            <span>{name}</span>
            {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
        </label>
    }
}

#[component]
fn About() -> impl IntoView {
    let text = text();
    let relay = expect_context::<Store>().part(|state| state.relay.clone());
    let row = |name, value: String| {
        view! { <div class="figure"><dt>{name}</dt><dd>{value}</dd></div> }
    };
    let protocol = match SPOKEN {
        Versions { oldest, newest } if oldest == newest => newest.to_string(),
        Versions { oldest, newest } => format!("{oldest}–{newest}"),
    };
    view! {
        <dl class="card">
            {row(text.about_page, env!("CARGO_PKG_VERSION").to_owned())}
            {move || row(text.about_relay, relay.get().unwrap_or_default())}
            {row(text.about_protocol, protocol.clone())}
            {row(text.about_licence, env!("CARGO_PKG_LICENSE").to_owned())}
        </dl>
    }
}
