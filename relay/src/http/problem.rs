//! Errors as RFC 9457 problem details.

use axum::{
    Json,
    extract::rejection::JsonRejection,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tracing::error;

use crate::{auth::AuthError, store::StoreError};

/// An error of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    kind: Option<&'static str>,
    detail: String,
    retry_after: Option<u64>,
}

impl Problem {
    /// With a sentence for people.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            kind: None,
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// The same, of a kind that a program can tell from others of its status.
    #[must_use]
    pub fn of_kind(self, kind: &'static str) -> Self {
        Self {
            kind: Some(kind),
            ..self
        }
    }

    /// The same, with when to try again.
    #[must_use]
    pub fn again_in(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Sign in first.")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Json(json!({
            "type": self.kind.map_or_else(|| "about:blank".to_owned(), |kind| format!("urn:armchair:{kind}")),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        }));
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Invalid(detail) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail),
            AuthError::Refused => Self::new(
                StatusCode::UNAUTHORIZED,
                "That did not work. Check what you typed, and try again.",
            ),
            AuthError::Claimed => Self::new(
                StatusCode::CONFLICT,
                "This relay has been claimed. Sign in instead.",
            ),
            AuthError::TooMany { wait } => {
                let seconds = wait.as_millis().div_ceil(1000).max(1);
                Self {
                    retry_after: u64::try_from(seconds).ok(),
                    ..Self::new(
                        StatusCode::TOO_MANY_REQUESTS,
                        format!("Too many attempts. Try again in {seconds} s."),
                    )
                }
            }
            AuthError::Busy => Self {
                retry_after: Some(1),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Too many people sign in at the moment. Try again.",
                )
            },
            AuthError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        error!(%error, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The relay cannot use its store. Its log says why.",
        )
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}
