//! The keys on the screen are as good as keys of plastic.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::json;
use tests::{
    account::Account,
    chromium::{Chromium, Fingers, Rect},
    native::Client,
    page::Page,
    relay::Relay,
    sim::Sim,
    wait::{wait_for, wait_until},
};

/// The modifiers' bits of a boot report (HID 1.11, 8.3) and usages of the keyboard page.
const SHIFT: u8 = 0x02;
const CONTROL: u8 = 0x01;
const A: u8 = 0x04;
const B: u8 = 0x05;
const X: u8 = 0x1B;

#[tokio::test]
async fn a_finger_types_what_stands_on_the_keys() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = on_a_tablet(&chromium, &account, &relay.sim).await?;
    relay.sim.boots().await?;
    for key in ["h", "e", "l", "p", "Enter"] {
        tap(&page, key).await?;
    }
    relay.sim.reads("poweroff").await?;
    assert_eq!(relay.sim.state().await?.typed, "help\n");
    chromium.end().await
}

#[tokio::test]
async fn a_key_is_down_as_long_as_it_is_touched() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = on_a_tablet(&chromium, &account, &relay.sim).await?;
    relay.sim.boots().await?;
    let before = relay.sim.state().await?.reports;
    let (x, y) = key(&page, "a").await?.centre();
    let mut fingers = Fingers::on(&page.tab);
    fingers.down(1, x, y).await?;
    relay.sim.gets_keys(before, &[(0, &[A])]).await?;
    let after = relay.sim.state().await?.reports;
    let repeated = relay
        .sim
        .state_where("the machine repeats it", |state| {
            state.typed.ends_with("aaa")
        })
        .await?;
    assert_eq!(
        repeated.reports, after,
        "the machine repeats, the relay does not"
    );
    fingers.up(1).await?;
    relay.sim.gets_keys(before, &[(0, &[A]), (0, &[])]).await?;
    chromium.end().await
}

#[tokio::test]
async fn two_fingers_make_a_chord() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = on_a_tablet(&chromium, &account, &relay.sim).await?;
    let before = relay.sim.state().await?.reports;
    let (left, top) = key(&page, "Ctrl").await?.centre();
    let (x, y) = key(&page, "x").await?.centre();
    let mut fingers = Fingers::on(&page.tab);
    fingers.down(1, left, top).await?;
    fingers.down(2, x, y).await?;
    fingers.up(2).await?;
    fingers.up(1).await?;
    let chord: [(u8, &[u8]); 4] = [(CONTROL, &[]), (CONTROL, &[X]), (CONTROL, &[]), (0, &[])];
    relay.sim.gets_keys(before, &chord).await?;
    chromium.end().await
}

#[tokio::test]
async fn a_tapped_modifier_is_for_one_key_and_a_locked_one_for_all() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = on_a_tablet(&chromium, &account, &relay.sim).await?;
    let before = relay.sim.state().await?.reports;
    tap(&page, "Shift").await?;
    is_pressed(&page, "Shift", true).await?;
    tap(&page, "A").await?;
    is_pressed(&page, "Shift", false).await?;
    tap(&page, "b").await?;
    let once: [(u8, &[u8]); 6] = [
        (SHIFT, &[]),
        (SHIFT, &[A]),
        (SHIFT, &[]),
        (0, &[]),
        (0, &[B]),
        (0, &[]),
    ];
    relay.sim.gets_keys(before, &once).await?;

    let before = relay.sim.state().await?.reports;
    let shift = key(&page, "Shift").await?.centre();
    let mut fingers = Fingers::on(&page.tab);
    fingers.tap(&[shift]).await?;
    fingers.tap(&[shift]).await?;
    for key in ["A", "B"] {
        tap(&page, key).await?;
    }
    is_pressed(&page, "Shift", true).await?;
    tap(&page, "Shift").await?;
    is_pressed(&page, "Shift", false).await?;
    let locked: [(u8, &[u8]); 6] = [
        (SHIFT, &[]),
        (SHIFT, &[A]),
        (SHIFT, &[]),
        (SHIFT, &[B]),
        (SHIFT, &[]),
        (0, &[]),
    ];
    relay.sim.gets_keys(before, &locked).await?;
    chromium.end().await
}

