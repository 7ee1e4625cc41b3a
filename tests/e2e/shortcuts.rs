//! Shortcuts go to the machine as they are meant, and are the same for all operators.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{
    chromium::{Chromium, Element},
    native::Client,
    page::Page,
    relay::Relay,
    wait::wait_until,
};

/// The modifiers' bits of a boot report (HID 1.11, 8.3) and usages of the keyboard page.
const CONTROL: u8 = 0x01;
const SHIFT: u8 = 0x02;
const ALT: u8 = 0x04;
const ESCAPE: u8 = 0x29;
const PRINT_SCREEN: u8 = 0x46;
const B: u8 = 0x05;
const W: u8 = 0x1A;

#[tokio::test]
async fn a_ready_chord_goes_down_in_order_and_up_in_reverse() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Shortcuts").await?;
    let before = relay.sim.state().await?.reports;
    page.tab.click("button", "Ctrl + Shift + Esc").await?;
    let both = CONTROL | SHIFT;
    let chord: [(u8, &[u8]); 6] = [
        (CONTROL, &[]),
        (both, &[]),
        (both, &[ESCAPE]),
        (both, &[]),
        (CONTROL, &[]),
        (0, &[]),
    ];
    relay.sim.gets_keys(before, &chord).await?;
    page.reads("Sent Ctrl + Shift + Esc").await?;

    let search = page.tab.element("searchbox", "Search shortcuts").await?;
    page.tab.of(&search, "this.focus()").await?;
    page.tab
        .call("Input.insertText", json!({ "text": "task man" }))
        .await?;
    page.tab.element("button", "Ctrl + Shift + Esc").await?;
    wait_until("the others are gone", async || {
        Ok(page
            .tab
            .find("button", "Ctrl + Alt + Delete")
            .await?
            .is_none())
    })
    .await?;
    chromium.end().await
}

#[tokio::test]
async fn what_cannot_be_undone_is_asked_for() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Shortcuts").await?;
    let restart = "Alt + Print Screen + B";
    let before = relay.sim.state().await?.reports;
    page.tab.click("button", restart).await?;
    let ask = page
        .tab
        .element("group", "This cannot be undone. Send it?")
        .await?;
    assert_eq!(relay.sim.state().await?.reports, before);
    let confirm = "[...this.querySelectorAll('button')].find(button => button.innerText === 'Alt + Print Screen + B').click()";
    page.tab.of(&ask, confirm).await?;
    let chord: [(u8, &[u8]); 6] = [
        (ALT, &[]),
        (ALT, &[PRINT_SCREEN]),
        (ALT, &[PRINT_SCREEN, B]),
        (ALT, &[PRINT_SCREEN]),
        (ALT, &[]),
        (0, &[]),
    ];
    relay.sim.gets_keys(before, &chord).await?;
    chromium.end().await
}

#[tokio::test]
async fn a_recorded_one_is_everybodys_and_can_stand_in_the_toolbar() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let other = Page::open(&chromium, &account, &relay.sim).await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Take control").await?;
    page.open_tool("Shortcuts").await?;
    page.tab.click("button", "New shortcut").await?;
    page.tab.fill("Name of the shortcut", "Tasks").await?;
    let before = relay.sim.state().await?.reports;
    page.tab.click("button", "Record keys").await?;
    for code in ["ControlLeft", "ShiftLeft", "Escape"] {
        page.tab.key_down(code).await?;
    }
    for code in ["Escape", "ShiftLeft", "ControlLeft"] {
        page.tab.key_up(code).await?;
    }
    page.tab.click("button", "Save").await?;
    page.tab.click("button", "Pin Tasks").await?;
    assert_eq!(
        relay.sim.state().await?.reports,
        before,
        "recording sends nothing"
    );

    wait_until("it is in the other page's toolbar", async || {
        let names = "[...document.querySelectorAll('[role=toolbar] button')].map(button => button.ariaLabel)";
        let names = other.tab.evaluate(names).await?;
        Ok(names
            .as_array()
            .is_some_and(|names| names.contains(&json!("Tasks"))))
    })
    .await?;
    let toolbar = page.tab.element("toolbar", "Controls").await?;
    let click =
        "[...this.querySelectorAll('button')].find(button => button.ariaLabel === 'Tasks').click()";
    page.tab.of(&toolbar, click).await?;
    let both = CONTROL | SHIFT;
    let chord: [(u8, &[u8]); 6] = [
        (CONTROL, &[]),
        (both, &[]),
        (both, &[ESCAPE]),
        (both, &[]),
        (CONTROL, &[]),
        (0, &[]),
    ];
    relay.sim.gets_keys(before, &chord).await?;
    chromium.end().await
}

