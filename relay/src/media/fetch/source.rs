//! Where an image is fetched from, and what it may be called after that.

use percent_encoding::percent_decode_str;
use shared::media::NAME_MAX;
use thiserror::Error;
use url::{Host, Url};

use super::address::{Network, is_permitted};
use crate::media::library::name::Name;

/// The longest address, in bytes.
const URL_MAX: usize = 4096;

/// Why nothing is fetched from an address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadSource {
    /// Not an address.
    #[error("this is no address like https://example.com/image.iso")]
    Unreadable,
    /// Another protocol.
    #[error("only http and https addresses can be fetched")]
    Scheme,
    /// It would stay in the list for everybody to read.
    #[error("an address with a user name or a password is not taken")]
    Credentials,
    /// The relay's own, or one of its network.
    #[error(
        "{0} is an address of the relay's own network, which its settings do not allow (drives.allow_networks)"
    )]
    Forbidden(String),
}

/// Understands an address.
///
/// # Errors
/// Where nothing is fetched from it. That its host has a forbidden address is known later where it is a name.
pub fn parse(text: &str, allowed: &[Network]) -> Result<Url, BadSource> {
    if text.len() > URL_MAX {
        return Err(BadSource::Unreadable);
    }
    let url = Url::parse(text.trim()).map_err(|_| BadSource::Unreadable)?;
    check(url, allowed)
}

/// An address as others may read it: without its query, which is often a key.
#[must_use]
pub fn shown(text: &str) -> String {
    let Ok(mut url) = Url::parse(text.trim()) else {
        return String::new();
    };
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Where a redirect leads. It never leads from https to http.
///
/// # Errors
/// Where nothing is fetched from there.
pub fn redirected(from: &Url, location: &str, allowed: &[Network]) -> Result<Url, BadSource> {
    if location.len() > URL_MAX {
        return Err(BadSource::Unreadable);
    }
    let url = from.join(location).map_err(|_| BadSource::Unreadable)?;
    match (from.scheme(), url.scheme()) {
        ("https", "http") => Err(BadSource::Scheme),
        _ => check(url, allowed),
    }
}

fn check(mut url: Url, allowed: &[Network]) -> Result<Url, BadSource> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(BadSource::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadSource::Credentials);
    }
    let literal = match url.host().ok_or(BadSource::Unreadable)? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    };
    if let Some(address) = literal.filter(|address| !is_permitted(*address, allowed)) {
        return Err(BadSource::Forbidden(address.to_string()));
    }
    url.set_fragment(None);
    Ok(url)
}

/// A name for what is at an address.
#[must_use]
pub fn name_of(url: &Url) -> Name {
    let last = url.path_segments().and_then(|mut parts| parts.next_back());
    let decoded = percent_decode_str(last.unwrap_or_default()).decode_utf8_lossy();
    tame(&decoded).unwrap_or_else(Name::unnamed)
}

/// The name that a server gives in `Content-Disposition` (RFC 6266), where it can be one.
#[must_use]
pub fn name_in(disposition: &str) -> Option<Name> {
    let mut plain = None;
    for parameter in parameters(disposition) {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "filename*" => {
                if let Some(name) = extended(value).and_then(|name| tame(&name)) {
                    return Some(name);
                }
            }
            "filename" => plain = tame(&unquoted(value)),
            _ => {}
        }
    }
    plain
}

/// What follows the kind, separated by semicolons that are not within quotes.
fn parameters(disposition: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    disposition
        .split(move |character| {
            let ends = character == ';' && !is_quoted;
            if character == '"' && !is_escaped {
                is_quoted = !is_quoted;
            }
            is_escaped = is_quoted && character == '\\' && !is_escaped;
            ends
        })
        .skip(1)
}

/// `UTF-8''percent%20encoded` (RFC 8187).
fn extended(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _language, text) = (parts.next()?, parts.next()?, parts.next()?);
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    charset
        .eq_ignore_ascii_case("utf-8")
        .then(|| decoded.into_owned())
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
    else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

