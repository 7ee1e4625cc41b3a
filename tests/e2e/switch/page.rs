//! The dialog "Machines": which of them is on the screen, and how somebody moves to another one.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::{
    account::Account,
    chromium::{Chromium, Tab, names},
    page::Page,
    relay::{PASSWORD, Relay},
    wait::wait_until,
};

use super::begins;

/// Opens the page of somebody, and the dialog on it.
async fn open(chromium: &Chromium, account: &Account, relay: &Relay) -> Result<Page> {
    let page = Page::open(chromium, account, &relay.sim).await?;
    page.tab.without_motion().await?;
    page.open_tool("Machines").await?;
    page.tab.element("dialog", "Machines").await?;
    Ok(page)
}

/// What an expression says of the button of a machine, which is `this`.
async fn of(tab: &Tab, machine: &str, expression: &str) -> Result<Value> {
    let button = format!("document.querySelector('.machines button[aria-label={machine:?}]')");
    tab.evaluate(&format!(
        "(function() {{ return {expression}; }}).call({button})"
    ))
    .await
}

async fn chooses(tab: &Tab, machine: &str) -> Result<()> {
    of(tab, machine, "this.click()").await?;
    Ok(())
}

/// Waits until a machine is said to be the one on the screen, and no other.
async fn is_shown(tab: &Tab, machine: &str) -> Result<()> {
    wait_until(machine, async || {
        let shown = tab
            .evaluate("[...document.querySelectorAll('.machines [aria-current=true]')].map((one) => one.ariaLabel)")
            .await?;
        Ok(shown == serde_json::json!([machine]))
    })
    .await
}

/// Whether the small picture of a machine has anything on it but black.
async fn has_thumbnail(tab: &Tab, machine: &str) -> Result<bool> {
    let lit = "(() => {
        const canvas = this.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value, at) => at % 4 !== 3 && value > 60);
    })()";
    Ok(of(tab, machine, lit).await? == true)
}

#[tokio::test]
async fn a_machine_is_chosen_and_the_old_picture_is_grey_until_the_new_one_is_there() -> Result<()>
{
    let (relay, account) = Relay::rack().await?;
    let (oak, birch) = (relay.sim.pc(1), relay.sim.pc(2));
    oak.boots().await?;
    birch.boots().await?;
    birch.fault("no_lock").await?;
    let folder = tempfile::tempdir()?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay).await?;
    let tab = &page.tab;
    tab.downloads_to(folder.path()).await?;
    is_shown(tab, "Oak").await?;
    wait_until("Oak's small picture", async || {
        has_thumbnail(tab, "Oak").await
    })
    .await?;
    ensure!(!has_thumbnail(tab, "Birch").await?, "it was never seen");

    chooses(tab, "Birch").await?;
    page.reads("Switching to Birch").await?;
    let grey = "getComputedStyle(document.querySelector('canvas.picture')).filter";
    wait_until("a grey picture", async || {
        let filter = tab.evaluate(grey).await?;
        Ok(filter
            .as_str()
            .is_some_and(|filter| filter.contains("grayscale")))
    })
    .await?;
    let error = page.picture().await?.mean_error(&oak.picture().await?)?;
    ensure!(
        error.iter().all(|channel| *channel < 6.0),
        "it is Oak's: {error:?}"
    );
    for machine in ["Oak", "Cedar"] {
        assert_eq!(of(tab, machine, "this.ariaDisabled").await?, "true");
    }
    ensure!(
        !page.text().await?.contains("The machine does not listen"),
        "nobody has to do anything about that"
    );

    birch.fault("none").await?;
    page.reads_no_more("Switching to Birch").await?;
    is_shown(tab, "Birch").await?;
    page.reads("demo switched to Birch.").await?;
    page.shows_the_screen_of(&birch).await?;
    assert_eq!(tab.evaluate(grey).await?, "none");
    ensure!(has_thumbnail(tab, "Oak").await?, "its last picture");
    wait_until("the name of the machine", async || {
        let title = tab.evaluate("document.title").await?;
        Ok(title
            .as_str()
            .is_some_and(|title| title.starts_with("Birch")))
    })
    .await?;

    page.open_tool("Screenshot").await?;
    tab.downloaded("png").await?;
    let saved = names(folder.path())?;
    ensure!(saved[0].contains("Birch"), "{saved:?}");
    page.click_the_screen().await?;
    tab.type_keys("help").await?;
    birch
        .state_where("what is typed", |state| state.typed == "help")
        .await?;
    assert_eq!(oak.state().await?.typed, "");
    chromium.end().await
}

