//! Which part of a file a request wants (RFC 9110, section 14).

use axum::http::{HeaderMap, header};

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// All of it.
    All,
    /// The bytes from `start` up to `end`, which is not one of them.
    Part {
        /// In bytes.
        start: u64,
        /// In bytes; larger than `start`.
        end: u64,
    },
    /// Bytes that the file has not.
    Beyond,
}

/// What a request wants of a file of this size and entity tag. Several parts at once are answered with the whole.
#[must_use]
pub fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Range {
    let of_another = headers
        .get(header::IF_RANGE)
        .is_some_and(|condition| condition != tag);
    let ranges = headers.get_all(header::RANGE);
    let mut ranges = ranges.iter();
    match (ranges.next(), ranges.next()) {
        (Some(range), None) if !of_another => range
            .to_str()
            .ok()
            .and_then(|range| part(range, size))
            .unwrap_or(Range::All),
        _ => Range::All,
    }
}

/// `None` where it is not understood.
fn part(range: &str, size: u64) -> Option<Range> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (first, last) {
        ("", suffix) => (size.saturating_sub(number(suffix)?), size),
        (first, "") => (number(first)?, size),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(size))
        }
    };
    Some(match start < end {
        true => Range::Part { start, end },
        false => Range::Beyond,
    })
}

fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(header::HeaderName, &str)]) -> Range {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().unwrap());
        }
        wanted(&headers, "\"a\"", 1000)
    }

    fn range(range: &str) -> Range {
        of(&[(header::RANGE, range)])
    }

    #[test]
    fn one_part_is_given() {
        for (text, start, end) in [
            ("bytes=0-0", 0, 1),
            ("bytes=0-499", 0, 500),
            ("bytes=500-", 500, 1000),
            ("bytes=-100", 900, 1000),
            ("bytes=-5000", 0, 1000),
            ("bytes=990-5000", 990, 1000),
            ("bytes=0-99999999999999999999999", 0, 1000),
        ] {
            assert_eq!(range(text), Range::Part { start, end }, "{text}");
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        for text in ["bytes=1000-", "bytes=2000-3000", "bytes=-0"] {
            assert_eq!(range(text), Range::Beyond, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_gives_all() {
        for text in [
            "bytes=5-1",
            "bytes=a-b",
            "bytes=-",
            "bytes=+1-5",
            "lines=0-1",
            "bytes=0-1,5-6",
            "",
        ] {
            assert_eq!(range(text), Range::All, "{text}");
        }
        let twice = [(header::RANGE, "bytes=0-1"), (header::RANGE, "bytes=2-3")];
        assert_eq!(of(&twice), Range::All);
    }

    #[test]
    fn a_part_of_another_file_is_not_given() {
        let of_file = |tag| of(&[(header::RANGE, "bytes=0-0"), (header::IF_RANGE, tag)]);
        assert_eq!(of_file("\"a\""), Range::Part { start: 0, end: 1 });
        assert_eq!(of_file("\"b\""), Range::All);
    }
}
