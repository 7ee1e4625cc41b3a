//! The interface under `/api/v1`.

use axum::{
    Extension, Json,
    extract::{FromRequestParts, State, rejection::JsonRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{App, Peer, cookie, problem::Problem};
use crate::{
    auth::{Role, Session, secret::Token},
    store::StoreError,
};

/// What `GET state` answers. Somebody who is not signed in learns nothing but what the page needs to greet them.
#[derive(Debug, Serialize)]
pub struct StateAnswer {
    claimed: bool,
    signed_in: Option<SignedIn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    /// Whether the machine has a serial console.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<bool>,
    /// Whether there is a switch to several machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    switch: Option<bool>,
}

/// Who is signed in.
#[derive(Debug, Serialize)]
pub struct SignedIn {
    name: String,
    role: Role,
}

impl From<Session> for SignedIn {
    fn from(session: Session) -> Self {
        Self {
            name: session.user.name,
            role: session.user.role,
        }
    }
}

/// The body of `POST claim`.
#[derive(Deserialize)]
pub struct Claim {
    code: String,
    name: String,
    password: String,
}

/// The body of `POST session`.
#[derive(Deserialize)]
pub struct SignIn {
    name: String,
    password: String,
}

/// `GET state`
pub async fn state(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<StateAnswer>, Problem> {
    let session = session(&app, &headers).await?;
    let known = session.is_some();
    Ok(Json(StateAnswer {
        claimed: app.auth.is_claimed().await?,
        signed_in: session.map(SignedIn::from),
        version: known.then_some(env!("CARGO_PKG_VERSION")),
        machine: known.then(|| app.machine.to_string()),
        serial: known.then(|| app.room.serial().is_some()),
        switch: known.then(|| app.room.switch().is_some()),
    }))
}

/// `POST claim`
pub async fn claim(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    body: Result<Json<Claim>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(claim) = body?;
    let opened = app
        .auth
        .claim(&claim.code, &claim.name, claim.password, peer.ip())
        .await?;
    Ok(signed_in(opened))
}

/// `POST session`
pub async fn sign_in(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(sign_in) = body?;
    let opened = app
        .auth
        .sign_in(&sign_in.name, sign_in.password, peer.ip())
        .await?;
    Ok(signed_in(opened))
}

/// `DELETE session`
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let session = signed_in_session(&app, &headers).await?;
    app.auth.sign_out(&session).await?;
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie::clear())]),
    )
        .into_response())
}

/// Everything else.
pub async fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such thing here.")
}

/// A path that is there, asked for in a way that it is not.
pub async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here.")
}

/// Keeps answers out of caches.
pub async fn never_stored(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The session of a request.
///
/// # Errors
/// Where the store fails.
pub async fn session(app: &App, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
    match cookie::token(headers) {
        Some(token) => app.auth.session(&token).await,
        None => Ok(None),
    }
}

/// The session of a request that needs one.
///
/// # Errors
/// Where there is none.
pub async fn signed_in_session(app: &App, headers: &HeaderMap) -> Result<Session, Problem> {
    session(app, headers).await?.ok_or_else(Problem::signed_out)
}

/// The session of a request that needs an operator's.
///
/// # Errors
/// Where there is none, or it is a viewer's.
async fn operator(app: &App, headers: &HeaderMap) -> Result<Session, Problem> {
    let session = signed_in_session(app, headers).await?;
    if session.user.role < Role::Operator {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "Only an operator may do this; you may watch.",
        ));
    }
    Ok(session)
}

/// Lets a request through only where it has an administrator's session, as [`Operator`].
pub struct Admin;

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let session = signed_in_session(app, &parts.headers).await?;
        match session.user.role {
            Role::Admin => Ok(Self),
            _ => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "Only an administrator may see this.",
            )),
        }
    }
}

/// The viewer through whose hands a request acts, see [`crate::session::Room::hands_of`].
///
/// # Errors
/// Where others have the controls, or the page that it names has not.
pub fn hands(app: &App, session: &Session, viewer: Option<u32>) -> Result<Option<u32>, Problem> {
    app.room.hands_of(session, viewer).map_err(|name| {
        Problem::new(
            StatusCode::CONFLICT,
            match name {
                Some(name) => format!("{name} has the controls of the machine. Take them first."),
                None => "This page does not have the controls of the machine.".to_owned(),
            },
        )
    })
}

/// Lets a request through only where somebody is signed in. Before the body in a handler's arguments, as [`Operator`].
pub struct Viewer(pub Session);

impl FromRequestParts<App> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        signed_in_session(app, &parts.headers).await.map(Self)
    }
}

/// Lets a request through only where it has an operator's session. Before the body in a handler's arguments, so that
/// nobody else's is read.
pub struct Operator(pub Session);

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        operator(app, &parts.headers).await.map(Self)
    }
}

fn signed_in((token, session): (Token, Session)) -> Response {
    (
        AppendHeaders([(header::SET_COOKIE, cookie::set(&token))]),
        Json(SignedIn::from(session)),
    )
        .into_response()
}