#[tokio::test]
async fn who_watches_sees_who_has_moved_and_what_went_wrong() -> Result<()> {
    let mut relay = Relay::serve_rack_with(super::SOON).await?;
    let ada = relay.claimed().await?;
    relay.add_user("eve", "viewer").await?;
    let eve = Account::sign_in(&relay.url, "eve", PASSWORD).await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &eve, &relay).await?;
    let tab = &page.tab;
    page.reads("Ask before a restart.").await?;
    page.reads("You are watching.").await?;
    chooses(tab, "Mail").await?;
    begins(&ada, 2).await?;
    page.reads("ada switched to Build.").await?;
    is_shown(tab, "Build").await?;
    begins(&ada, 3).await?;
    page.reads("It gives no picture: it is off or asleep.")
        .await?;
    page.reads("The machine is off").await?;
    relay.sim.switch_fault("silent").await?;
    begins(&ada, 0).await?;
    page.reads("The switch did not answer, so Files is not on the screen.")
        .await?;
    is_shown(tab, "Spare").await?;
    relay.sim.switch_fault("refuses").await?;
    begins(&ada, 1).await?;
    page.reads("The switch did not move to Mail.").await?;
    relay.sim.switch_fault("none").await?;
    page.tab.click("button", "Close").await?;
    relay.sim.press_port(3).await?;
    page.reads("Somebody switched to Build at the switch itself.")
        .await?;
    assert_eq!(relay.sim.switch().await?.port, 3, "eve has moved nothing");
    chromium.end().await
}

#[tokio::test]
async fn machines_are_chosen_by_keyboard_and_small_pictures_can_be_off() -> Result<()> {
    let settings = super::SOON.replace("[switch]\n", "[switch]\nthumbnails = false\n");
    let mut relay = Relay::serve_rack_with(&settings).await?;
    let account = relay.claimed().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = open(&chromium, &account, &relay).await?;
    let tab = &page.tab;
    is_shown(tab, "Files").await?;
    of(tab, "Files", "this.focus()").await?;
    tab.key_down("Tab").await?;
    tab.key_up("Tab").await?;
    let focused = tab.evaluate("document.activeElement.ariaLabel").await?;
    assert_eq!(focused.as_str().context("a name")?, "Mail");
    tab.key_down("Space").await?;
    tab.key_up("Space").await?;
    is_shown(tab, "Mail").await?;
    page.shows_the_screen_of(&relay.sim.pc(2)).await?;
    let small = "document.querySelectorAll('.machines canvas').length";
    assert_eq!(tab.evaluate(small).await?, 0);
    chromium.end().await
}

#[tokio::test]
async fn what_is_asked_about_one_machine_is_not_done_to_another() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    relay.sim.boots().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.open_tool("Power").await?;
    page.tab.click("button", "Hold power").await?;
    page.reads("Switch off by force?").await?;
    begins(&account, 1).await?;
    page.reads_no_more("Switch off by force?").await?;
    page.reads("demo switched to Birch.").await?;
    for machine in [1, 2] {
        let panel = relay.sim.pc(machine).state().await?.panel;
        ensure!(!panel.power_down && panel.presses.is_empty(), "{panel:?}");
    }
    chromium.end().await
}
