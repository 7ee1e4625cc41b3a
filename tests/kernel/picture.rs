//! What is on the HDMI cable is what a viewer sees.

use anyhow::{Context, Result};
use shared::message::Signal;
use tests::{
    lab::hdmi::{Feed, Timings},
    native::Client,
    picture::Picture,
    wait::wait_for,
};

use crate::{colours, stand::Stand};

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
const TIMINGS: Timings = Timings {
    width: WIDTH,
    height: HEIGHT,
    rate: 24,
};

/// Of 255, for red, green and blue.
const CODEC_ERROR: f64 = 4.0;

#[tokio::test]
async fn what_is_on_the_cable_is_seen() -> Result<()> {
    let mut stand = Stand::start().await?;
    the_receivers_own_test_pattern_is_seen(&stand).await?;
    let card = colours::test_card(WIDTH, HEIGHT);
    for (format, layout) in LAYOUTS {
        stand
            .restart(&format!("[video]\nformat = \"{format}\"\n"))
            .await?;
        let feed = Feed {
            timings: TIMINGS,
            format,
            frame: &layout(&card),
        };
        the_frames_arrive_as_they_were_sent(&stand, feed, &card)
            .await
            .context(format)?;
    }
    stand.stop().await
}

async fn the_receivers_own_test_pattern_is_seen(stand: &Stand) -> Result<()> {
    stand.hdmi.announce(TIMINGS).await?;
    let mut viewer = stand.viewer().await?;
    picture_of(&mut viewer, WIDTH, HEIGHT).await?;
    let seen = wait_for("a decoded picture", async || Ok(viewer.picture())).await?;
    assert_eq!((seen.width, seen.height), (WIDTH, HEIGHT));
    for (bar, colour) in BARS.into_iter().enumerate() {
        let at = seen.pixel((2 * bar + 1) * WIDTH / 16, HEIGHT / 2);
        assert!(near(at, colour), "bar {bar}: {at:?} instead of {colour:?}");
    }
    Ok(())
}

async fn the_frames_arrive_as_they_were_sent(
    stand: &Stand,
    feed: Feed<'_>,
    card: &Picture,
) -> Result<()> {
    let _transmitter = stand.hdmi.feed(feed).await?;
    let mut viewer = stand.viewer().await?;
    picture_of(&mut viewer, WIDTH, HEIGHT).await?;
    let error = wait_for("the test card", async || error(&viewer, card)).await?;
    println!("{}: mean error {error:.2?} of 255", feed.format);
    Ok(())
}

/// The bars of vivid's first test pattern, 75 % colour bars, from left to right.
const BARS: [[u8; 3]; 8] = [
    [191, 191, 191],
    [191, 191, 0],
    [0, 191, 191],
    [0, 191, 0],
    [191, 0, 191],
    [191, 0, 0],
    [0, 0, 191],
    [0, 0, 0],
];

fn near(seen: [u8; 3], wanted: [u8; 3]) -> bool {
    seen.iter()
        .zip(wanted)
        .all(|(seen, wanted)| seen.abs_diff(wanted) < 32)
}

/// V4L2's names of layouts, and how a frame is laid out in each.
type Layout = (&'static str, fn(&Picture) -> Vec<u8>);

const LAYOUTS: [Layout; 6] = [
    ("NV12", colours::nv12),
    ("YUYV", colours::yuyv),
    ("UYVY", colours::uyvy),
    ("XR24", colours::xr24),
    ("RGB3", colours::rgb3),
    ("BGR3", colours::bgr3),
];

fn error(viewer: &Client, card: &Picture) -> Result<Option<[f64; 3]>> {
    let seen = viewer.picture();
    let error = seen.map(|seen| seen.mean_error(card)).transpose()?;
    Ok(error.filter(|channels| channels.iter().all(|error| *error < CODEC_ERROR)))
}

async fn picture_of(viewer: &mut Client, wide: usize, high: usize) -> Result<()> {
    let what = format!("a picture of {wide}x{high}");
    viewer
        .state_where(&what, |state| {
            matches!(state.signal, Signal::Picture { width, height, .. }
                if (usize::from(width), usize::from(height)) == (wide, high))
        })
        .await?;
    Ok(())
}
