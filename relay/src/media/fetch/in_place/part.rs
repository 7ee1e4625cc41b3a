//! What a server's answer means where a part of a file was asked for, and the rest stays where it is.

use std::ops::Range;

use axum::http::{HeaderMap, StatusCode, header};
use shared::media::TransferFault;

use crate::media::{
    fetch::answer::{self, Asked, content_range, differ, text},
    library::name::Name,
};

/// The largest file, in bytes: 64 TiB.
const SIZE_MAX: u64 = 1 << 46;

/// A file on a server, as it was when it was first asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// How many bytes it has.
    pub(super) size: u64,
    /// What it is asked for by, so that no part is another file's; `None` where the server names nothing of the kind.
    pub(super) validator: Option<String>,
    /// What the server calls it.
    pub(super) name: Option<Name>,
}

/// What the answer to the first request is, which was for the first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// The file can be read in place.
    File(Known),
    /// Ask there.
    Elsewhere(String),
    /// It cannot.
    Refused(NotInPlace),
}

/// Why a file cannot be read where it is, by what its server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotInPlace {
    /// The server sends the whole of it, or compresses it.
    NoParts,
    /// The server does not say how large it is, or nothing that can be true.
    NoSize,
    /// It is empty.
    Empty,
    /// The server does not have it, or does not give it to the relay.
    Status(u16),
}

/// What the answer to a later request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The bytes from the first one that was asked for up to this one follow.
    Upto(u64),
    /// Ask there.
    Elsewhere(String),
    /// Not now.
    Later(Unusable),
    /// It is another file now, or there is none any more.
    Changed,
}

/// Why an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    /// No part is answered, or a compressed one.
    #[error("it no longer sends parts of the file")]
    NoParts,
    /// Another part.
    #[error("it sends another part than was asked for")]
    AnotherPart,
    /// Any other status.
    #[error("it answers with status {0}")]
    Status(u16),
}

/// Understands the answer to a request for the first byte.
#[must_use]
pub(super) fn first(status: StatusCode, headers: &HeaderMap) -> First {
    let range = text(headers, &header::CONTENT_RANGE);
    if status == StatusCode::RANGE_NOT_SATISFIABLE {
        return First::Refused(match range.map(str::trim) {
            Some("bytes */0") => NotInPlace::Empty,
            _ => NotInPlace::NoParts,
        });
    }
    if headers.contains_key(header::CONTENT_ENCODING) && status.is_success() {
        return First::Refused(NotInPlace::NoParts);
    }
    let size_is_unsaid = range.is_some_and(|range| range.trim().ends_with("/*"));
    match answer::understand(&Asked::default(), status, headers) {
        answer::Meaning::Elsewhere(location) => First::Elsewhere(location),
        answer::Meaning::Rest(file) if file.total.is_none_or(|size| size > SIZE_MAX) => {
            First::Refused(NotInPlace::NoSize)
        }
        answer::Meaning::Rest(file) => First::File(Known {
            size: file.total.unwrap_or(0),
            validator: file.validator,
            name: file.name,
        }),
        _ if status == StatusCode::PARTIAL_CONTENT && size_is_unsaid => {
            First::Refused(NotInPlace::NoSize)
        }
        answer::Meaning::Whole(file) if file.total == Some(0) => First::Refused(NotInPlace::Empty),
        _ if status.is_success() => First::Refused(NotInPlace::NoParts),
        _ => First::Refused(NotInPlace::Status(status.as_u16())),
    }
}

/// Understands the answer to a request for these bytes.
#[must_use]
pub(super) fn understand(
    known: &Known,
    wanted: &Range<u64>,
    status: StatusCode,
    headers: &HeaderMap,
) -> Meaning {
    let asked = Asked {
        from: wanted.start,
        validator: known.validator.clone(),
        total: Some(known.size),
    };
    let is_encoded = headers.contains_key(header::CONTENT_ENCODING);
    match answer::understand(&asked, status, headers) {
        answer::Meaning::Elsewhere(location) => Meaning::Elsewhere(location),
        answer::Meaning::Rest(_) if is_encoded => Meaning::Later(Unusable::NoParts),
        answer::Meaning::Rest(_) => {
            let range = text(headers, &header::CONTENT_RANGE).and_then(content_range);
            match range {
                Some((sent, _)) if sent.end <= wanted.end => Meaning::Upto(sent.end),
                _ => Meaning::Later(Unusable::AnotherPart),
            }
        }
        answer::Meaning::Whole(file) => {
            let is_another =
                differ(&known.validator, &file.validator) || differ(&Some(known.size), &file.total);
            match is_another {
                true => Meaning::Changed,
                false => Meaning::Later(Unusable::NoParts),
            }
        }
        answer::Meaning::Fault(TransferFault::Changed | TransferFault::Status(404 | 410)) => {
            Meaning::Changed
        }
        answer::Meaning::Fault(TransferFault::Size) => Meaning::Later(Unusable::AnotherPart),
        answer::Meaning::Fault(_) | answer::Meaning::Later => {
            Meaning::Later(Unusable::Status(status.as_u16()))
        }
    }
}

#[cfg(test)]
mod tests;
