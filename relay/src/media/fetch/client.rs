//! A request to a server: its name is resolved here, and the connection goes to an address that was checked.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    BoxError,
    http::{HeaderName, HeaderValue, Method, Request, Response, header},
};
use http_body_util::{Empty, Full};
use hyper::{
    body::{Body, Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;
use tracing::{debug, warn};
use url::{Host, Url};

use super::{
    address::{Network, is_permitted},
    answer::Asked,
};

/// How long a connection may take, and how long TLS on it.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How long a server may take to begin its answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The largest head of an answer, in bytes.
const HEAD_MAX: usize = 64 * 1024;

/// How the relay is called.
const USER_AGENT: &str = concat!("Armchair/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum AskError {
    /// Its host has none but forbidden addresses.
    #[error("{0} is an address that the settings do not allow")]
    Forbidden(IpAddr),
    /// The name is not known, nobody answers, or not in HTTP.
    #[error("{0}")]
    Unreachable(String),
}

/// What is asked for of a file.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// From which byte on, and up to which one; both are left out where all of the file is wanted.
    pub(super) range: Option<(u64, Option<u64>)>,
    /// What the file must still be for that.
    pub(super) validator: Option<&'a str>,
}

/// A connection to a server, which answers one request after another.
pub(super) struct Connection {
    server: Server,
    sender: SendRequest<Empty<Bytes>>,
}

/// What a connection leads to: the scheme, the host and the port.
type Server = (String, Option<String>, Option<u16>);

impl Connection {
    /// Connects to the server of an address, at an address that was checked.
    ///
    /// # Errors
    /// Where it cannot be reached, or must not.
    pub(super) async fn open(url: &Url, allowed: &[Network]) -> Result<Self, AskError> {
        let addresses = permitted(look_up(url).await?, allowed)?;
        Ok(Self {
            server: server(url),
            sender: meet(url, &addresses).await?,
        })
    }

    /// Whether an address can be asked for on this connection.
    pub(super) fn serves(&self, url: &Url) -> bool {
        !self.sender.is_closed() && self.server == server(url)
    }

    /// Asks for a file or a part of it, once the answer before this one was read.
    ///
    /// # Errors
    /// Where there is no answer.
    pub(super) async fn ask(
        &mut self,
        url: &Url,
        wanted: &Wanted<'_>,
    ) -> Result<Response<Incoming>, AskError> {
        let request = request(url, wanted).map_err(unreachable)?;
        let answer = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        in_time(ANSWER_LIMIT, answer).await
    }
}

/// Asks a server for a file, from a byte on where that is wanted.
///
/// # Errors
/// Where there is no answer.
pub(super) async fn ask(
    url: &Url,
    asked: &Asked,
    allowed: &[Network],
) -> Result<Response<Incoming>, AskError> {
    let wanted = match (asked.from, &asked.validator) {
        (1.., Some(validator)) => Wanted {
            range: Some((asked.from, None)),
            validator: Some(validator),
        },
        _ => Wanted::default(),
    };
    Connection::open(url, allowed)
        .await?
        .ask(url, &wanted)
        .await
}

fn server(url: &Url) -> Server {
    (
        url.scheme().to_owned(),
        url.host_str().map(str::to_owned),
        url.port_or_known_default(),
    )
}

/// Asks a server that the owner's settings name, wherever it is.
///
/// # Errors
/// Where there is no answer.
pub(crate) async fn send(
    url: &Url,
    method: &Method,
    headers: &[(HeaderName, HeaderValue)],
    body: String,
) -> Result<Response<Incoming>, AskError> {
    let mut request = Request::builder()
        .method(method)
        .uri(path(url))
        .header(header::HOST, host(url))
        .header(header::USER_AGENT, USER_AGENT);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request
        .body(Full::<Bytes>::from(body))
        .map_err(unreachable)?;
    let mut sender = meet(url, &look_up(url).await?).await?;
    sender.send_request(request).await.map_err(unreachable)
}

/// Connects to the server of an address at one of these.
async fn meet<B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static>(
    url: &Url,
    addresses: &[SocketAddr],
) -> Result<SendRequest<B>, AskError> {
    let stream = connect(addresses).await?;
    match url.scheme() {
        "https" => {
            let host = url.host_str().unwrap_or_default();
            let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
            let name = name.map_err(unreachable)?;
            let connector = TlsConnector::from(trust().await?);
            let stream = in_time(CONNECT_LIMIT, connector.connect(name, stream)).await?;
            shake_hands(stream).await
        }
        _ => shake_hands(stream).await,
    }
}

async fn look_up(url: &Url) -> Result<Vec<SocketAddr>, AskError> {
    let port = url.port_or_known_default().unwrap_or(80);
    Ok(match url.host() {
        Some(Host::Ipv4(address)) => vec![(address, port).into()],
        Some(Host::Ipv6(address)) => vec![(address, port).into()],
        Some(Host::Domain(name)) => in_time(CONNECT_LIMIT, lookup_host((name, port)))
            .await?
            .collect(),
        None => Vec::new(),
    })
}

fn permitted(found: Vec<SocketAddr>, allowed: &[Network]) -> Result<Vec<SocketAddr>, AskError> {
    let (permitted, forbidden): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|address| is_permitted(address.ip(), allowed));
    match (permitted.is_empty(), forbidden.first()) {
        (false, _) => Ok(permitted),
        (true, Some(address)) => Err(AskError::Forbidden(address.ip())),
        (true, None) => Err(AskError::Unreachable("the name has no address".to_owned())),
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, AskError> {
    let mut last = AskError::Unreachable("the name has no address".to_owned());
    for address in addresses {
        match in_time(CONNECT_LIMIT, TcpStream::connect(address)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn shake_hands<B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<SendRequest<B>, AskError> {
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(unreachable)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            debug!(%error, "a connection to a server broke");
        }
    });
    Ok(sender)
}

fn request(url: &Url, wanted: &Wanted<'_>) -> Result<Request<Empty<Bytes>>, axum::http::Error> {
    let mut request = Request::get(path(url))
        .header(header::HOST, host(url))
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "*/*")
        .header(header::ACCEPT_ENCODING, "identity");
    if let Some((first, end)) = wanted.range {
        let last = end.map_or_else(String::new, |end| (end - 1).to_string());
        request = request.header(header::RANGE, format!("bytes={first}-{last}"));
    }
    if let Some(validator) = wanted.validator {
        request = request.header(header::IF_RANGE, validator);
    }
    request.body(Empty::new())
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn path(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// The certificates that this machine trusts, read once.
async fn trust() -> Result<Arc<ClientConfig>, AskError> {
    static TRUST: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(trust) = TRUST.get() {
        return Ok(trust.clone());
    }
    let read = tokio::task::spawn_blocking(read_trust).await;
    let trust = read.map_err(unreachable)??;
    Ok(TRUST.get_or_init(|| Arc::new(trust)).clone())
}

fn read_trust() -> Result<ClientConfig, AskError> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        warn!(%error, "a certificate of this machine cannot be read");
    }
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(AskError::Unreachable(
            "this machine trusts no certificate: install ca-certificates".to_owned(),
        ));
    }
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unreachable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(client)
}

async fn in_time<T, E: std::fmt::Display>(
    limit: Duration,
    act: impl Future<Output = Result<T, E>>,
) -> Result<T, AskError> {
    match timeout(limit, act).await {
        Ok(result) => result.map_err(unreachable),
        Err(_) => Err(unreachable(io::Error::from(io::ErrorKind::TimedOut))),
    }
}

fn unreachable(error: impl std::fmt::Display) -> AskError {
    AskError::Unreachable(error.to_string())
}
