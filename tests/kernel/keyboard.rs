//! Keys from a viewer to the guest's kernel, and lights back.

use std::time::Instant;

use anyhow::Result;
use shared::input::Usage;
use tests::{lab::evdev::Role, native::Client};

use crate::{
    letters::{KEY_LEFTSHIFT, LEFT_SHIFT, letter, tap_letters},
    stand::Stand,
};

const KEY_VOLUMEUP: u16 = 115;
const LED_CAPSLOCK: u16 = 1;

const VOLUME_UP: Usage = Usage::Consumer(0xE9);

#[tokio::test]
async fn keys_arrive_in_order_and_lights_come_back() -> Result<()> {
    let mut stand = Stand::start().await?;
    let mut client = stand.operator().await?;
    two_thousand_keys_arrive_and_none_is_lost(&mut stand, &client).await?;
    a_chord_and_a_media_key_arrive(&mut stand, &client).await?;
    the_lights_follow_the_machine(&stand, &mut client).await?;
    drop(client);
    stand.stop().await
}

async fn two_thousand_keys_arrive_and_none_is_lost(
    stand: &mut Stand,
    client: &Client,
) -> Result<()> {
    let started = Instant::now();
    let expected = tap_letters(client, 2000)?;
    let seen = stand
        .events
        .keys_until_release_of(Role::Keyboard, KEY_LEFTSHIFT)
        .await?;
    println!("{} events of keys in {:?}", seen.len(), started.elapsed());
    let differs = seen
        .iter()
        .zip(&expected)
        .position(|(seen, expected)| seen != expected);
    let around = differs.map(|at| &seen[at.saturating_sub(4)..seen.len().min(at + 8)]);
    assert_eq!((around, seen.len()), (None, expected.len()));
    Ok(())
}

async fn a_chord_and_a_media_key_arrive(stand: &mut Stand, client: &Client) -> Result<()> {
    let (usage, code) = letter(0);
    for (usage, down) in [
        (LEFT_SHIFT, true),
        (usage, true),
        (usage, false),
        (LEFT_SHIFT, false),
    ] {
        client.key(usage, down)?;
    }
    let seen = stand
        .events
        .keys_until_release_of(Role::Keyboard, KEY_LEFTSHIFT)
        .await?;
    let chord = [(KEY_LEFTSHIFT, 1), (code, 1), (code, 0), (KEY_LEFTSHIFT, 0)];
    assert_eq!(seen, chord);
    client.tap(VOLUME_UP)?;
    let seen = stand
        .events
        .keys_until_release_of(Role::Control, KEY_VOLUMEUP)
        .await?;
    assert_eq!(seen, [(KEY_VOLUMEUP, 1), (KEY_VOLUMEUP, 0)]);
    Ok(())
}

async fn the_lights_follow_the_machine(stand: &Stand, client: &mut Client) -> Result<()> {
    for caps_lock in [true, false] {
        stand.set_light(LED_CAPSLOCK, caps_lock).await?;
        client
            .state_where(&format!("Caps Lock's light: {caps_lock}"), |state| {
                state.leds.is_some_and(|leds| leds.caps_lock == caps_lock)
            })
            .await?;
    }
    Ok(())
}
