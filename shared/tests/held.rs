//! The wire of held files: its frozen bytes (written down by hand, see `golden/main.rs`), and what holds for any bytes.

use proptest::prelude::*;
use shared::{
    held::{
        Ask, End, FROM_HOLDER_MAX, File, FromHolder, Offer, PART_MAX, TO_HOLDER_MAX, ToHolder,
        decode_from_holder, decode_to_holder, encode_from_holder, encode_to_holder,
    },
    wire::WireError,
};

fn offer(resumes: Option<u32>) -> FromHolder {
    FromHolder::Offer(Offer {
        file: File {
            name: "a".into(),
            bytes: 300,
            modified_ms: -1,
            samples: [7; 32],
        },
        resumes,
    })
}

#[test]
fn from_the_page() {
    for (resumes, end) in [(None, &[0][..]), (Some(2), &[1, 2])] {
        let mut bytes = vec![0, 1, b'a', 0xAC, 0x02, 1];
        bytes.extend([7; 32]);
        bytes.extend(end);
        assert_eq!(encode_from_holder(&offer(resumes), &[]), bytes);
        assert_eq!(decode_from_holder(&bytes), Ok((offer(resumes), &[][..])));
    }
    let part = FromHolder::Part { number: 128 };
    assert_eq!(
        encode_from_holder(&part, b"xyz"),
        [1, 0x80, 0x01, b'x', b'y', b'z']
    );
    assert_eq!(
        decode_from_holder(&[1, 0x80, 0x01, 9]),
        Ok((part, &[9][..]))
    );
    for (message, bytes) in [
        (FromHolder::Unread { number: 5 }, &[2, 5][..]),
        (FromHolder::Changed, &[3]),
    ] {
        assert_eq!(encode_from_holder(&message, &[]), bytes);
        assert_eq!(decode_from_holder(bytes), Ok((message, &[][..])));
    }
}

#[test]
fn to_the_page() {
    let ask = Ask {
        number: 1,
        offset: 1 << 32,
        length: 4096,
    };
    for (message, bytes) in [
        (ToHolder::Taken { held: 3 }, &[0, 3][..]),
        (
            ToHolder::Ask(ask),
            &[1, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 0x80, 0x20],
        ),
    ] {
        assert_eq!(encode_to_holder(&message), bytes);
        assert_eq!(decode_to_holder(bytes), Ok(message));
    }
}

#[test]
fn ends_have_codes_of_their_own() {
    for (end, code) in [
        (End::Ejected, 4100),
        (End::OtherFile, 4101),
        (End::Unknown, 4102),
        (End::Superseded, 4103),
        (End::SignedOut, 4104),
        (End::BadMessage, 4105),
        (End::Restarting, 4106),
        (End::Silent, 4107),
        (End::Full, 4108),
    ] {
        assert_eq!(end.code(), code);
        assert_eq!(End::from_code(code), Some(end));
    }
    assert_eq!(End::from_code(1006), None);
    assert_eq!(End::from_code(4109), None);
}

#[test]
fn what_does_not_belong_there_is_refused() {
    for (bytes, error) in [
        (&[][..], WireError::Malformed),
        (&[9], WireError::Malformed),
        (&[0, 200, b'a'], WireError::Malformed),
        (&[2, 5, 1], WireError::Trailing(1)),
        (&[3, 0], WireError::Trailing(1)),
    ] {
        assert_eq!(decode_from_holder(bytes), Err(error), "{bytes:?}");
    }
    let most = encode_from_holder(&FromHolder::Part { number: u32::MAX }, &vec![0; PART_MAX]);
    assert!(decode_from_holder(&most).is_ok());
    let more = vec![1; FROM_HOLDER_MAX + 1];
    assert!(matches!(
        decode_from_holder(&more),
        Err(WireError::Oversized { .. })
    ));
    assert_eq!(decode_to_holder(&[0, 3, 1]), Err(WireError::Trailing(1)));
    let more = vec![0; TO_HOLDER_MAX + 1];
    assert!(matches!(
        decode_to_holder(&more),
        Err(WireError::Oversized { .. })
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail_otherwise(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok((message, tail)) = decode_from_holder(&bytes) {
            let again = encode_from_holder(&message, tail);
            prop_assert_eq!(decode_from_holder(&again), Ok((message, tail)));
        }
        if let Ok(message) = decode_to_holder(&bytes) {
            prop_assert_eq!(decode_to_holder(&encode_to_holder(&message)), Ok(message));
        }
    }

    #[test]
    fn offers_come_back_as_they_were(
        name in ".{0,300}",
        bytes in any::<u64>(),
        modified_ms in any::<i64>(),
        samples in any::<[u8; 32]>(),
        resumes in any::<Option<u32>>(),
    ) {
        let file = File { name, bytes, modified_ms, samples };
        let offer = FromHolder::Offer(Offer { file, resumes });
        let encoded = encode_from_holder(&offer, &[]);
        prop_assert_eq!(decode_from_holder(&encoded), Ok((offer, &[][..])));
    }

    #[test]
    fn whatever_is_asked_fits_a_message(number in any::<u32>(), offset in any::<u64>(), length in any::<u32>()) {
        let ask = ToHolder::Ask(Ask { number, offset, length });
        let encoded = encode_to_holder(&ask);
        prop_assert!(encoded.len() <= TO_HOLDER_MAX);
        prop_assert_eq!(decode_to_holder(&encoded), Ok(ask));
    }
}
