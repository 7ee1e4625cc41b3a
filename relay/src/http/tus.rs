//! The headers of tus 1.0, read and written.

use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::problem::Problem;
use crate::media::library::append::Checksum;

/// The version that is spoken.
pub const VERSION: &str = "1.0.0";

/// The extensions that are spoken.
pub const SPOKEN: &str = "creation,creation-with-upload,termination,checksum,expiration";

/// The checksums that are known.
pub const SUMS: &str = "sha1,sha256";

/// The type of an upload's bytes.
pub const CHUNK: &str = "application/offset+octet-stream";

/// The version of a request or an answer.
pub const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
/// The versions that are spoken.
pub const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
/// The extensions that are spoken.
pub const EXTENSIONS: HeaderName = HeaderName::from_static("tus-extension");
/// The checksums that are known.
pub const ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
/// The largest upload, in bytes.
pub const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
/// Where the bytes of a request go, or up to where they are here.
pub const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
/// How many there will be.
pub const LENGTH: HeaderName = HeaderName::from_static("upload-length");
/// What is said of an upload.
pub const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
/// What the bytes of a request shall be.
pub const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
/// When it is forgotten.
pub const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const DEFERRED: HeaderName = HeaderName::from_static("upload-defer-length");
const OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// What the request says that announces an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// How many bytes there will be.
    pub length: u64,
    /// What it shall be called; not checked.
    pub name: String,
    /// How many bytes the image has, where they are more: zeros follow, which need not be sent.
    pub size: Option<u64>,
    /// Its hash, in lower-case hexadecimal.
    pub sha256: Option<String>,
}

/// Checks that a request speaks the version that is spoken here.
///
/// # Errors
/// Where it does not.
pub fn check_version(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(RESUMABLE) {
        Some(version) if version == VERSION => Ok(()),
        _ => Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            format!("Uploads speak tus {VERSION}: say so in Tus-Resumable."),
        )),
    }
}

/// Understands the request that announces an upload.
///
/// # Errors
/// Where it cannot be understood.
pub fn creation(headers: &HeaderMap) -> Result<Creation, Problem> {
    check_version(headers)?;
    if headers.contains_key(DEFERRED) {
        return Err(bad(
            "Upload-Defer-Length is not spoken here: say Upload-Length.",
        ));
    }
    let length = number(headers, &LENGTH)?;
    let mut name = None;
    let mut sha256 = None;
    let mut size = None;
    for (key, value) in pairs(headers)? {
        match key.as_str() {
            "filename" => name = Some(value),
            "name" if name.is_none() => name = Some(value),
            "size" => size = Some(whole(&value, length)?),
            "sha256" if !value.is_empty() => sha256 = Some(self::sha256(&value)?),
            _ => {}
        }
    }
    let name = name
        .ok_or_else(|| bad("Say in Upload-Metadata what the image shall be called: filename."))?;
    Ok(Creation {
        length,
        name,
        size,
        sha256,
    })
}

/// The size of an image of which so many bytes are sent.
fn whole(text: &str, sent: u64) -> Result<u64, Problem> {
    let whole = text.parse().ok().filter(|whole| *whole >= sent);
    whole.ok_or_else(|| bad("The size in Upload-Metadata is that of the image, with the zeros that follow on what is sent."))
}

/// A hash as people write it, in lower-case hexadecimal.
///
/// # Errors
/// Where it is none.
pub fn sha256(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let is_one = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_one {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This is no sha256: it has 64 hexadecimal digits.",
        )),
    }
}

/// Whether the body of a request is bytes of an upload.
#[must_use]
pub fn is_chunk(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(CHUNK.as_bytes()))
}

/// Where the bytes of a request go.
///
/// # Errors
/// Where that is not said.
pub fn offset(headers: &HeaderMap) -> Result<u64, Problem> {
    number(headers, &OFFSET)
}

/// How long the body is, where that is said.
#[must_use]
pub fn content_length(headers: &HeaderMap) -> Option<u64> {
    number(headers, &header::CONTENT_LENGTH).ok()
}

