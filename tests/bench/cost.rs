//! What the relay costs: processor, memory and bytes.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tests::{
    native::{Client, Options},
    relay::Relay,
};

use crate::figures::Figures;

const SPAN: Duration = Duration::from_secs(10);
/// Linux counts processor time for user space in hundredths of a second on every architecture that runs this.
const TICKS_A_SECOND: f64 = 100.0;

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let (relay, account) = Relay::demo_of_size("1920x1080").await?;
    relay.sim.boots().await?;
    figures.number(
        "memory at the prompt, nobody watches",
        memory(&relay)?,
        "MB",
    );
    let busy = processor(&relay, SPAN).await?;
    figures.number("processor, nobody watches", busy, "% of a core");

    let options = Options {
        decodes: false,
        ..Options::default()
    };
    let mut viewer = Client::connect(&account, options).await?;
    viewer.next_frame().await?;
    for (scene, pattern) in [("console", "console"), ("still picture", "still")] {
        relay.sim.screen(&json!({ "pattern": pattern })).await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        viewer.frames_so_far();
        let busy = processor(&relay, SPAN).await?;
        let bytes: usize = viewer.frames_so_far().iter().map(|frame| frame.bytes).sum();
        figures.number(
            &format!("processor, {scene}, one viewer"),
            busy,
            "% of a core",
        );
        figures.number(
            &format!("bytes, {scene}, one viewer"),
            bytes as f64 / SPAN.as_secs_f64() / 1e3,
            "kB/s",
        );
    }
    for (scene, pattern) in [("scrolling text", "text"), ("full motion", "motion")] {
        relay.sim.time_code(pattern, 60).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let busy = processor(&relay, Duration::from_secs(5)).await?;
        figures.number(
            &format!("processor, {scene} with the machine's drawing"),
            busy,
            "% of a core",
        );
    }
    figures.number("memory after full motion at 1080p", memory(&relay)?, "MB");
    Ok(())
}

async fn processor(relay: &Relay, span: Duration) -> Result<f64> {
    let before = ticks(relay)?;
    tokio::time::sleep(span).await;
    let busy = (ticks(relay)? - before) / TICKS_A_SECOND;
    Ok(busy / span.as_secs_f64() * 100.0)
}

fn ticks(relay: &Relay) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", relay.id()))?;
    let (_, fields) = stat.rsplit_once(')').context("a process name")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number =
        |index: usize| -> Result<f64> { Ok(fields.get(index).context("processor time")?.parse()?) };
    Ok(number(11)? + number(12)?)
}

fn memory(relay: &Relay) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", relay.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes.context("VmRSS")?.parse::<f64>()? * 1024.0 / 1e6)
}
