//! The whole way from a screen to a decoder, with a screen that a test controls.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use openh264::{
    decoder::{DecodedYUV, Decoder},
    formats::YUVSource,
};
use shared::{
    message::{Signal, ToBrowser, VideoSettings},
    wire::decode_to_browser,
};

use super::{Encoded, Stream, Subscription};
use crate::capture::{CaptureError, Event, Picture, PixelFormat, Screen};

/// What a test lets the screen do next.
enum Step {
    Signal(Signal),
    Show(Shown),
    Fail,
}

#[derive(Clone)]
struct Shown {
    format: PixelFormat,
    width: usize,
    height: usize,
    stride: usize,
    data: Vec<u8>,
}

struct Fake {
    steps: mpsc::Receiver<Step>,
    shown: Option<Shown>,
}

impl Screen for Fake {
    fn next(&mut self, wait: Duration) -> Result<Event, CaptureError> {
        match self.steps.recv_timeout(wait) {
            Ok(Step::Signal(signal)) => {
                self.shown = None;
                Ok(Event::Signal(signal))
            }
            Ok(Step::Show(shown)) => {
                self.shown = Some(shown);
                Ok(Event::Changed)
            }
            Ok(Step::Fail) => Err(CaptureError::Unsupported {
                device: "fake".to_owned(),
                what: "told to fail".to_owned(),
            }),
            Err(mpsc::RecvTimeoutError::Timeout) => Ok(Event::Unchanged),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                std::thread::park_timeout(wait);
                Ok(Event::Unchanged)
            }
        }
    }

    fn picture(&self) -> Option<Picture<'_>> {
        self.shown.as_ref().map(|shown| Picture {
            format: shown.format,
            width: shown.width,
            height: shown.height,
            stride: shown.stride,
            data: &shown.data,
            captured_us: 1_000_000,
        })
    }

    fn edid(&mut self) -> Result<Vec<u8>, CaptureError> {
        Ok(Vec::new())
    }

    fn set_edid(&mut self, _: &[u8]) -> Result<(), CaptureError> {
        Ok(())
    }
}

/// A stream, and the hand that moves its screen.
struct Bench {
    stream: Stream,
    steps: mpsc::Sender<Step>,
}

impl Bench {
    fn start(settings: VideoSettings) -> Self {
        let (steps, receiver) = mpsc::channel();
        let screen = Fake {
            steps: receiver,
            shown: None,
        };
        Self {
            stream: Stream::start(Box::new(screen), settings),
            steps,
        }
    }

    fn show(&self, shown: Shown) {
        self.steps.send(Step::Show(shown)).unwrap();
    }

    /// A signal of this size, and a first picture.
    fn plug_in(&self, shown: Shown) {
        let signal = Signal::Picture {
            width: shown.width as u16,
            height: shown.height as u16,
            centihertz: 6000,
        };
        self.steps.send(Step::Signal(signal)).unwrap();
        self.show(shown);
    }

    async fn signal(&self, expected: Signal) {
        let mut signal = self.stream.signal();
        let wait = signal.wait_for(|signal| *signal == expected);
        tokio::time::timeout(DEADLINE, wait)
            .await
            .expect("the signal in time")
            .unwrap();
    }
}

const DEADLINE: Duration = Duration::from_secs(20);

async fn next(subscription: &mut Subscription) -> Arc<Encoded> {
    tokio::time::timeout(DEADLINE, subscription.next())
        .await
        .expect("a frame in time")
}

fn access_unit(encoded: &Encoded) -> Vec<u8> {
    let (message, tail) = decode_to_browser(&encoded.message).unwrap();
    assert_eq!(message, ToBrowser::Video(encoded.frame));
    tail.to_vec()
}

/// Pixels in three bytes each: red, green, blue.
struct Rgb {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Rgb {
    fn draw(width: usize, height: usize, colour: impl Fn(usize, usize) -> [u8; 3]) -> Self {
        let data = (0..width * height)
            .flat_map(|at| colour(at % width, at / width))
            .collect();
        Self {
            width,
            height,
            data,
        }
    }

    /// The eight bars of a test card: all of red, green and blue, and none.
    fn bars(width: usize, height: usize) -> Self {
        Self::draw(width, height, |x, _| {
            let bar = 7 - (8 * x / width) as u8;
            [bar & 2, bar & 4, bar & 1].map(|on| if on == 0 { 0 } else { 255 })
        })
    }

    fn at(&self, x: usize, y: usize) -> [f64; 3] {
        let at = 3 * (y * self.width + x);
        [0, 1, 2].map(|channel| f64::from(self.data[at + channel]))
    }

