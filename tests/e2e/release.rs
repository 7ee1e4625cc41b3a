//! Whoever holds keys and goes away, in any way, has them released.

use anyhow::{Context, Result, bail};
use shared::{
    ToRelay,
    input::{Buttons, Input, Usage},
};
use tests::{
    account::Account,
    chromium::Chromium,
    native::Client,
    page::Page,
    relay::Relay,
    sim::{Report, Sim},
    wait::wait_until,
};

const A: Usage = Usage::Keyboard(0x04);
const LEFT_SHIFT: Usage = Usage::Keyboard(0xE1);

/// A relay and a page whose operator holds Shift, A and the left button.
async fn holding_page() -> Result<(Relay, Account, Chromium, Page)> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    page.tab.key_down("ShiftLeft").await?;
    page.tab.key_down("KeyA").await?;
    let (x, y) = page.picture_rect().await?.centre();
    page.tab.press_at(x.round(), y.round()).await?;
    all_is_held(&relay.sim).await?;
    Ok((relay, account, chromium, page))
}

/// A relay and a native viewer that holds Shift, A and the left button, and says so only once.
async fn holding_viewer() -> Result<(Relay, Account, Client)> {
    let (relay, account) = Relay::demo().await?;
    // While it boots, the machine's USB host asks for everything anew, which would show in the record of reports.
    relay.sim.boots().await?;
    let viewer = Client::operate(&account).await?;
    hold(&viewer)?;
    all_is_held(&relay.sim).await?;
    Ok((relay, account, viewer))
}

fn hold(viewer: &Client) -> Result<()> {
    viewer.key(LEFT_SHIFT, true)?;
    viewer.key(A, true)?;
    viewer.input(Input::Buttons(Buttons::LEFT))?;
    Ok(())
}

async fn all_is_held(sim: &Sim) -> Result<()> {
    wait_until(
        "Shift, A and the left button have been pressed",
        async || {
            let reports = sim.reports(0).await?;
            let keys = reports
                .iter()
                .filter(|report| report.interface == "keyboard");
            let keys = keys.map(Report::bytes).collect::<Result<Vec<_>>>()?;
            let pointers = reports
                .iter()
                .filter(|report| ["pointer", "mouse"].contains(&report.interface.as_str()));
            let pointers = pointers.map(Report::bytes).collect::<Result<Vec<_>>>()?;
            Ok(keys.iter().any(|bytes| bytes[0] == 2 && bytes.contains(&4))
                && pointers.iter().any(|bytes| bytes[0] == 1))
        },
    )
    .await
}

