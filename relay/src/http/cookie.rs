//! The cookie that carries a session's token.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::auth::{secret::Token, sessions};

/// Its name. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
pub const NAME: &str = "__Host-armchair";

const ATTRIBUTES: &str = "Path=/; HttpOnly; Secure; SameSite=Strict";

/// The header that sets it.
#[must_use]
pub fn set(token: &Token) -> HeaderValue {
    value(format!(
        "{NAME}={}; Max-Age={}; {ATTRIBUTES}",
        token.to_hex(),
        sessions::LONGEST
    ))
}

/// The header that takes it away.
#[must_use]
pub fn clear() -> HeaderValue {
    value(format!("{NAME}=; Max-Age=0; {ATTRIBUTES}"))
}

/// The token of a request.
#[must_use]
pub fn token(headers: &HeaderMap) -> Option<Token> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .and_then(|(_, value)| Token::from_hex(value))
}

#[expect(clippy::expect_used, reason = "only visible ASCII goes in")]
fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http() {
        let header = set(&Token::random());
        let text = header.to_str().unwrap();
        assert!(text.starts_with("__Host-armchair="));
        for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
            assert!(
                text.split("; ").any(|part| part == attribute),
                "{attribute}"
            );
        }
        assert!(!text.contains("Domain"));
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let token = Token::random();
        let mut headers = HeaderMap::new();
        let text = format!("theme=dark; {NAME}={}; x=y", token.to_hex());
        headers.insert(header::COOKIE, text.parse().unwrap());
        assert!(super::token(&headers) == Some(token));
    }

    #[test]
    fn no_other_cookie_is_taken_for_it() {
        let mut headers = HeaderMap::new();
        let text = format!(
            "armchair={}; {NAME}=; x{NAME}={}",
            "0".repeat(64),
            "1".repeat(64)
        );
        headers.insert(header::COOKIE, text.parse().unwrap());
        assert!(token(&headers).is_none());
    }
}