/// Makes a name of what a server says: what cannot be in one is replaced, and folders are left out.
fn tame(text: &str) -> Option<Name> {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name = String::new();
    for character in last.chars() {
        let tamed = match Name::new(&format!("a{character}a")) {
            Ok(_) => character,
            Err(_) => '_',
        };
        if name.len() + tamed.len_utf8() > NAME_MAX {
            break;
        }
        name.push(tamed);
    }
    let trimmed = name
        .trim()
        .trim_start_matches('.')
        .trim_end_matches(|last: char| last == '.' || last.is_whitespace())
        .trim_start();
    if trimmed.is_empty() {
        return None;
    }
    Name::new(trimmed)
        .or_else(|_| Name::new(&format!("_{trimmed}")))
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_the_web_are_taken() {
        let url = parse(" https://example.com:8443/a%20b.iso?x=1#part ", &[]).unwrap();
        assert_eq!(url.as_str(), "https://example.com:8443/a%20b.iso?x=1");
        assert!(parse("http://[2606:4700::1111]/a", &[]).is_ok());
    }

    #[test]
    fn others_are_refused_in_whatever_form() {
        for (text, why) in [
            ("", BadSource::Unreadable),
            ("image.iso", BadSource::Unreadable),
            ("http://", BadSource::Unreadable),
            ("file:///etc/passwd", BadSource::Scheme),
            ("ftp://example.com/a", BadSource::Scheme),
            ("https://user@example.com/a", BadSource::Credentials),
            ("https://:secret@example.com/a", BadSource::Credentials),
        ] {
            assert_eq!(parse(text, &[]), Err(why), "{text}");
        }
        for text in [
            "http://127.0.0.1/a",
            "http://127.1/a",
            "http://2130706433/a",
            "http://0x7f.0.0.1/a",
            "http://0177.0.0.1/a",
            "http://0/a",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]/a",
            "http://[::ffff:127.0.0.1]/a",
            "http://[64:ff9b::7f00:1]/a",
        ] {
            let refused = parse(text, &[]);
            assert!(matches!(refused, Err(BadSource::Forbidden(_))), "{text}");
        }
        let allowed = ["127.0.0.0/8".parse().unwrap()];
        assert!(parse("http://127.1/a", &allowed).is_ok());
    }

    #[test]
    fn a_redirect_is_checked_like_the_address_itself() {
        let from = parse("https://example.com/a/b", &[]).unwrap();
        let to = |location| redirected(&from, location, &[]).map(String::from);
        assert_eq!(to("../c").unwrap(), "https://example.com/c");
        assert_eq!(to("//other.example/c").unwrap(), "https://other.example/c");
        assert_eq!(to("http://example.com/c"), Err(BadSource::Scheme));
        assert_eq!(to("file:///c"), Err(BadSource::Scheme));
        assert!(matches!(
            to("https://10.0.0.1/c"),
            Err(BadSource::Forbidden(_))
        ));
    }

    #[test]
    fn an_image_is_called_after_its_address() {
        for (url, name) in [
            ("https://example.com/d/debian.iso?x=1", "debian.iso"),
            ("https://example.com/a%20b.iso", "a b.iso"),
            ("https://example.com/%2e%2e%2fetc%2fpasswd", "passwd"),
            ("https://example.com/a%00%0a.iso", "a__.iso"),
            ("https://example.com/con.iso", "_con.iso"),
            ("https://example.com/.hidden", "hidden"),
            ("https://example.com/...", "download.img"),
            ("https://example.com/", "download.img"),
            ("https://example.com", "download.img"),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(name_of(&url).as_str(), name, "{url}");
        }
    }

    #[test]
    fn a_server_may_say_what_it_is_called() {
        for (header, name) in [
            ("attachment; filename=\"a.iso\"", Some("a.iso")),
            ("attachment; filename=a.iso", Some("a.iso")),
            (
                "attachment; filename=\"a;b \\\"c\\\".iso\"",
                Some("a;b _c_.iso"),
            ),
            (
                "attachment; filename=\"e.iso\"; filename*=UTF-8''%C3%A9.iso",
                Some("é.iso"),
            ),
            ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            ("attachment; filename*=UTF-8''%2e%2e%2f", None),
            ("attachment; filename=\"\"", None),
            ("attachment", None),
            ("", None),
        ] {
            let found = name_in(header);
            assert_eq!(found.as_ref().map(Name::as_str), name, "{header}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_becomes_a_name_or_none(text in any::<String>()) {
            let _ = name_in(&text);
            if let Some(name) = tame(&text) {
                prop_assert_eq!(Name::new(name.as_str()), Ok(name.clone()));
            }
        }
    }
}
