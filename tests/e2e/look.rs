//! The page fits every screen. What it looks like is kept in target/screenshots for people to look at.

use std::path::PathBuf;

use anyhow::Result;
use tests::{
    chromium::{Chromium, Tab},
    page::{MACHINES, PANELS, Page},
    relay::{Relay, target_folder},
};

const VIEWPORTS: [(u32, u32); 4] = [(1440, 900), (1024, 768), (820, 1180), (390, 844)];

#[tokio::test]
async fn the_console_fits_every_screen() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.without_motion().await?;
    for (width, height) in VIEWPORTS {
        page.tab.viewport(width, height, 1.0).await?;
        page.shows_the_screen_of(&relay.sim).await?;
        keep(&page.tab, &format!("console-{width}x{height}")).await?;
        fits(&page.tab, width, height).await?;
        page.tab.element("toolbar", "Controls").await?;
        for light in ["Caps Lock", "Num Lock", "Scroll Lock"] {
            page.light(light).await?;
        }
        for tool in ["Full screen", "Statistics", "Settings"] {
            if page.tab.find("button", tool).await?.is_none() {
                page.tab.element("button", "More").await?;
            }
        }
        let picture = page.picture_rect().await?;
        assert!(picture.x >= 0.0 && picture.x + picture.width <= f64::from(width) + 0.5);
        assert!(picture.width >= f64::from(width) * 0.6, "{picture:?}");
    }
    chromium.end().await
}

#[tokio::test]
async fn panels_and_messages_fit_every_screen() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.without_motion().await?;
    for (width, height) in VIEWPORTS {
        page.tab.viewport(width, height, 1.0).await?;
        for panel in PANELS.into_iter().chain([MACHINES]) {
            page.open_tool(panel).await?;
            page.tab.element("dialog", panel).await?;
            keep(&page.tab, &format!("{panel}-{width}x{height}")).await?;
            fits(&page.tab, width, height).await?;
            page.open_tool(panel).await?;
        }
        relay.sim.fault("no_cable").await?;
        page.reads("No video cable").await?;
        keep(&page.tab, &format!("no-cable-{width}x{height}")).await?;
        fits(&page.tab, width, height).await?;
        relay.sim.fault("none").await?;
        page.reads_no_more("No video cable").await?;
    }
    chromium.end().await
}

#[tokio::test]
async fn what_asks_before_work_is_lost_fits_every_screen() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.without_motion().await?;
    for scheme in ["dark", "light"] {
        page.tab.scheme(scheme).await?;
        for (width, height) in VIEWPORTS {
            page.tab.viewport(width, height, 1.0).await?;
            page.open_tool("Power").await?;
            page.tab.element("dialog", "Power").await?;
            keep(&page.tab, &format!("power-{scheme}-{width}x{height}")).await?;
            page.tab.click("button", "Hold power").await?;
            page.tab.element("image", "On the screen now").await?;
            keep(&page.tab, &format!("power-asks-{scheme}-{width}x{height}")).await?;
            fits(&page.tab, width, height).await?;
            page.open_tool("Power").await?;
        }
    }
    chromium.end().await
}

#[tokio::test]
async fn what_is_for_fingers_fits_every_device_in_the_hand() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.touch_screen().await?;
    page.tab.without_motion().await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.open_tool("View").await?;
    for (width, height) in [(820, 1180), (1180, 820), (390, 844), (844, 390)] {
        page.tab.hand_held(width, height).await?;
        keep(&page.tab, &format!("touch-{width}x{height}")).await?;
        fits(&page.tab, width, height).await?;
        for (role, name) in [("group", "View"), ("group", "Edge buttons")] {
            let group = page.tab.element(role, name).await?;
            let rect = page.tab.rect(&group).await?;
            assert!(
                rect.x >= 0.0 && rect.x + rect.width <= f64::from(width),
                "{name}: {rect:?}"
            );
        }
        for name in ["Ctrl", "Left button", "Fit", "Rotate"] {
            let button = page.tab.element("button", name).await?;
            let rect = page.tab.rect(&button).await?;
            assert!(
                rect.width >= 44.0 && rect.height >= 44.0,
                "{name}: {rect:?}"
            );
        }
    }
    page.open_tool("Settings").await?;
    page.tab.click("tab", "Keyboard and pointer").await?;
    for (width, height) in VIEWPORTS {
        page.tab.viewport(width, height, 1.0).await?;
        keep(&page.tab, &format!("pointer-{width}x{height}")).await?;
        fits(&page.tab, width, height).await?;
    }
    chromium.end().await
}

#[tokio::test]
async fn the_on_screen_keyboard_fits_every_screen() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Keyboard").await?;
    for scheme in ["dark", "light"] {
        page.tab.scheme(scheme).await?;
        for (width, height) in VIEWPORTS {
            page.tab.viewport(width, height, 1.0).await?;
            let keyboard = page.tab.element("region", "On-screen keyboard").await?;
            let rect = page.tab.rect(&keyboard).await?;
            let picture = page.picture_rect().await?;
            assert!(
                picture.y + picture.height <= rect.y,
                "{picture:?}, {rect:?}"
            );
            keep(&page.tab, &format!("keyboard-{scheme}-{width}x{height}")).await?;
            fits(&page.tab, width, height).await?;
        }
        page.tab.viewport(844, 390, 1.0).await?;
        keep(&page.tab, &format!("keyboard-{scheme}-844x390")).await?;
        page.tab.viewport(1440, 900, 1.0).await?;
        page.tab.click("button", "Let the keyboard float").await?;
        keep(&page.tab, &format!("keyboard-{scheme}-floating")).await?;
        fits(&page.tab, 1440, 900).await?;
        page.tab.click("button", "Let the keyboard float").await?;
    }
    chromium.end().await
}

#[tokio::test]
async fn claiming_and_signing_in_fit_every_screen() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let chromium = Chromium::start().await?;
    let page = Page::visit(&chromium, &relay).await?;
    for step in ["Claim this relay", "Sign in"] {
        page.tab.element("button", step).await?;
        for (width, height) in VIEWPORTS {
            page.tab.viewport(width, height, 1.0).await?;
            keep(&page.tab, &format!("{step}-{width}x{height}")).await?;
            fits(&page.tab, width, height).await?;
        }
        if step == "Claim this relay" {
            relay.claimed().await?;
            page.tab.go(&relay.url).await?;
        }
    }
    chromium.end().await
}

/// Nothing of the page is beyond its edges.
pub(crate) async fn fits(tab: &Tab, width: u32, height: u32) -> Result<()> {
    let size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]";
    let (wide, high): (u32, u32) = serde_json::from_value(tab.evaluate(size).await?)?;
    assert!(wide <= width, "{wide} pixels wide on {width}x{height}");
    assert!(high <= height, "{high} pixels high on {width}x{height}");
    Ok(())
}

/// Keeps a screenshot for people to look at.
pub(crate) async fn keep(tab: &Tab, name: &str) -> Result<()> {
    let folder: PathBuf = target_folder()?.join("screenshots");
    std::fs::create_dir_all(&folder)?;
    let name = name.to_lowercase().replace(' ', "-");
    Ok(std::fs::write(
        folder.join(name + ".png"),
        tab.screenshot().await?,
    )?)
}
