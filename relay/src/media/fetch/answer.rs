//! What a server's answer means for a fetch.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use shared::media::TransferFault;

use super::source;
use crate::media::library::name::Name;

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// From which byte on.
    pub from: u64,
    /// What the file must still be for that.
    pub validator: Option<String>,
    /// How many bytes it has, as far as is known.
    pub total: Option<u64>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Ask there.
    Elsewhere(String),
    /// The file from its beginning.
    Whole(File),
    /// The file from where it was asked for on.
    Rest(File),
    /// Ask again later.
    Later,
    /// It is not to be had.
    Fault(TransferFault),
}

/// What a server says of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// How many bytes it has.
    pub total: Option<u64>,
    /// What it is asked for by, to have it go on: a strong entity tag, or the time of its last change.
    pub validator: Option<String>,
    /// What it is called.
    pub name: Option<Name>,
}

/// Understands an answer (RFC 9110, sections 14 and 15).
#[must_use]
pub fn understand(asked: &Asked, status: StatusCode, headers: &HeaderMap) -> Meaning {
    let file = File {
        total: None,
        validator: validator(headers),
        name: text(headers, &header::CONTENT_DISPOSITION).and_then(source::name_in),
    };
    match status {
        StatusCode::OK => whole(asked, headers, file),
        StatusCode::PARTIAL_CONTENT => rest(asked, headers, file),
        StatusCode::RANGE_NOT_SATISFIABLE => Meaning::Fault(TransferFault::Changed),
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Meaning::Later,
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => match text(headers, &header::LOCATION) {
            Some(location) => Meaning::Elsewhere(location.to_owned()),
            None => Meaning::Fault(TransferFault::Status(status.as_u16())),
        },
        other => Meaning::Fault(TransferFault::Status(other.as_u16())),
    }
}

/// All of it though a part was asked for: the server knows no parts, or the file is another one.
fn whole(asked: &Asked, headers: &HeaderMap, file: File) -> Meaning {
    let is_another = asked.from > 0 && differ(&asked.validator, &file.validator);
    if is_another {
        return Meaning::Fault(TransferFault::Changed);
    }
    let total = match headers.contains_key(header::CONTENT_ENCODING) {
        true => None,
        false => text(headers, &header::CONTENT_LENGTH).and_then(number),
    };
    Meaning::Whole(File { total, ..file })
}

fn rest(asked: &Asked, headers: &HeaderMap, file: File) -> Meaning {
    let range = text(headers, &header::CONTENT_RANGE).and_then(content_range);
    let Some((sent, total)) = range else {
        return Meaning::Fault(TransferFault::Size);
    };
    let is_another =
        differ(&asked.validator, &file.validator) || differ(&asked.total, &Some(total));
    if is_another {
        return Meaning::Fault(TransferFault::Changed);
    }
    if sent.start != asked.from {
        return Meaning::Fault(TransferFault::Size);
    }
    Meaning::Rest(File {
        total: Some(total),
        validator: file.validator.or_else(|| asked.validator.clone()),
        ..file
    })
}

/// Whether both are known, and not the same.
pub(super) fn differ<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

fn validator(headers: &HeaderMap) -> Option<String> {
    text(headers, &header::ETAG)
        .filter(|tag| tag.starts_with('"'))
        .or_else(|| text(headers, &header::LAST_MODIFIED))
        .filter(|validator| validator.len() <= 256)
        .map(str::to_owned)
}

/// The bytes that are sent and the size of the whole in `bytes 5-9/10`.
pub(super) fn content_range(text: &str) -> Option<(Range<u64>, u64)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, total) = (number(first)?, number(last)?, number(total)?);
    (first <= last && last < total).then_some((first..last + 1, total))
}

