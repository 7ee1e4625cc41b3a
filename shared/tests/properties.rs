//! What holds for every message and for any bytes.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use proptest::{collection::vec, prelude::*};
use shared::{
    ToBrowser, ToRelay,
    input::{Buttons, HELD_MAX, Held, Input, Usage},
    list::List,
    media::{
        Activity, DRIVES_MAX, Drive, DriveKind, Drives, Ejected, Medium, Source, Transfer,
        TransferFault, TransferPhase, Transfers, Way,
    },
    message::{
        Change, Closing, Jiggler, Leds, MacroPhase, MacroRun, Signal, State, Typing, TypingPhase,
        Usb, VIEWERS_MAX, VideoSettings, Viewer,
    },
    power::{Actions, Ended, Outcome, Power, PowerAction, Running, Supply},
    switch::{self, Moved, Moving, PORTS_MAX, Switch},
    version::Versions,
    video::{Ack, Codec, Format, Frame},
    wire::{
        TO_RELAY_MAX, WireError, decode_to_browser, decode_to_relay, encode_to_browser,
        encode_to_relay,
    },
};

#[path = "properties/counting.rs"]
mod counting;

fn usage() -> impl Strategy<Value = Usage> {
    prop_oneof![
        any::<u8>().prop_map(Usage::Keyboard),
        any::<u16>().prop_map(Usage::Consumer),
        any::<u8>().prop_map(Usage::System)
    ]
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        (usage(), any::<bool>()).prop_map(|(usage, down)| Input::Key { usage, down }),
        any::<(u16, u16)>().prop_map(|(x, y)| Input::PointerTo { x, y }),
        any::<(i16, i16)>().prop_map(|(dx, dy)| Input::PointerBy { dx, dy }),
        any::<u8>().prop_map(|bits| Input::Buttons(Buttons(bits))),
        any::<(i16, i16)>().prop_map(|(vertical, horizontal)| Input::Wheel {
            vertical,
            horizontal
        }),
        (vec(usage(), 0..=HELD_MAX), any::<u8>()).prop_map(|(keys, bits)| Input::Held(Held {
            keys: List::new(keys),
            buttons: Buttons(bits)
        })),
        Just(Input::ReleaseAll),
    ]
}

fn video_settings() -> impl Strategy<Value = VideoSettings> {
    any::<(u32, u8)>().prop_map(|(bitrate_kbps, frame_rate)| VideoSettings {
        bitrate_kbps,
        frame_rate,
    })
}

fn message_to_relay() -> impl Strategy<Value = ToRelay> {
    prop_oneof![
        any::<(u16, u16)>()
            .prop_map(|(oldest, newest)| ToRelay::Hello(Versions { oldest, newest })),
        input().prop_map(ToRelay::Input),
        Just(ToRelay::RequestKeyFrame),
        any::<(u32, u32, u32)>().prop_map(|(stream, sequence, shown_us)| ToRelay::Ack(Ack {
            stream,
            sequence,
            shown_us
        })),
        any::<u64>().prop_map(|sent_us| ToRelay::Ping { sent_us }),
        video_settings().prop_map(ToRelay::SetVideo),
        Just(ToRelay::TakeControl),
        Just(ToRelay::GiveUpControl),
        Just(ToRelay::PauseTyping),
        Just(ToRelay::ResumeTyping),
        Just(ToRelay::CancelTyping),
        any::<u16>().prop_map(|interval_s| ToRelay::SetJiggler(Jiggler { interval_s })),
        Just(ToRelay::StopMacro),
    ]
}

fn viewers() -> impl Strategy<Value = List<Viewer, VIEWERS_MAX>> {
    vec((any::<u32>(), ".{0,20}"), 0..=VIEWERS_MAX)
        .prop_map(|viewers| List::new(viewers.into_iter().map(|(id, name)| Viewer { id, name })))
}

