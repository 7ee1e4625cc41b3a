//! How the picture does, in numbers that stay in their places.

use leptos::prelude::*;

use crate::{
    figures::{Latency, Summary},
    store::Store,
    ui::{panel::Sheet, text},
};

/// The panel.
#[component]
pub(crate) fn Statistics() -> impl IntoView {
    let text = text();
    let figures = expect_context::<Store>().figures;
    let stage = move |name: &'static str, of: fn(&Latency) -> Option<f32>| {
        let value = move || figures.get().latency.as_ref().and_then(of);
        row(name, move || milliseconds(value()))
    };
    let number =
        move |name: &'static str, of: fn(&Summary) -> String| row(name, move || of(&figures.get()));
    view! {
        <Sheet label=text.statistics>
            <section class="card summed">
                <h3>{text.stats_latency}<small>{text.stats_latency_hint}</small></h3>
                <dl>
                    {stage(text.latency_encode, |latency| Some(latency.encode))}
                    {stage(text.latency_network, |latency| latency.network)}
                    {stage(text.latency_decode, |latency| Some(latency.decode))}
                    {stage(text.latency_draw, |latency| Some(latency.draw))}
                    {stage(text.latency_total, Latency::total)}
                </dl>
            </section>
            <section class="card">
                <h3>{text.stats_picture}</h3>
                <dl>
                    {number(text.stats_frame_rate, |summary| text_of_rate(summary.frames))}
                    {number(text.stats_bitrate, |summary| bits(summary.kilobits))}
                    {number(text.stats_queue, |summary| summary.queue.to_string())}
                    {number(text.stats_dropped, |summary| summary.left_out.to_string())}
                </dl>
            </section>
            <section class="card">
                <h3>{text.stats_link}</h3>
                <dl>{number(text.round_trip, |summary| milliseconds(summary.round_trip))}</dl>
            </section>
            <p class="hint">{text.stats_none}</p>
        </Sheet>
    }
}

fn row(name: &'static str, value: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! {
        <div class="figure">
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
}

fn text_of_rate(frames: u32) -> String {
    text().fps(frames)
}

fn milliseconds(value: Option<f32>) -> String {
    text().milliseconds(value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}")))
}

/// A bit rate with its unit.
pub(super) fn bits(kilobits: u32) -> String {
    if kilobits < 1_000 {
        text().bits_kbit(kilobits)
    } else {
        text().bits_mbit(format!("{:.1}", f64::from(kilobits) / 1_000.0))
    }
}
