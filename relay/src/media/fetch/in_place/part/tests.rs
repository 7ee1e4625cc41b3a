use proptest::prelude::*;

use super::*;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.insert(*name, value.parse().unwrap());
    }
    headers
}

fn known() -> Known {
    Known {
        size: 1000,
        validator: Some("\"one\"".into()),
        name: None,
    }
}

fn answered(status: u16, pairs: &[(&'static str, &str)]) -> Meaning {
    let status = StatusCode::from_u16(status).unwrap();
    understand(&known(), &(100..200), status, &headers(pairs))
}

#[test]
fn a_server_that_gives_the_first_byte_of_a_file_of_known_size_will_do() {
    let first = |pairs: &[_]| super::first(StatusCode::PARTIAL_CONTENT, &headers(pairs));
    assert_eq!(
        first(&[("content-range", "bytes 0-0/1000"), ("etag", "\"one\"")]),
        First::File(known())
    );
    let changed_at = "Mon, 23 Nov 2026 10:00:00 GMT";
    for (etag, validator) in [
        ("W/\"weak\"", Some(changed_at)),
        ("\"one\"", Some("\"one\"")),
    ] {
        let answer = first(&[
            ("content-range", "bytes 0-0/1000"),
            ("etag", etag),
            ("last-modified", changed_at),
        ]);
        let First::File(file) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(file.validator.as_deref(), validator);
    }
}

#[test]
fn others_are_refused_with_the_reason() {
    for (status, pairs, why) in [
        (200, &[("content-length", "1000")][..], NotInPlace::NoParts),
        (200, &[], NotInPlace::NoParts),
        (200, &[("content-length", "0")], NotInPlace::Empty),
        (416, &[("content-range", "bytes */0")], NotInPlace::Empty),
        (416, &[("content-range", "bytes */7")], NotInPlace::NoParts),
        (206, &[("content-range", "bytes 0-0/*")], NotInPlace::NoSize),
        (
            206,
            &[("content-range", "bytes 0-0/9000000000000000000")],
            NotInPlace::NoSize,
        ),
        (
            206,
            &[("content-range", "bytes 5-5/9")],
            NotInPlace::NoParts,
        ),
        (206, &[("content-range", "nonsense")], NotInPlace::NoParts),
        (
            206,
            &[
                ("content-range", "bytes 0-0/1000"),
                ("content-encoding", "gzip"),
            ],
            NotInPlace::NoParts,
        ),
        (404, &[], NotInPlace::Status(404)),
        (503, &[], NotInPlace::Status(503)),
        (304, &[], NotInPlace::Status(304)),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = first(status, &headers(pairs));
        assert_eq!(answer, First::Refused(why), "{status} {pairs:?}");
    }
    let elsewhere = first(StatusCode::FOUND, &headers(&[("location", "/b")]));
    assert_eq!(elsewhere, First::Elsewhere("/b".into()));
}

#[test]
fn a_part_may_be_shorter_than_asked_for_and_nothing_else() {
    for (range, meaning) in [
        ("bytes 100-199/1000", Meaning::Upto(200)),
        ("bytes 100-149/1000", Meaning::Upto(150)),
        ("bytes 100-200/1000", Meaning::Later(Unusable::AnotherPart)),
        ("bytes 0-199/1000", Meaning::Later(Unusable::AnotherPart)),
        ("bytes 101-199/1000", Meaning::Later(Unusable::AnotherPart)),
        ("bytes 199-100/1000", Meaning::Later(Unusable::AnotherPart)),
        ("bytes 100-199/1001", Meaning::Changed),
        ("nonsense", Meaning::Later(Unusable::AnotherPart)),
    ] {
        assert_eq!(
            answered(206, &[("content-range", range)]),
            meaning,
            "{range}"
        );
    }
}

#[test]
fn another_file_is_never_taken_for_the_same() {
    let range = ("content-range", "bytes 100-199/1000");
    let changed = [
        answered(206, &[range, ("etag", "\"two\"")]),
        answered(200, &[("etag", "\"two\""), ("content-length", "1000")]),
        answered(200, &[("etag", "\"one\""), ("content-length", "1001")]),
        answered(416, &[("content-range", "bytes */50")]),
        answered(404, &[]),
        answered(410, &[]),
    ];
    for meaning in changed {
        assert_eq!(meaning, Meaning::Changed);
    }
}

#[test]
fn a_server_that_does_not_serve_now_is_asked_again() {
    let same = [("etag", "\"one\""), ("content-length", "1000")];
    assert_eq!(answered(200, &same), Meaning::Later(Unusable::NoParts));
    for status in [401, 403, 429, 500, 502, 503] {
        let meaning = Meaning::Later(Unusable::Status(status));
        assert_eq!(answered(status, &[]), meaning);
    }
}

proptest! {
    /// What is taken begins where it was asked for, and is within it.
    #[test]
    fn whatever_a_server_says_nothing_beyond_is_taken(
        status in prop::sample::select(vec![200u16, 206, 302, 404, 416, 500]),
        range in prop_oneof![
            "\\PC{0,30}".boxed(),
            (0u64..300, 0u64..300, 0u64..2000)
                .prop_map(|(first, last, size)| format!("bytes {first}-{last}/{size}"))
                .boxed(),
        ],
    ) {
        let mut given = HeaderMap::new();
        if let Ok(value) = range.parse() {
            given.insert(header::CONTENT_RANGE, value);
        }
        let status = StatusCode::from_u16(status).unwrap();
        let _first = first(status, &given);
        if let Meaning::Upto(end) = understand(&known(), &(100..200), status, &given) {
            prop_assert!((101..=200).contains(&end));
            prop_assert!(range.starts_with("bytes 100-") && range.ends_with("/1000"));
        }
    }
}
