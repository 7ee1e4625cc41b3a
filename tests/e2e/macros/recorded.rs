//! What an operator does becomes a macro.

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::Value;
use tests::{chromium::Chromium, page::Page, relay::Relay, sim::Report, wait::wait_until};

use super::{MACROS, open};

#[tokio::test]
async fn what_was_recorded_is_done_again() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    let before = relay.sim.state().await?.reports;
    record(&page).await?;
    page.reads("Recording").await?;
    page.tab.type_keys("ls\n").await?;
    let (x, y) = page.picture_rect().await?.centre();
    page.tab.click_at(x, y).await?;
    relay
        .sim
        .state_where("the command and the click", |state| {
            state.typed.ends_with("ls\n") && state.pointer.buttons == 0
        })
        .await?;
    wait_until("a click", async || {
        let seen = transitions(&relay.sim.reports(before).await?)?;
        Ok(seen.iter().filter(|(of, _)| of == "pointer").count() == 2)
    })
    .await?;
    page.tab.click("button", "Stop").await?;
    page.tab.fill("Name of the macro", "List files").await?;
    page.tab.click("button", "Save").await?;
    page.tab.element("button", "Run").await?;
    let recorded = transitions(&relay.sim.reports(before).await?)?;
    let place = relay.sim.state().await?.pointer;
    page.tab.move_to(x + 90.0, y + 60.0).await?;
    let elsewhere = |x, y| (x, y) != (place.x, place.y);
    relay
        .sim
        .state_where("the pointer elsewhere", |state| {
            elsewhere(state.pointer.x, state.pointer.y)
        })
        .await?;
    let before = relay.sim.state().await?.reports;
    page.tab.click("button", "Run").await?;
    page.reads("Done.").await?;
    relay
        .sim
        .state_where("the same again", |state| {
            state.typed.ends_with("ls\nls\n") && !elsewhere(state.pointer.x, state.pointer.y)
        })
        .await?;
    let done = transitions(&relay.sim.reports(before).await?)?;
    assert_eq!(done, recorded);
    chromium.end().await
}

#[tokio::test]
async fn a_text_that_is_typed_meanwhile_is_recorded_as_a_text() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    record(&page).await?;
    page.reads("Recording").await?;
    page.open_tool("Type text").await?;
    page.choose("Target layout", "en-us").await?;
    page.tab.fill("Text to type", "echo {{a}} B\n").await?;
    wait_until("a text that can be typed", async || {
        let button = page.tab.element("button", "Type").await?;
        Ok(page.tab.of(&button, "this.ariaDisabled").await? == "false")
    })
    .await?;
    page.tab.click("button", "Type").await?;
    page.reads("Done. 13 of 13 characters").await?;
    page.open_tool("Macros").await?;
    page.tab.click("button", "Stop").await?;
    page.tab.fill("Name of the macro", "Say").await?;
    page.tab.click("button", "Save").await?;
    page.tab.element("button", "Run").await?;
    let list = account.request(Method::GET, MACROS).await?;
    let id = &list.body["macros"][0]["id"];
    let kept = account
        .request(Method::GET, &format!("{MACROS}/{id}"))
        .await?;
    let steps = kept.body["steps"].as_array().context("steps")?;
    let texts: Vec<&Value> = steps.iter().filter(|step| step["do"] == "text").collect();
    ensure!(
        texts.len() == 1 && texts[0]["layout"] == "en-us",
        "{steps:?}"
    );
    ensure!(
        steps
            .iter()
            .all(|step| step["do"] != "tap" && step["do"] != "press"),
        "{steps:?}"
    );
    page.tab.click("button", "Run").await?;
    relay
        .sim
        .state_where("the same text again", |state| {
            state.typed == "echo {{a}} B\necho {{a}} B\n"
        })
        .await?;
    chromium.end().await
}

/// What the machine sees go down and up, without motion.
fn transitions(reports: &[Report]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    for report in reports {
        let mut bytes = report.bytes()?;
        if report.interface != "keyboard" {
            bytes.truncate(1);
        }
        let last = seen.iter().rev().find(|(of, _)| *of == report.interface);
        let rests = bytes.iter().all(|byte| *byte == 0);
        if last.map_or(!rests, |(_, last)| *last != bytes) {
            seen.push((report.interface.clone(), bytes));
        }
    }
    Ok(seen)
}

/// Presses the panel's "Record"; the toolbar has one of this name, too.
async fn record(page: &Page) -> Result<()> {
    let dialog = page.tab.element("dialog", "Macros").await?;
    let place = page.tab.rect(&dialog).await?;
    for button in page.tab.all("button", Some("Record")).await? {
        let (x, y) = page.tab.rect(&button).await?.centre();
        let within = (place.x..place.x + place.width).contains(&x)
            && (place.y..place.y + place.height).contains(&y);
        if within {
            return page.tab.click_at(x, y).await;
        }
    }
    bail!("no button of the panel")
}
