//! The dialog "Power": what the machine's power is, and what is done to it, before everybody's eyes.

use std::net::UdpSocket;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use tests::{
    account::Account,
    chromium::{Chromium, Tab},
    page::Page,
    relay::{PASSWORD, Relay},
    sim::Sim,
    wait::wait_until,
};

const BUTTONS: [&str; 7] = [
    "Turn on",
    "Shut down",
    "Wake",
    "Press power",
    "Hold power",
    "Reset",
    "Power cycle",
];

async fn open(chromium: &Chromium, account: &Account, sim: &Sim) -> Result<Page> {
    sim.boots().await?;
    let page = Page::open(chromium, account, sim).await?;
    page.open_tool("Power").await?;
    page.tab.element("dialog", "Power").await?;
    Ok(page)
}

/// Waits until the page's light says so.
async fn says(page: &Page, supply: &str) -> Result<()> {
    let shown =
        "document.querySelector('[role=dialog] [role=status][aria-label=Power]')?.textContent";
    wait_until(supply, async || {
        Ok(page.tab.evaluate(shown).await? == supply)
    })
    .await
    .context(page.text().await?)
}

async fn is(sim: &Sim, power: &str) -> Result<()> {
    sim.state_where(power, |state| state.power == power).await?;
    Ok(())
}

/// A button of the dialog, whatever else on the page has its name.
async fn click(tab: &Tab, name: &str) -> Result<()> {
    let press = format!(
        "(() => {{
            const buttons = [...document.querySelectorAll('[role=dialog] button')];
            const button = buttons.find((button) => button.textContent === {name:?});
            if (!button || button.ariaDisabled === 'true') return false;
            button.click();
            return true;
        }})()"
    );
    wait_until(name, async || Ok(tab.evaluate(&press).await? == true)).await
}

async fn offered(page: &Page) -> Result<Vec<&'static str>> {
    let mut offered = Vec::new();
    for name in BUTTONS {
        if page.tab.find("button", name).await?.is_some() {
            offered.push(name);
        }
    }
    Ok(offered)
}

#[tokio::test]
async fn a_machine_is_shut_down_and_turned_on_again() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    says(&page, "on").await?;
    assert_eq!(offered(&page).await?, BUTTONS);

    click(&page.tab, "Shut down").await?;
    is(&relay.sim, "off").await?;
    says(&page, "off").await?;
    page.reads("The machine has shut down.").await?;
    page.tab.element("image", "Power: off").await?;

    click(&page.tab, "Turn on").await?;
    is(&relay.sim, "on").await?;
    says(&page, "on").await?;
    page.reads("The machine is switched on.").await?;
    relay.sim.boots().await?;

    click(&page.tab, "Press power").await?;
    page.reads("The power button was pressed.").await?;
    is(&relay.sim, "off").await?;
    says(&page, "off").await?;
    page.tab.key_down("Escape").await?;
    page.tab.key_up("Escape").await?;
    wait_until("the dialog is closed", async || {
        Ok(page.tab.find("dialog", "Power").await?.is_none())
    })
    .await?;
    page.reads("The machine is off").await?;
    page.tab.click("button", "Turn on").await?;
    is(&relay.sim, "on").await?;
    page.shows_the_screen_of(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn what_loses_work_asks_first_and_shows_what_is_on_the_screen() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    says(&page, "on").await?;
    account.types("cat fox.txt").await?;
    relay.sim.reads("The quick brown fox").await?;
    for (action, question) in [
        ("Hold power", "Switch off by force?"),
        ("Reset", "Reset the machine?"),
        ("Power cycle", "Switch off and on by force?"),
    ] {
        click(&page.tab, action).await?;
        page.tab.element("group", question).await?;
        page.reads("Whatever is not saved is lost.").await?;
        let still = page.tab.element("image", "On the screen now").await?;
        wait_until("the machine's screen, small", async || {
            let still = page.tab.canvas(&still).await?;
            let drawn = relay.sim.picture().await?;
            ensure!(
                still.width * drawn.height == still.height * drawn.width,
                "{}x{}",
                still.width,
                still.height
            );
            let bright = |rgb: &[u8]| rgb.iter().filter(|byte| **byte > 100).count() as f64;
            let part = |rgb: &[u8]| bright(rgb) / rgb.len() as f64;
            let (still, drawn) = (part(&still.rgb), part(&drawn.rgb));
            Ok(still > drawn / 4.0 && still < drawn * 4.0)
        })
        .await?;
        click(&page.tab, "Cancel").await?;
        page.reads_no_more(question).await?;
    }
    let state = relay.sim.state().await?;
    assert_eq!(state.power, "on");
    assert!(
        state
            .text
            .iter()
            .any(|line| line.contains("The quick brown fox"))
    );

    click(&page.tab, "Reset").await?;
    page.tab.element("group", "Reset the machine?").await?;
    click(&page.tab, "Reset").await?;
    relay.sim.reads("for the boot menu").await?;
    page.reads("The machine was reset.").await?;
    relay.sim.boots().await?;

    click(&page.tab, "Hold power").await?;
    relay.sim.fault("no_signal").await?;
    page.reads("What is on the screen is not known. No signal.")
        .await?;
    relay.sim.fault("none").await?;
    page.tab.element("image", "On the screen now").await?;
    click(&page.tab, "Hold power").await?;
    is(&relay.sim, "off").await?;
    page.reads("The machine was switched off by force.").await?;
    says(&page, "off").await?;
    click(&page.tab, "Power cycle").await?;
    page.reads("What is on the screen is not known. The machine is off.")
        .await?;
    chromium.end().await
}