fn signal() -> impl Strategy<Value = Signal> {
    prop_oneof![
        any::<(u16, u16, u16)>().prop_map(|(width, height, centihertz)| Signal::Picture {
            width,
            height,
            centihertz
        }),
        Just(Signal::NoCable),
        Just(Signal::TargetOff),
    ]
}

fn leds() -> impl Strategy<Value = Option<Leds>> {
    proptest::option::of(any::<u8>().prop_map(Leds::from_report))
}

fn usb() -> impl Strategy<Value = Usb> {
    prop_oneof![
        Just(Usb::Configured),
        Just(Usb::NotConnected),
        Just(Usb::Suspended),
        Just(Usb::DeviceGone)
    ]
}

fn state() -> impl Strategy<Value = State> {
    (
        (".{0,40}", ".{0,20}", any::<u32>(), viewers()),
        proptest::option::of(any::<u32>()),
        signal(),
        leds(),
        usb(),
        video_settings(),
    )
        .prop_map(
            |((machine, relay, you, viewers), controller, signal, leds, usb, video)| State {
                machine,
                relay,
                you,
                viewers,
                controller,
                signal,
                leds,
                usb,
                video,
            },
        )
}

fn macro_run() -> impl Strategy<Value = MacroRun> {
    let phase = prop_oneof![
        Just(MacroPhase::Running),
        Just(MacroPhase::Stopped),
        Just(MacroPhase::TimedOut),
        Just(MacroPhase::DriveFailed),
        Just(MacroPhase::Switched)
    ];
    (any::<[u32; 6]>(), phase).prop_map(|([id, of, step, steps, round, rounds], phase)| MacroRun {
        id,
        of,
        step,
        steps,
        round,
        rounds,
        phase,
    })
}

fn typing() -> impl Strategy<Value = Typing> {
    let phase = prop_oneof![
        Just(TypingPhase::Typing),
        Just(TypingPhase::Waiting),
        Just(TypingPhase::MachineGone),
        Just(TypingPhase::Switched)
    ];
    (any::<(u32, u32, u32)>(), phase).prop_map(|((id, typed, total), phase)| Typing {
        id,
        typed,
        total,
        phase,
    })
}

fn drives() -> impl Strategy<Value = Drives> {
    let source = prop_oneof![
        any::<u32>().prop_map(Source::Library),
        any::<u32>().prop_map(Source::Browser),
        Just(Source::Url),
        Just(Source::Files),
        ".{0,40}".prop_map(|host| Source::Server { host }),
    ];
    let medium = (".{0,40}", any::<(u64, bool, bool)>(), source).prop_map(
        |(name, (bytes, writable, reachable), source)| Medium {
            name,
            bytes,
            writable,
            source,
            reachable,
        },
    );
    let drive = ("[a-z]{1,8}", proptest::option::of(medium)).prop_map(|(slot, medium)| Drive {
        slot,
        kind: DriveKind::Cd,
        ejected: medium.is_none().then_some(Ejected::ByHost),
        medium,
    });
    proptest::collection::vec(drive, 0..=DRIVES_MAX).prop_map(List::new)
}

fn transfers() -> impl Strategy<Value = Transfers> {
    let phase = prop_oneof![
        Just(TransferPhase::Running),
        any::<u16>().prop_map(|status| TransferPhase::Failed(TransferFault::Status(status))),
    ];
    let numbers = any::<(u32, u64, Option<u64>)>();
    let transfer =
        (numbers, ".{0,40}", phase).prop_map(|((id, received, total), name, phase)| Transfer {
            id,
            name,
            way: Way::Fetch,
            received,
            total,
            phase,
        });
    proptest::collection::vec(transfer, 0..4).prop_map(List::new)
}