    /// BT.709 limited range, by the formula of the recommendation.
    fn ycc(&self, x: usize, y: usize) -> [f64; 3] {
        let [r, g, b] = self
            .at(x.min(self.width - 1), y.min(self.height - 1))
            .map(|channel| channel / 255.0);
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        [
            16.0 + 219.0 * luma,
            128.0 + 224.0 * (b - luma) / 1.8556,
            128.0 + 224.0 * (r - luma) / 1.5748,
        ]
    }

    /// As a capture device of this format would deliver it, with lines longer than needed.
    fn captured(&self, format: PixelFormat) -> Shown {
        let (width, height) = (self.width, self.height);
        let pair = width.next_multiple_of(2);
        let ycc = |x, y| self.ycc(x, y).map(|value| value.round() as u8);
        let (stride, mut data) = match format {
            PixelFormat::Xrgb => (4 * width + 12, Vec::new()),
            PixelFormat::Rgb3 | PixelFormat::Bgr3 => (3 * width + 5, Vec::new()),
            PixelFormat::Yuyv | PixelFormat::Uyvy => (2 * pair + 8, Vec::new()),
            PixelFormat::Nv12 => (pair + 6, Vec::new()),
        };
        for y in 0..height {
            for x in 0..width {
                let [r, g, b] = self.at(x, y).map(|channel| channel as u8);
                let [_, u, v] = ycc(x / 2 * 2, y);
                let chroma = if x % 2 == 0 { u } else { v };
                match format {
                    PixelFormat::Xrgb => data.extend([b, g, r, 0xAA]),
                    PixelFormat::Rgb3 => data.extend([r, g, b]),
                    PixelFormat::Bgr3 => data.extend([b, g, r]),
                    PixelFormat::Yuyv => data.extend([ycc(x, y)[0], chroma]),
                    PixelFormat::Uyvy => data.extend([chroma, ycc(x, y)[0]]),
                    PixelFormat::Nv12 => data.push(ycc(x, y)[0]),
                }
            }
            match format {
                PixelFormat::Yuyv if width % 2 == 1 => data.extend([0, ycc(width - 1, y)[2]]),
                PixelFormat::Uyvy if width % 2 == 1 => data.extend([ycc(width - 1, y)[2], 0]),
                _ => {}
            }
            data.resize(stride * (y + 1), 0x55);
        }
        if format == PixelFormat::Nv12 {
            for y in (0..height).step_by(2) {
                for x in (0..width).step_by(2) {
                    let [_, u, v] = ycc(x, y);
                    data.extend([u, v]);
                }
                data.resize(stride * (height + y / 2 + 1), 0x55);
            }
        }
        Shown {
            format,
            width,
            height,
            stride,
            data,
        }
    }
}

/// What a viewer sees: the stream decoded.
struct Eyes {
    decoder: Decoder,
}

impl Eyes {
    fn open() -> Self {
        Self {
            decoder: Decoder::new().unwrap(),
        }
    }

    /// The mean absolute error of each of Y, U and V against a picture; of the chroma where its four pixels have one colour.
    fn error(&mut self, unit: &[u8], expected: &Rgb) -> [f64; 3] {
        self.errors(unit, &[expected])[0]
    }

    /// The same against each of some pictures of one size.
    fn errors(&mut self, unit: &[u8], expected: &[&Rgb]) -> Vec<[f64; 3]> {
        let decoded = self.decoder.decode(unit).unwrap().expect("a picture");
        expected
            .iter()
            .map(|expected| error(&decoded, expected))
            .collect()
    }
}

fn error(decoded: &DecodedYUV<'_>, expected: &Rgb) -> [f64; 3] {
    let (width, height) = (expected.width, expected.height);
    let coded = |side: usize| side.next_multiple_of(2).max(16);
    assert_eq!(decoded.dimensions(), (coded(width), coded(height)));
    let (y_stride, u_stride, v_stride) = decoded.strides();
    let (mut luma, mut chroma) = (Mean::default(), [Mean::default(), Mean::default()]);
    for y in 0..height {
        for x in 0..width {
            let [wanted, u, v] = expected.ycc(x, y);
            luma.add(decoded.y()[y * y_stride + x], wanted);
            let (left, top) = (x / 2 * 2, y / 2 * 2);
            let block = [
                (left, top),
                (left + 1, top),
                (left, top + 1),
                (left + 1, top + 1),
            ];
            if block
                .iter()
                .all(|(x, y)| expected.ycc(*x, *y) == [wanted, u, v])
            {
                chroma[0].add(decoded.u()[y / 2 * u_stride + x / 2], u);
                chroma[1].add(decoded.v()[y / 2 * v_stride + x / 2], v);
            }
        }
    }
    [luma.value(), chroma[0].value(), chroma[1].value()]
}

/// A mean absolute error.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, seen: u8, wanted: f64) {
        self.sum += (f64::from(seen) - wanted).abs();
        self.count += 1.0;
    }

    fn value(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }
}

