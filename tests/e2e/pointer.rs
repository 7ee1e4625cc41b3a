//! What is set about the pointer is what the machine gets.

use anyhow::{Context, Result};
use serde_json::json;
use shared::{ToRelay, message::Jiggler};
use tests::{
    chromium::Chromium,
    native::Client,
    page::Page,
    relay::Relay,
    sim::{Report, Sim},
    wait::wait_until,
};

/// The reports of the absolute pointer: buttons, x, y, and the wheel.
fn pointers(reports: &[Report]) -> Result<Vec<(u8, u16, u16, i16)>> {
    let reports = reports
        .iter()
        .filter(|report| report.interface == "pointer");
    reports
        .map(|report| {
            let bytes = report.bytes()?;
            let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
            Ok((bytes[0], word(1), word(3), word(5).cast_signed()))
        })
        .collect()
}

async fn settings(page: &Page) -> Result<()> {
    page.open_tool("Settings").await?;
    page.tab.click("tab", "Keyboard and pointer").await?;
    page.tab.element("checkbox", "Merge motion").await?;
    Ok(())
}

async fn click_middle(page: &Page, sim: &Sim) -> Result<Vec<(u8, u16, u16, i16)>> {
    let before = sim.state().await?.reports;
    let (x, y) = page.picture_rect().await?.centre();
    page.tab.click_at(x.round(), y.round()).await?;
    let mut seen = Vec::new();
    wait_until("a click", async || {
        seen = pointers(&sim.reports(before).await?)?;
        let buttons: Vec<u8> = seen.iter().map(|report| report.0).collect();
        Ok(buttons.iter().any(|buttons| *buttons != 0) && buttons.last() == Some(&0))
    })
    .await?;
    Ok(seen)
}

#[tokio::test]
async fn the_left_and_the_right_button_change_places() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    settings(&page).await?;
    for pressed in [2, 1] {
        page.tab
            .click("checkbox", "Swap left and right button")
            .await?;
        let clicked = click_middle(&page, &relay.sim).await?;
        assert!(
            clicked.iter().any(|report| report.0 == pressed),
            "{clicked:?}"
        );
        assert!(
            clicked
                .iter()
                .all(|report| [0, pressed].contains(&report.0)),
            "{clicked:?}"
        );
    }
    chromium.end().await
}

#[tokio::test]
async fn a_screen_that_is_a_part_of_a_desktop_is_met() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    let screen = page.picture().await?;
    let (width, height) = (screen.width as f64, screen.height as f64);
    settings(&page).await?;
    let desktop = (3840.0, 2160.0);
    for (name, value) in [
        ("Desktop width", "3840"),
        ("Desktop height", "2160"),
        ("Screen from the left", "1000"),
        ("Screen from the top", "200"),
    ] {
        let field = page.tab.element("spinbutton", name).await?;
        let set = format!(
            "['input', 'change'].forEach((kind) => {{
                this.value = '{value}';
                this.dispatchEvent(new Event(kind, {{ bubbles: true }}));
            }})"
        );
        page.tab.of(&field, &set).await?;
    }
    let (_, x, y, _) = *click_middle(&page, &relay.sim)
        .await?
        .last()
        .context("a click")?;
    // A host spreads the range over the desktop, from its first pixel to its last (HID 1.11, 5.7).
    let pixel = |value: u16, pixels: f64| f64::from(value) * (pixels - 1.0) / 32767.0;
    let near = |at: f64, wanted: f64| (at - wanted).abs() < 2.0;
    assert!(near(pixel(x, desktop.0), 1000.0 + width / 2.0), "{x}");
    assert!(near(pixel(y, desktop.1), 200.0 + height / 2.0), "{y}");
    chromium.end().await
}

#[tokio::test]
async fn this_devices_pointer_is_an_arrow_a_dot_or_hidden() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    settings(&page).await?;
    for (name, cursor) in [("Dot", "url("), ("Hidden", "none"), ("Arrow", "default")] {
        page.tab.click("radio", name).await?;
        let screen = page.screen().await?;
        wait_until(name, async || {
            let now = page
                .tab
                .of(&screen, "getComputedStyle(this).cursor")
                .await?;
            Ok(now.as_str().is_some_and(|now| now.starts_with(cursor)))
        })
        .await?;
    }
    chromium.end().await
}

