//! The same, from the page.

use anyhow::{Context, Result};
use serde_json::json;
use tests::{
    account::Account,
    chromium::{Chromium, Tab, names},
    front::Front,
    page::Page,
    relay::Relay,
    wait::wait_until,
};

use super::with_line;
use crate::look::{fits, keep};

const INPUT: &str = "Serial console input";
const OUTPUT: &str = "Serial console output";

/// A page that has the controls, with the console open.
async fn at_console(chromium: &Chromium, account: &Account, relay: &Relay) -> Result<Page> {
    let page = Page::open(chromium, account, &relay.sim).await?;
    takes_control(&page).await?;
    open(&page).await?;
    Ok(page)
}

async fn open(page: &Page) -> Result<()> {
    page.open_tool("Serial console").await?;
    page.tab.element("dialog", "Serial console").await?;
    page.tab.element("textbox", INPUT).await?;
    Ok(())
}

/// All text of the terminal.
async fn output(tab: &Tab) -> Result<String> {
    let log = tab.element("log", OUTPUT).await?;
    let text = tab.of(&log, "this.innerText").await?;
    let text = text.as_str().context("text")?;
    Ok(text.replace(['\u{200b}', '\u{a0}'], ""))
}

async fn reads(tab: &Tab, text: &str) -> Result<()> {
    let found = wait_until(text, async || Ok(output(tab).await?.contains(text))).await;
    match found {
        Ok(()) => Ok(()),
        Err(error) => Err(error.context(output(tab).await?)),
    }
}

async fn types(tab: &Tab, text: &str) -> Result<()> {
    let input = tab.element("textbox", INPUT).await?;
    tab.of(&input, "this.focus()").await?;
    tab.call("Input.insertText", json!({ "text": text }))
        .await?;
    Ok(())
}

async fn takes_control(page: &Page) -> Result<()> {
    if page.tab.find("button", "Take control").await?.is_some() {
        page.tab.click("button", "Take control").await?;
    }
    page.tab.element("button", "Give up control").await?;
    Ok(())
}

#[tokio::test]
async fn the_machine_is_worked_on_by_its_serial_line_and_all_see_it() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = at_console(&chromium, &account, &relay).await?;
    let tab = &page.tab;
    tab.without_motion().await?;
    reads(tab, "Firmware 1.0").await?;
    reads(tab, "$").await?;
    page.reads("Click or tap the terminal to type").await?;
    types(tab, "help\n").await?;
    reads(tab, "switches the machine off").await?;
    relay
        .sim
        .state_where("what was typed", |state| state.serial.received == "help\r")
        .await?;
    types(tab, "nonsemse").await?;
    for _ in 0..3 {
        tab.key_down("Backspace").await?;
        tab.key_up("Backspace").await?;
    }
    tab.key_down("ArrowUp").await?;
    tab.key_up("ArrowUp").await?;
    types(tab, "nse\n").await?;
    reads(tab, "nonsense: no such command").await?;
    tab.key_down("Escape").await?;
    tab.key_up("Escape").await?;
    tab.element("dialog", "Serial console").await?;
    tab.key_down("ControlLeft").await?;
    tab.key_down("KeyC").await?;
    tab.key_up("KeyC").await?;
    tab.key_up("ControlLeft").await?;
    reads(tab, "^C").await?;
    let state = relay.sim.state().await?;
    assert!(state.serial.received.ends_with("\x1b\x03"), "{state:?}");
    assert_eq!((state.typed.as_str(), state.keys_down.len()), ("", 0));

    let other = Chromium::start().await?;
    let second = Page::open(&other, &account, &relay.sim).await?;
    open(&second).await?;
    reads(&second.tab, "nonsense: no such command").await?;
    second
        .reads("has the controls and types here; you watch")
        .await?;
    types(&second.tab, "poweroff\n").await?;
    second.tab.click("button", "Break").await?;
    types(tab, "clock\n").await?;
    reads(tab, "UTC").await?;
    reads(&second.tab, "UTC").await?;
    let serial = relay.sim.state().await?.serial;
    assert!(
        !serial.received.contains("power") && serial.breaks == 0,
        "{serial:?}"
    );

    other.end().await?;
    tab.click("button", "Break").await?;
    reads(tab, "[break]").await?;
    assert_eq!(relay.sim.state().await?.serial.breaks, 1);
    let before = output(tab).await?;
    tab.go(&account.base).await?;
    open(&page).await?;
    reads(tab, "[break]").await?;
    assert_eq!(output(tab).await?.trim(), before.trim());
    let console: Vec<String> = tab.console();
    assert!(
        !console
            .iter()
            .any(|line| line.contains("Content Security Policy")),
        "{console:?}"
    );
    chromium.end().await
}