#[tokio::test]
async fn every_format_and_size_arrives_in_its_true_colours() {
    let formats = [
        PixelFormat::Yuyv,
        PixelFormat::Uyvy,
        PixelFormat::Nv12,
        PixelFormat::Rgb3,
        PixelFormat::Bgr3,
        PixelFormat::Xrgb,
    ];
    let sizes = [(320, 240), (161, 99), (720, 400), (16, 16), (7, 3)];
    let bench = Bench::start(VideoSettings::default());
    let mut viewer = bench.stream.subscribe();
    let mut streams = Vec::new();
    for (width, height) in sizes {
        for format in formats {
            let bars = Rgb::bars(width, height);
            bench.plug_in(bars.captured(format));
            let encoded = loop {
                let encoded = next(&mut viewer).await;
                if encoded.frame.captured_us == 1_000_000 {
                    break encoded;
                }
            };
            if !streams.contains(&encoded.frame.stream) {
                streams.push(encoded.frame.stream);
            }
            let mut eyes = Eyes::open();
            if !encoded.frame.key {
                viewer.request_key_frame();
            }
            let key = match encoded.frame.key {
                true => encoded,
                false => next(&mut viewer).await,
            };
            let head = key.frame.format.expect("a format on every key frame");
            assert_eq!(
                (usize::from(head.width), usize::from(head.height)),
                (width, height)
            );
            let error = eyes.error(&access_unit(&key), &bars);
            let worst = error.into_iter().fold(0.0, f64::max);
            assert!(worst < 4.0, "{format:?} {width}x{height}: {error:?}");
        }
    }
    assert_eq!(
        streams.len(),
        sizes.len(),
        "each size is a stream of its own"
    );
}

/// A picture of text-like noise: hard edges everywhere.
fn noise(width: usize, height: usize, seed: usize) -> Rgb {
    Rgb::draw(width, height, |x, y| {
        let ink = (x / 2 * 7 + y / 3 * 13 + seed * 31 + x * y / 5) % 5 < 2;
        if ink { [20, 20, 20] } else { [235, 235, 235] }
    })
}

#[tokio::test]
async fn a_viewer_who_comes_to_a_still_screen_gets_a_key_frame() {
    let bench = Bench::start(VideoSettings::default());
    let bars = Rgb::bars(320, 240);
    bench.plug_in(bars.captured(PixelFormat::Xrgb));
    for viewer in 0..3 {
        let mut viewer_side = bench.stream.subscribe();
        let encoded = next(&mut viewer_side).await;
        assert!(encoded.frame.key, "viewer {viewer}");
        let error = Eyes::open().error(&access_unit(&encoded), &bars);
        assert!(error[0] < 4.0, "{error:?}");
    }
}

#[tokio::test]
async fn a_still_screen_becomes_sharp_and_then_costs_nothing() {
    let bench = Bench::start(VideoSettings::default());
    let text = noise(640, 480, 1);
    bench.plug_in(text.captured(PixelFormat::Xrgb));
    let mut viewer = bench.stream.subscribe();
    let mut eyes = Eyes::open();
    let mut frames = 0;
    loop {
        let encoded = next(&mut viewer).await;
        frames += 1;
        if eyes.error(&access_unit(&encoded), &text)[0] < 2.0 {
            break;
        }
    }
    let quiet = Duration::from_millis(700);
    while tokio::time::timeout(quiet, viewer.next()).await.is_ok() {
        frames += 1;
        assert!(frames < 60, "it never ends");
    }
}