/// What the bytes of a request shall be, where that is said.
///
/// # Errors
/// Where it cannot be understood.
pub fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    let Some(value) = headers.get(CHECKSUM) else {
        return Ok(None);
    };
    let value = value.to_str().ok();
    let parsed = value
        .and_then(|value| value.trim().split_once(' '))
        .and_then(|(name, sum)| Some((name, STANDARD.decode(sum.trim()).ok()?)))
        .and_then(|(name, sum)| match name {
            "sha1" => Some(Checksum::Sha1(sum.try_into().ok()?)),
            "sha256" => Some(Checksum::Sha256(sum.try_into().ok()?)),
            _ => None,
        });
    match parsed {
        Some(checksum) => Ok(Some(checksum)),
        None => Err(bad(
            "Upload-Checksum is not understood: sha1 or sha256, a space, and the sum in Base64.",
        )),
    }
}

/// What is said of an upload, as its client would say it.
#[must_use]
pub fn metadata(name: &str, sha256: Option<&str>) -> String {
    let name = format!("filename {}", STANDARD.encode(name));
    match sha256 {
        Some(sha256) => format!("{name},sha256 {}", STANDARD.encode(sha256)),
        None => name,
    }
}

/// The method that a request stands for, where it says so.
#[must_use]
pub fn method_override(headers: &HeaderMap) -> Option<Method> {
    Method::from_str(headers.get(OVERRIDE)?.to_str().ok()?).ok()
}

fn pairs(headers: &HeaderMap) -> Result<Vec<(String, String)>, Problem> {
    let misunderstood = || {
        bad(
            "Upload-Metadata is not understood: names with values in Base64, and commas between them.",
        )
    };
    let Some(value) = headers.get(METADATA) else {
        return Ok(Vec::new());
    };
    let value = value.to_str().map_err(|_| misunderstood())?;
    let parts = value.split(',').map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once(' ').unwrap_or((part, ""));
            let value = STANDARD.decode(value.trim()).ok()?;
            Some((key.to_owned(), String::from_utf8(value).ok()?))
        })
        .collect::<Option<_>>()
        .ok_or_else(misunderstood)
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Problem> {
    let digits = headers
        .get(name)
        .and_then(|value: &HeaderValue| value.to_str().ok());
    let digits = digits
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| bad(&format!("{name} must be a number of bytes.")))
}

fn bad(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    /// The example of tus 1.0, section Creation.
    #[test]
    fn the_specifications_example_is_understood() {
        let headers = headers(&[
            ("tus-resumable", "1.0.0"),
            ("upload-length", "100"),
            (
                "upload-metadata",
                "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential",
            ),
        ]);
        assert_eq!(
            creation(&headers).unwrap(),
            Creation {
                length: 100,
                name: "world_domination_plan.pdf".into(),
                size: None,
                sha256: None
            }
        );
    }

    /// The example of tus 1.0, section Checksum.
    #[test]
    fn the_specifications_checksum_is_understood() {
        let sum = checksum(&headers(&[(
            "upload-checksum",
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        )]));
        let Ok(Some(Checksum::Sha1(sum))) = sum else {
            panic!("{sum:?}");
        };
        assert_eq!(sum[..3], [0x2A, 0xAE, 0x6C]);
        for wrong in ["md5 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha1", "sha1 AAAA", ""] {
            assert!(checksum(&headers(&[("upload-checksum", wrong)])).is_err());
        }
    }

    #[test]
    fn sizes_that_are_none_are_refused() {
        for length in ["-1", "", "1e9", "+5", "0x10", "18446744073709551616", " "] {
            let headers = headers(&[
                ("tus-resumable", "1.0.0"),
                ("upload-length", length),
                ("upload-metadata", "filename YQ=="),
            ]);
            assert!(creation(&headers).is_err(), "{length}");
        }
    }

    #[test]
    fn what_is_written_is_understood() {
        let metadata = metadata("ä.iso", Some(&"ab".repeat(32)));
        let headers = headers(&[
            ("tus-resumable", "1.0.0"),
            ("upload-length", "7"),
            ("upload-metadata", &metadata),
        ]);
        let creation = creation(&headers).unwrap();
        assert_eq!(creation.name, "ä.iso");
        assert_eq!(creation.sha256, Some("ab".repeat(32)));
    }
}
