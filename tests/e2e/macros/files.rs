//! Macros leave and enter a relay as files.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{chromium::Chromium, page::Page, relay::Relay};

use super::{MACROS, document, keep, names, open};

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
    let file = page.tab.downloaded("json").await?;
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
