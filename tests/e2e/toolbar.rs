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

/// Where each tool has been painted since the page was opened, by its name: more than one place is a tool that has moved
/// from under a finger. An intersection observer is told places as they are painted, after all that a frame still changes.
const PLACES: &str = "
    window.places = {};
    const note = (entries, observer) => {
        observer.disconnect();
        for (const { target, boundingClientRect } of entries) {
            const name = target.dataset.tool ?? target.getAttribute('aria-label');
            const seen = window.places[name] ??= [];
            const place = Math.round(boundingClientRect.x);
            if (!seen.includes(place)) seen.push(place);
        }
    };
    const look = () => {
        const observer = new IntersectionObserver(note);
        for (const tool of document.querySelectorAll('[role=toolbar] button')) {
            if (tool.checkVisibility({ visibilityProperty: true })) observer.observe(tool);
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);";

#[tokio::test]
async fn no_tool_moves_while_the_page_gets_to_know_the_machine() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let chromium = Chromium::start().await?;
    let page = Page::load(&chromium, &account).await?;
    let pinned = json!({ "shortcuts": [{ "name": "Switch window", "keys": ["AltLeft", "Tab"], "pinned": true }] });
    let headers = json!({ "content-type": "application/json", "if-match": "\"0\"" });
    let pin = json!({ "method": "PUT", "headers": headers, "body": pinned.to_string() });
    let pin = format!("fetch('/api/v1/shortcuts', {pin}).then(answer => answer.status)");
    assert_eq!(page.tab.evaluate(&pin).await?, 204);
    page.tab.close().await?;
    for (width, height) in [(1440, 900), (1024, 768), (820, 1180)] {
        let page = Page::prepare(&chromium, &account).await?;
        page.tab.viewport(width, height, 1.0).await?;
        page.tab.inject(PLACES).await?;
        page.tab.go(&account.base).await?;
        page.shows_the_screen_of(&relay.sim.pc(1)).await?;
        page.open_tool("Drives").await?;
        page.tab.element("region", "CD/DVD").await?;
        let places = page.tab.evaluate("window.places").await?;
        let places = places.as_object().context("places")?;
        assert!(places.len() > 5, "{places:?}");
        for (tool, places) in places {
            let places = places.as_array().context("places")?;
            assert_eq!(places.len(), 1, "{tool} at {width}x{height}: {places:?}");
        }
        page.tab.close().await?;
    }
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
