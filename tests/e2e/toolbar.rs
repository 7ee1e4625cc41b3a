//! Every tool is at hand: in the bar, or behind "More".

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::json;
use tests::{chromium::Chromium, page::Page, relay::Relay, wait::wait_until};

const VIEWPORTS: [(u32, u32); 5] = [
    (1440, 900),
    (1024, 768),
    (820, 1180),
    (390, 844),
    (280, 653),
];

#[tokio::test]
async fn what_does_not_fit_is_behind_more() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.without_motion().await?;
    page.tab.touch_screen().await?;
    let mut all: Option<BTreeSet<String>> = None;
    for (width, height) in VIEWPORTS {
        page.tab.viewport(width, height, 1.0).await?;
        stands_still(&page).await?;
        let mut tools = buttons(&page, "[role=toolbar]", width, height).await?;
        if tools.remove("More") {
            page.tab.click("button", "More").await?;
            wait_until("the menu is open", async || Ok(is_open(&page).await?)).await?;
            let rest = buttons(&page, ".more", width, height).await?;
            assert!(!rest.is_empty() && tools.is_disjoint(&rest), "{rest:?}");
            tools.extend(rest);
            page.tab.key_down("Escape").await?;
            page.tab.key_up("Escape").await?;
            wait_until("the menu is closed", async || Ok(!is_open(&page).await?)).await?;
            let focused = "document.activeElement.getAttribute('aria-label')";
            assert_eq!(page.tab.evaluate(focused).await?, "More");
        }
        let all = all.get_or_insert_with(|| tools.clone());
        assert_eq!(*all, tools, "{width}x{height}");
    }
    for tool in ["Statistics", "Settings", "Give up control"] {
        assert!(all.as_ref().is_some_and(|all| all.contains(tool)), "{tool}");
    }
    chromium.end().await
}

#[tokio::test]
async fn a_tool_behind_more_does_what_it_does_in_the_bar() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.viewport(280, 653, 1.0).await?;
    stands_still(&page).await?;
    page.open_tool("Settings").await?;
    page.tab.element("dialog", "Settings").await?;
    assert!(!is_open(&page).await?);
    page.tab.key_down("Escape").await?;
    page.tab.key_up("Escape").await?;
    wait_until("the panel is closed", async || {
        Ok(page.tab.find("dialog", "Settings").await?.is_none())
    })
    .await?;
    chromium.end().await
}

async fn is_open(page: &Page) -> Result<bool> {
    let open = "document.querySelector('.more')?.matches(':popover-open') ?? false";
    Ok(page.tab.evaluate(open).await? == json!(true))
}

/// The names of the buttons in an element, each of which must be on the screen and large enough for a finger.
async fn buttons(page: &Page, within: &str, width: u32, height: u32) -> Result<BTreeSet<String>> {
    let expression = format!(
        "[...document.querySelectorAll('{within} button')].map(button => {{
            const box = button.getBoundingClientRect();
            return [button.getAttribute('aria-label'), box.left, box.top, box.width, box.height];
        }})"
    );
    let found: Vec<(String, f64, f64, f64, f64)> =
        serde_json::from_value(page.tab.evaluate(&expression).await?)?;
    for (name, left, top, wide, high) in &found {
        assert!(
            *wide >= 44.0 && *high >= 44.0,
            "{name} is {wide} x {high} on {width}x{height}"
        );
        let inside = *left >= 0.0
            && *top >= 0.0
            && left + wide <= f64::from(width) + 0.5
            && top + high <= f64::from(height) + 0.5;
        assert!(inside, "{name} at {left}, {top} on {width}x{height}");
    }
    Ok(found.into_iter().map(|(name, ..)| name).collect())
}

/// Waits until the bar has found out how much room there is.
async fn stands_still(page: &Page) -> Result<()> {
    let frames =
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
    page.tab
        .evaluate(frames)
        .await
        .map(drop)
        .context("two frames")
}
