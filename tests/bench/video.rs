//! From a change on the machine's screen to a frame at a viewer, and to pixels in the browser.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tests::{
    account::Account,
    chromium::Chromium,
    native::{Client, Options, Received},
    page::Page,
    relay::Relay,
    sim::Sim,
};

use crate::figures::Figures;

/// What the screen does, as the simulated PC's pattern and its frames a second. 11 is no part of a browser's 60 frames a
/// second: changes come at any time between two of them.
const SCENES: [(&str, &str, u32); 4] = [
    ("small change, 11 a second", "console", 11),
    ("small change, 60 a second", "still", 60),
    ("scrolling text", "text", 60),
    ("full motion", "motion", 60),
];

const SIZE: &str = "1920x1080";
const SPAN: Duration = Duration::from_secs(6);

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    for (scene, pattern, fps) in SCENES {
        let (relay, account) = Relay::demo_of_size(SIZE).await?;
        relay.sim.time_code(pattern, fps).await?;
        at_a_native_viewer(figures, scene, &account).await?;
    }
    for (scene, pattern, fps) in SCENES {
        let (relay, account) = Relay::demo_of_size(SIZE).await?;
        in_the_browser(figures, scene, &relay.sim, &account, pattern, fps).await?;
    }
    Ok(())
}

async fn at_a_native_viewer(figures: &mut Figures, scene: &str, account: &Account) -> Result<()> {
    let mut viewer = Client::connect(account, Options::default()).await?;
    viewer.next_frame().await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    viewer.frames_so_far();
    tokio::time::sleep(SPAN).await;
    let frames = viewer.frames_so_far();
    let delays: Vec<u64> = frames
        .iter()
        .filter_map(|received| {
            let drawn_us = received.time_code()?.drawn_us;
            Some(received.arrived_us.saturating_sub(drawn_us))
        })
        .collect();
    let encodes: Vec<u64> = frames
        .iter()
        .map(|received| received.frame.encode_us.into())
        .collect();
    let bytes: usize = frames.iter().map(|received| received.bytes).sum();
    figures.times(&format!("{scene}: change to native viewer"), &delays);
    figures.times(&format!("{scene}: capture to access unit"), &encodes);
    figures.number(
        &format!("{scene}: frames at a native viewer"),
        rate(&frames),
        "/s",
    );
    figures.number(
        &format!("{scene}: bit rate"),
        bytes as f64 * 8.0 / SPAN.as_secs_f64() / 1e6,
        "Mbit/s",
    );
    Ok(())
}

fn rate(frames: &[Received]) -> f64 {
    match frames {
        [first, .., last] if last.arrived_us > first.arrived_us => {
            (frames.len() - 1) as f64 * 1e6 / (last.arrived_us - first.arrived_us) as f64
        }
        _ => 0.0,
    }
}

/// Reads the time code off the canvas at every animation frame, and notes when it sees a new one.
const WATCH_THE_CANVAS: &str = "
(canvas => {
    const copy = new OffscreenCanvas(128, 48);
    const context = copy.getContext('2d', { willReadFrequently: true });
    const seen = window.seen = [];
    let newest = -1;
    const look = () => {
        context.drawImage(canvas, 0, 0, 128, 48, 0, 0, 128, 48);
        const pixels = context.getImageData(0, 0, 128, 48).data;
        const now = (performance.timeOrigin + performance.now()) * 1000;
        let bits = 0n;
        for (let cell = 0; cell < 96; cell++) {
            const x = cell % 16 * 8 + 4, y = (cell >> 4) * 8 + 4;
            bits = bits << 1n | (pixels[(y * 128 + x) * 4 + 1] >= 128 ? 1n : 0n);
        }
        const number = Number(bits & 0xffffffffn);
        if (number !== newest) {
            newest = number;
            seen.push([Number(bits >> 32n), now, number]);
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})(this)";

async fn in_the_browser(
    figures: &mut Figures,
    scene: &str,
    sim: &Sim,
    account: &Account,
    pattern: &str,
    fps: u32,
) -> Result<()> {
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, account, sim).await?;
    sim.time_code(pattern, fps).await?;
    let screen = page.screen().await?;
    page.tab.of(&screen, WATCH_THE_CANVAS).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    page.tab.evaluate("seen.length = 0").await?;
    tokio::time::sleep(SPAN).await;
    let seen: Vec<(u64, f64, u32)> = serde_json::from_value(page.tab.evaluate("seen").await?)?;
    let delays: Vec<u64> = seen
        .iter()
        .map(|(drawn_us, seen_us, _)| (*seen_us as u64).saturating_sub(*drawn_us))
        .filter(|delay| *delay < 10_000_000)
        .collect();
    let (first, last) = (
        seen.first().context("a frame")?,
        seen.last().context("a frame")?,
    );
    figures.times(
        &format!("{scene}: change to pixels in the browser"),
        &delays,
    );
    figures.number(
        &format!("{scene}: frames in the browser"),
        (seen.len() - 1) as f64 * 1e6 / (last.1 - first.1).max(1.0),
        "/s",
    );
    sim.screen(&json!({ "pattern": "console", "timecode": false }))
        .await?;
    chromium.end().await
}
