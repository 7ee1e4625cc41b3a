//! A key that stays down in the browser while its operator is moved to another machine.

use anyhow::{Result, ensure};
use tests::{chromium::Chromium, page::Page, relay::Relay};

use super::{A, begins, keyboard, presses};

#[tokio::test]
async fn a_key_that_is_held_through_a_move_is_not_pressed_at_the_new_machine() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let (oak, birch) = (relay.sim.pc(1), relay.sim.pc(2));
    oak.boots().await?;
    birch.boots().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    page.tab.key_down("KeyA").await?;
    let held = |state: &tests::sim::State| state.keys_down == [u16::from(A)];
    oak.state_where("a key", held).await?;
    begins(&account, 1).await?;
    page.reads("demo switched to Birch.").await?;
    page.shows_the_screen_of(&birch).await?;
    page.tab.key_down("KeyB").await?;
    page.tab.key_up("KeyB").await?;
    birch
        .state_where("what is typed", |state| state.typed == "b")
        .await?;
    page.tab.key_up("KeyA").await?;
    for report in keyboard(&birch).await? {
        ensure!(!presses(&report, A), "{report:?}");
    }
    page.tab.key_down("KeyA").await?;
    page.tab.key_up("KeyA").await?;
    birch
        .state_where("what is typed", |state| state.typed == "ba")
        .await?;
    chromium.end().await
}