#[tokio::test]
async fn frames_in_a_row_show_each_picture_and_count_without_a_hole() {
    let bench = Bench::start(VideoSettings::default());
    bench.plug_in(noise(320, 240, 0).captured(PixelFormat::Xrgb));
    let mut viewer = bench.stream.subscribe();
    let mut eyes = Eyes::open();
    let first = next(&mut viewer).await;
    assert!(first.frame.key);
    eyes.error(&access_unit(&first), &noise(320, 240, 0));
    let mut last = first.frame;
    for seed in 1..20 {
        let (picture, before) = (noise(320, 240, seed), noise(320, 240, seed - 1));
        bench.show(picture.captured(PixelFormat::Xrgb));
        loop {
            let encoded = next(&mut viewer).await;
            assert_eq!(encoded.frame.stream, last.stream);
            assert_eq!(encoded.frame.sequence, last.sequence + 1);
            assert!(!encoded.frame.key, "nobody asked for a key frame");
            assert_eq!(encoded.frame.format, None);
            last = encoded.frame;
            let errors = eyes.errors(&access_unit(&encoded), &[&picture, &before]);
            if encoded.frame.captured_us == 1_000_000 {
                assert!(errors[0][0] < errors[1][0] / 2.0, "{errors:?}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_viewer_who_stalls_returns_to_a_key_frame_of_the_present_and_disturbs_nobody() {
    let bench = Bench::start(VideoSettings::default());
    bench.plug_in(noise(160, 120, 0).captured(PixelFormat::Xrgb));
    let mut steady = bench.stream.subscribe();
    let mut stalled = bench.stream.subscribe();
    assert!(next(&mut stalled).await.frame.key);
    let mut last = next(&mut steady).await.frame;
    let mut keys = 0;
    for seed in 1..30 {
        bench.show(noise(160, 120, seed).captured(PixelFormat::Xrgb));
        loop {
            let frame = next(&mut steady).await.frame;
            assert!(frame.key || frame.sequence == last.sequence + 1);
            keys += u32::from(frame.key);
            last = frame;
            if frame.captured_us == 1_000_000 {
                break;
            }
        }
    }
    assert!(keys <= 1, "{keys} key frames while one viewer stalls");
    let present = noise(160, 120, 29);
    let back = next(&mut stalled).await;
    assert!(back.frame.key);
    assert!(back.frame.sequence >= last.sequence);
    let error = Eyes::open().error(&access_unit(&back), &present)[0];
    assert!(error < 12.0, "{error}");
}

#[tokio::test]
async fn without_viewers_nothing_is_encoded() {
    let bench = Bench::start(VideoSettings::default());
    bench.plug_in(noise(160, 120, 0).captured(PixelFormat::Xrgb));
    let first = next(&mut bench.stream.subscribe()).await.frame;
    for seed in 1..20 {
        bench.show(noise(160, 120, seed).captured(PixelFormat::Xrgb));
    }
    bench.steps.send(Step::Signal(Signal::NoSignal)).unwrap();
    bench.signal(Signal::NoSignal).await;
    bench.plug_in(noise(160, 120, 20).captured(PixelFormat::Xrgb));
    let second = next(&mut bench.stream.subscribe()).await.frame;
    assert_eq!(second.stream, first.stream);
    assert!(second.sequence <= first.sequence + 2, "{}", second.sequence);
}

#[tokio::test]
async fn a_screen_that_fails_is_waited_for_and_comes_back() {
    let bench = Bench::start(VideoSettings::default());
    let bars = Rgb::bars(320, 240);
    bench.plug_in(bars.captured(PixelFormat::Xrgb));
    let mut viewer = bench.stream.subscribe();
    next(&mut viewer).await;
    bench.steps.send(Step::Fail).unwrap();
    bench.signal(Signal::DeviceGone).await;
    bench.show(bars.captured(PixelFormat::Xrgb));
    bench
        .signal(Signal::Picture {
            width: 320,
            height: 240,
            centihertz: 6000,
        })
        .await;
    next(&mut viewer).await;
}

#[tokio::test]
async fn settings_change_live_and_stay_in_their_ranges() {
    let bench = Bench::start(VideoSettings::default());
    bench.plug_in(noise(640, 480, 0).captured(PixelFormat::Xrgb));
    let mut viewer = bench.stream.subscribe();
    let first = next(&mut viewer).await.frame;
    bench.stream.set(VideoSettings {
        bitrate_kbps: 1,
        frame_rate: 0,
    });
    let lowest = *bench.stream.settings().borrow();
    assert_eq!((lowest.bitrate_kbps, lowest.frame_rate), (250, 1));
    bench.show(noise(640, 480, 1).captured(PixelFormat::Xrgb));
    let frame = loop {
        let frame = next(&mut viewer).await.frame;
        if frame.captured_us == 1_000_000 {
            break frame;
        }
    };
    assert_eq!(frame.stream, first.stream, "no restart");
}

#[tokio::test]
async fn a_picture_that_no_encoder_takes_is_out_of_range_until_the_signal_changes() {
    let bench = Bench::start(VideoSettings::default());
    let mut viewer = bench.stream.subscribe();
    let waiting = tokio::spawn(async move { next(&mut viewer).await });
    bench.plug_in(Shown {
        format: PixelFormat::Nv12,
        width: 8192,
        height: 4320,
        stride: 8192,
        data: vec![128; 8192 * 4320 * 3 / 2],
    });
    bench.signal(Signal::OutOfRange).await;
    bench.plug_in(noise(160, 120, 0).captured(PixelFormat::Xrgb));
    assert!(waiting.await.unwrap().frame.key);
}