async fn all_is_released(sim: &Sim) -> Result<()> {
    sim.state_where("all keys and buttons are up", |state| {
        state.keys_down.is_empty() && state.pointer.buttons == 0
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn when_the_window_is_put_away() -> Result<()> {
    let (relay, _, chromium, page) = holding_page().await?;
    page.tab.minimize().await?;
    wait_until("the window has lost the focus", async || {
        Ok(page.tab.evaluate("document.hasFocus()").await? == false)
    })
    .await?;
    all_is_released(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn when_another_control_of_the_page_takes_the_focus() -> Result<()> {
    let (relay, _, chromium, page) = holding_page().await?;
    page.tab.evaluate("document.activeElement.blur()").await?;
    all_is_released(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn when_the_tab_is_hidden() -> Result<()> {
    let (relay, _, chromium, page) = holding_page().await?;
    let _other = chromium.tab().await?;
    wait_until("the tab is hidden", async || {
        Ok(page.tab.evaluate("document.visibilityState").await? == "hidden")
    })
    .await?;
    all_is_released(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn when_the_page_is_closed() -> Result<()> {
    let (relay, _, chromium, page) = holding_page().await?;
    page.tab.close().await?;
    all_is_released(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn when_the_page_is_loaded_anew() -> Result<()> {
    let (relay, _, chromium, page) = holding_page().await?;
    page.tab.call("Page.reload", serde_json::json!({})).await?;
    all_is_released(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn when_the_browser_dies() -> Result<()> {
    let (relay, _, chromium, _page) = holding_page().await?;
    chromium.end().await?;
    all_is_released(&relay.sim).await
}

#[tokio::test]
async fn when_the_operator_signs_out() -> Result<()> {
    let (relay, account, chromium, page) = holding_page().await?;
    let mut viewer = Client::watch(&account).await?;
    account.sign_out().await?;
    all_is_released(&relay.sim).await?;
    viewer.closed().await?;
    page.tab.element("button", "Sign in").await?;
    chromium.end().await
}

#[tokio::test]
async fn a_page_that_holds_keys_goes_on_holding_them() -> Result<()> {
    let (relay, account, chromium, _page) = holding_page().await?;
    let mut viewer = Client::watch(&account).await?;
    let start = viewer.ping().await?.relay_us;
    while viewer.ping().await?.relay_us < start + 1_500_000 {}
    let state = relay.sim.state().await?;
    assert_eq!(state.keys_down.len(), 2, "{:?}", state.keys_down);
    assert_eq!(state.pointer.buttons, 1);
    chromium.end().await
}

#[tokio::test]
async fn when_the_connection_is_cut() -> Result<()> {
    let (relay, _, viewer) = holding_viewer().await?;
    drop(viewer);
    all_is_released(&relay.sim).await
}

#[tokio::test]
async fn when_the_link_is_closed() -> Result<()> {
    let (relay, _, mut viewer) = holding_viewer().await?;
    viewer.close()?;
    viewer.closed().await?;
    all_is_released(&relay.sim).await
}

#[tokio::test]
async fn when_another_takes_the_controls() -> Result<()> {
    let (relay, account, viewer) = holding_viewer().await?;
    let mut other = Client::watch(&account).await?;
    let you = other.state().await?.you;
    keep_holding(&viewer)?;
    other.send(&ToRelay::TakeControl)?;
    other
        .state_where("the controls", |state| state.controller == Some(you))
        .await?;
    all_is_released(&relay.sim).await?;
    keep_holding(&viewer)?;
    other.ping().await?;
    all_is_released(&relay.sim).await
}

#[tokio::test]
async fn when_the_controls_are_given_up() -> Result<()> {
    let (relay, _, viewer) = holding_viewer().await?;
    viewer.send(&ToRelay::GiveUpControl)?;
    all_is_released(&relay.sim).await
}

#[tokio::test]
async fn when_the_page_says_so() -> Result<()> {
    let (relay, _, viewer) = holding_viewer().await?;
    viewer.input(Input::ReleaseAll)?;
    all_is_released(&relay.sim).await
}

#[tokio::test]
async fn when_nothing_more_is_heard_keys_go_first_and_modifiers_later() -> Result<()> {
    let (relay, _, viewer) = holding_viewer().await?;
    all_is_released(&relay.sim).await?;
    let mut states: Vec<(u64, Vec<u8>)> = Vec::new();
    for report in relay.sim.reports(0).await? {
        let bytes = report.bytes()?;
        let is_change = states.last().is_none_or(|(_, state)| *state != bytes);
        if report.interface == "keyboard" && is_change {
            states.push((report.t_us, bytes));
        }
    }
    let pressed = states.iter().position(|(_, state)| state[2] == 4);
    let pressed = pressed.with_context(|| format!("A is pressed: {states:?}"))?;
    let [(down, _), (key_up, without_key), (all_up, empty)] = &states[pressed..] else {
        bail!("A goes first, then Shift: {states:?}");
    };
    assert_eq!(*without_key, [2, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(*empty, [0; 8]);
    let (key, modifier) = (key_up - down, all_up - down);
    assert!(key >= 200_000, "A is up after {} ms", key / 1000);
    assert!(
        modifier >= 950_000,
        "Shift is up after {} ms",
        modifier / 1000
    );
    assert!(viewer.is_open());
    Ok(())
}

#[tokio::test]
async fn another_viewer_that_comes_and_goes_drops_nothing() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let viewer = Client::operate(&account).await?;
    hold(&viewer)?;
    all_is_held(&relay.sim).await?;
    let reports = relay.sim.state().await?.reports;
    for _ in 0..3 {
        keep_holding(&viewer)?;
        let mut other = Client::watch(&account).await?;
        keep_holding(&viewer)?;
        other.close()?;
        other.closed().await?;
    }
    keep_holding(&viewer)?;
    let state = relay.sim.state().await?;
    assert_eq!(
        state.keys_down.len(),
        2,
        "{:?}",
        relay.sim.reports(reports).await?
    );
    Ok(())
}

#[tokio::test]
async fn what_the_page_still_holds_after_a_silence_is_pressed_again() -> Result<()> {
    let (relay, _, viewer) = holding_viewer().await?;
    all_is_released(&relay.sim).await?;
    viewer.held(&[LEFT_SHIFT, A], Buttons::LEFT)?;
    relay
        .sim
        .state_where("Shift, A and the button are down again", |state| {
            state.keys_down.len() == 2 && state.pointer.buttons == 1
        })
        .await?;
    viewer.held(&[LEFT_SHIFT], Buttons::default())?;
    relay
        .sim
        .state_where("only Shift is down", |state| {
            state.keys_down.len() == 1 && state.pointer.buttons == 0
        })
        .await?;
    Ok(())
}

#[tokio::test]
async fn when_the_relay_is_asked_to_end() -> Result<()> {
    let (mut relay, _, mut viewer) = holding_viewer().await?;
    keep_holding(&viewer)?;
    let since = relay.sim.state().await?.reports;
    let sim = relay.sim.clone();
    let released = keyboard_is_released(&sim, since);
    let (released, ended) = tokio::join!(released, relay.terminate());
    assert!(ended?.success());
    released?;
    assert_eq!(
        viewer.closed().await?.closing,
        Some(shared::message::Closing::Restarting)
    );
    Ok(())
}

/// Reads reports until the keyboard's newest one holds nothing; fails where the machine, and its relay, end before.
async fn keyboard_is_released(sim: &Sim, mut since: u64) -> Result<()> {
    loop {
        let reports = sim.next_reports(since).await?;
        let mut keyboard = reports
            .iter()
            .filter(|report| report.interface == "keyboard");
        if let Some(last) = keyboard.next_back()
            && last.bytes()? == [0; 8]
        {
            return Ok(());
        }
        since = reports.last().map_or(since, |report| report.n);
    }
}

fn keep_holding(viewer: &Client) -> Result<()> {
    viewer.held(&[LEFT_SHIFT, A], Buttons::LEFT)?;
    Ok(())
}
