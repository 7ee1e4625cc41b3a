//! The one-time sign-in of `armchair demo`.

use std::sync::{Mutex, PoisonError};

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use subtle::ConstantTimeEq;

use super::{App, Peer, cookie, problem::Problem};
use crate::auth::{User, secret::Token};

/// A link that signs one visitor in.
pub struct SignInLink {
    unused: Mutex<Option<Token>>,
    user: User,
}

impl SignInLink {
    /// A new one, with the path that it is at.
    #[must_use]
    pub fn new(user: User) -> (Self, String) {
        let token = Token::random();
        let path = format!("/demo/{}", token.to_hex());
        let link = Self {
            unused: Mutex::new(Some(token)),
            user,
        };
        (link, path)
    }

    /// Whose session to open; `None` where the token is wrong or was used.
    fn visit(&self, token: &Token) -> Option<User> {
        let mut unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        let right = unused
            .as_ref()
            .is_some_and(|unused| unused.hash().ct_eq(&token.hash()).into());
        right.then(|| {
            *unused = None;
            self.user.clone()
        })
    }
}

/// `GET /demo/{token}`
pub async fn sign_in(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let visited = app
        .sign_in_link
        .as_ref()
        .zip(Token::from_hex(&token))
        .and_then(|(link, token)| link.visit(&token));
    let Some(user) = visited else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "This link has been used, or never was one. Start the demo again for a new one.",
        ));
    };
    let (token, _) = app.auth.open_session(user, peer.ip()).await?;
    Ok((
        AppendHeaders([
            (header::SET_COOKIE, cookie::set(&token)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ]),
        Redirect::to("/"),
    )
        .into_response())
}
