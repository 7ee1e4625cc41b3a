//! The whole way from a screen to a decoder, with a screen that a test controls.

use std::time::Duration;

use shared::message::{Signal, VideoSettings};

use crate::capture::PixelFormat;

mod bench;
mod eyes;
mod picture;

use bench::{Bench, Shown, Step, access_unit, next};
use eyes::Eyes;
use picture::{Rgb, noise};

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