fn power() -> impl Strategy<Value = Power> {
    let supply = prop_oneof![
        Just(Supply::Unknown),
        Just(Supply::On),
        Just(Supply::Asleep)
    ];
    let action = proptest::sample::select(PowerAction::ALL.to_vec());
    let running = (any::<(u32, u64)>(), action.clone(), ".{0,20}").prop_map(
        |((id, since_us), action, by)| Running {
            id,
            action,
            by,
            since_us,
        },
    );
    let outcome = prop_oneof![Just(Outcome::Done), Just(Outcome::Stopped)];
    let ended = (any::<(u32, u64)>(), action, ".{0,20}", outcome).prop_map(
        |((id, at_us), action, by, outcome)| Ended {
            id,
            action,
            by,
            at_us,
            outcome,
        },
    );
    let lights = any::<(Option<bool>, u16)>();
    (
        supply,
        lights,
        proptest::option::of(running),
        proptest::option::of(ended),
    )
        .prop_map(|(supply, (disk, actions), running, ended)| Power {
            supply,
            disk,
            actions: Actions(actions),
            running,
            ended,
        })
}

fn switch() -> impl Strategy<Value = Switch> {
    let supply = prop_oneof![Just(Supply::Unknown), Just(Supply::On)];
    let port = (".{0,64}", ".{0,20}", supply).prop_map(|(name, notes, supply)| switch::Port {
        name,
        notes,
        supply,
    });
    let moving = any::<(u32, u8, u64)>().prop_map(|(id, to, since_us)| Moving {
        id,
        to,
        by: "ada".into(),
        since_us,
    });
    let outcome = prop_oneof![
        Just(switch::Outcome::Done),
        Just(switch::Outcome::NoSignal),
        Just(switch::Outcome::Stopped)
    ];
    let moved = (any::<(u32, u8, u64)>(), outcome).prop_map(|((id, to, at_us), outcome)| Moved {
        id,
        to,
        by: String::new(),
        at_us,
        outcome,
    });
    (
        vec(port, 0..=PORTS_MAX),
        any::<Option<u8>>(),
        proptest::option::of(moving),
        proptest::option::of(moved),
        any::<bool>(),
    )
        .prop_map(|(ports, selected, moving, moved, thumbnails)| Switch {
            ports: List::new(ports),
            selected,
            moving,
            moved,
            thumbnails,
        })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        viewers().prop_map(Change::Viewers),
        proptest::option::of(any::<u32>()).prop_map(Change::Controller),
        signal().prop_map(Change::Signal),
        leds().prop_map(Change::Leds),
        usb().prop_map(Change::Usb),
        video_settings().prop_map(Change::Video),
        typing().prop_map(Change::Typing),
        any::<u32>().prop_map(|revision| Change::Shortcuts { revision }),
        any::<u16>().prop_map(|interval_s| Change::Jiggler(Jiggler { interval_s })),
        macro_run().prop_map(Change::Macro),
        any::<u32>().prop_map(Change::Macros),
        drives().prop_map(Change::Drives),
        any::<(u8, u32, u32, Option<u64>, Option<u64>)>().prop_map(
            |(drive, reads, writes, bytes_read, bytes_written)| {
                Change::DriveActivity(Activity {
                    drive,
                    reads,
                    writes,
                    bytes_read,
                    bytes_written,
                })
            }
        ),
        any::<u32>().prop_map(Change::Images),
        transfers().prop_map(Change::Transfers),
        power().prop_map(Change::Power),
        switch().prop_map(Change::Switch),
    ]
}

fn frame() -> impl Strategy<Value = Frame> {
    let format = any::<(u16, u16)>().prop_map(|(width, height)| Format {
        codec: Codec::H264,
        width,
        height,
    });
    (
        any::<(u32, u32, bool, u64, u32)>(),
        proptest::option::of(format),
    )
        .prop_map(
            |((stream, sequence, key, captured_us, encode_us), format)| Frame {
                stream,
                sequence,
                key,
                captured_us,
                encode_us,
                format,
            },
        )
}

