//! The bytes of each version, frozen. A line here is never edited: a message that must change gets a new variant.
//!
//! The bytes were written down by hand from postcard's wire format: a variant's index and every integer above eight bits
//! as a varint (seven bits a byte, least first), signed ones zigzagged, lists and strings behind their length.

mod machine;
mod media;
mod work;

use shared::{
    ToBrowser, ToRelay,
    input::{Buttons, Held, Input, Usage},
    list::List,
    message::{Change, Closing, Leds, Signal, State, Usb, VideoSettings, Viewer},
    version::Versions,
    video::{Ack, Codec, Format, Frame},
    wire::{decode_to_browser, decode_to_relay, encode_to_browser, encode_to_relay},
};

fn to_relay(message: &ToRelay, bytes: &[u8]) {
    assert_eq!(encode_to_relay(message), bytes, "{message:?}");
    assert_eq!(decode_to_relay(bytes).as_ref(), Ok(message));
}

fn to_browser(message: &ToBrowser, bytes: &[u8]) {
    assert_eq!(encode_to_browser(message, &[]), bytes, "{message:?}");
    assert_eq!(decode_to_browser(bytes), Ok((message.clone(), &[][..])));
}

fn input(input: Input, bytes: &[u8]) {
    to_relay(&ToRelay::Input(input), bytes);
}

#[test]
fn control_to_the_relay() {
    to_relay(
        &ToRelay::Hello(Versions {
            oldest: 1,
            newest: 300,
        }),
        &[0, 1, 0xAC, 0x02],
    );
    to_relay(&ToRelay::RequestKeyFrame, &[2]);
    to_relay(
        &ToRelay::Ack(Ack {
            stream: 1,
            sequence: 128,
            shown_us: 9_000,
        }),
        &[3, 1, 0x80, 0x01, 0xA8, 0x46],
    );
    to_relay(&ToRelay::Ping { sent_us: 1 }, &[4, 1]);
    to_relay(
        &ToRelay::SetVideo(VideoSettings {
            bitrate_kbps: 8_000,
            frame_rate: 60,
        }),
        &[5, 0xC0, 0x3E, 60],
    );
    to_relay(&ToRelay::TakeControl, &[6]);
    to_relay(&ToRelay::GiveUpControl, &[7]);
}

#[test]
fn hands() {
    input(
        Input::Key {
            usage: Usage::Keyboard(0x04),
            down: true,
        },
        &[1, 0, 0, 0x04, 1],
    );
    input(
        Input::Key {
            usage: Usage::Consumer(0xE9),
            down: false,
        },
        &[1, 0, 1, 0xE9, 0x01, 0],
    );
    input(
        Input::Key {
            usage: Usage::System(0x82),
            down: true,
        },
        &[1, 0, 2, 0x82, 1],
    );
    input(
        Input::PointerTo { x: 0, y: 0x7FFF },
        &[1, 1, 0, 0xFF, 0xFF, 0x01],
    );
    input(Input::PointerBy { dx: -1, dy: 300 }, &[1, 2, 1, 0xD8, 0x04]);
    input(
        Input::Buttons(Buttons::LEFT.with(Buttons::MIDDLE)),
        &[1, 3, 5],
    );
    input(
        Input::Wheel {
            vertical: 120,
            horizontal: -120,
        },
        &[1, 4, 0xF0, 0x01, 0xEF, 0x01],
    );
    input(
        Input::Held(Held {
            keys: List::new([Usage::Keyboard(0xE1), Usage::Keyboard(0x04)]),
            buttons: Buttons::RIGHT,
        }),
        &[1, 5, 2, 0, 0xE1, 0, 0x04, 2],
    );
    input(Input::ReleaseAll, &[1, 6]);
}

#[test]
fn control_to_the_page() {
    to_browser(&ToBrowser::Hello { version: 1 }, &[0, 1]);
    to_browser(
        &ToBrowser::Pong {
            sent_us: 1,
            relay_us: 1_000_000,
        },
        &[4, 1, 0xC0, 0x84, 0x3D],
    );
    for (index, closing) in [
        Closing::ReloadPage,
        Closing::SignedOut,
        Closing::BadMessage,
        Closing::Restarting,
        Closing::Silent,
        Closing::Full,
    ]
    .into_iter()
    .enumerate()
    {
        to_browser(
            &ToBrowser::Closing(closing),
            &[5, u8::try_from(index).unwrap()],
        );
        assert_eq!(usize::from(closing.code()), 4000 + index);
        assert_eq!(Closing::from_code(closing.code()), Some(closing));
    }
}

#[test]
fn the_whole_state() {
    let state = State {
        machine: "pc".into(),
        relay: "0.1.0".into(),
        you: 2,
        viewers: List::new([Viewer {
            id: 2,
            name: "ann".into(),
        }]),
        controller: Some(2),
        signal: Signal::Picture {
            width: 1280,
            height: 720,
            centihertz: 6000,
        },
        leds: Some(Leds {
            caps_lock: true,
            ..Leds::default()
        }),
        usb: Usb::Configured,
        video: VideoSettings {
            bitrate_kbps: 250,
            frame_rate: 30,
        },
    };
    to_browser(
        &ToBrowser::State(state),
        &[
            1, 2, b'p', b'c', 5, b'0', b'.', b'1', b'.', b'0', 2, 1, 2, 3, b'a', b'n', b'n', 1, 2,
            0, 0x80, 0x0A, 0xD0, 0x05, 0xF0, 0x2E, 1, 0, 1, 0, 0, 0, 0, 0xFA, 0x01, 30,
        ],
    );
}

#[test]
fn changes() {
    let change = |change, bytes: &[u8]| to_browser(&ToBrowser::Change(change), bytes);
    change(Change::Viewers(List::new([])), &[2, 0, 0]);
    change(Change::Controller(None), &[2, 1, 0]);
    change(Change::Leds(None), &[2, 3, 0]);
    change(
        Change::Video(VideoSettings {
            bitrate_kbps: 250,
            frame_rate: 1,
        }),
        &[2, 5, 0xFA, 0x01, 1],
    );
    let signals = [
        Signal::Starting,
        Signal::NoCable,
        Signal::NoSignal,
        Signal::NoLock,
        Signal::OutOfRange,
        Signal::Busy,
        Signal::DeviceGone,
        Signal::TargetOff,
    ];
    for (signal, index) in signals.into_iter().zip(1..) {
        change(Change::Signal(signal), &[2, 2, index]);
    }
    for (usb, index) in [
        Usb::Configured,
        Usb::NotConnected,
        Usb::Suspended,
        Usb::DeviceGone,
    ]
    .into_iter()
    .zip(0..)
    {
        change(Change::Usb(usb), &[2, 4, index]);
    }
}

#[test]
fn a_frame_and_its_tail() {
    let frame = Frame {
        stream: 1,
        sequence: 2,
        key: true,
        captured_us: 1_700_000_000_000_000,
        encode_us: 5_000,
        format: Some(Format {
            codec: Codec::H264,
            width: 1920,
            height: 1080,
        }),
    };
    let message = ToBrowser::Video(frame);
    let bytes = [
        3, 1, 2, 1, 0x80, 0x80, 0xF9, 0xC0, 0xC1, 0xC4, 0x82, 0x03, 0x88, 0x27, 1, 0, 0x80, 0x0F,
        0xB8, 0x08, 0, 0, 0, 1, 0x67,
    ];
    let tail = &[0, 0, 0, 1, 0x67];
    assert_eq!(encode_to_browser(&message, tail), bytes);
    assert_eq!(decode_to_browser(&bytes), Ok((message, &tail[..])));
}