#[tokio::test]
async fn a_flood_of_motion_is_merged_and_a_click_keeps_its_place() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    let rect = page.picture_rect().await?;
    let before = relay.sim.state().await?.reports;
    let (x, y) = rect.centre();
    let flood = format!(
        "(() => {{
            const at = (type, x, buttons) => this.dispatchEvent(new PointerEvent(type, {{
                clientX: x, clientY: {y}, buttons, pointerType: 'mouse', pointerId: 1, bubbles: true, cancelable: true,
            }}));
            for (let step = 0; step < 400; step++) at('pointermove', {x} - 200 + step, 0);
            at('pointermove', {x} + 50, 1);
            at('pointermove', {x} + 50, 0);
            for (let step = 0; step < 400; step++) at('pointermove', {x} + 200 - step, 0);
        }})()"
    );
    let screen = page.screen().await?;
    page.tab.of(&screen, &flood).await?;
    let end = page.pixel_at(x - 199.0, y).await?;
    relay
        .sim
        .state_where("the end of the motion", |state| {
            (f64::from(state.pointer.x) + 0.5 - end.0).abs() <= 1.5
        })
        .await?;
    let reports = pointers(&relay.sim.reports(before).await?)?;
    assert!(reports.len() < 40, "{} reports", reports.len());
    let clicked = page.pixel_at(x + 50.0, y).await?;
    let width = page.picture().await?.width as f64;
    for report in reports.iter().filter(|report| report.0 == 1) {
        let at = f64::from(report.1) * (width - 1.0) / 32767.0 + 0.5;
        assert!((at - clicked.0).abs() <= 1.5, "{at} instead of {clicked:?}");
    }
    assert!(reports.iter().any(|report| report.0 == 1), "{reports:?}");
    chromium.end().await
}

#[tokio::test]
async fn a_pen_hovers_draws_and_its_side_button_is_the_right_one() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    let (x, y) = page.picture_rect().await?.centre();
    let (x, y) = (x.round(), y.round());
    let pen = async |kind: &str, x: f64, button: &str, buttons: u8| {
        let event = json!({
            "type": kind, "x": x, "y": y, "button": button, "buttons": buttons,
            "pointerType": "pen", "clickCount": 1, "force": 0.5,
        });
        page.tab.call("Input.dispatchMouseEvent", event).await
    };
    let is_at = async |x: f64, buttons: u8| -> Result<()> {
        let (column, _) = page.pixel_at(x, y).await?;
        relay
            .sim
            .state_where("the pen", |state| {
                (f64::from(state.pointer.x) + 0.5 - column).abs() <= 1.5
                    && state.pointer.buttons == buttons
            })
            .await?;
        Ok(())
    };
    pen("mouseMoved", x - 100.0, "none", 0).await?;
    is_at(x - 100.0, 0).await?;
    pen("mousePressed", x - 100.0, "left", 1).await?;
    pen("mouseMoved", x + 60.0, "left", 1).await?;
    is_at(x + 60.0, 1).await?;
    pen("mouseReleased", x + 60.0, "left", 0).await?;
    is_at(x + 60.0, 0).await?;
    pen("mousePressed", x + 60.0, "right", 2).await?;
    is_at(x + 60.0, 2).await?;
    pen("mouseReleased", x + 60.0, "right", 0).await?;
    is_at(x + 60.0, 0).await?;
    chromium.end().await
}

#[tokio::test]
async fn the_machine_is_kept_awake_for_everybody_to_see() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    settings(&page).await?;
    let slider = page.tab.element("slider", "Keep the machine awake").await?;
    page.tab.of(&slider, "this.focus()").await?;
    page.tab.key_down("ArrowRight").await?;
    page.tab.key_up("ArrowRight").await?;
    page.tab.element("image", "Kept awake").await?;
    let other = Page::open(&chromium, &account, &relay.sim).await?;
    other.tab.element("image", "Kept awake").await?;

    let operator = Client::watch(&account).await?;
    operator.send(&ToRelay::SetJiggler(Jiggler { interval_s: 10 }))?;
    let before = relay.sim.state().await?.reports;
    wait_until("a pixel and back", async || {
        let reports = relay.sim.reports(before).await?;
        let ways: Vec<[u8; 2]> = reports
            .iter()
            .filter(|report| report.interface == "mouse")
            .map(|report| Ok([report.bytes()?[1], report.bytes()?[2]]))
            .collect::<Result<_>>()?;
        Ok(ways == [[1, 0], [0xFF, 0]])
    })
    .await?;
    operator.send(&ToRelay::SetJiggler(Jiggler { interval_s: 0 }))?;
    wait_until("it is off", async || {
        Ok(other.tab.find("image", "Kept awake").await?.is_none())
    })
    .await?;
    chromium.end().await
}