#[tokio::test]
async fn they_are_ordered_renamed_and_deleted_and_survive_a_power_cut() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    let kept = json!([
        { "name": "One", "keys": ["F1"] },
        { "name": "Two", "keys": ["F2"] },
        { "name": "Three", "keys": ["F3"], "pinned": true },
    ]);
    assert_eq!(put(&page, Some("\"0\""), &kept).await?.0, 204);
    page.open_tool("Shortcuts").await?;
    own(&page, &["One", "Two", "Three"]).await?;

    let grip = page.tab.element("button", "Move Three").await?;
    page.tab.of(&grip, "this.focus()").await?;
    press(&page, "ArrowUp").await?;
    own(&page, &["One", "Three", "Two"]).await?;
    press(&page, "ArrowUp").await?;
    own(&page, &["Three", "One", "Two"]).await?;

    let (from, to) = (
        middle(&page, "Move Three").await?,
        middle(&page, "Move Two").await?,
    );
    page.tab.move_to(from.0, from.1).await?;
    page.tab.press_at(from.0, from.1).await?;
    page.tab.drag_to(to.0, to.1 - 4.0).await?;
    page.tab.drag_to(to.0, to.1).await?;
    page.tab.release_at(to.0, to.1).await?;
    own(&page, &["One", "Two", "Three"]).await?;

    page.tab.click("button", "Rename Two").await?;
    page.tab.fill("Name of the shortcut", "Second").await?;
    press(&page, "Enter").await?;
    own(&page, &["One", "Second", "Three"]).await?;
    page.tab.click("button", "Delete One").await?;
    let ask = page
        .tab
        .element("group", "It is deleted for all operators.")
        .await?;
    page.tab
        .of(&ask, "this.querySelector('button').click()")
        .await?;
    own(&page, &["Second", "Three"]).await?;
    let (_, stored) = get(&page).await?;
    assert_eq!(stored["shortcuts"][0]["name"], "Second");

    relay.kill().await?;
    relay.start_again().await?;
    let again = Page::open(&chromium, &account, &relay.sim).await?;
    let (_, after) = get(&again).await?;
    assert_eq!(after, stored);
    chromium.end().await
}

#[tokio::test]
async fn of_two_changes_at_once_the_second_is_refused_and_nothing_bad_is_kept() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    let first = json!([{ "name": "First", "keys": ["F1"] }]);
    assert_eq!(put(&page, Some("\"0\""), &first).await?.0, 204);
    let second = json!([{ "name": "Second", "keys": ["F2"] }]);
    let (status, problem) = put(&page, Some("\"0\""), &second).await?;
    assert_eq!(status, 412, "{problem}");
    assert_eq!(put(&page, None, &second).await?.0, 428);
    assert_eq!(put(&page, Some("one"), &second).await?.0, 400);
    let many: Vec<Value> = vec![json!({ "name": "x", "keys": ["F1"] }); 201];
    for (bad, says) in [
        (json!([{ "name": "", "keys": ["F1"] }]), "name"),
        (json!([{ "name": "x", "keys": ["NoSuchKey"] }]), "NoSuchKey"),
        (json!([{ "name": "x", "keys": [] }]), "keys"),
        (json!([{ "name": "x", "keys": ["F1", "F1"] }]), "twice"),
        (json!(many), "201"),
        (json!([{ "name": "x", "keys": ["F1"], "run": "rm" }]), "run"),
    ] {
        let (status, problem) = put(&page, Some("\"1\""), &bad).await?;
        assert_eq!(status, 422, "{problem}");
        let detail = problem["detail"].as_str().context("a detail")?;
        assert!(detail.contains(says), "{detail}");
    }
    let (tag, kept) = get(&page).await?;
    assert_eq!(
        (tag.as_str(), &kept["shortcuts"][0]["name"]),
        ("\"1\"", &json!("First"))
    );
    chromium.end().await
}

#[tokio::test]
async fn without_the_controls_a_shortcut_says_why_it_does_nothing() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let operator = Client::operate(&account).await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Shortcuts").await?;
    let before = relay.sim.state().await?.reports;
    page.tab.click("button", "Alt + F4").await?;
    page.reads("has the controls. Take them first.").await?;
    operator.tap(shared::input::Usage::Keyboard(B))?;
    relay.sim.gets_keys(before, &[(0, &[B]), (0, &[])]).await?;
    chromium.end().await
}

