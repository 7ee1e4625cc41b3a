//! Changes of the signal on the HDMI cable.

use anyhow::{Context, Result, ensure};
use shared::message::Signal;
use tests::{
    lab::hdmi::Fault,
    native::{Client, Decoded},
};

use crate::stand::Stand;

#[tokio::test]
async fn a_new_size_is_followed_on_the_same_link() -> Result<()> {
    let stand = Stand::start().await?;
    let mut viewer = stand.viewer().await?;
    seen_at(&mut viewer, 1280, 720).await?;
    for (width, height) in [(1280, 1024), (1920, 1080), (1280, 720)] {
        stand.hdmi.announce(width, height).await?;
        let frame = seen_at(&mut viewer, width, height).await?;
        ensure!(
            frame,
            "the first frame of {width}x{height} must be a key frame"
        );
    }
    ensure!(viewer.is_open(), "the link must be the same");
    stand.stop().await
}

#[tokio::test]
async fn each_reason_for_no_picture_is_told_apart() -> Result<()> {
    let stand = Stand::start().await?;
    let mut viewer = stand.viewer().await?;
    seen_at(&mut viewer, 1280, 720).await?;
    for (fault, signal) in [
        (Fault::NoSignal, Signal::NoSignal),
        (Fault::NoLock, Signal::NoLock),
        (Fault::OutOfRange, Signal::OutOfRange),
    ] {
        stand.hdmi.fail(fault).await?;
        viewer
            .state_where(&format!("{signal:?}"), |state| state.signal == signal)
            .await?;
        stand.hdmi.mend().await?;
        seen_at(&mut viewer, 1280, 720).await?;
    }
    stand.stop().await
}

/// Waits for a decoded picture of this size; whether the first frame of it was a key frame.
async fn seen_at(viewer: &mut Client, width: usize, height: usize) -> Result<bool> {
    let what = format!("a frame of {width}x{height}");
    let started = std::time::Instant::now();
    loop {
        let frame = viewer.next_frame().await.with_context(|| what.clone())?;
        let Decoded::Picture {
            width: w,
            height: h,
            ..
        } = frame.decoded
        else {
            continue;
        };
        if (w, h) == (width, height) {
            println!("{what} after {:?}", started.elapsed());
            return Ok(frame.frame.key);
        }
    }
}