#[tokio::test]
async fn the_legends_are_those_of_the_machines_layout() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = on_a_tablet(&chromium, &account, &relay.sim).await?;
    page.choose("Target layout", "de").await?;
    key(&page, "ö").await?;
    // A German keyboard has z where a US one has y.
    let before = relay.sim.state().await?.reports;
    tap(&page, "z").await?;
    relay
        .sim
        .gets_keys(before, &[(0, &[0x1C]), (0, &[])])
        .await?;
    // AltGr and Q make @; the key beside the left Shift is there.
    tap(&page, "AltGr").await?;
    tap(&page, "@").await?;
    let before = relay.sim.state().await?.reports;
    tap(&page, "<").await?;
    relay
        .sim
        .gets_keys(before, &[(0, &[0x64]), (0, &[])])
        .await?;

    page.choose("Target layout", "ja").await?;
    for (name, usage) in [("Convert", 0x8A), ("Non-convert", 0x8B), ("Kana", 0x88)] {
        let before = relay.sim.state().await?.reports;
        tap(&page, name).await?;
        relay
            .sim
            .gets_keys(before, &[(0, &[usage]), (0, &[])])
            .await
            .context(name)?;
    }
    chromium.end().await
}

#[tokio::test]
async fn caps_lock_lights_and_changes_the_legends() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = on_a_tablet(&chromium, &account, &relay.sim).await?;
    relay.sim.boots().await?;
    tap(&page, "Caps Lock").await?;
    key(&page, "A").await?;
    is_pressed(&page, "Caps Lock", true).await?;
    chromium.end().await
}

#[tokio::test]
async fn touching_keys_leaves_the_focus_with_the_screen_and_losing_it_releases_them() -> Result<()>
{
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = on_a_tablet(&chromium, &account, &relay.sim).await?;
    tap(&page, "Ctrl").await?;
    tap(&page, "Shift").await?;
    let focused = "document.activeElement.getAttribute('aria-label')";
    assert_eq!(page.tab.evaluate(focused).await?, "Remote screen");
    relay
        .sim
        .state_where("both are down", |state| state.keys_down == [0xE0, 0xE1])
        .await?;
    page.tab
        .evaluate("window.dispatchEvent(new Event('blur'))")
        .await?;
    relay
        .sim
        .state_where("both are up", |state| state.keys_down.is_empty())
        .await?;
    is_pressed(&page, "Ctrl", false).await?;
    chromium.end().await
}

#[tokio::test]
async fn keys_can_be_chosen_by_a_keyboard() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Keyboard").await?;
    let q = page.tab.element("button", "q").await?;
    page.tab.of(&q, "this.focus()").await?;
    press(&page, "ArrowRight").await?;
    let focused = "document.activeElement.getAttribute('aria-label')";
    assert_eq!(page.tab.evaluate(focused).await?, "w");
    press(&page, "ArrowDown").await?;
    let below = page.tab.evaluate(focused).await?;
    assert!(below == "a" || below == "s", "{below}");
    let before = relay.sim.state().await?.reports;
    page.tab.of(&q, "this.click()").await?;
    relay
        .sim
        .gets_keys(before, &[(0, &[0x14]), (0, &[])])
        .await?;
    chromium.end().await
}

#[tokio::test]
async fn whoever_only_watches_sees_why_nothing_happens() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let operator = Client::operate(&account).await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Keyboard").await?;
    let keyboard = page.tab.element("region", "On-screen keyboard").await?;
    wait_until("the reason", async || {
        Ok(page.tab.text(&keyboard).await?.contains("has the controls"))
    })
    .await?;
    let before = relay.sim.state().await?.reports;
    page.tab.click("button", "a").await?;
    operator.tap(shared::input::Usage::Keyboard(B))?;
    relay.sim.gets_keys(before, &[(0, &[B]), (0, &[])]).await?;
    chromium.end().await
}

#[tokio::test]
async fn it_floats_on_a_desk_and_goes_where_it_is_put() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.viewport(1440, 900, 1.0).await?;
    page.open_tool("Keyboard").await?;
    let docked = page.picture_rect().await?;
    let keyboard = page.tab.element("region", "On-screen keyboard").await?;
    assert!(
        docked.y + docked.height <= page.tab.rect(&keyboard).await?.y,
        "the docked keyboard hides nothing"
    );
    page.tab.click("button", "Let the keyboard float").await?;
    let grip = page.tab.element("button", "Move the keyboard").await?;
    let (x, y) = page.tab.rect(&grip).await?.centre();
    let from = page.tab.rect(&keyboard).await?;
    page.tab.move_to(x, y).await?;
    page.tab.press_at(x, y).await?;
    page.tab.drag_to(x - 120.0, y - 200.0).await?;
    page.tab.release_at(x - 120.0, y - 200.0).await?;
    let moved = page.tab.rect(&keyboard).await?;
    assert!((from.x - moved.x - 120.0).abs() < 1.0 && (from.y - moved.y - 200.0).abs() < 1.0);

    page.tab.of(&grip, "this.focus()").await?;
    for _ in 0..60 {
        press(&page, "ArrowUp").await?;
    }
    let top = page.tab.rect(&keyboard).await?;
    assert!(
        top.y.abs() < 1.0 && (top.x - moved.x).abs() < 1.0,
        "{top:?}"
    );

    let resize = page.tab.element("button", "Resize the keyboard").await?;
    page.tab.of(&resize, "this.focus()").await?;
    press(&page, "ArrowLeft").await?;
    let narrower = page.tab.rect(&keyboard).await?;
    assert!(narrower.width < top.width, "{narrower:?}");
    chromium.end().await
}

