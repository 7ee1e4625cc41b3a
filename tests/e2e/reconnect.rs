//! The link breaks, and comes back by itself.

use std::time::{Duration, Instant};

use anyhow::Result;
use tests::{account::Account, chromium::Chromium, native::Client, page::Page, relay::Relay};

#[tokio::test]
async fn a_killed_relay_comes_back_and_so_does_the_page() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.evaluate("window.isTheSamePage = true").await?;
    page.click_the_screen().await?;
    page.tab.key_down("ShiftLeft").await?;
    relay
        .sim
        .state_where("Shift is down", |state| state.keys_down == [0xE1])
        .await?;

    relay.kill().await?;
    page.reads("The link to the relay is lost").await?;
    page.tab.key_up("ShiftLeft").await?;

    relay.start_again().await?;
    let start = Instant::now();
    page.reads_no_more("The link to the relay is lost").await?;
    page.shows_the_screen_of(&relay.sim).await?;
    let back = start.elapsed();
    assert!(back < Duration::from_secs(5), "back after {back:?}");
    assert_eq!(page.tab.evaluate("window.isTheSamePage").await?, true);
    assert!(relay.sim.state().await?.keys_down.is_empty());

    page.click_the_screen().await?;
    page.tab.key_down("KeyB").await?;
    relay
        .sim
        .state_where("only B is down", |state| state.keys_down == [0x05])
        .await?;
    chromium.end().await
}

#[tokio::test]
async fn what_an_owner_did_survives_a_kill() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    relay.kill().await?;
    relay.start_again().await?;
    Client::watch(&account).await?;
    Account::sign_in(&relay.url, "ada", tests::relay::PASSWORD).await?;
    Ok(())
}

#[tokio::test]
async fn a_relay_that_is_asked_to_end_says_so() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    assert!(relay.terminate().await?.success());
    page.reads("The relay restarts").await?;
    relay.start_again().await?;
    page.reads_no_more("The relay restarts").await?;
    page.shows_the_screen_of(&relay.sim).await?;
    chromium.end().await
}
