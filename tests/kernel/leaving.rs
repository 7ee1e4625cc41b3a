//! Machines and viewers that go away.

use anyhow::Result;
use shared::{input::Usage, message::Usb};
use tests::lab::evdev::{EV_KEY, Role, Seen};

use crate::stand::Stand;

const KEY_A: u16 = 30;
const KEY_B: u16 = 48;
const A: Usage = Usage::Keyboard(0x04);
const B: Usage = Usage::Keyboard(0x05);

#[tokio::test]
async fn whoever_goes_leaves_no_key_down() -> Result<()> {
    let mut stand = Stand::start().await?;
    a_machine_that_comes_back_takes_keys_again(&mut stand).await?;
    a_viewer_that_dies_lets_go(&mut stand).await?;
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
    client.tap(B)?;
    let seen = stand
        .events
        .keys_until_release_of(Role::Keyboard, KEY_B)
        .await?;
    assert_eq!(seen, [(KEY_B, 1), (KEY_B, 0)]);
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