#[tokio::test]
async fn every_form_fits_its_screen() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = on_a_tablet(&chromium, &account, &relay.sim).await?;
    for (width, height) in [(820, 1180), (1024, 768), (390, 844), (844, 390)] {
        page.tab.viewport(width, height, 1.0).await?;
        let pages: &[&str] = if width < 600 || height < 500 {
            &[
                "Letters",
                "Digits, signs and functions",
                "Navigation and numeric pad",
            ]
        } else {
            &["Main keys", "Navigation and numeric pad"]
        };
        let mut all = BTreeSet::new();
        for shown in pages {
            page.tab.click("button", shown).await?;
            let keys = keys(&page, width, height)
                .await
                .with_context(|| format!("{shown} on {width}x{height}"))?;
            all.extend(keys);
        }
        for key in [
            "a",
            "1",
            "F12",
            "Ctrl",
            "Page Up",
            "Numpad 7",
            "Mute",
            "Print Screen",
        ] {
            assert!(all.contains(key), "{key} on {width}x{height}");
        }
        let picture = page.picture_rect().await?;
        assert!(picture.height >= 90.0, "{picture:?} on {width}x{height}");
        page.tab.click("button", pages[0]).await?;
    }
    chromium.end().await
}

/// The names of all keys, each of which must be on the screen and high enough for a finger.
async fn keys(page: &Page, width: u32, height: u32) -> Result<Vec<String>> {
    let keyboard = page.tab.element("region", "On-screen keyboard").await?;
    let boxes = "[...this.querySelectorAll('.blocks button')].map(key => {
        const box = key.getBoundingClientRect();
        return [key.ariaLabel, box.left, box.top, box.width, box.height];
    })";
    let found: Vec<(String, f64, f64, f64, f64)> =
        serde_json::from_value(page.tab.of(&keyboard, boxes).await?)?;
    for (name, left, top, wide, high) in &found {
        assert!(*high >= 44.0 && *wide >= 24.0, "{name} is {wide} x {high}");
        let inside = *left >= 0.0
            && left + wide <= f64::from(width) + 0.5
            && *top >= 0.0
            && top + high <= f64::from(height) + 0.5;
        assert!(inside, "{name} at {left}, {top}");
    }
    Ok(found.into_iter().map(|(name, ..)| name).collect())
}

async fn on_a_tablet(chromium: &Chromium, account: &Account, sim: &Sim) -> Result<Page> {
    let page = Page::open(chromium, account, sim).await?;
    page.tab.touch_screen().await?;
    page.tab.viewport(820, 1180, 1.0).await?;
    page.click_the_screen().await?;
    page.open_tool("Keyboard").await?;
    page.tab.element("region", "On-screen keyboard").await?;
    Ok(page)
}

/// Where a key of the keyboard is.
async fn key(page: &Page, name: &str) -> Result<Rect> {
    let found = format!("{}?.getBoundingClientRect().toJSON() ?? null", query(name));
    wait_for(&format!("the key {name:?}"), async || {
        Ok(serde_json::from_value(page.tab.evaluate(&found).await?)?)
    })
    .await
}

/// Finds a key by its accessible name; other parts of the page have buttons for keys, too.
fn query(name: &str) -> String {
    format!(
        "[...document.querySelectorAll('[aria-label=\"On-screen keyboard\"] .key')]
            .find(key => key.ariaLabel === {name:?})"
    )
}

async fn tap(page: &Page, name: &str) -> Result<()> {
    Fingers::on(&page.tab)
        .tap(&[key(page, name).await?.centre()])
        .await
}

async fn press(page: &Page, code: &str) -> Result<()> {
    page.tab.key_down(code).await?;
    page.tab.key_up(code).await
}

async fn is_pressed(page: &Page, name: &str, pressed: bool) -> Result<()> {
    wait_until(&format!("{name} is {pressed}"), async || {
        let found = format!("{}?.ariaPressed", query(name));
        Ok(page.tab.evaluate(&found).await? == json!(pressed.to_string()))
    })
    .await
}
