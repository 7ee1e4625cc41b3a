//! Behind a switch that listens to the keyboard: its keys come behind the releases, and each machine sees a device of its
//! own.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use tests::{lab::evdev::Role, wait::wait_until};

use crate::{
    letters::{KEY_LEFTSHIFT, letter, tap_letters},
    stand::Stand,
};

/// Nothing is at the HDMI input here.
const SETTINGS: &str = r#"
[switch]
settle_limit_s = 1

[switch.driver.hotkeys]
keys = ["ScrollLock", "ScrollLock", "{port}"]

[[switch.port]]
name = "Database"

[[switch.port]]
name = "Web"
usb = { vendor_id = 0x046d, product_id = 0xc31c, manufacturer = "Example", product = "Keyboard", serial = "7" }
"#;

/// How a device says what it is, on the host's side.
const DEVICE: &str =
    "cd /sys/bus/usb/devices/1-1 && cat idVendor idProduct manufacturer product serial";

const KEY_1: u16 = 2;
const KEY_2: u16 = 3;
const KEY_SCROLLLOCK: u16 = 70;

#[tokio::test]
async fn each_machine_gets_its_own_device_behind_the_keys_of_the_switch() -> Result<()> {
    let mut stand = Stand::start().await?;
    stand.restart(SETTINGS).await?;
    let usual = stand.guest.run(DEVICE).await?;
    ensure!(usual.starts_with("1d6b\n0104\nArmchair\n"), "{usual}");
    let client = stand.operator().await?;
    let (held, code) = letter(0);
    client.key(held, true)?;
    let seen = moves(&mut stand, 1, KEY_2).await?;
    let lock = [(KEY_SCROLLLOCK, 1), (KEY_SCROLLLOCK, 0)];
    let expected = [[(code, 1), (code, 0)], lock, lock, [(KEY_2, 1), (KEY_2, 0)]].concat();
    ensure!(seen == expected, "{seen:?}");
    let ids = stand.guest.run(DEVICE).await?;
    ensure!(ids.trim() == "046d\nc31c\nExample\nKeyboard\n7", "{ids}");
    drop(client);
    keys_and_drives_are_there(&mut stand).await?;

    moves(&mut stand, 0, KEY_1).await?;
    let ids = stand.guest.run(DEVICE).await?;
    ensure!(ids == usual, "{ids}");
    keys_and_drives_are_there(&mut stand).await?;
    stand.stop().await
}

/// Moves, and gives the keys up to the last one of the switch; the device has come back then.
async fn moves(stand: &mut Stand, port: u8, last: u16) -> Result<Vec<(u16, i32)>> {
    let begun = stand
        .account()
        .post("/api/v1/ports", &json!({ "port": port }))
        .await?;
    ensure!(begun.status == 202, "{begun:?}");
    let keys = stand.events.keys_until_release_of(Role::Keyboard, last);
    let keys = keys.await.context("the keys of the switch")?;
    stand.events.closed(Role::Keyboard).await?;
    stand
        .events
        .opened(&[Role::Keyboard, Role::Pointer, Role::Mouse, Role::Control])
        .await?;
    let account = stand.account();
    wait_until("the end of the move", async || {
        let ports = account.request(Method::GET, "/api/v1/ports").await?;
        let switch = &ports.body;
        Ok(switch["moving"].is_null() && switch["moved"]["outcome"] == "no-signal")
    })
    .await?;
    Ok(keys)
}

async fn keys_and_drives_are_there(stand: &mut Stand) -> Result<()> {
    let client = stand.operator().await?;
    let expected = tap_letters(&client, 20)?;
    let seen = stand
        .events
        .keys_until_release_of(Role::Keyboard, KEY_LEFTSHIFT)
        .await?;
    ensure!(seen == expected, "{seen:?}");
    let there = "for try in $(seq 200); do [ -e /dev/sr0 ] && [ -e /dev/sda ] && exit 0; sleep 0.1; done; exit 1";
    stand.guest.run(there).await.context("the drives")?;
    Ok(())
}