#[tokio::test]
async fn a_cut_link_comes_back_with_nothing_doubled_and_nothing_lost() -> Result<()> {
    let (relay, account, mut machine) = with_line("").await?;
    let front = Front::before(&relay.url).await?;
    let mut account = account;
    account.base = front.url.clone();
    let chromium = Chromium::start().await?;
    let page = at_console(&chromium, &account, &relay).await?;
    let tab = &page.tab;
    machine.prints(b"before \x1b[").await?;
    reads(tab, "before").await?;
    front.is_silent(true);
    front.cuts();
    page.reads("No connection to the relay").await?;
    machine.prints(b"6nduring ").await?;
    front.is_silent(false);
    page.reads_no_more("No connection to the relay").await?;
    reads(tab, "before during").await?;
    takes_control_again(&page).await?;
    // What was asked while nobody could answer is not answered; what is asked now is, by the one in control.
    machine.prints(b"after\x1b[5n").await?;
    reads(tab, "before during after").await?;
    assert_eq!(machine.gets(4).await?, b"\x1b[0n");
    let text = output(tab).await?;
    assert_eq!(text.matches("during").count(), 1, "{text}");
    chromium.end().await
}

async fn takes_control_again(page: &Page) -> Result<()> {
    takes_control(page).await?;
    page.reads("Click or tap the terminal to type").await
}

#[tokio::test]
async fn the_port_is_named_its_speed_is_set_and_its_log_saved() -> Result<()> {
    let (relay, account, mut machine) = with_line("").await?;
    let folder = tempfile::tempdir()?;
    let chromium = Chromium::start().await?;
    let page = at_console(&chromium, &account, &relay).await?;
    let tab = &page.tab;
    tab.downloads_to(folder.path()).await?;
    page.reads("is open").await?;
    let printed = b"\x1b]0;title\x07\x1b[31mred\x1b[0m \xe4\xb8\xad\xff end\r\n";
    machine.prints(printed).await?;
    reads(tab, "red 中\u{fffd} end").await?;
    assert_ne!(tab.evaluate("document.title").await?, "title");
    page.choose("Speed", "19200").await?;
    wait_until("the speed", async || Ok(machine.speed()? == 19_200)).await?;
    tab.click("button", "Download log").await?;
    let log = tab.downloaded("log").await?;
    assert_eq!(std::fs::read(&log)?, printed);
    assert!(names(folder.path())?[0].contains("serial"), "{log:?}");

    tab.click("button", "Clear").await?;
    wait_until("an empty terminal", async || {
        Ok(output(tab).await?.trim().is_empty())
    })
    .await?;
    machine.prints(b"more\r\n").await?;
    reads(tab, "more").await?;
    drop(machine);
    page.reads_no_more("is open").await?;
    types(tab, "x").await?;
    page.reads("Not sent: the port is not open").await?;
    chromium.end().await
}

#[tokio::test]
async fn the_terminal_fits_every_screen_in_light_and_dark() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = at_console(&chromium, &account, &relay).await?;
    let tab = &page.tab;
    tab.without_motion().await?;
    types(tab, "help\nls\ncat nothing\n").await?;
    reads(tab, "no such file").await?;
    for scheme in ["dark", "light"] {
        tab.scheme(scheme).await?;
        for (width, height) in [(1440, 900), (820, 1180), (390, 844)] {
            tab.viewport(width, height, 1.0).await?;
            fits(tab, width, height).await?;
            let log = tab.element("log", OUTPUT).await?;
            let wide = tab
                .of(&log, "this.scrollWidth - this.clientWidth")
                .await?
                .as_f64()
                .context("pixels")?;
            assert!(
                wide <= 1.0,
                "{width}: {wide} pixels of the 80 columns are out of sight"
            );
            wait_until("the cursor is in sight", async || {
                let seen = "(() => {
                    const cursor = this.querySelector('.cursor').getBoundingClientRect();
                    const log = this.getBoundingClientRect();
                    return cursor.top >= log.top && cursor.bottom <= log.bottom;
                })()";
                Ok(tab.of(&log, seen).await? == true)
            })
            .await
            .with_context(|| format!("{scheme} {width}x{height}"))?;
            keep(tab, &format!("serial-{scheme}-{width}x{height}")).await?;
        }
    }
    chromium.end().await
}
