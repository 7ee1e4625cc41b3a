//! The files of the page, from inside the release binary.

use std::borrow::Cow;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{api, problem::Problem};

const INDEX: &str = "index.html";

/// The digits of a hash in a file's name.
const HASH_DIGITS: usize = 16;

#[derive(RustEmbed)]
#[folder = "../target/page"]
#[allow_missing = true]
struct Files;

/// Whether this build has a page.
#[must_use]
pub fn is_there() -> bool {
    Files::get(INDEX).is_some()
}

/// Everything that has no other route: a file of the page, or its entry for the paths that the page itself makes.
pub async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return api::wrong_method().await.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let name = if path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains('.'))
    {
        path
    } else {
        INDEX
    };
    match find(name, request.headers()) {
        Some(file) => file.answer(request.headers()),
        None if name == INDEX => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "This relay was built without its page. Build it with `./justw build`.",
        )
        .into_response(),
        None => api::unknown().await.into_response(),
    }
}

struct Found<'a> {
    name: &'a str,
    brotli: bool,
    file: EmbeddedFile,
}

fn find<'a>(name: &'a str, headers: &HeaderMap) -> Option<Found<'a>> {
    let brotli = takes_brotli(headers)
        .then(|| Files::get(&format!("{name}.br")))
        .flatten();
    let (brotli, file) = match brotli {
        Some(file) => (true, file),
        None => (false, Files::get(name)?),
    };
    Some(Found { name, brotli, file })
}

impl Found<'_> {
    fn answer(self, request: &HeaderMap) -> Response {
        let tag = self.tag();
        let known = request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .any(|known| *known == tag);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(match self.file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            })
            .into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag);
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(cache(self.name)),
        );
        if !known {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(media_type(self.name)),
            );
            if self.brotli {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            }
        }
        response
    }

    #[expect(
        clippy::expect_used,
        reason = "hexadecimal digits and quotes are visible ASCII"
    )]
    fn tag(&self) -> HeaderValue {
        let hash = self.file.metadata.sha256_hash();
        let hex: String = hash[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        HeaderValue::try_from(format!("\"{hex}\"")).expect("visible ASCII")
    }
}

/// Names with a hash in them never change their content.
fn cache(name: &str) -> &'static str {
    let hashed = name
        .rsplit_once('.')
        .and_then(|(stem, _)| stem.rsplit_once('-'))
        .is_some_and(|(_, hash)| {
            hash.len() == HASH_DIGITS && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
    if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

fn media_type(name: &str) -> &'static str {
    mime_guess::from_path(name).first_raw().map_or(
        "application/octet-stream",
        |guess| match guess {
            "text/html" => "text/html; charset=utf-8",
            "text/css" => "text/css; charset=utf-8",
            "application/javascript" | "text/javascript" => "text/javascript; charset=utf-8",
            guess => guess,
        },
    )
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|coding| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let quality = quality
                .trim()
                .strip_prefix("q=")?
                .trim()
                .parse::<f32>()
                .ok()?;
            (quality > 0.0).then_some(name.trim())
        })
        .any(|name| name.eq_ignore_ascii_case("br"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brotli(accepted: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        takes_brotli(&headers)
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        assert!(brotli("gzip, deflate, br, zstd"));
        assert!(brotli("br;q=0.5"));
        assert!(!brotli("gzip, deflate"));
        assert!(!brotli("br;q=0, gzip"));
        assert!(!brotli("brotli"));
        assert!(!takes_brotli(&HeaderMap::new()));
    }

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert!(cache("frontend-0123456789abcdef.wasm").contains("immutable"));
        for name in [
            "index.html",
            "manifest.webmanifest",
            "icon-192.png",
            "frontend-notahexadecimal.js",
        ] {
            assert_eq!(cache(name), "no-cache", "{name}");
        }
    }

    #[test]
    fn media_types_are_those_that_browsers_insist_on() {
        assert_eq!(media_type("a.wasm"), "application/wasm");
        assert_eq!(media_type("a.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(media_type("a.svg"), "image/svg+xml");
        assert_eq!(media_type("a.webmanifest"), "application/manifest+json");
        assert_eq!(media_type("a"), "application/octet-stream");
    }
}
