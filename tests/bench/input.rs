//! From a key to the report at the machine.

use anyhow::{Context, Result, ensure};
use shared::input::Usage;
use tests::{
    account::Account,
    chromium::Chromium,
    native::Client,
    page::Page,
    relay::Relay,
    sim::{Report, Sim},
    wait::wait_for,
};

use crate::figures::Figures;

const TAPS: usize = 200;
const B: Usage = Usage::Keyboard(0x05);

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let (relay, account) = Relay::demo_of_size("1920x1080").await?;
    relay.sim.boots().await?;
    let still = from_a_native_viewer(&account, &relay.sim).await?;
    figures.times("key to report, still screen, from a native viewer", &still);
    relay.sim.time_code("motion", 60).await?;
    let motion = from_a_native_viewer(&account, &relay.sim).await?;
    figures.times("key to report, full motion, from a native viewer", &motion);
    let burst = a_burst(&account, &relay.sim).await?;
    figures.number("a burst of 2,000 reports from a native viewer", burst, "/s");

    let (relay, account) = Relay::demo_of_size("1920x1080").await?;
    relay.sim.boots().await?;
    let browser = from_the_browser(&account, &relay.sim).await?;
    figures.times("keydown in the browser to report, still screen", &browser);
    Ok(())
}

async fn from_a_native_viewer(account: &Account, sim: &Sim) -> Result<Vec<u64>> {
    let mut viewer = Client::operate(account).await?;
    viewer.ping().await?;
    let since = sim.state().await?.reports;
    let mut sent = Vec::new();
    for _ in 0..TAPS {
        for down in [true, false] {
            sent.push(viewer.key(B, down)?);
            viewer.ping().await?;
        }
    }
    delays(&sent, &keyboard_reports(sim, since, sent.len()).await?)
}

async fn a_burst(account: &Account, sim: &Sim) -> Result<f64> {
    let mut viewer = Client::operate(account).await?;
    viewer.ping().await?;
    let since = sim.state().await?.reports;
    let start = viewer.key(B, true)?;
    viewer.key(B, false)?;
    for _ in 1..1_000 {
        viewer.tap(B)?;
    }
    let reports = keyboard_reports(sim, since, 2_000).await?;
    let end = reports.last().context("a report")?.t_us;
    Ok(2_000.0 * 1e6 / (end - start) as f64)
}

async fn from_the_browser(account: &Account, sim: &Sim) -> Result<Vec<u64>> {
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, account, sim).await?;
    page.click_the_screen().await?;
    page.tab
        .evaluate(
            "(() => {
                window.pressed = [];
                const note = () => pressed.push((performance.timeOrigin + performance.now()) * 1000);
                addEventListener('keydown', note, true);
                addEventListener('keyup', note, true);
            })()",
        )
        .await?;
    let since = sim.state().await?.reports;
    for _ in 0..TAPS {
        page.tab.key_down("KeyB").await?;
        page.tab.key_up("KeyB").await?;
    }
    let reports = keyboard_reports(sim, since, 2 * TAPS).await?;
    let pressed: Vec<f64> = serde_json::from_value(page.tab.evaluate("pressed").await?)?;
    let pressed: Vec<u64> = pressed.into_iter().map(|at| at as u64).collect();
    chromium.end().await?;
    delays(&pressed, &reports)
}

async fn keyboard_reports(sim: &Sim, since: u64, count: usize) -> Result<Vec<Report>> {
    wait_for("all reports", async || {
        let mut reports = sim.reports(since).await?;
        reports.retain(|report| report.interface == "keyboard");
        Ok((reports.len() >= count).then_some(reports))
    })
    .await
}

fn delays(sent: &[u64], reports: &[Report]) -> Result<Vec<u64>> {
    ensure!(
        sent.len() == reports.len(),
        "{} events and {} reports",
        sent.len(),
        reports.len()
    );
    let pairs = sent.iter().zip(reports);
    Ok(pairs
        .map(|(sent, report)| report.t_us.saturating_sub(*sent))
        .collect())
}
