//! Macros: recorded in the page, kept and run by the relay.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{
    account::Account,
    chromium::{Chromium, downloaded},
    native::Client,
    page::Page,
    relay::{PASSWORD, Relay},
    sim::{Report, Sim},
    wait::wait_until,
};

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

/// What the machine sees go down and up, without motion.
fn transitions(reports: &[Report]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    for report in reports {
        let mut bytes = report.bytes()?;
        if report.interface != "keyboard" {
            bytes.truncate(1);
        }
        let last = seen.iter().rev().find(|(of, _)| *of == report.interface);
        let rests = bytes.iter().all(|byte| *byte == 0);
        if last.map_or(!rests, |(_, last)| *last != bytes) {
            seen.push((report.interface.clone(), bytes));
        }
    }
    Ok(seen)
}

/// Presses the panel's "Record"; the toolbar has one of this name, too.
async fn record(page: &Page) -> Result<()> {
    let dialog = page.tab.element("dialog", "Macros").await?;
    let place = page.tab.rect(&dialog).await?;
    for button in page.tab.all("button", Some("Record")).await? {
        let (x, y) = page.tab.rect(&button).await?.centre();
        let within = (place.x..place.x + place.width).contains(&x)
            && (place.y..place.y + place.height).contains(&y);
        if within {
            return page.tab.click_at(x, y).await;
        }
    }
    bail!("no button of the panel")
}

#[tokio::test]
async fn what_was_recorded_is_done_again() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    let before = relay.sim.state().await?.reports;
    record(&page).await?;
    page.reads("Recording").await?;
    page.tab.type_keys("ls\n").await?;
    let (x, y) = page.picture_rect().await?.centre();
    page.tab.click_at(x, y).await?;
    relay
        .sim
        .state_where("the command and the click", |state| {
            state.typed.ends_with("ls\n") && state.pointer.buttons == 0
        })
        .await?;
    wait_until("a click", async || {
        let seen = transitions(&relay.sim.reports(before).await?)?;
        Ok(seen.iter().filter(|(of, _)| of == "pointer").count() == 2)
    })
    .await?;
    page.tab.click("button", "Stop").await?;
    page.tab.fill("Name of the macro", "List files").await?;
    page.tab.click("button", "Save").await?;
    page.tab.element("button", "Run").await?;
    let recorded = transitions(&relay.sim.reports(before).await?)?;
    let place = relay.sim.state().await?.pointer;
    page.tab.move_to(x + 90.0, y + 60.0).await?;
    let elsewhere = |x, y| (x, y) != (place.x, place.y);
    relay
        .sim
        .state_where("the pointer elsewhere", |state| {
            elsewhere(state.pointer.x, state.pointer.y)
        })
        .await?;
    let before = relay.sim.state().await?.reports;
    page.tab.click("button", "Run").await?;
    page.reads("Done.").await?;
    relay
        .sim
        .state_where("the same again", |state| {
            state.typed.ends_with("ls\nls\n") && !elsewhere(state.pointer.x, state.pointer.y)
        })
        .await?;
    let done = transitions(&relay.sim.reports(before).await?)?;
    assert_eq!(done, recorded);
    chromium.end().await
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
async fn a_text_that_is_typed_meanwhile_is_recorded_as_a_text() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    record(&page).await?;
    page.reads("Recording").await?;
    page.open_tool("Type text").await?;
    page.choose("Target layout", "en-us").await?;
    page.tab.fill("Text to type", "echo {{a}} B\n").await?;
    wait_until("a text that can be typed", async || {
        let button = page.tab.element("button", "Type").await?;
        Ok(page.tab.of(&button, "this.ariaDisabled").await? == "false")
    })
    .await?;
    page.tab.click("button", "Type").await?;
    page.reads("Done. 13 of 13 characters").await?;
    page.open_tool("Macros").await?;
    page.tab.click("button", "Stop").await?;
    page.tab.fill("Name of the macro", "Say").await?;
    page.tab.click("button", "Save").await?;
    page.tab.element("button", "Run").await?;
    let list = account.request(Method::GET, MACROS).await?;
    let id = &list.body["macros"][0]["id"];
    let kept = account
        .request(Method::GET, &format!("{MACROS}/{id}"))
        .await?;
    let steps = kept.body["steps"].as_array().context("steps")?;
    let texts: Vec<&Value> = steps.iter().filter(|step| step["do"] == "text").collect();
    ensure!(
        texts.len() == 1 && texts[0]["layout"] == "en-us",
        "{steps:?}"
    );
    ensure!(
        steps
            .iter()
            .all(|step| step["do"] != "tap" && step["do"] != "press"),
        "{steps:?}"
    );
    page.tab.click("button", "Run").await?;
    relay
        .sim
        .state_where("the same text again", |state| {
            state.typed == "echo {{a}} B\necho {{a}} B\n"
        })
        .await?;
    chromium.end().await
}

