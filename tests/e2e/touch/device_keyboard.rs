//! The device's own keyboard.

use anyhow::{Context, Result};
use serde_json::json;
use tests::{
    chromium::{Chromium, Fingers},
    page::Page,
    relay::Relay,
    sim::Report,
    wait::wait_until,
};

use super::device::{Device, point};

#[tokio::test]
async fn the_devices_own_keyboard_types_corrects_and_erases() -> Result<()> {
    let device = Device::take_up().await?;
    let (tab, sim) = (&device.page.tab, device.sim());
    tab.hand_held(390, 844).await?;
    sim.boots().await?;
    device.page.open_tool("Device keyboard").await?;
    let has_focus = async || -> Result<bool> {
        let label = tab.evaluate("document.activeElement.getAttribute('aria-label')");
        Ok(label.await? == "Device keyboard")
    };
    wait_until("the field has the focus", has_focus).await?;
    wait_until("the layout is here", async || {
        tab.call("Input.insertText", json!({ "text": "e" })).await?;
        Ok(sim.state().await?.typed.ends_with('e'))
    })
    .await?;
    tab.call("Input.insertText", json!({ "text": "\n" }))
        .await?;
    let insert = async |text: &str| tab.call("Input.insertText", json!({ "text": text })).await;
    let shows = async |text: &str| {
        let line = format!("$ {text}");
        sim.state_where(&line, |state| {
            let mut lines = state.text.iter().rev().map(|line| line.trim_end());
            lines
                .find(|line| line.contains('$'))
                .is_some_and(|last| last.ends_with(line.trim_end()))
        })
        .await
    };

    insert("Say: ~teh").await?;
    shows("Say: ~teh").await?;
    let end = tab.evaluate("document.activeElement.value.length").await?;
    let end = end.as_u64().context("a length")?;
    let correction = json!({
        "text": "the", "selectionStart": 3, "selectionEnd": 3,
        "replacementStart": end - 3, "replacementEnd": end,
    });
    tab.call("Input.imeSetComposition", correction).await?;
    insert("the ").await?;
    shows("Say: ~the").await?;

    for _ in 0..5 {
        tab.evaluate("document.execCommand('delete')").await?;
    }
    shows("Say:").await?;
    insert("é").await?;
    device.page.reads("Not typed: é").await?;
    insert("x").await?;
    device.page.reads_no_more("Not typed").await?;

    let before = device.reports().await?;
    tab.key_down("ArrowLeft").await?;
    tab.key_up("ArrowLeft").await?;
    wait_until("the arrow", async || {
        let reports = sim.reports(before).await?;
        let arrow = |report: &Report| report.bytes().is_ok_and(|bytes| bytes[2] == 0x50);
        Ok(reports.iter().any(arrow))
    })
    .await?;
    let sight = device.page.in_sight().await?;
    device
        .tap_clicks(&mut Fingers::on(tab), &[point(sight, 0.5, 0.5)], 1)
        .await?;
    assert!(has_focus().await?);
    device.put_down().await
}

#[tokio::test]
async fn the_devices_own_keyboard_enters_what_no_key_makes() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.touch_screen().await?;
    let wishes = json!({ "untypable": { "unicode": "linux" } }).to_string();
    page.tab
        .inject(&format!("localStorage.setItem('typing', {wishes:?})"))
        .await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.open_tool("Device keyboard").await?;
    let before = relay.sim.state().await?.reports;
    // ISO 14755's entry, as GTK and IBus have it: Ctrl, Shift and U, the number, and a space.
    let wanted = [(0x03, 0x18), (0, 0x08), (0, 0x26), (0, 0x2C)];
    wait_until("the entry of é", async || {
        page.tab
            .call("Input.insertText", json!({ "text": "é" }))
            .await?;
        let reports = relay.sim.reports(before).await?;
        let mut keys = Vec::new();
        for report in reports
            .iter()
            .filter(|report| report.interface == "keyboard")
        {
            let bytes = report.bytes()?;
            if bytes[2] != 0 {
                keys.push((bytes[0], bytes[2]));
            }
        }
        let typed = |stroke| keys.contains(stroke);
        Ok(wanted.iter().all(typed))
    })
    .await?;
    chromium.end().await
}
