//! What the operator's hands do is what the machine gets.

use anyhow::{Context, Result};
use serde_json::json;
use shared::{
    input::{Input, Usage},
    keys,
};
use tests::{
    chromium::{Chromium, keys::code},
    native::Client,
    page::Page,
    relay::Relay,
    sim::{Report, Sim},
    wait::wait_until,
};

#[tokio::test]
async fn a_person_boots_the_machine_and_asks_for_help() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    relay.sim.boots().await?;
    page.tab.type_keys("help\n").await?;
    relay.sim.reads("poweroff").await?;
    let state = relay.sim.state().await?;
    assert!(state.typed.ends_with("help\n"), "{:?}", state.typed);
    for command in ["ls", "cat", "clear", "layout", "motion", "size", "sleep"] {
        assert!(
            state.text.iter().any(|line| line.contains(command)),
            "{command} in {:#?}",
            state.text
        );
    }
    page.shows_the_screen_of(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn the_pointer_is_exact_to_a_pixel_of_the_machine() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    for (width, height, ratio) in [
        (1440, 900, 1.0),
        (1440, 900, 2.0),
        (1000, 900, 1.0),
        (1440, 420, 1.5),
        (820, 1180, 2.0),
    ] {
        page.tab.viewport(width, height, ratio).await?;
        click_the_corners_and_the_centre(&page, &relay.sim)
            .await
            .with_context(|| format!("{width}x{height} at {ratio}"))?;
    }
    relay.sim.screen(&json!({ "size": "720x400" })).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.tab.viewport(1024, 768, 1.0).await?;
    click_the_corners_and_the_centre(&page, &relay.sim).await?;
    chromium.end().await
}

async fn click_the_corners_and_the_centre(page: &Page, sim: &Sim) -> Result<()> {
    let shown = page.picture().await?;
    let (width, height) = (shown.width as f64, shown.height as f64);
    let rect = page.picture_rect().await?;
    let (left, top) = (rect.x.ceil(), rect.y.ceil());
    let right = (rect.x + rect.width).floor() - 1.0;
    let bottom = (rect.y + rect.height).floor() - 1.0;
    let (centre_x, centre_y) = rect.centre();
    for (x, y) in [
        (left, top),
        (right, top),
        (left, bottom),
        (right, bottom),
        (centre_x.round(), centre_y.round()),
    ] {
        let before = sim.state().await?.reports;
        page.tab.click_at(x, y).await?;
        let column = ((x - rect.x) / rect.width * width).floor();
        let row = ((y - rect.y) / rect.height * height).floor();
        let near = |at: i32, wanted: f64| (f64::from(at) - wanted).abs() <= 1.0;
        sim.state_where(
            &format!("the pointer at {column}, {row} for a click at {x}, {y} in {rect:?}"),
            |state| near(state.pointer.x, column) && near(state.pointer.y, row),
        )
        .await
        .with_context(|| format!("{rect:?}"))?;
        wait_until("a click of the left button", async || {
            let buttons: Vec<u8> = pointers(&sim.reports(before).await?)?
                .iter()
                .map(|pointer| pointer.buttons)
                .collect();
            Ok(buttons.contains(&1) && buttons.last() == Some(&0))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_wheel_turns_both_ways() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    let (x, y) = page.picture_rect().await?.centre();
    for (right, down, wheel, pan) in [
        (0.0, 120.0, -1, 0),
        (0.0, -120.0, 1, 0),
        (120.0, 0.0, 0, 1),
        (-120.0, 0.0, 0, -1),
    ] {
        let before = relay.sim.state().await?.reports;
        page.tab.wheel(x, y, right, down).await?;
        let turned = wait_until("the wheel", async || {
            let pointers = pointers(&relay.sim.reports(before).await?)?;
            let wheels: i32 = pointers
                .iter()
                .map(|pointer| i32::from(pointer.wheel))
                .sum();
            let pans: i32 = pointers.iter().map(|pointer| i32::from(pointer.pan)).sum();
            Ok((wheels.signum(), pans.signum()) == (wheel, pan))
        });
        turned.await.with_context(|| format!("{right}, {down}"))?;
    }
    chromium.end().await
}

#[tokio::test]
async fn a_key_that_repeats_in_the_browser_goes_down_once() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    let before = relay.sim.state().await?.reports;
    page.tab.key_down("KeyJ").await?;
    for _ in 0..5 {
        page.tab.key_repeat("KeyJ").await?;
    }
    page.tab.key_up("KeyJ").await?;
    wait_until("the key is up again", async || {
        Ok(keyboards(&relay.sim.reports(before).await?)? == [[0, 0, 0x0D, 0, 0, 0, 0, 0], [0; 8]])
    })
    .await?;
    chromium.end().await
}

#[tokio::test]
async fn keys_go_to_the_machine_only_while_the_screen_has_the_focus() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    page.tab.click("button", "Settings").await?;
    page.tab.element("tab", "Screen").await?;
    let in_dialog = "document.activeElement.closest('[role=dialog]') !== null";
    wait_until("the dialog has the focus", async || {
        Ok(page.tab.evaluate(in_dialog).await? == true)
    })
    .await?;
    let before = relay.sim.state().await?.reports;
    page.tab.key_down("Escape").await?;
    page.tab.key_up("Escape").await?;
    wait_until("the dialog has closed", async || {
        Ok(page.tab.find("tab", "Screen").await?.is_none())
    })
    .await?;
    assert!(keyboards(&relay.sim.reports(before).await?)?.is_empty());
    chromium.end().await
}

#[tokio::test]
async fn lock_lights_are_those_of_the_machine() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    let mut viewer = Client::watch(&account).await?;
    page.click_the_screen().await?;
    relay.sim.boots().await?;
    for on in [true, false] {
        page.tab.key_down("CapsLock").await?;
        page.tab.key_up("CapsLock").await?;
        viewer
            .state_where("Caps Lock", |state| {
                state.leds.is_some_and(|leds| leds.caps_lock == on)
            })
            .await?;
        page.lights("Caps Lock", on).await?;
    }
    chromium.end().await
}

