//! Macros: recorded in the page, kept and run by the relay.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{
    account::Account,
    chromium::Chromium,
    native::Client,
    page::Page,
    relay::{PASSWORD, Relay},
    sim::Sim,
    wait::wait_until,
};

mod files;
mod recorded;

const MACROS: &str = "api/v1/macros";

fn document(name: &str, steps: &Value) -> Value {
    json!({ "format": "armchair-macro/1", "name": name, "steps": steps })
}

/// Has the relay keep a macro, and gives its number.
async fn keep(account: &Account, document: &Value) -> Result<u64> {
    let added = account.post(MACROS, document).await?;
    ensure!(added.status == StatusCode::CREATED, "{}", added.body);
    added.body["id"].as_u64().context("a number")
}

async fn names(account: &Account) -> Result<Vec<Value>> {
    let list = account.request(Method::GET, MACROS).await?;
    let macros = list.body["macros"].as_array().context("macros")?;
    Ok(macros.iter().map(|kept| kept["name"].clone()).collect())
}

async fn phase(account: &Account) -> Result<Value> {
    let path = format!("{MACROS}/run");
    let run = account.request(Method::GET, &path).await?;
    Ok(run.body["phase"].clone())
}

/// The console with its panel of macros open.
async fn open(chromium: &Chromium, account: &Account, sim: &Sim) -> Result<Page> {
    let page = Page::open(chromium, account, sim).await?;
    page.open_tool("Macros").await?;
    page.tab.element("dialog", "Macros").await?;
    Ok(page)
}

#[tokio::test]
async fn a_secret_is_typed_and_kept_nowhere() -> Result<()> {
    const SECRET: &str = "plugh-xyzzy-42";
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    relay.sim.boots().await?;
    let mut login = document(
        "Log in",
        &json!([{"do": "text", "text": "{{user}} {{password}}\n", "layout": "en-us"}]),
    );
    login["variables"] = json!([
        {"name": "user", "label": "User", "default": "ada"},
        {"name": "password", "label": "Passphrase", "secret": true},
    ]);
    let id = keep(&account, &login).await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    page.tab.click("button", "Run").await?;
    page.tab.fill("Passphrase", SECRET).await?;
    let field = page.tab.element("textbox", "Passphrase").await?;
    assert_eq!(page.tab.of(&field, "this.type").await?, "password");
    page.tab.click("button", "Run").await?;
    page.reads("Done.").await?;
    let typed = relay.sim.state().await?.typed;
    assert!(typed.ends_with(&format!("ada {SECRET}\n")), "{typed:?}");
    let again = page.tab.element("button", "Run").await?;
    page.tab.of(&again, "this.click()").await?;
    let field = page.tab.element("textbox", "Passphrase").await?;
    assert_eq!(page.tab.of(&field, "this.value").await?, "");
    let file = account
        .request(Method::GET, &format!("{MACROS}/{id}"))
        .await?;
    assert_eq!(file.body, login);
    relay.terminate().await?;
    let secret = SECRET.as_bytes();
    for path in files_below(relay.folder())? {
        let bytes = std::fs::read(&path)?;
        let found = bytes.windows(secret.len()).any(|part| part == secret);
        assert!(!found, "the secret is in {}", path.display());
    }
    assert!(!relay.logged().contains(SECRET));
    chromium.end().await
}

fn files_below(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => files.extend(files_below(&path)?),
            false => files.push(path),
        }
    }
    Ok(files)
}

#[tokio::test]
async fn a_macro_goes_on_until_it_is_stopped_and_then_nothing_is_held() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let steps = json!([
        {"do": "press", "key": "ShiftLeft"},
        {"do": "tap", "key": "KeyA", "hold_ms": 20},
        {"do": "press", "key": "KeyB"},
        {"do": "pause", "ms": 400},
    ]);
    keep(&account, &document("Hold", &steps)).await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    page.tab.click("checkbox", "Until stopped").await?;
    page.tab.click("button", "Run").await?;
    page.reads("Round 3").await?;
    relay
        .sim
        .state_where("the third A", |state| state.typed.matches('A').count() >= 3)
        .await?;
    page.tab.click("button", "Stop").await?;
    page.reads("Stopped").await?;
    relay
        .sim
        .state_where("nothing is down", |state| state.keys_down.is_empty())
        .await?;
    assert_eq!(phase(&account).await?, "stopped");
    chromium.end().await
}

#[tokio::test]
async fn who_takes_over_or_leaves_ends_the_macro() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let steps = json!([{"do": "press", "key": "KeyA"}, {"do": "pause", "ms": 3_600_000}]);
    let id = keep(&account, &document("Hold", &steps)).await?;
    for ending in ["taken-over", "link-lost"] {
        let mut operator = Client::operate(&account).await?;
        let viewer = operator.state().await?.you;
        let run = json!({ "viewer": viewer });
        let begun = account.post(&format!("{MACROS}/{id}/run"), &run).await?;
        ensure!(begun.status == StatusCode::ACCEPTED, "{}", begun.body);
        relay
            .sim
            .state_where("A is down", |state| state.keys_down == [4])
            .await?;
        let other = match ending {
            "taken-over" => Some(Client::operate(&account).await?),
            _ => None,
        };
        operator.close()?;
        wait_until(ending, async || Ok(phase(&account).await? == ending)).await?;
        relay
            .sim
            .state_where("nothing is down", |state| state.keys_down.is_empty())
            .await?;
        drop(other);
    }
    Ok(())
}

