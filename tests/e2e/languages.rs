//! The page speaks its reader's language, and is laid out for it.

use anyhow::Result;
use serde_json::json;
use tests::{
    chromium::{Chromium, Tab},
    page::Page,
    relay::Relay,
};

const VIEWPORTS: [(u32, u32); 4] = [(1440, 900), (1024, 768), (820, 1180), (390, 844)];

#[tokio::test]
async fn the_browsers_language_is_spoken_until_another_is_chosen() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.viewport(1440, 900, 1.0).await?;
    prefer(&page.tab, "zh-Hans-CN,en").await?;
    page.tab.go(&account.base).await?;
    page.tab.element("application", "远程屏幕").await?;
    assert_eq!(document(&page.tab).await?, json!(["zh-CN", "ltr"]));

    page.tab.click("button", "设置").await?;
    choose(&page, "语言", "en").await?;
    page.tab.element("dialog", "Settings").await?;
    assert_eq!(document(&page.tab).await?, json!(["en", "ltr"]));
    page.shows_the_screen_of(&relay.sim).await?;

    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    assert_eq!(document(&page.tab).await?, json!(["en", "ltr"]));

    page.open_tool("Settings").await?;
    choose(&page, "Language", "").await?;
    page.tab.element("dialog", "设置").await?;
    chromium.end().await
}

#[tokio::test]
async fn who_does_not_read_the_browsers_language_chooses_another_before_signing_in() -> Result<()> {
    let mut relay = Relay::serve().await?;
    relay.claimed().await?;
    let chromium = Chromium::start().await?;
    let page = Page::visit(&chromium, &relay).await?;
    choose(&page, "Language", "zh-CN").await?;
    page.tab.fill("用户名", "ada").await?;
    page.tab.fill("密码", "not the password").await?;
    page.tab.click("button", "登录").await?;
    let alert = page.alert().await?;
    assert!(alert.chars().any(|letter| letter > '\u{4E00}'), "{alert}");
    chromium.end().await
}

#[tokio::test]
async fn a_script_from_right_to_left_does_not_break_the_layout() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.without_motion().await?;
    page.tab.evaluate("document.dir = 'rtl'").await?;
    for (width, height) in VIEWPORTS {
        page.tab.viewport(width, height, 1.0).await?;
        stands(&page.tab, "console", (width, height)).await?;
        for panel in ["Type text", "Macros", "Shortcuts", "Statistics", "Settings"] {
            page.open_tool(panel).await?;
            page.tab.element("dialog", panel).await?;
            stands(&page.tab, panel, (width, height)).await?;
            page.open_tool(panel).await?;
        }
        page.open_tool("Keyboard").await?;
        page.tab.element("region", "On-screen keyboard").await?;
        stands(&page.tab, "keyboard", (width, height)).await?;
        page.open_tool("Keyboard").await?;
    }
    page.tab.viewport(1440, 900, 1.0).await?;
    let machine =
        "document.querySelector('[role=banner] button, header button').getBoundingClientRect().x";
    let machine = page.tab.evaluate(machine).await?;
    assert!(
        machine.as_f64() > Some(720.0),
        "the bar begins on the right: {machine}"
    );
    chromium.end().await
}

/// Nothing is wider than the window, and no control is cut off by it or covers another.
async fn stands(tab: &Tab, what: &str, (width, height): (u32, u32)) -> Result<()> {
    let faults = tab
        .evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => {
                const faults = [];
                const root = document.documentElement;
                if (root.scrollWidth > innerWidth) faults.push(`${root.scrollWidth} pixels wide`);
                const controls = [...document.querySelectorAll('button, select, input, [role=tab]')]
                    .filter((control) => control.checkVisibility({ visibilityProperty: true }))
                    .filter((control) => !control.ariaHidden)
                    .map((control) => ({ control, box: control.getBoundingClientRect() }))
                    .filter(({ box }) => box.width > 0);
                const name = ({ control }) => control.ariaLabel || control.innerText || control.tagName;
                for (const one of controls) {
                    if (one.box.left < -0.5 || one.box.right > innerWidth + 0.5)
                        faults.push(`${name(one)} is cut off`);
                    for (const other of controls) {
                        if (one === other || one.control.contains(other.control)) continue;
                        if (one.control.compareDocumentPosition(other.control) & 2) continue;
                        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
                        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
                        const seen = document.elementsFromPoint(
                            Math.max(one.box.left, other.box.left) + wide / 2,
                            Math.max(one.box.top, other.box.top) + high / 2);
                        if (wide > 1 && high > 1 && seen.includes(one.control) && seen.includes(other.control))
                            faults.push(`${name(one)} and ${name(other)} overlap`);
                    }
                }
                return faults;
            })",
        )
        .await?;
    assert_eq!(faults, json!([]), "{what} at {width}x{height}");
    Ok(())
}

async fn choose(page: &Page, name: &str, value: &str) -> Result<()> {
    let select = page.tab.element("combobox", name).await?;
    let choose = format!(
        "(this.value = {value:?}, this.dispatchEvent(new Event('change', {{ bubbles: true }})))"
    );
    page.tab.of(&select, &choose).await?;
    Ok(())
}

async fn document(tab: &Tab) -> Result<serde_json::Value> {
    let root = "[document.documentElement.lang, document.documentElement.dir]";
    tab.evaluate(root).await
}

async fn prefer(tab: &Tab, languages: &str) -> Result<()> {
    let agent = tab.evaluate("navigator.userAgent").await?;
    let preference = json!({ "userAgent": agent, "acceptLanguage": languages });
    tab.call("Network.setUserAgentOverride", preference).await?;
    Ok(())
}
