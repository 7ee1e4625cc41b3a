//! The gate, with the thread that writes.

use std::time::Duration;

use shared::message::Usb;
use tokio::time::timeout;

use super::{NOTHING, PATIENCE, down, key, shift, started};
use crate::input::{Hotkey, NobodyListens};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(20);

fn hotkey(keys: &[u8]) -> Hotkey {
    Hotkey {
        keys: keys.to_vec(),
        held: Duration::from_millis(1),
        pause: Duration::from_millis(1),
    }
}

#[tokio::test]
async fn releases_are_awaited_until_the_device_has_taken_them() {
    let (device, controls) = started();
    controls.apply(1, key(4, true)).await;
    device.ends_with(&[down(4)]).await;
    device.set_busy(true);
    let gate = controls.close_gate();
    assert!(!gate.released(SHORT).await);
    let waiting = tokio::spawn(async move { gate.released(LONG).await });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    device.set_busy(false);
    assert!(timeout(PATIENCE, waiting).await.unwrap().unwrap());
    assert!(device.reports.borrow().contains(&NOTHING));
}

#[tokio::test]
async fn a_machine_that_is_gone_has_nothing_to_be_released_from() {
    let (device, controls) = started();
    controls.apply(1, key(4, true)).await;
    device.ends_with(&[down(4)]).await;
    device.set_host(Usb::NotConnected);
    let gate = controls.close_gate();
    assert!(gate.released(LONG).await);
}

#[tokio::test]
async fn keys_for_the_switch_go_the_same_way() {
    let (device, controls) = started();
    assert_eq!(
        controls.send_hotkeys(&[hotkey(&[0x47])]).await,
        Err(NobodyListens)
    );
    let gate = controls.close_gate();
    assert!(gate.released(LONG).await);
    let keys = [hotkey(&[0xE0, 0x1E]), hotkey(&[0x47])];
    assert_eq!(controls.send_hotkeys(&keys).await, Ok(()));
    let chord = |keys| {
        crate::input::Report::Keyboard(crate::input::report::Keyboard {
            modifiers: 1,
            keys: [keys, 0, 0, 0, 0, 0],
        })
    };
    let expected = [
        shift(1),
        chord(0x1E),
        shift(1),
        NOTHING,
        down(0x47),
        NOTHING,
    ];
    assert!(device.reports.borrow().ends_with(&expected));
    drop(gate);
    controls.apply(1, key(5, true)).await;
    device.ends_with(&[down(0x47), NOTHING, down(5)]).await;
}

#[tokio::test]
async fn whoever_gives_up_in_the_middle_leaves_no_key_down() {
    let (device, controls) = started();
    let gate = controls.close_gate();
    let forever = Hotkey {
        held: Duration::from_secs(3600),
        ..hotkey(&[0x47])
    };
    let striking = tokio::spawn({
        let controls = controls.clone();
        async move { controls.send_hotkeys(&[forever]).await }
    });
    device.ends_with(&[down(0x47)]).await;
    striking.abort();
    drop(gate);
    device.ends_with(&[down(0x47), NOTHING]).await;
}
