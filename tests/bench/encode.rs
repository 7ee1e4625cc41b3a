//! What a frame costs inside the relay: its conversion and its encoding, one after the other, with nothing else going on.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use relay::{
    capture::{Picture, PixelFormat},
    encode::{self, Encoder, Encoding, Kind, Options, convert::Converter},
};
use serde_json::json;
use shared::message::VideoSettings;
use tests::{relay::Relay, sim::Sim, wait::wait_for};

use crate::figures::Figures;

const SCENES: [(&str, &str); 4] = [
    ("still", "still"),
    ("text", "console"),
    ("scrolling", "text"),
    ("motion", "motion"),
];
const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;
/// Frames of a scene that are fetched, and then encoded in turn.
const FETCHED: usize = 12;
const ENCODED: usize = 120;

pub(crate) async fn measure(figures: &mut Figures) -> Result<()> {
    let (relay, _) = Relay::demo_of_size(&format!("{WIDTH}x{HEIGHT}")).await?;
    for (scene, pattern) in SCENES {
        let frames = fetch(&relay.sim, pattern, scene != "still").await?;
        let times = tokio::task::spawn_blocking(move || encode(&frames)).await??;
        figures.times(&format!("{scene}: convert BGRX to I420"), &times.convert);
        figures.times(&format!("{scene}: encode"), &times.encode);
        figures.number(
            &format!("{scene}: access unit, mean"),
            times.bytes as f64 / ENCODED as f64 / 1e3,
            "kB",
        );
    }
    Ok(())
}

/// Consecutive pictures of a scene, as a capture device would give them: 32 bits a pixel.
async fn fetch(sim: &Sim, pattern: &str, moves: bool) -> Result<Vec<Vec<u8>>> {
    sim.screen(&json!({ "pattern": pattern, "fps": 5, "timecode": moves }))
        .await?;
    let mut frames = Vec::new();
    let mut newest = None;
    while frames.len() < if moves { FETCHED } else { 1 } {
        let picture = wait_for("a new picture", async || {
            let picture = sim.picture().await?;
            let number = picture.time_code().map(|code| code.number);
            Ok((frames.is_empty() || number != newest).then_some((picture, number)))
        });
        let (picture, number) = picture.await?;
        newest = number;
        frames.push(
            picture
                .rgb
                .chunks_exact(3)
                .flat_map(|pixel| [pixel[2], pixel[1], pixel[0], 0])
                .collect(),
        );
    }
    Ok(frames)
}

struct Times {
    convert: Vec<u64>,
    encode: Vec<u64>,
    bytes: usize,
}

fn encode(frames: &[Vec<u8>]) -> Result<Times> {
    let (_, mut encoder) = encode::open(Options {
        width: WIDTH,
        height: HEIGHT,
        settings: VideoSettings::default(),
    })?;
    let mut converter = Converter::default();
    let mut times = Times {
        convert: Vec::new(),
        encode: Vec::new(),
        bytes: 0,
    };
    let there_and_back = (0..frames.len()).chain((0..frames.len()).rev()).cycle();
    let mut shown = Instant::now();
    for index in there_and_back.take(ENCODED + 1) {
        shown += Duration::from_secs(1) / 60;
        let start = Instant::now();
        let planes = converter.convert(&Picture {
            format: PixelFormat::Xrgb,
            width: WIDTH,
            height: HEIGHT,
            stride: WIDTH * 4,
            data: frames.get(index).context("a frame")?,
            captured_us: 0,
        })?;
        let converted = Instant::now();
        let bytes = access_unit(encoder.as_mut(), shown, planes)?;
        times.convert.push((converted - start).as_micros() as u64);
        times.encode.push(converted.elapsed().as_micros() as u64);
        times.bytes += bytes;
    }
    // The first one is a key frame, which is not what a frame of this scene costs.
    times.convert.remove(0);
    times.encode.remove(0);
    Ok(times)
}

fn access_unit(encoder: &mut dyn Encoder, shown: Instant, planes: &encode::I420) -> Result<usize> {
    match encoder.encode(shown, planes, Kind::Change) {
        Ok(Encoding::Unit { data, .. }) => Ok(data.len()),
        Ok(Encoding::Skipped) => Ok(0),
        Err(error) => bail!(error),
    }
}
