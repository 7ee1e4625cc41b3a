//! vivid: an HDMI receiver whose signal can be set, and an HDMI transmitter whose cable leads to it.

use anyhow::{Context, Result};

use super::{Guest, Process};
use crate::wait::wait_until;

/// The receiver's device, that the relay captures from.
pub const INPUT: &str = "/dev/video0";

/// The transmitter's device.
const OUTPUT: &str = "/dev/video1";

/// One receiver and one transmitter.
const LOAD: &str = "modprobe vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=0x3 \
    num_outputs=1 output_types=0x1 allocators=0x0";

/// What is wrong with the signal at the receiver (vivid's control `dv_timings_signal_mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `ENOLINK`, and no power on the cable.
    NoCable = 1,
    /// `ENOLCK`.
    NoLock = 2,
    /// `ERANGE`.
    OutOfRange = 3,
}

/// The size of a picture, and how often it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// In hertz.
    pub rate: usize,
}

/// What the transmitter sends.
#[derive(Clone, Copy, Debug)]
pub struct Feed<'a> {
    /// How it sends it.
    pub timings: Timings,
    /// V4L2's four characters for the layout of pixels.
    pub format: &'a str,
    /// One frame.
    pub frame: &'a [u8],
}

/// The receiver and the transmitter.
#[derive(Clone, Copy, Debug)]
pub struct Hdmi {
    guest: Guest,
}

impl Hdmi {
    /// Loads the driver; there is no signal until [`Hdmi::announce`], since an emulated processor has little to spare.
    ///
    /// # Errors
    /// Where the guest cannot.
    pub async fn load(guest: Guest) -> Result<Self> {
        guest.run(LOAD).await?;
        wait_until("the HDMI receiver", async || {
            Ok(guest
                .run(&format!("test -c {INPUT} -a -c {OUTPUT}"))
                .await
                .is_ok())
        })
        .await?;
        let hdmi = Self { guest };
        hdmi.control("osd_text_mode=2").await?;
        hdmi.fail(Fault::NoCable).await?;
        Ok(hdmi)
    }

    /// Sends pictures with these timings; the receiver's own test pattern, unless the transmitter is plugged in.
    ///
    /// # Errors
    /// Where vivid has no such timings.
    pub async fn announce(&self, timings: Timings) -> Result<()> {
        let Timings {
            width,
            height,
            rate,
        } = timings;
        let controls = self.guest.run(&format!("v4l2-ctl -d {INPUT} -L")).await?;
        let (_, menu) = controls
            .split_once(" dv_timings 0x")
            .context("no dv_timings")?;
        let wanted = format!("{width}x{height}p{rate}");
        let index = menu
            .lines()
            .filter_map(|line| line.trim().split_once(": "))
            .find(|(_, timings)| *timings == wanted)
            .with_context(|| format!("vivid has no {wanted}"))?
            .0;
        self.control(&format!("dv_timings_signal_mode=4,dv_timings={index}"))
            .await
    }

    /// Breaks the signal.
    ///
    /// # Errors
    /// Where the guest cannot.
    pub async fn fail(&self, fault: Fault) -> Result<()> {
        self.control(&format!("dv_timings_signal_mode={}", fault as u8))
            .await
    }

    /// Plugs the transmitter into the receiver, and sends a frame over and over until the [`Process`] is dropped.
    ///
    /// # Errors
    /// Where the guest cannot.
    pub async fn feed(&self, feed: Feed<'_>) -> Result<Process> {
        let Feed {
            timings,
            format,
            frame,
        } = feed;
        let Timings { width, height, .. } = timings;
        let index = self.output_timings(timings).await?;
        self.guest.write("/run/frame", frame).await?;
        self.guest
            .run(&format!(
                "v4l2-ctl -d {OUTPUT} --set-dv-bt-timings index={index} && \
                 v4l2-ctl -d {OUTPUT} --set-fmt-video-out=width={width},height={height},pixelformat={format}"
            ))
            .await?;
        self.control("hdmi_000_0_is_connected_to=2").await?;
        self.announce(timings).await?;
        self.guest
            .start(&format!(
                "exec v4l2-ctl -d {OUTPUT} --stream-out-mmap=4 --stream-from=/run/frame --stream-loop > /run/feed.log 2>&1"
            ))
            .await
    }

    /// The EDID that a machine reads from the receiver.
    ///
    /// # Errors
    /// Where it has none.
    pub async fn edid(&self) -> Result<Vec<u8>> {
        let read = format!("v4l2-ctl -d {INPUT} --get-edid=format=raw,file=/run/edid");
        let command = format!("{read} > /dev/null && od -An -v -tx1 /run/edid");
        let bytes = self.guest.run(&command).await?;
        let bytes = bytes.split_whitespace();
        Ok(bytes
            .map(|byte| u8::from_str_radix(byte, 16))
            .collect::<Result<_, _>>()?)
    }

    async fn output_timings(&self, timings: Timings) -> Result<String> {
        let Timings {
            width,
            height,
            rate,
        } = timings;
        let list = self
            .guest
            .run(&format!("v4l2-ctl -d {OUTPUT} --list-dv-timings"))
            .await?;
        list.split("Index:")
            .find(|timings| {
                let has = |line: &str| timings.lines().any(|found| found.trim() == line);
                has(&format!("Active width: {width}"))
                    && has(&format!("Active height: {height}"))
                    && has("Frame format: progressive")
                    && timings.contains(&format!("({rate}.00 frames per second)"))
            })
            .and_then(|timings| timings.split_whitespace().next())
            .map(str::to_owned)
            .with_context(|| format!("vivid cannot send {timings:?}"))
    }

    async fn control(&self, values: &str) -> Result<()> {
        self.guest
            .run(&format!("v4l2-ctl -d {INPUT} -c {values}"))
            .await?;
        Ok(())
    }
}
