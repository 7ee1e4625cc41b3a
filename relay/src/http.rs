//! What the relay serves over HTTP: its page, its interface under `/api/v1`, and the link.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{any, delete, get, options, patch, post},
};

use crate::{
    audit::Event,
    auth::{Auth, Session},
    media::fetch::Fetches,
    session::Room,
    shortcuts::Kept,
};

pub mod api;
pub mod audit;
pub mod cookie;
pub mod demo;
pub mod drives;
pub mod files;
pub mod guard;
pub mod held;
pub mod images;
pub mod layouts;
pub mod link;
pub mod macros;
pub mod page;
pub mod ports;
pub mod power;
pub mod problem;
pub mod range;
pub mod serial;
pub mod server;
pub mod shortcuts;
pub mod tus;
pub mod typing;
pub mod uploads;

use demo::SignInLink;

/// The largest body of a request, in bytes.
pub const BODY_MAX: usize = 16 * 1024;

/// What requests are answered from.
#[derive(Clone)]
pub struct App {
    /// Who may do what.
    pub auth: Auth,
    /// Where viewers meet the machine.
    pub room: Room,
    /// What brings images from the web.
    pub fetches: Fetches,
    /// The operators' own shortcuts.
    pub shortcuts: Kept,
    /// The machine's name.
    pub machine: Arc<str>,
    /// The one-time sign-in of `armchair demo`.
    pub sign_in_link: Option<Arc<SignInLink>>,
    /// Whether browsers shall refuse to come back without TLS.
    pub strict_transport: bool,
}

impl App {
    /// Writes into the audit log what somebody does.
    pub fn record(&self, session: &Session, event: &Event) {
        self.room.record(&session.user.name, event);
    }
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// All routes.
pub fn router(app: App) -> Router {
    let api = Router::new()
        .route("/state", get(api::state))
        .route("/claim", post(api::claim))
        .route("/session", post(api::sign_in).delete(api::sign_out))
        .route("/layouts", get(layouts::list))
        .route("/layouts/{name}", get(layouts::table))
        .route(
            "/type",
            post(typing::begin)
                .get(typing::progress)
                .delete(typing::cancel)
                .layer(DefaultBodyLimit::max(typing::BODY_MAX)),
        )
        .route(
            "/macros",
            get(macros::list)
                .post(macros::add)
                .layer(DefaultBodyLimit::max(macros::BODY_MAX)),
        )
        .route("/macros/run", get(macros::progress).delete(macros::stop))
        .route(
            "/macros/{id}",
            get(macros::document)
                .put(macros::replace)
                .delete(macros::delete)
                .layer(DefaultBodyLimit::max(macros::BODY_MAX)),
        )
        .route(
            "/macros/{id}/run",
            post(macros::run).layer(DefaultBodyLimit::max(macros::VALUES_MAX)),
        )
        .route(
            "/shortcuts",
            get(shortcuts::get)
                .put(shortcuts::put)
                .layer(DefaultBodyLimit::max(shortcuts::BODY_MAX)),
        )
        .route("/drives", get(drives::list))
        .route("/drives/{slot}/insert", post(drives::insert))
        .route("/drives/{slot}/eject", post(drives::eject))
        .route(
            "/power",
            get(power::state).post(power::act).delete(power::break_off),
        )
        .route("/audit", get(audit::read))
        .route("/ports", get(ports::list).post(ports::select))
        .route("/images", get(images::list).post(images::add))
        .route("/images/{id}", patch(images::rename).delete(images::delete))
        .route("/images/{id}/content", get(images::content))
        .route("/images/{id}/files", get(files::list))
        .route("/images/{id}/files/content", get(files::content))
        .route("/images/{id}/files.zip", get(files::zip))
        .route("/serial/log", get(serial::log))
        .route("/transfers", get(images::transfers))
        .route("/transfers/{id}", delete(images::give_up))
        .route("/transfers/{id}/resume", post(images::resume))
        .fallback(api::unknown)
        .method_not_allowed_fallback(api::wrong_method)
        .layer(middleware::map_response(api::never_stored));
    Router::new()
        .nest("/api/v1", api)
        .route("/api", any(api::unknown))
        .route("/api/{*rest}", any(api::unknown))
        .route("/link", get(link::open))
        .route(shared::held::PATH, get(held::open))
        .route(shared::serial::PATH, get(serial::open))
        .route("/demo/{token}", get(demo::sign_in))
        .fallback(page::serve)
        .layer(middleware::from_fn(server::in_time))
        .merge(uploads())
        .method_not_allowed_fallback(api::wrong_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn(guard::same_origin))
        .layer(middleware::map_response_with_state(
            app.clone(),
            guard::headers,
        ))
        .with_state(app)
}

/// Uploads take as long as they take.
fn uploads() -> Router<App> {
    Router::new()
        .route(
            "/api/v1/uploads",
            options(uploads::options).post(uploads::create),
        )
        .route(
            "/api/v1/uploads/{id}",
            options(uploads::options)
                .head(uploads::head)
                .patch(uploads::patch)
                .delete(uploads::delete)
                .post(uploads::overridden),
        )
        .layer(middleware::map_response(uploads::speak_tus))
        .layer(middleware::map_response(api::never_stored))
}

#[cfg(test)]
mod tests;