#[tokio::test]
async fn what_was_exported_is_imported_again() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let mut kept = document(
        "Log in: as „Ada“/root",
        &json!([
            {"do": "text", "text": "{{user}}\n", "layout": "de", "line_end": "shift-enter"},
            {"do": "chord", "keys": ["ControlLeft", "AltLeft", "Delete"], "hold_ms": 50},
            {"do": "wait-for", "what": "caps-lock-on", "at_most_ms": 1000},
        ]),
    );
    kept["variables"] = json!([{"name": "user", "label": "User"}]);
    let id = keep(&account, &kept).await?;
    let path = format!("{MACROS}/{id}");
    let whole = account.request(Method::GET, &path).await?.body;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    let folder = tempfile::tempdir()?;
    page.tab.downloads_to(folder.path()).await?;
    page.tab.click("button", "Export").await?;
    let file = downloaded(folder.path(), "json").await?;
    let name = file.file_stem().context("a name")?.to_string_lossy();
    assert!(
        name.starts_with("Log in") && name.ends_with("root"),
        "{name}"
    );
    let content = std::fs::read_to_string(&file)?;
    assert_eq!(serde_json::from_str::<Value>(&content)?, whole);

    account.request(Method::DELETE, &path).await?;
    page.reads("There are no macros yet").await?;
    import(&page, "log-in.json", &content).await?;
    page.reads("Log in: as").await?;
    let list = account.request(Method::GET, MACROS).await?;
    let again = &list.body["macros"][0]["id"];
    let again = account
        .request(Method::GET, &format!("{MACROS}/{again}"))
        .await?;
    assert_eq!(again.body, whole);
    chromium.end().await
}

/// Chooses a file as an operator does in the browser's own dialog.
async fn import(page: &Page, name: &str, content: &str) -> Result<()> {
    page.tab.element("button", "Import").await?;
    let script = format!(
        "(() => {{
            const files = new DataTransfer();
            files.items.add(new File([{content:?}], {name:?}, {{ type: 'application/json' }}));
            const input = document.querySelector('[role=dialog] input[type=file]');
            input.files = files.files;
            input.dispatchEvent(new Event('change', {{ bubbles: true }}));
        }})()"
    );
    page.tab.evaluate(&script).await?;
    Ok(())
}

#[tokio::test]
async fn files_of_pikvm_and_of_nobody_are_imported_or_refused() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    for (name, content, says) in [
        ("notes.json", "hello", "it is not JSON"),
        ("other.json", "{\"a\": 1}", "neither a macro of Armchair"),
        (
            "new.json",
            "{\"format\": \"armchair-macro/1\", \"name\": \"a\", \"steps\": [{\"do\": \"dance\"}]}",
            "step 1",
        ),
    ] {
        import(&page, name, content).await?;
        page.reads(says).await?;
    }
    import(&page, "large.json", &" ".repeat(3 << 20)).await?;
    page.reads("too large for a macro").await?;
    assert!(names(&account).await?.is_empty());
    let recorded = json!([
        {"event_type": "key", "event": {"key": "KeyL", "state": true}},
        {"event_type": "delay", "event": {"millis": 20}},
        {"event_type": "key", "event": {"key": "KeyL", "state": false}},
        {"event_type": "print", "event": {"text": "s\n", "keymap": "en-us"}},
        {"event_type": "gpio_switch", "event": {"channel": "lamp", "state": true}},
    ]);
    import(&page, "listing.json", &recorded.to_string()).await?;
    page.reads("gpio_switch").await?;
    page.reads("listing").await?;
    page.tab.click("button", "Run").await?;
    relay
        .sim
        .state_where("the command", |state| state.typed.ends_with("ls\n"))
        .await?;
    chromium.end().await
}

#[tokio::test]
async fn what_this_relay_cannot_do_is_said_before_anything_is_done() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let steps = json!([
        {"do": "tap", "key": "KeyA"},
        {"do": "power", "action": "reset"},
    ]);
    keep(&account, &document("Restart", &steps)).await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    let before = relay.sim.state().await?.typed;
    page.tab.click("button", "Run").await?;
    let alert = page.alert().await?;
    assert!(
        alert.contains("step 2 needs control of the machine's power"),
        "{alert}"
    );
    assert_eq!(relay.sim.state().await?.typed, before);
    chromium.end().await
}
