//! Characters a second that the relay types, by how long the machine takes for a report.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::json;
use tests::{native::Client, relay::Relay};

use crate::figures::Figures;

/// Milliseconds that the machine takes for a report, and how many characters are typed at it.
const MACHINES: [(u32, usize); 4] = [(0, 20_000), (1, 2_000), (8, 300), (30, 80)];

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut operator = Client::operate(&account).await?;
    let viewer = operator.state().await?.you;
    for led_echo in [true, false] {
        relay.sim.host(&json!({ "led_echo": led_echo })).await?;
        for (report_ms, characters) in MACHINES {
            relay.sim.fault_ms("slow_host", report_ms).await?;
            let characters = if led_echo {
                characters
            } else {
                characters.min(500)
            };
            let text = "the Quick brown fox; ".repeat(characters / 21 + 1);
            let text = &text[..characters];
            let start = Instant::now();
            let body = json!({ "text": text, "layout": "en-us", "viewer": viewer });
            let answer = account.post("api/v1/type", &body).await?;
            ensure!(answer.status.is_success(), "{}", answer.body);
            let id = answer.body["id"].as_u64();
            operator
                .typing_where("the end", |typing| {
                    Some(u64::from(typing.id)) == id && typing.phase.is_over()
                })
                .await?;
            let rate = characters as f64 / start.elapsed().as_secs_f64();
            let lights = if led_echo {
                "with lock lights"
            } else {
                "at a fixed pace"
            };
            figures.number(
                &format!("typing at a host of {report_ms} ms a report, {lights}"),
                rate,
                "characters/s",
            );
        }
    }
    Ok(())
}