#[tokio::test]
async fn the_leader_key_makes_a_chord_of_keys_one_after_the_other() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Settings").await?;
    page.tab.click("tab", "Keyboard and pointer").await?;
    page.choose("Leader key", "ControlRight").await?;
    page.open_tool("Settings").await?;
    page.click_the_screen().await?;
    let before = relay.sim.state().await?.reports;
    for code in ["ControlRight", "ControlLeft", "KeyW"] {
        press(&page, code).await?;
    }
    let overlay = page.tab.element("status", "Leader key").await?;
    assert!(page.tab.text(&overlay).await?.starts_with("Ctrl + W + …"));
    press(&page, "Enter").await?;
    let chord: [(u8, &[u8]); 4] = [(CONTROL, &[]), (CONTROL, &[W]), (CONTROL, &[]), (0, &[])];
    relay.sim.gets_keys(before, &chord).await?;
    wait_until("the overlay is gone", async || {
        Ok(page.tab.text(&overlay).await?.is_empty())
    })
    .await?;

    let before = relay.sim.state().await?.reports;
    press(&page, "KeyB").await?;
    relay.sim.gets_keys(before, &[(0, &[B]), (0, &[])]).await?;
    chromium.end().await
}

/// Waits until the own shortcuts are these, in this order.
async fn own(page: &Page, expected: &[&str]) -> Result<()> {
    let mut found = Value::Null;
    let wait = wait_until("the own shortcuts", async || {
        let list: Element = page.tab.element("list", "Your own").await?;
        let names = "[...this.querySelectorAll('.send')].map(button => button.ariaLabel)";
        found = page.tab.of(&list, names).await.unwrap_or_default();
        Ok(found == json!(expected))
    })
    .await;
    wait.with_context(|| format!("{found} for {expected:?}"))?;
    let (_, kept) = get(page).await?;
    let wait = wait_until("they are kept", async || {
        let (_, kept) = get(page).await?;
        let names = kept["shortcuts"].as_array().map(|shortcuts| {
            shortcuts
                .iter()
                .map(|shortcut| shortcut["name"].clone())
                .collect::<Vec<_>>()
        });
        Ok(json!(names) == json!(expected))
    });
    wait.await.with_context(|| format!("{kept}"))
}

async fn get(page: &Page) -> Result<(String, Value)> {
    let fetch = "fetch('/api/v1/shortcuts').then(async answer => [answer.headers.get('etag'), await answer.json()])";
    Ok(serde_json::from_value(page.tab.evaluate(fetch).await?)?)
}

async fn put(page: &Page, if_match: Option<&str>, shortcuts: &Value) -> Result<(u16, Value)> {
    let mut headers = json!({ "content-type": "application/json" });
    if let Some(tag) = if_match {
        headers["if-match"] = tag.into();
    }
    let body = json!({ "shortcuts": shortcuts }).to_string();
    let options = json!({ "method": "PUT", "headers": headers, "body": body });
    let fetch = format!(
        "fetch('/api/v1/shortcuts', {options}).then(async answer => [answer.status, await answer.json().catch(() => null)])"
    );
    Ok(serde_json::from_value(page.tab.evaluate(&fetch).await?)?)
}

async fn middle(page: &Page, button: &str) -> Result<(f64, f64)> {
    let element = page.tab.element("button", button).await?;
    Ok(page.tab.rect(&element).await?.centre())
}

async fn press(page: &Page, code: &str) -> Result<()> {
    page.tab.key_down(code).await?;
    page.tab.key_up(code).await
}

/// Notes which keys the browser has left to the page, once it has; it names none where they are all.
const TELLS_WHICH_KEYS_ARE_LEFT: &str = "
    const lock = Keyboard.prototype.lock;
    Keyboard.prototype.lock = async function (...keys) {
        await lock.apply(this, keys);
        window.keysLeft = keys;
    };";

#[tokio::test]
async fn in_full_screen_the_browser_leaves_all_keys_to_the_machine() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.inject(TELLS_WHICH_KEYS_ARE_LEFT).await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.open_tool("Full screen").await?;
    wait_until("all keys are left to the page", async || {
        let full = "document.fullscreenElement?.className.includes('console') ?? false";
        let left = page.tab.evaluate("window.keysLeft ?? null").await?;
        Ok(page.tab.evaluate(full).await? == true && left == json!([]))
    })
    .await?;
    page.reads("Hold Esc to leave full screen").await?;
    let before = relay.sim.state().await?.reports;
    for code in ["MetaLeft", "Escape"] {
        page.tab.key_down(code).await?;
        page.tab.key_up(code).await?;
    }
    const META: u8 = 0x08;
    let keys: [(u8, &[u8]); 4] = [(META, &[]), (0, &[]), (0, &[ESCAPE]), (0, &[])];
    relay.sim.gets_keys(before, &keys).await?;
    page.open_tool("Full screen").await?;
    page.reads_no_more("Hold Esc to leave full screen").await?;
    chromium.end().await
}
