//! Machines and viewers that go away.

use anyhow::Result;
use shared::{input::Usage, message::Usb};
use tests::{
    drives::{noise, sample},
    lab::evdev::{EV_KEY, Role, Seen},
    native::Client,
};

use crate::{
    drives::{CD, DISK, reads},
    stand::Stand,
};

const KEY_A: u16 = 30;
const KEY_B: u16 = 48;
const A: Usage = Usage::Keyboard(0x04);
const B: Usage = Usage::Keyboard(0x05);

#[tokio::test]
async fn whoever_goes_leaves_no_key_down() -> Result<()> {
    let mut stand = Stand::start().await?;
    a_machine_that_comes_back_takes_keys_again(&mut stand).await?;
    media_stay_in_their_drives(&mut stand).await?;
    a_viewer_that_dies_lets_go(&mut stand).await?;
    a_relay_that_is_killed_lets_go(&mut stand).await?;
    stand.stop().await
}

async fn a_machine_that_comes_back_takes_keys_again(stand: &mut Stand) -> Result<()> {
    let mut client = stand.operator().await?;
    client.key(A, true)?;
    wait_for_key(stand, KEY_A, 1).await?;

    stand.unplug().await?;
    stand.events.closed(Role::Keyboard).await?;
    client
        .state_where("no USB host", |state| state.usb == Usb::NotConnected)
        .await?;
    client.key(A, false)?;
    client.tap(A)?;

    stand.plug().await?;
    client
        .state_where("a USB host", |state| state.usb == Usb::Configured)
        .await?;
    only_what_is_pressed_now_arrives(stand, &client).await
}

/// The cable is pulled, and then the machine sets the device up anew, as it does after a reset.
async fn media_stay_in_their_drives(stand: &mut Stand) -> Result<()> {
    let iso = [sample("joliet")?, noise(1 << 20, 8)].concat();
    let disk = noise(1 << 20, 9);
    let account = stand.account().clone();
    let image = account.upload("stays.iso", &iso).await?;
    account.insert("cd", image, false).await?.done()?;
    let image = account.upload("stays.img", &disk).await?;
    account.insert("usb", image, true).await?.done()?;
    let mut client = stand.operator().await?;
    reads(stand.guest, CD, &iso).await?;

    stand.unplug().await?;
    client
        .state_where("no USB host", |state| state.usb == Usb::NotConnected)
        .await?;
    stand.plug().await?;
    reads(stand.guest, CD, &iso).await?;
    reads(stand.guest, DISK, &disk).await?;

    stand.set_up_anew().await?;
    client
        .state_where("a USB host", |state| state.usb == Usb::Configured)
        .await?;
    reads(stand.guest, CD, &iso).await?;
    reads(stand.guest, DISK, &disk).await?;
    let inserted = client
        .drives_where("drives", |drives| drives.len() == 2)
        .await?;
    assert!(inserted.iter().all(|drive| drive.medium.is_some()));
    for slot in ["cd", "usb"] {
        account.eject(slot, false).await?.done()?;
    }
    Ok(())
}

async fn a_viewer_that_dies_lets_go(stand: &mut Stand) -> Result<()> {
    const LIMIT_US: i64 = 1_000_000;
    let client = stand.operator().await?;
    client.key(A, true)?;
    let pressed = wait_for_key(stand, KEY_A, 1).await?;
    drop(client);
    let released = wait_for_key(stand, KEY_A, 0).await?;
    let held = released - pressed;
    println!("held for {held} us");
    assert!(held < LIMIT_US, "held for {held} us");
    Ok(())
}

async fn a_relay_that_is_killed_lets_go(stand: &mut Stand) -> Result<()> {
    let client = stand.operator().await?;
    client.key(A, true)?;
    let pressed = wait_for_key(stand, KEY_A, 1).await?;
    stand.kill().await?;
    let released = wait_for_key(stand, KEY_A, 0).await?;
    println!("held for {} us", released - pressed);
    stand.events.closed(Role::Keyboard).await?;
    stand.start_again("").await?;
    let client = stand.operator().await?;
    only_what_is_pressed_now_arrives(stand, &client).await
}

async fn only_what_is_pressed_now_arrives(stand: &mut Stand, client: &Client) -> Result<()> {
    client.tap(B)?;
    let seen = stand
        .events
        .keys_until_release_of(Role::Keyboard, KEY_B)
        .await?;
    assert_eq!(seen, [(KEY_B, 1), (KEY_B, 0)]);
    Ok(())
}

/// When it happened, in microseconds by the guest's clock.
async fn wait_for_key(stand: &mut Stand, code: u16, value: i32) -> Result<i64> {
    loop {
        if let Seen::Event {
            role: Role::Keyboard,
            event,
        } = stand.events.next().await?
            && (event.kind, event.code, event.value) == (EV_KEY, code, value)
        {
            return Ok(event.time_us);
        }
    }
}