#[tokio::test]
async fn everybody_sees_who_is_at_it_and_nobody_comes_between() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let ada = relay.claimed().await?;
    relay.add_user("grace", "operator").await?;
    relay.add_user("eve", "viewer").await?;
    let grace = Account::sign_in(&relay.url, "grace", PASSWORD).await?;
    let eve = Account::sign_in(&relay.url, "eve", PASSWORD).await?;
    let chromium = Chromium::start().await?;
    let hers = open(&chromium, &eve, &relay.sim).await?;
    // The browser has one session at a time: from here on it is an operator's.
    let theirs = open(&chromium, &grace, &relay.sim).await?;
    says(&hers, "on").await?;
    hers.reads("Only an operator can switch the machine.")
        .await?;
    let buttons = "document.querySelectorAll('[role=dialog] .button').length";
    assert_eq!(hers.tab.evaluate(buttons).await?, 0);
    let power = "api/v1/power";
    let refused = eve.post(power, &json!({ "action": "hold" })).await?;
    assert_eq!(refused.status.as_u16(), 403);

    let hold = json!({ "action": "hold" });
    let begun = ada.post(power, &hold).await?;
    assert!(begun.status.is_success(), "{begun:?}");
    for page in [&theirs, &hers] {
        page.reads("Hold power · ada, since ").await?;
    }
    let press = json!({ "action": "press" });
    grace
        .post(power, &press)
        .await?
        .refused(409, "power-busy")?;
    let ready = "[...document.querySelectorAll('[role=dialog] .button')]
        .filter((button) => button.ariaDisabled !== 'true').map((button) => button.textContent)";
    assert_eq!(theirs.tab.evaluate(ready).await?, json!(["Stop"]));
    is(&relay.sim, "off").await?;
    for page in [&theirs, &hers] {
        page.reads("The machine was switched off by force.").await?;
        page.reads("ada, ").await?;
        says(page, "off").await?;
    }

    ada.post(power, &json!({ "action": "on" })).await?.done()?;
    is(&relay.sim, "on").await?;
    theirs.reads("The machine is switched on.").await?;
    relay.sim.boots().await?;
    ada.post(power, &json!({ "action": "cycle" }))
        .await?
        .done()?;
    is(&relay.sim, "off").await?;
    hers.reads("The machine is off").await?;
    assert!(!hers.text().await?.contains("Turn on"));
    click(&theirs.tab, "Stop").await?;
    hers.reads("Broken off. The buttons are released.").await?;
    is(&relay.sim, "off").await?;
    let seen = eve.request(Method::GET, power).await?.body;
    assert_eq!(seen["ended"]["outcome"], "stopped");
    chromium.end().await
}

#[tokio::test]
async fn a_machine_that_sleeps_is_woken() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay.sim).await?;
    says(&page, "on").await?;
    account.types("sleep").await?;
    is(&relay.sim, "sleep").await?;
    says(&page, "asleep").await?;
    click(&page.tab, "Wake").await?;
    is(&relay.sim, "on").await?;
    page.reads("The machine was asked to wake.").await?;
    says(&page, "on").await?;
    chromium.end().await
}

#[tokio::test]
async fn a_machine_that_is_off_is_sent_the_packet_that_wakes_its_card() -> Result<()> {
    let card = UdpSocket::bind("0.0.0.0:0")?;
    let port = card.local_addr()?.port();
    card.set_read_timeout(Some(tests::wait::DEADLINE))?;
    let settings = |interface: &str| {
        format!(
            "[power.wake]\nmac = \"02:00:5E:10:20:30\"\naddress = \"127.255.255.255\"\n\
             port = {port}\npassword = \"de:ad:be:ef:00:01\"\ninterface = \"{interface}\"\n"
        )
    };
    let mut relay = Relay::serve_with(&settings("lo")).await?;
    let account = relay.claimed().await?;
    let wake = json!({ "action": "wake" });
    account.post("api/v1/power", &wake).await?.done()?;
    let mut packet = [0; 200];
    let length = card.recv(&mut packet)?;
    let mut expected = vec![0xFF; 6];
    for _ in 0..16 {
        expected.extend([0x02, 0x00, 0x5E, 0x10, 0x20, 0x30]);
    }
    expected.extend([0xDE, 0xAD, 0xBE, 0xEF, 0x00, 0x01]);
    assert_eq!(packet[..length], expected);

    let mut relay = Relay::serve_with(&settings("nowhere9")).await?;
    let account = relay.claimed().await?;
    account.post("api/v1/power", &wake).await?.done()?;
    wait_until("what is wrong in the log", async || {
        let ended = account.request(Method::GET, "api/v1/power").await?.body;
        Ok(ended["ended"]["outcome"] == "refused"
            && relay
                .logged()
                .contains("the relay has no network interface \"nowhere9\"; it has "))
    })
    .await
}
