//! What a 1080p picture costs, from captured pixels to an access unit.

use std::{
    fmt,
    time::{Duration, Instant},
};

use shared::message::VideoSettings;

use crate::{
    capture::{Picture, PixelFormat},
    encode::{self, Encoding, Kind, Options, convert::Converter},
};

pub mod scene;

use scene::{HEIGHT, Scene, WIDTH};

/// What the pictures of one scene cost.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// What was shown.
    pub scene: Scene,
    /// From 32-bit pixels to planes, for each picture.
    pub convert: Spread,
    /// From planes to an access unit, for each picture.
    pub encode: Spread,
    /// The mean of an access unit, in bytes.
    pub bytes: usize,
    /// The first picture, a key frame, in bytes.
    pub key_bytes: usize,
}

/// How measured times lie.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// Half are below.
    pub median: Duration,
    /// 95 of 100 are below.
    pub p95: Duration,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let index = times.len().saturating_sub(1) * percent / 100;
            times.get(index).copied().unwrap_or_default()
        };
        Self {
            median: at(50),
            p95: at(95),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(
            f,
            "{:<9} convert {:5.2} ms (p95 {:5.2})  encode {:5.2} ms (p95 {:5.2})  {:7} bytes a frame, key frame {:7}",
            self.scene.to_string(),
            ms(self.convert.median),
            ms(self.convert.p95),
            ms(self.encode.median),
            ms(self.encode.p95),
            self.bytes,
            self.key_bytes,
        )
    }
}

/// Converts and encodes so many pictures of each scene, as if a screen showed 60 in a second.
///
/// # Errors
/// Where no encoder works.
pub fn run(pictures: usize, settings: VideoSettings) -> anyhow::Result<Vec<Figures>> {
    Scene::ALL
        .into_iter()
        .map(|scene| measure(scene, pictures, settings))
        .collect()
}

fn measure(scene: Scene, pictures: usize, settings: VideoSettings) -> anyhow::Result<Figures> {
    let (_, mut encoder) = encode::open(Options {
        width: WIDTH,
        height: HEIGHT.next_multiple_of(2),
        settings,
    })?;
    let mut converter = Converter::default();
    let mut pixels = vec![0; 4 * WIDTH * HEIGHT];
    let (mut converts, mut encodes) = (Vec::new(), Vec::new());
    let (mut bytes, mut key_bytes) = (0, 0);
    let start = Instant::now();
    for number in 0..=pictures {
        scene.draw(number, &mut pixels);
        let now = start + Duration::from_secs(1) * u32::try_from(number)? / 60;
        let before = Instant::now();
        let planes = converter.convert(&Picture {
            format: PixelFormat::Xrgb,
            width: WIDTH,
            height: HEIGHT,
            stride: 4 * WIDTH,
            data: &pixels,
            captured_us: 0,
        })?;
        let between = Instant::now();
        let kind = if number == 0 { Kind::Key } else { Kind::Change };
        let size = match encoder.encode(now, planes, kind)? {
            Encoding::Unit { data, .. } => data.len(),
            Encoding::Skipped => 0,
        };
        let after = Instant::now();
        if number == 0 {
            key_bytes = size;
        } else {
            converts.push(between - before);
            encodes.push(after - between);
            bytes += size;
        }
    }
    Ok(Figures {
        scene,
        convert: Spread::of(converts),
        encode: Spread::of(encodes),
        bytes: bytes / pictures.max(1),
        key_bytes,
    })
}
