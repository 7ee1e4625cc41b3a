//! Keys from a viewer to the guest's kernel, and lights back.

use anyhow::Result;
use shared::{input::Usage, message::Leds};
use tests::lab::evdev::{EV_KEY, Role};

use crate::stand::Stand;

/// Key codes of the letters A to Z (linux/input-event-codes.h), whose usages are 0x04 to 0x1D.
const LETTERS: [u16; 26] = [
    30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45,
    21, 44,
];

const KEY_LEFTSHIFT: u16 = 42;
const KEY_VOLUMEUP: u16 = 115;
const LED_CAPSLOCK: u16 = 1;

const LEFT_SHIFT: Usage = Usage::Keyboard(0xE1);
const VOLUME_UP: Usage = Usage::Consumer(0xE9);

fn letter(number: usize) -> (Usage, u16) {
    (Usage::Keyboard(0x04 + number as u8), LETTERS[number])
}

/// A rollover of three keys, from 2,000 presses; each key's neighbours are different keys.
#[tokio::test]
async fn two_thousand_keys_arrive_in_order_and_none_is_lost() -> Result<()> {
    const KEYS: usize = 2000;
    let mut stand = Stand::start().await?;
    let client = stand.operator().await?;
    let mut expected = Vec::new();
    for number in 0..KEYS {
        let (usage, code) = letter(number * 7 % LETTERS.len());
        client.tap(usage)?;
        expected.extend([(code, 1), (code, 0)]);
    }
    client.tap(LEFT_SHIFT)?;
    expected.extend([(KEY_LEFTSHIFT, 1), (KEY_LEFTSHIFT, 0)]);
    let seen = stand
        .events
        .keys_until_release_of(Role::Keyboard, KEY_LEFTSHIFT)
        .await?;
    let differs = seen
        .iter()
        .zip(&expected)
        .position(|(seen, expected)| seen != expected);
    assert_eq!((differs, seen.len()), (None, expected.len()));
    drop(client);
    stand.stop().await
}

#[tokio::test]
async fn chords_media_keys_and_lights() -> Result<()> {
    let mut stand = Stand::start().await?;
    let mut client = stand.operator().await?;

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
    assert_eq!(
        seen,
        [(KEY_LEFTSHIFT, 1), (code, 1), (code, 0), (KEY_LEFTSHIFT, 0)]
    );

    client.tap(VOLUME_UP)?;
    let seen = stand
        .events
        .until(Role::Control, |event| {
            event.kind == EV_KEY && event.value == 0
        })
        .await?;
    let seen: Vec<_> = seen
        .iter()
        .filter(|event| event.kind == EV_KEY)
        .map(|event| (event.code, event.value))
        .collect();
    assert_eq!(seen, [(KEY_VOLUMEUP, 1), (KEY_VOLUMEUP, 0)]);

    for caps_lock in [true, false] {
        stand.set_light(LED_CAPSLOCK, caps_lock).await?;
        client
            .state_where(&format!("Caps Lock's light: {caps_lock}"), |state| {
                state
                    .leds
                    .is_some_and(|leds: Leds| leds.caps_lock == caps_lock)
            })
            .await?;
    }
    drop(client);
    stand.stop().await
}