#[tokio::test]
async fn all_operators_have_the_same_macros_at_once() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let ada = relay.claimed().await?;
    relay.add_user("grace", "operator").await?;
    let grace = Account::sign_in(&relay.url, "grace", PASSWORD).await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &ada, &relay.sim).await?;
    page.reads("There are no macros yet").await?;
    let steps = json!([{"do": "tap", "key": "F2"}]);
    keep(&grace, &document("Enter setup", &steps)).await?;
    page.reads("Enter setup").await?;
    page.tab.click("button", "Edit").await?;
    page.tab.element("list", "Steps").await?;
    page.reads("Tap F2").await?;
    page.tab.click("button", "Add step").await?;
    page.tab.fill("Name of the macro", "Setup").await?;
    page.tab.click("button", "Save").await?;
    wait_until("the new name", async || {
        Ok(names(&grace).await? == ["Setup"])
    })
    .await?;
    page.reads("Steps: 2").await?;
    page.tab.click("button", "Delete").await?;
    page.reads("It is gone for all operators").await?;
    assert_eq!(names(&grace).await?, ["Setup"]);
    page.tab.click("button", "Delete").await?;
    page.reads("There are no macros yet").await?;
    assert!(names(&grace).await?.is_empty());
    chromium.end().await
}

#[tokio::test]
async fn closing_the_panel_loses_no_edits() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let steps = json!([{"do": "tap", "key": "F2", "hold_ms": 30}]);
    let id = keep(&account, &document("Enter setup", &steps)).await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    page.tab.click("button", "Edit").await?;
    page.tab.fill("Name of the macro", "Boot menu").await?;
    page.tab.fill("What it is for", "Before the logo").await?;
    page.tab.click("button", "Add variable").await?;
    page.tab.fill("Variable name", "user").await?;
    page.tab.click("button", "Add step").await?;
    page.tab.click("button", "Tap F2 for 30 ms").await?;
    let held = page.tab.element("spinbutton", "Held for (ms)").await?;
    page.tab.of(&held, "(this.focus(), this.select())").await?;
    let typed = json!({ "text": "250" });
    page.tab.call("Input.insertText", typed).await?;
    page.tab.key_down("Escape").await?;
    page.tab.key_up("Escape").await?;
    wait_until("the panel is closed", async || {
        Ok(page.tab.find("dialog", "Macros").await?.is_none())
    })
    .await?;
    let kept = account
        .request(Method::GET, &format!("{MACROS}/{id}"))
        .await?;
    assert_eq!(kept.body, document("Enter setup", &steps));

    page.open_tool("Macros").await?;
    page.tab.click("button", "Save").await?;
    page.reads("Steps: 2").await?;
    let saved = account
        .request(Method::GET, &format!("{MACROS}/{id}"))
        .await?;
    let expected = json!({
        "format": "armchair-macro/1",
        "name": "Boot menu",
        "description": "Before the logo",
        "variables": [{"name": "user"}],
        "steps": [
            {"do": "tap", "key": "F2", "hold_ms": 250},
            {"do": "tap", "key": "Enter", "hold_ms": 30},
        ],
    });
    assert_eq!(saved.body, expected);
    chromium.end().await
}

#[tokio::test]
async fn what_is_wrong_with_a_macro_is_said_in_its_readers_language() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let steps = json!([{"do": "pause", "ms": 5}]);
    keep(&account, &document("Wait", &steps)).await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab
        .inject("localStorage.setItem('language', 'zh-CN')")
        .await?;
    page.tab.go(&account.base).await?;
    page.tab.element("application", "远程屏幕").await?;
    page.tab.click("button", "宏").await?;
    page.tab.click("button", "编辑").await?;
    page.tab.fill("宏的名称", "").await?;
    page.tab.click("button", "保存").await?;
    let alert = page.alert().await?;
    assert!(alert.contains("80") && !alert.contains("name"), "{alert}");
    assert_eq!(names(&account).await?, ["Wait"]);
    chromium.end().await
}

#[tokio::test]
async fn what_this_relay_cannot_do_is_said_before_anything_is_done() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let steps = json!([
        {"do": "tap", "key": "KeyA"},
        {"do": "eject", "slot": "tape"},
    ]);
    keep(&account, &document("Restart", &steps)).await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    let before = relay.sim.state().await?.typed;
    page.tab.click("button", "Run").await?;
    let alert = page.alert().await?;
    assert!(
        alert.contains("step 2: the machine has no drive \"tape\""),
        "{alert}"
    );
    assert_eq!(relay.sim.state().await?.typed, before);
    chromium.end().await
}
