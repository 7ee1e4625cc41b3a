//! What people change while the relay runs, and find again after its next start.

use std::time::Duration;

use shared::message::{Jiggler, VideoSettings};
use tracing::warn;

use crate::{
    input::Controls, serial::Serial, store::Store, stream::Stream, switch::control::SwitchControl,
};

/// The name under which the picture's settings are stored.
const VIDEO_SETTING: &str = "video";

/// The name under which it is stored what keeps the machine awake.
const JIGGLER_SETTING: &str = "jiggler";

/// The name under which the serial port's speed is stored.
const SPEED_SETTING: &str = "serial.speed";

/// The name under which the port of the switch is stored that was selected last.
const PORT_SETTING: &str = "switch.port";

/// How long settings must be left alone before they are stored.
const SETTLED: Duration = Duration::from_millis(500);

/// How the picture was encoded last.
pub(super) async fn stored_encoding(store: &Store) -> Option<VideoSettings> {
    let stored = store.setting(VIDEO_SETTING).await.ok()??;
    let (bitrate, rate) = stored.split_once(' ')?;
    Some(VideoSettings {
        bitrate_kbps: bitrate.parse().ok()?,
        frame_rate: rate.parse().ok()?,
    })
}

/// Stores how the picture is encoded whenever somebody has changed it. Never ends.
pub(super) async fn keep_encoding(store: &Store, stream: &Stream) {
    let mut settings = stream.settings();
    while settings.changed().await.is_ok() {
        tokio::time::sleep(SETTLED).await;
        let VideoSettings {
            bitrate_kbps,
            frame_rate,
        } = *settings.borrow_and_update();
        let value = format!("{bitrate_kbps} {frame_rate}");
        if let Err(error) = store.keep_setting(VIDEO_SETTING, value).await {
            warn!(%error, "the video settings were not stored");
        }
    }
    std::future::pending::<()>().await;
}

/// The serial port's last speed.
pub(super) async fn stored_speed(store: &Store) -> Option<u32> {
    store.setting(SPEED_SETTING).await.ok()??.parse().ok()
}

/// Stores the serial port's speed whenever somebody has changed it. Never ends.
pub(super) async fn keep_speed(store: &Store, serial: Option<&Serial>) {
    if let Some(serial) = serial {
        let mut port = serial.port();
        let mut kept = port.borrow_and_update().speed;
        while port.changed().await.is_ok() {
            let speed = port.borrow_and_update().speed;
            if speed == kept {
                continue;
            }
            kept = speed;
            if let Err(error) = store.keep_setting(SPEED_SETTING, speed.to_string()).await {
                warn!(%error, "the serial port's speed was not stored");
            }
        }
    }
    std::future::pending::<()>().await;
}

/// The port that was selected last.
pub(super) async fn stored_port(store: &Store) -> Option<usize> {
    store.setting(PORT_SETTING).await.ok()??.parse().ok()
}

/// Stores which port is selected, for a switch that cannot tell. Never ends.
pub(super) async fn keep_port(store: &Store, switch: Option<&SwitchControl>) {
    if let Some(switch) = switch {
        let mut state = switch.state();
        let mut kept = state.borrow_and_update().selected;
        while state.changed().await.is_ok() {
            let selected = state.borrow_and_update().selected;
            let Some(port) = selected.filter(|_| selected != kept) else {
                continue;
            };
            kept = selected;
            if let Err(error) = store.keep_setting(PORT_SETTING, port.to_string()).await {
                warn!(%error, "the port of the switch was not stored");
            }
        }
    }
    std::future::pending::<()>().await;
}

/// What kept the machine awake last.
pub(super) async fn stored_jiggler(store: &Store) -> Option<Jiggler> {
    let interval_s = store.setting(JIGGLER_SETTING).await.ok()??.parse().ok()?;
    Some(Jiggler { interval_s })
}

/// Stores what keeps the machine awake whenever somebody has changed it. Never ends.
pub(super) async fn keep_jiggler(store: &Store, controls: &Controls) {
    let mut jiggler = controls.jiggler();
    while jiggler.changed().await.is_ok() {
        tokio::time::sleep(SETTLED).await;
        let value = jiggler.borrow_and_update().interval_s.to_string();
        if let Err(error) = store.keep_setting(JIGGLER_SETTING, value).await {
            warn!(%error, "what keeps the machine awake was not stored");
        }
    }
    std::future::pending::<()>().await;
}
