//! Changes of the signal on the HDMI cable.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use shared::message::Signal;
use tests::{
    lab::hdmi::{Fault, Timings},
    native::{Client, Decoded},
};

use crate::stand::Stand;

const SMALL: Timings = at(1280, 720, 24);

const fn at(width: usize, height: usize, rate: usize) -> Timings {
    Timings {
        width,
        height,
        rate,
    }
}

#[tokio::test]
async fn changes_of_the_signal_are_followed_on_the_same_link() -> Result<()> {
    let mut stand = Stand::start().await?;
    let mut viewer = stand.viewer().await?;
    stand.hdmi.announce(SMALL).await?;
    seen_at(&mut viewer, SMALL).await?;
    a_new_size_begins_with_a_key_frame(&stand, &mut viewer).await?;
    each_reason_for_no_picture_is_told_apart(&stand, &mut viewer).await?;
    drop(viewer);
    the_machine_reads_the_edid_of_the_settings(&mut stand).await?;
    stand.stop().await
}

async fn a_new_size_begins_with_a_key_frame(stand: &Stand, viewer: &mut Client) -> Result<()> {
    for timings in [at(1280, 1024, 60), at(1920, 1080, 24), SMALL] {
        stand.hdmi.announce(timings).await?;
        let key = seen_at(viewer, timings).await?;
        ensure!(key, "the first frame of {timings:?} must be a key frame");
    }
    Ok(())
}

async fn each_reason_for_no_picture_is_told_apart(
    stand: &Stand,
    viewer: &mut Client,
) -> Result<()> {
    for (fault, signal) in [
        (Fault::NoCable, Signal::NoCable),
        (Fault::NoLock, Signal::NoLock),
        (Fault::OutOfRange, Signal::OutOfRange),
    ] {
        stand.hdmi.fail(fault).await?;
        viewer
            .state_where(&format!("{signal:?}"), |state| state.signal == signal)
            .await?;
        stand.hdmi.announce(SMALL).await?;
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
    stand.hdmi.announce(SMALL).await?;
    let mut viewer = stand.viewer().await?;
    seen_at(&mut viewer, SMALL).await?;
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
async fn seen_at(viewer: &mut Client, timings: Timings) -> Result<bool> {
    let started = Instant::now();
    loop {
        let frame = viewer
            .next_frame()
            .await
            .with_context(|| format!("{timings:?}"))?;
        let Decoded::Picture { width, height, .. } = frame.decoded else {
            continue;
        };
        if (width, height) == (timings.width, timings.height) {
            println!("{width}x{height} after {:?}", started.elapsed());
            return Ok(frame.frame.key);
        }
    }
}
