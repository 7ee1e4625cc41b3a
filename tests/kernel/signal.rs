//! Changes of the signal on the HDMI cable.

use anyhow::{Context, Result, ensure};
use shared::message::Signal;
use tests::{
    lab::hdmi::Fault,
    native::{Client, Decoded},
};

use crate::stand::Stand;

#[tokio::test]
async fn changes_of_the_signal_are_followed_on_the_same_link() -> Result<()> {
    let mut stand = Stand::start().await?;
    let mut viewer = stand.viewer().await?;
    seen_at(&mut viewer, 1280, 720).await?;
    a_new_size_begins_with_a_key_frame(&stand, &mut viewer).await?;
    each_reason_for_no_picture_is_told_apart(&stand, &mut viewer).await?;
    drop(viewer);
    the_machine_reads_the_edid_of_the_settings(&mut stand).await?;
    stand.stop().await
}

async fn a_new_size_begins_with_a_key_frame(stand: &Stand, viewer: &mut Client) -> Result<()> {
    for (width, height) in [(1280, 1024), (1920, 1080), (1280, 720)] {
        stand.hdmi.announce(width, height).await?;
        let key = seen_at(viewer, width, height).await?;
        ensure!(
            key,
            "the first frame of {width}x{height} must be a key frame"
        );
    }
    Ok(())
}

async fn each_reason_for_no_picture_is_told_apart(
    stand: &Stand,
    viewer: &mut Client,
) -> Result<()> {
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
        viewer
            .state_where("a picture again", |state| {
                matches!(state.signal, Signal::Picture { .. })
            })
            .await?;
    }
    Ok(())
}

async fn the_machine_reads_the_edid_of_the_settings(stand: &mut Stand) -> Result<()> {
    let before = stand.hdmi.edid().await?;
    let mut edid = before.clone();
    rename_monitor(&mut edid)?;
    ensure!(edid != before, "another EDID than the device's own");
    stand.guest.write("/run/monitor.bin", &edid).await?;
    stand
        .restart("[video]\nedid = \"/run/monitor.bin\"\n")
        .await?;
    ensure!(
        stand.hdmi.edid().await? == edid,
        "the EDID that was written"
    );
    let mut viewer = stand.viewer().await?;
    seen_at(&mut viewer, 1280, 720).await?;
    Ok(())
}

/// Gives the monitor of a base block another name (VESA E-EDID A.2, display descriptor 0xFC).
fn rename_monitor(edid: &mut [u8]) -> Result<()> {
    const BLOCK: usize = 128;
    let name = edid
        .windows(5)
        .position(|bytes| bytes == [0, 0, 0, 0xFC, 0])
        .context("a monitor's name")?
        + 5;
    edid[name..name + 8].copy_from_slice(b"Armchair");
    edid[BLOCK - 1] = 0;
    let sum = edid[..BLOCK]
        .iter()
        .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    edid[BLOCK - 1] = sum.wrapping_neg();
    Ok(())
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
