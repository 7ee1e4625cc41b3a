//! The page as an app: it installs, opens without its relay, and takes a newer version when its operator likes.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{
    chromium::{Chromium, Tab},
    front::Front,
    page::Page,
    relay::Relay,
    wait::wait_until,
};

#[tokio::test]
async fn the_page_installs_as_an_app() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    is_kept(&page.tab).await?;
    let manifest = page.tab.call("Page.getAppManifest", json!({})).await?;
    assert_eq!(manifest["errors"], json!([]), "{manifest}");
    let told: Value = serde_json::from_str(manifest["data"].as_str().context("a manifest")?)?;
    assert_eq!(told["display"], "standalone");
    for purpose in ["any", "maskable"] {
        for size in ["192x192", "512x512"] {
            let icons = told["icons"].as_array().context("icons")?;
            let icon = icons
                .iter()
                .find(|icon| icon["purpose"] == purpose && icon["sizes"] == size);
            let src = icon.with_context(|| format!("an icon {purpose} {size}"))?["src"].clone();
            assert_eq!(natural_size(&page.tab, &src).await?, size, "{src}");
        }
    }
    let errors = page
        .tab
        .call("Page.getInstallabilityErrors", json!({}))
        .await?;
    assert_eq!(errors["installabilityErrors"], json!([]), "{errors}");
    chromium.end().await
}

async fn natural_size(tab: &Tab, src: &Value) -> Result<String> {
    let script = format!(
        "(async () => {{
            const image = new Image();
            image.src = {src};
            await image.decode();
            return `${{image.naturalWidth}}x${{image.naturalHeight}}`;
        }})()"
    );
    Ok(tab
        .evaluate(&script)
        .await?
        .as_str()
        .context("a size")?
        .to_owned())
}

#[tokio::test]
async fn a_shortcut_opens_its_panel_and_leaves_no_trace_in_the_address() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.go(&account.base.join("?open=statistics")?).await?;
    page.tab.element("dialog", "Statistics").await?;
    assert_eq!(page.tab.evaluate("location.search").await?, "");
    chromium.end().await
}

#[tokio::test]
async fn a_text_that_is_shared_with_the_app_is_ready_to_be_typed() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    is_kept(&page.tab).await?;
    let share = "(() => {
        const form = document.createElement('form');
        Object.assign(form, { method: 'post', action: '/share', enctype: 'multipart/form-data' });
        const field = document.createElement('textarea');
        Object.assign(field, { name: 'text', value: 'réboot --now' });
        form.append(field);
        document.body.append(form);
        form.submit();
    })()";
    page.tab.evaluate(share).await?;
    page.tab.element("dialog", "Type text").await?;
    wait_until("the text is there", async || {
        let field = page.tab.element("textbox", "Text to type").await?;
        Ok(page.tab.of(&field, "this.value").await? == "réboot --now")
    })
    .await?;
    chromium.end().await
}

#[tokio::test]
async fn without_its_relay_the_page_says_which_one_and_comes_back_by_itself() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    is_kept(&page.tab).await?;
    relay.kill().await?;
    page.tab.go(&account.base).await?;
    page.reads("does not answer").await?;
    let text = page.text().await?;
    let address = page.tab.evaluate("location.host").await?;
    for part in [address.as_str().context("an address")?, "Machine"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    relay.start_again().await?;
    page.shows_the_screen_of(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn a_relay_that_answers_nothing_does_not_keep_the_page_blank() -> Result<()> {
    let (relay, mut account) = Relay::demo().await?;
    let front = Front::before(&account.base).await?;
    account.base = front.url.clone();
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    is_kept(&page.tab).await?;
    front.is_silent(true);
    page.tab.go(&front.url).await?;
    page.reads("Looking for the relay").await?;
    front.is_silent(false);
    page.tab.go(&front.url).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn a_newer_page_waits_until_its_operator_takes_it() -> Result<()> {
    let (relay, mut account) = Relay::demo().await?;
    let front = Front::before(&account.base).await?;
    account.base = front.url.clone();
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    is_kept(&page.tab).await?;
    assert!(
        page.tab
            .find("button", "Reload for the new version")
            .await?
            .is_none()
    );
    let kept = shells(&page.tab).await?;

    front.has_a_newer_page();
    page.tab.go(&front.url).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.tab
        .element("button", "Reload for the new version")
        .await?;
    page.tab.evaluate("window.before = true").await?;
    page.tab
        .click("button", "Reload for the new version")
        .await?;
    wait_until("the page is loaded anew", async || {
        Ok(page
            .tab
            .evaluate("window.before === undefined")
            .await
            .is_ok_and(|anew| anew == true))
    })
    .await?;
    page.shows_the_screen_of(&relay.sim).await?;
    wait_until("the older version is forgotten", async || {
        let now = shells(&page.tab).await?;
        Ok(now != kept && now.as_array().is_some_and(|names| names.len() == 1))
    })
    .await?;
    assert!(
        page.tab
            .find("button", "Reload for the new version")
            .await?
            .is_none()
    );
    chromium.end().await
}

#[tokio::test]
async fn the_display_stays_on_while_there_is_a_picture_to_watch() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    let watch = "window.held = 0;
        navigator.wakeLock.request = async (kind) => {
            if (kind === 'screen') held += 1;
            return { release: async () => { held -= 1; } };
        }";
    page.tab.inject(watch).await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    for (fault, held) in [("none", 1), ("no_signal", 0), ("none", 1)] {
        relay.sim.fault(fault).await?;
        wait_until(&format!("{held} locks with {fault}"), async || {
            Ok(page.tab.evaluate("window.held").await? == held)
        })
        .await?;
    }
    chromium.end().await
}

/// Waits until the service worker keeps the page.
async fn is_kept(tab: &Tab) -> Result<()> {
    wait_until("the page is kept", async || {
        Ok(tab
            .evaluate("navigator.serviceWorker.controller !== null")
            .await?
            == true)
    })
    .await
}

async fn shells(tab: &Tab) -> Result<Value> {
    tab.evaluate("caches.keys().then((names) => names.filter((name) => name.startsWith('shell-')))")
        .await
}