fn message_to_browser() -> impl Strategy<Value = ToBrowser> {
    prop_oneof![
        any::<u16>().prop_map(|version| ToBrowser::Hello { version }),
        state().prop_map(ToBrowser::State),
        change().prop_map(ToBrowser::Change),
        any::<(u64, u64)>().prop_map(|(sent_us, relay_us)| ToBrowser::Pong { sent_us, relay_us }),
        Just(ToBrowser::Closing(Closing::Restarting)),
    ]
}

proptest! {
    #[test]
    fn what_the_page_says_comes_back(message in message_to_relay()) {
        let bytes = encode_to_relay(&message);
        prop_assert!(bytes.len() <= TO_RELAY_MAX);
        prop_assert_eq!(decode_to_relay(&bytes), Ok(message));
    }

    #[test]
    fn what_the_relay_says_comes_back(message in message_to_browser()) {
        let bytes = encode_to_browser(&message, &[]);
        prop_assert_eq!(decode_to_browser(&bytes), Ok((message, &[][..])));
    }

    #[test]
    fn a_frame_keeps_its_tail(frame in frame(), tail in vec(any::<u8>(), 0..5_000)) {
        let bytes = encode_to_browser(&ToBrowser::Video(frame), &tail);
        prop_assert_eq!(decode_to_browser(&bytes), Ok((ToBrowser::Video(frame), &tail[..])));
    }

    #[test]
    fn a_message_cut_off_is_refused(message in message_to_relay(), cut in any::<prop::sample::Index>()) {
        let bytes = encode_to_relay(&message);
        prop_assert_eq!(decode_to_relay(&bytes[..cut.index(bytes.len())]), Err(WireError::Malformed));
    }

    #[test]
    fn bytes_behind_a_message_are_refused(message in message_to_relay(), more in 1..20_usize) {
        let mut bytes = encode_to_relay(&message);
        bytes.resize(bytes.len() + more, 0);
        prop_assert_eq!(decode_to_relay(&bytes), Err(WireError::Trailing(more)));
    }

    #[test]
    fn any_bytes_are_decoded_or_refused_within_bounds(bytes in vec(any::<u8>(), 0..2 * TO_RELAY_MAX)) {
        let largest = counting::largest_allocation(|| {
            let _ = decode_to_relay(&bytes);
        });
        prop_assert!(largest <= 1024, "{} bytes at once", largest);
        let largest = counting::largest_allocation(|| {
            let _ = decode_to_browser(&bytes);
        });
        prop_assert!(largest <= bytes.len().max(64 * size_of::<switch::Port>()), "{} bytes at once", largest);
    }
}

#[test]
fn a_list_too_long_is_refused_before_anything_is_allocated() {
    let one_too_many = u8::try_from(HELD_MAX + 1).unwrap();
    let held = [&[1, 5, one_too_many][..], &[0; 2 * (HELD_MAX + 1) + 1]].concat();
    let mut decoded = Ok(ToRelay::TakeControl);
    let largest = counting::largest_allocation(|| decoded = decode_to_relay(&held));
    assert_eq!(decoded, Err(WireError::Malformed));
    assert_eq!(largest, 0);
}

#[test]
fn a_list_that_claims_more_than_there_is_costs_no_more_than_there_is() {
    let four_billion = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
    let held = [&[1, 5][..], &four_billion, &[0; 64]].concat();
    let mut decoded = Ok(ToRelay::TakeControl);
    let largest = counting::largest_allocation(|| decoded = decode_to_relay(&held));
    assert_eq!(decoded, Err(WireError::Malformed));
    assert!(
        largest <= HELD_MAX * size_of::<Usage>(),
        "{largest} bytes at once"
    );
}

#[test]
fn an_oversized_message_is_refused_unread() {
    let bytes = vec![0; TO_RELAY_MAX + 1];
    assert_eq!(
        decode_to_relay(&bytes),
        Err(WireError::Oversized {
            size: TO_RELAY_MAX + 1,
            limit: TO_RELAY_MAX
        })
    );
}
