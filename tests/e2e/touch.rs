//! A tablet or a phone in the hand, turned either way: every gesture does on the machine what it should.

mod device;
mod device_keyboard;
mod direct;
mod trackpad;

use anyhow::Result;
use tests::{
    chromium::{Chromium, Fingers},
    page::Page,
    relay::Relay,
    wait::wait_until,
};

use self::device::{Device, directly, point};

#[tokio::test]
async fn one_thumb_holds_what_the_other_hand_needs() -> Result<()> {
    let device = Device::take_up().await?;
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let (x, y) = point(sight, 0.5, 0.3);
            let mut fingers = Fingers::on(&device.page.tab);
            let place = async |name: &str| -> Result<(f64, f64)> {
                let button = device.page.tab.element("button", name).await?;
                Ok(device.page.tab.rect(&button).await?.centre())
            };
            let (key_x, key_y) = place("Ctrl").await?;
            fingers.down(9, key_x, key_y).await?;
            let held = |state: &tests::sim::State| state.keys_down == [0xE0];
            device.sim().state_where("Ctrl", held).await?;
            device.tap_clicks(&mut fingers, &[(x, y)], 1).await?;
            assert!(held(&device.sim().state().await?));
            fingers.up(9).await?;
            device
                .sim()
                .state_where("no Ctrl", |state| state.keys_down.is_empty())
                .await?;

            let (button_x, button_y) = place("Left button").await?;
            let before = device.reports().await?;
            fingers.wait_ms(1_000.0).down(9, button_x, button_y).await?;
            fingers.down(1, x, y).await?;
            fingers.glide(&[(1, x - 60.0, y + 20.0)], 6).await?;
            fingers.wait_ms(500.0).up(1).await?;
            device
                .sim()
                .state_where("the button", |state| state.pointer.buttons == 1)
                .await?;
            fingers.up(9).await?;
            device.left_was_held(before).await
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn what_is_held_is_released_when_the_system_takes_the_fingers() -> Result<()> {
    let device = Device::take_up().await?;
    directly(&device).await?;
    device
        .each_way(async |device| {
            let sight = device.page.in_sight().await?;
            let (x, y) = point(sight, 0.4, 0.4);
            let mut fingers = Fingers::on(&device.page.tab);
            fingers.down(1, x, y).await?;
            fingers.glide(&[(1, x + 60.0, y + 20.0)], 4).await?;
            device
                .sim()
                .state_where("the button", |state| state.pointer.buttons == 1)
                .await?;
            fingers.cancel().await?;
            device
                .sim()
                .state_where("nothing held", |state| state.pointer.buttons == 0)
                .await?;
            Ok(())
        })
        .await?;
    device.put_down().await
}

#[tokio::test]
async fn the_mode_is_changed_in_one_tap_and_remembered() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Device::load(&chromium, &account).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.tab.hand_held(390, 844).await?;
    let is_trackpad = async |page: &Page| -> Result<bool> {
        let button = page.tab.element("button", "Trackpad").await?;
        Ok(page.tab.of(&button, "this.ariaPressed").await? == "true")
    };
    assert!(is_trackpad(&page).await?);
    let button = page.tab.element("button", "Trackpad").await?;
    let centre = page.tab.rect(&button).await?.centre();
    Fingers::on(&page.tab).tap(&[centre]).await?;
    wait_until("the other mode", async || Ok(!is_trackpad(&page).await?)).await?;
    page.tab.go(&account.base).await?;
    assert!(!is_trackpad(&page).await?);
    chromium.end().await
}