#[tokio::test]
async fn two_thousand_keys_arrive_in_order() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let viewer = Client::operate(&account).await?;
    let before = relay.sim.state().await?.typed;
    let text: String = ('a'..='z').cycle().take(2_000).collect();
    for character in text.chars() {
        viewer.tap(usage(character)?)?;
    }
    relay
        .sim
        .state_where("all that was typed", |state| {
            state.typed.len() >= before.len() + 2_000
        })
        .await?;
    assert_eq!(relay.sim.state().await?.typed, before + &text);
    Ok(())
}

#[tokio::test]
async fn nothing_is_lost_while_the_endpoint_is_busy() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let viewer = Client::operate(&account).await?;
    let before = relay.sim.state().await?.typed;
    relay.sim.fault_ms("usb_busy", 300).await?;
    for character in "nothing is lost".chars() {
        viewer.tap(usage(character)?)?;
    }
    relay
        .sim
        .state_where("all that was typed", |state| {
            state.typed.len() >= before.len() + "nothing is lost".len()
        })
        .await?;
    assert_eq!(relay.sim.state().await?.typed, before + "nothing is lost");
    Ok(())
}

#[tokio::test]
async fn a_large_relative_motion_is_split_not_clamped() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let viewer = Client::operate(&account).await?;
    let before = relay.sim.state().await?.reports;
    viewer.input(Input::PointerBy { dx: 300, dy: -500 })?;
    wait_until("the whole motion", async || {
        let reports = relay.sim.reports(before).await?;
        let mut sum = (0, 0);
        for report in reports.iter().filter(|report| report.interface == "mouse") {
            let bytes = report.bytes()?;
            sum.0 += i32::from(bytes[1].cast_signed());
            sum.1 += i32::from(bytes[2].cast_signed());
        }
        Ok(sum == (300, -500))
    })
    .await
}

fn usage(character: char) -> Result<Usage> {
    let code = code(character).context("a key")?;
    keys::usage(&code).context("a usage")
}

struct PointerReport {
    buttons: u8,
    wheel: i16,
    pan: i16,
}

fn pointers(reports: &[Report]) -> Result<Vec<PointerReport>> {
    let reports = reports
        .iter()
        .filter(|report| report.interface == "pointer");
    let signed = |bytes: &[u8], at: usize| i16::from_le_bytes([bytes[at], bytes[at + 1]]);
    reports
        .map(|report| {
            let bytes = report.bytes()?;
            Ok(PointerReport {
                buttons: bytes[0],
                wheel: signed(&bytes, 5),
                pan: signed(&bytes, 7),
            })
        })
        .collect()
}

fn keyboards(reports: &[Report]) -> Result<Vec<[u8; 8]>> {
    let reports = reports
        .iter()
        .filter(|report| report.interface == "keyboard");
    reports
        .map(|report| {
            let bytes = report.bytes()?;
            bytes.try_into().ok().context("a report of eight bytes")
        })
        .collect()
}