fn number(digits: &str) -> Option<u64> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// A header, where it is there and readable.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(asked: &Asked, status: u16, pairs: &[(&'static str, &str)]) -> Meaning {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        understand(asked, StatusCode::from_u16(status).unwrap(), &headers)
    }

    fn of(from: u64) -> Asked {
        Asked {
            from,
            validator: Some("\"a\"".into()),
            total: Some(100),
        }
    }

    #[test]
    fn a_first_answer_says_what_the_file_is() {
        let answer = answer(
            &Asked::default(),
            200,
            &[
                ("content-length", "100"),
                ("etag", "\"a\""),
                ("last-modified", "Mon, 23 Nov 2026 08:00:00 GMT"),
                ("content-disposition", "attachment; filename=\"a.iso\""),
            ],
        );
        let file = File {
            total: Some(100),
            validator: Some("\"a\"".into()),
            name: Name::new("a.iso").ok(),
        };
        assert_eq!(answer, Meaning::Whole(file));
    }

    #[test]
    fn a_weak_tag_does_not_tell_two_files_apart() {
        let changed = "Mon, 23 Nov 2026 08:00:00 GMT";
        let headers = [("etag", "W/\"a\""), ("last-modified", changed)];
        let Meaning::Whole(file) = answer(&Asked::default(), 200, &headers) else {
            panic!();
        };
        assert_eq!(file.validator.as_deref(), Some(changed));
    }

    #[test]
    fn the_rest_goes_on_where_it_was_asked_for() {
        let headers = [("content-range", "bytes 40-99/100"), ("etag", "\"a\"")];
        let rest = answer(&of(40), 206, &headers);
        assert!(matches!(
            rest,
            Meaning::Rest(File {
                total: Some(100),
                ..
            })
        ));
    }

    #[test]
    fn a_server_that_knows_no_parts_sends_all_anew() {
        let headers = [("content-length", "100"), ("etag", "\"a\"")];
        assert!(matches!(answer(&of(40), 200, &headers), Meaning::Whole(_)));
        assert!(matches!(answer(&of(40), 200, &[]), Meaning::Whole(_)));
    }

    #[test]
    fn another_file_is_not_mixed_with_the_first() {
        for (status, headers) in [
            (200, &[("etag", "\"b\"")][..]),
            (
                206,
                &[("content-range", "bytes 40-99/100"), ("etag", "\"b\"")],
            ),
            (206, &[("content-range", "bytes 40-199/200")]),
            (416, &[("content-range", "bytes */20")]),
        ] {
            let answer = answer(&of(40), status, headers);
            assert_eq!(answer, Meaning::Fault(TransferFault::Changed), "{status}");
        }
    }

    #[test]
    fn a_part_that_was_not_asked_for_is_not_taken() {
        for range in [
            "bytes 0-99/100",
            "bytes 50-99/100",
            "bytes 40-100/100",
            "bytes 99-40/100",
            "bytes 40-99/*",
            "bytes */100",
            "lines 40-99/100",
            "",
        ] {
            let answer = answer(&of(40), 206, &[("content-range", range)]);
            assert_eq!(answer, Meaning::Fault(TransferFault::Size), "{range}");
        }
        let unasked = answer(&of(40), 206, &[]);
        assert_eq!(unasked, Meaning::Fault(TransferFault::Size));
    }

    #[test]
    fn what_is_not_to_be_had_is_told_and_what_may_come_is_waited_for() {
        for status in [204, 400, 401, 403, 404, 410, 500] {
            let answer = answer(&of(0), status, &[]);
            assert_eq!(answer, Meaning::Fault(TransferFault::Status(status)));
        }
        for status in [429, 502, 503, 504] {
            assert_eq!(answer(&of(0), status, &[]), Meaning::Later);
        }
        let elsewhere = answer(&of(0), 302, &[("location", "/b")]);
        assert_eq!(elsewhere, Meaning::Elsewhere("/b".into()));
        let nowhere = answer(&of(0), 302, &[]);
        assert_eq!(nowhere, Meaning::Fault(TransferFault::Status(302)));
    }
}
