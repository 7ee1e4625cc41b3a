//! The wire of the serial console: its frozen bytes (written down by hand, see `golden/main.rs`), and what holds for any bytes.

use proptest::prelude::*;
use shared::{
    serial::{
        End, FROM_TERMINAL_MAX, FromTerminal, OUTPUT_MAX, Place, Refused, TO_TERMINAL_MAX,
        TYPED_MAX, ToTerminal, decode_from_terminal, decode_to_terminal, encode_from_terminal,
        encode_to_terminal,
    },
    wire::WireError,
};

#[test]
fn from_the_page() {
    for (message, tail, bytes) in [
        (FromTerminal::Open { resumes: None }, &b""[..], &[0, 0][..]),
        (
            FromTerminal::Open {
                resumes: Some(Place {
                    log: 128,
                    offset: 300,
                }),
            },
            b"",
            &[0, 1, 0x80, 0x01, 0xAC, 0x02],
        ),
        (
            FromTerminal::Type { viewer: 3 },
            b"ls\r",
            &[1, 3, b'l', b's', b'\r'],
        ),
        (FromTerminal::Break { viewer: 128 }, b"", &[2, 0x80, 0x01]),
        (
            FromTerminal::SetSpeed {
                viewer: 1,
                speed: 115_200,
            },
            b"",
            &[3, 1, 0x80, 0x84, 0x07],
        ),
    ] {
        assert_eq!(encode_from_terminal(&message, tail), bytes, "{message:?}");
        assert_eq!(decode_from_terminal(bytes), Ok((message, tail)));
    }
}

#[test]
fn to_the_page() {
    for (message, tail, bytes) in [
        (
            ToTerminal::Opened {
                log: 1,
                from: 2,
                now: 1 << 32,
            },
            &b""[..],
            &[0, 1, 2, 0x80, 0x80, 0x80, 0x80, 0x10][..],
        ),
        (
            ToTerminal::Output { offset: 300 },
            b"$ ",
            &[1, 0xAC, 0x02, b'$', b' '],
        ),
        (ToTerminal::Refused(Refused::NoControl), b"", &[2, 0]),
        (ToTerminal::Refused(Refused::Closed), b"", &[2, 1]),
        (ToTerminal::Refused(Refused::Full), b"", &[2, 2]),
        (ToTerminal::Refused(Refused::Speed), b"", &[2, 3]),
    ] {
        assert_eq!(encode_to_terminal(&message, tail), bytes, "{message:?}");
        assert_eq!(decode_to_terminal(bytes), Ok((message, tail)));
    }
}

#[test]
fn ends_have_codes_of_their_own() {
    for (end, code) in [
        (End::SignedOut, 4200),
        (End::BadMessage, 4201),
        (End::Restarting, 4202),
        (End::Silent, 4203),
    ] {
        assert_eq!(end.code(), code);
        assert_eq!(End::from_code(code), Some(end));
    }
    assert_eq!(End::from_code(1006), None);
    assert_eq!(End::from_code(4204), None);
}

#[test]
fn what_does_not_belong_there_is_refused() {
    for (bytes, error) in [
        (&[][..], WireError::Malformed),
        (&[9], WireError::Malformed),
        (&[1, 3], WireError::Malformed),
        (&[0, 0, 1], WireError::Trailing(1)),
        (&[2, 5, 1, 1], WireError::Trailing(2)),
    ] {
        assert_eq!(decode_from_terminal(bytes), Err(error), "{bytes:?}");
    }
    assert_eq!(decode_to_terminal(&[1, 3]), Err(WireError::Malformed));
    assert_eq!(decode_to_terminal(&[2, 0, 1]), Err(WireError::Trailing(1)));
    let typed = |length| encode_from_terminal(&FromTerminal::Type { viewer: 1 }, &vec![0; length]);
    let printed = |length| encode_to_terminal(&ToTerminal::Output { offset: 1 }, &vec![0; length]);
    assert!(decode_from_terminal(&typed(TYPED_MAX)).is_ok());
    assert!(decode_to_terminal(&printed(OUTPUT_MAX)).is_ok());
    for length in [TYPED_MAX + 1, FROM_TERMINAL_MAX + 1] {
        let refused = decode_from_terminal(&typed(length)).map(|_| ());
        assert!(matches!(refused, Err(WireError::Oversized { .. })));
    }
    for length in [OUTPUT_MAX + 1, TO_TERMINAL_MAX + 1] {
        let refused = decode_to_terminal(&printed(length)).map(|_| ());
        assert!(matches!(refused, Err(WireError::Oversized { .. })));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail_otherwise(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok((message, tail)) = decode_from_terminal(&bytes) {
            let again = encode_from_terminal(&message, tail);
            prop_assert_eq!(decode_from_terminal(&again), Ok((message, tail)));
        }
        if let Ok((message, tail)) = decode_to_terminal(&bytes) {
            let again = encode_to_terminal(&message, tail);
            prop_assert_eq!(decode_to_terminal(&again), Ok((message, tail)));
        }
    }

    #[test]
    fn the_largest_message_fits(viewer in any::<u32>(), offset in any::<u64>()) {
        let typed = encode_from_terminal(&FromTerminal::Type { viewer }, &[0; TYPED_MAX]);
        prop_assert!(decode_from_terminal(&typed).is_ok());
        let printed = encode_to_terminal(&ToTerminal::Output { offset }, &[0; OUTPUT_MAX]);
        prop_assert!(decode_to_terminal(&printed).is_ok());
    }
}
