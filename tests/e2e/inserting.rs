//! The drives' panel: what is inserted, what the machine does with it, and how it comes out again.

use anyhow::{Context, Result};
use serde_json::json;
use tests::{
    account::Account,
    chromium::{Chromium, Element, Tab},
    drives::{noise, sample, sha256},
    page::Page,
    relay::Relay,
    wait::wait_until,
};

use crate::look::{fits, keep};

async fn with_drives_open() -> Result<(Relay, Account, Chromium, Page)> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    account.upload("rescue.iso", &sample("joliet")?).await?;
    account.upload("stick.img", &noise(3 << 20, 2)).await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Drives").await?;
    page.tab.element("region", "CD/DVD").await?;
    Ok((relay, account, chromium, page))
}

/// Clicks a button of a drive.
pub(crate) async fn click_in(tab: &Tab, region: &str, button: &str) -> Result<()> {
    let region = tab.element("region", region).await?;
    let words = json!(button);
    let click = format!(
        "[...this.querySelectorAll('button, input')].find(each => (each.ariaLabel ?? each.textContent) == {words}).click()"
    );
    tab.of(&region, &click).await?;
    Ok(())
}

pub(crate) async fn reads(tab: &Tab, region: &str, text: &str) -> Result<()> {
    let element: Element = tab.element("region", region).await?;
    wait_until(text, async || {
        let words = tab.of(&element, "this.innerText").await?;
        Ok(words.as_str().context("words")?.contains(text))
    })
    .await
}

#[tokio::test]
async fn an_image_is_inserted_from_the_page_and_seen_all_the_time() -> Result<()> {
    let (relay, account, chromium, page) = with_drives_open().await?;
    let tab = &page.tab;
    reads(tab, "CD/DVD", "empty").await?;
    click_in(tab, "CD/DVD", "Insert").await?;
    reads(tab, "CD/DVD", "read-only").await?;
    tab.element("image", "CD/DVD: rescue.iso").await?;
    page.open_tool("Drives").await?;
    tab.element("image", "CD/DVD: rescue.iso").await?;
    page.open_tool("Drives").await?;
    let read = relay.sim.read("cd").await?;
    assert_eq!(read["sha256"], sha256(&sample("joliet")?));

    click_in(tab, "USB disk", "Writable").await?;
    click_in(tab, "USB disk", "Insert").await?;
    reads(tab, "USB disk", "writable").await?;
    tab.element("image", "USB disk: stick.img").await?;
    let drives = account.request(reqwest::Method::GET, "api/v1/drives");
    assert_eq!(drives.await?.body[1]["medium"]["writable"], true);

    click_in(tab, "CD/DVD", "Eject").await?;
    reads(tab, "CD/DVD", "empty").await?;
    chromium.end().await
}

#[tokio::test]
async fn a_locked_disc_is_forced_out_only_when_that_is_asked_for() -> Result<()> {
    let (relay, _, chromium, page) = with_drives_open().await?;
    let tab = &page.tab;
    click_in(tab, "CD/DVD", "Insert").await?;
    reads(tab, "CD/DVD", "read-only").await?;
    relay.sim.host(&json!({ "lock": "cd", "on": true })).await?;
    click_in(tab, "CD/DVD", "Eject").await?;
    reads(tab, "CD/DVD", "The machine is using this drive").await?;
    click_in(tab, "CD/DVD", "Cancel").await?;
    tab.element("image", "CD/DVD: rescue.iso").await?;
    click_in(tab, "CD/DVD", "Eject").await?;
    reads(tab, "CD/DVD", "Force eject").await?;
    click_in(tab, "CD/DVD", "Force eject").await?;
    reads(tab, "CD/DVD", "empty").await?;
    chromium.end().await
}

#[tokio::test]
async fn the_page_says_that_the_machine_has_ejected_a_disc() -> Result<()> {
    let (relay, _, chromium, page) = with_drives_open().await?;
    let tab = &page.tab;
    click_in(tab, "CD/DVD", "Insert").await?;
    reads(tab, "CD/DVD", "read-only").await?;
    relay.sim.host(&json!({ "eject": "cd" })).await?;
    reads(tab, "CD/DVD", "The machine has ejected what was in it.").await?;
    chromium.end().await
}

#[tokio::test]
async fn the_drives_fit_every_screen() -> Result<()> {
    let (_relay, _, chromium, page) = with_drives_open().await?;
    let tab = &page.tab;
    tab.without_motion().await?;
    click_in(tab, "CD/DVD", "Insert").await?;
    reads(tab, "CD/DVD", "read-only").await?;
    let dialog = tab.element("dialog", "Drives").await?;
    tab.of(&dialog, "this.querySelector('.image').click()")
        .await?;
    page.reads("A machine can start from it").await?;
    for scheme in ["dark", "light"] {
        tab.scheme(scheme).await?;
        for (width, height) in [(1440, 900), (1024, 768), (820, 1180), (390, 844)] {
            tab.viewport(width, height, 1.0).await?;
            keep(tab, &format!("inserted-{scheme}-{width}x{height}")).await?;
            fits(tab, width, height).await?;
        }
    }
    chromium.end().await
}
