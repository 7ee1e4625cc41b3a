//! What holds for every request and every answer: where state changes may come from, and how a browser confines the page.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{App, problem::Problem};

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
];

/// Adds the headers that confine the page.
pub async fn headers(State(app): State<App>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.strict_transport {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// Refuses state changes and links that another site's page asks for.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.headers().contains_key(header::UPGRADE);
    if harmless || is_same_origin(request.uri(), request.headers()) {
        return next.run(request).await;
    }
    Problem::new(
        StatusCode::FORBIDDEN,
        "This request comes from another site's page.",
    )
    .into_response()
}

/// Browsers always name the origin of such requests; what does not is no page, and has no cookie that it was not given.
fn is_same_origin(uri: &Uri, headers: &HeaderMap) -> bool {
    let same_site = headers
        .get("sec-fetch-site")
        .is_none_or(|site| site == "same-origin" || site == "none");
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(Authority::as_str));
    let origins = headers.get_all(header::ORIGIN);
    same_site
        && origins.iter().all(|origin| {
            host.is_some_and(|host| origin.to_str().is_ok_and(|origin| names_host(origin, host)))
        })
}

fn names_host(origin: &str, host: &str) -> bool {
    origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))
        .is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        is_same_origin(&Uri::from_static("/api/v1/session"), &headers)
    }

    #[test]
    fn the_own_page_is_let_through() {
        assert!(allowed(&[
            ("host", "kvm.example:8443"),
            ("origin", "https://kvm.example:8443")
        ]));
        assert!(allowed(&[
            ("host", "127.0.0.1:8443"),
            ("origin", "http://127.0.0.1:8443"),
            ("sec-fetch-site", "same-origin"),
        ]));
    }

    #[test]
    fn a_client_that_is_no_browser_is_let_through() {
        assert!(allowed(&[("host", "kvm.example")]));
    }

    #[test]
    fn other_origins_are_refused() {
        for origin in [
            "https://evil.example",
            "https://kvm.example",
            "https://kvm.example:8443.evil.example",
            "https://kvm.example:8444",
            "null",
            "",
            "file://",
        ] {
            assert!(
                !allowed(&[("host", "kvm.example:8443"), ("origin", origin)]),
                "{origin}"
            );
        }
    }

    #[test]
    fn one_foreign_origin_among_several_is_enough() {
        assert!(!allowed(&[
            ("host", "kvm.example"),
            ("origin", "https://kvm.example"),
            ("origin", "https://evil.example"),
        ]));
    }

    #[test]
    fn a_site_of_the_same_owner_is_another_site() {
        for site in ["same-site", "cross-site"] {
            assert!(
                !allowed(&[("host", "kvm.example"), ("sec-fetch-site", site)]),
                "{site}"
            );
        }
    }

    #[test]
    fn without_a_host_no_origin_is_the_own() {
        assert!(!allowed(&[("origin", "https://kvm.example")]));
    }
}
