//! From a listening socket to requests: TLS, time limits and a limit of connections.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower::Service;
use tracing::{debug, warn};

use super::{Peer, problem::Problem};

/// The most connections at a time.
const CONNECTIONS_MAX: usize = 256;

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How long the head of a request may take.
const HEAD_LIMIT: Duration = Duration::from_secs(15);

/// How long the answer to a request may take, with the reading of its body.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// How long a peer may leave what it was sent unacknowledged.
const PEER_LIMIT: Duration = Duration::from_secs(20);

/// The largest head of a request, in bytes.
const HEAD_MAX: usize = 32 * 1024;

/// The bytes that wait in the kernel before a socket takes no more: old frames shall not pile up there.
const UNSENT_MAX: u32 = 16 * 1024;

/// How long to wait where the system has no socket left.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);

/// The first byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 22;

/// Answers connections. Never ends; connections that are open when it is dropped go on to their end.
pub async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, address)) => {
                let connection = Connection {
                    peer: Peer(address),
                    router: router.clone(),
                    _place: place,
                };
                tokio::spawn(connection.begin(stream, tls.clone()));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                warn!(%error, "cannot take connections");
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

struct Connection {
    peer: Peer,
    router: Router,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    async fn begin(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        if let Err(error) = prepare(&stream) {
            debug!(%error, "a socket option was not taken");
        }
        let Some(tls) = tls else {
            return self.answer(stream).await;
        };
        match timeout(HANDSHAKE_LIMIT, handshake(stream, tls)).await {
            Ok(Ok(Some(stream))) => self.answer(stream).await,
            Ok(Ok(None)) => {}
            Ok(Err(error)) => debug!(%error, peer = %self.peer.0, "no TLS"),
            Err(_) => debug!(peer = %self.peer.0, "a TLS handshake took too long"),
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let (peer, router) = (self.peer, self.router);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            router.clone().call(request)
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_LIMIT)
            .max_buf_size(HEAD_MAX)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await;
        if let Err(error) = served {
            debug!(%error, peer = %peer.0, "a connection broke");
        }
    }
}

/// Gives a request up that takes too long, with the reading of its body. For all that has no time limit of its own.
pub async fn in_time(request: Request, next: Next) -> Response {
    let answer = timeout(ANSWER_LIMIT, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        Problem::new(StatusCode::REQUEST_TIMEOUT, "The request took too long.").into_response()
    })
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_user_timeout(Some(PEER_LIMIT))?;
    socket.set_tcp_notsent_lowat(UNSENT_MAX)
}

/// `None` where the peer speaks plain HTTP, and has been told so.
async fn handshake(
    mut stream: TcpStream,
    tls: TlsAcceptor,
) -> io::Result<Option<tokio_rustls::server::TlsStream<TcpStream>>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 1 && first[0] != TLS_HANDSHAKE {
        point_to_tls(&mut stream).await?;
        return Ok(None);
    }
    tls.accept(stream).await.map(Some)
}

async fn point_to_tls(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while head.len() < HEAD_MAX && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part).await? {
            0 => break,
            length => head.extend_from_slice(&part[..length]),
        }
    }
    stream.write_all(plain_answer(&head).as_bytes()).await?;
    stream.shutdown().await
}

/// A redirect to the same place by TLS, or a plain word where the place is not known.
fn plain_answer(head: &[u8]) -> String {
    let (status, location) = match tls_location(head) {
        Some(location) => (
            "308 Permanent Redirect",
            format!("Location: {location}\r\n"),
        ),
        None => ("400 Bad Request", String::new()),
    };
    let body = "This port speaks TLS: use https:// instead of http://.\n";
    format!(
        "HTTP/1.1 {status}\r\n{location}Content-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn tls_location(head: &[u8]) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut request = lines.next()?.split(' ');
    let (method, path, version) = (request.next()?, request.next()?, request.next()?);
    let (_, host) = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("host"))?;
    let host = host.trim();
    let sound = method.bytes().all(|letter| letter.is_ascii_uppercase())
        && version.starts_with("HTTP/1.")
        && path.starts_with('/')
        && path.bytes().all(|letter| letter.is_ascii_graphic())
        && !host.is_empty()
        && host
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || b".-_:[]".contains(&letter));
    sound.then(|| format!("https://{host}{path}"))
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, path::Path};

    use axum::{Extension, routing::get};
    use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::{config::Config, tls};

    async fn peer_ip(Extension(Peer(peer)): Extension<Peer>) -> String {
        peer.ip().to_string()
    }

    /// A server with a certificate of its own, and a client that trusts it.
    async fn with_tls(folder: &Path) -> (SocketAddr, TlsConnector) {
        let text = format!("state = {folder:?}");
        let config = Config::parse(Path::new("armchair.toml"), text).unwrap();
        let identity = Arc::new(tls::Identity::load(&config).unwrap());
        let mut roots = RootCertStore::empty();
        roots.add(identity.certificate().unwrap()).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls::server_config(identity).unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(peer_ip));
        tokio::spawn(serve(listener, Some(acceptor), router));
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        (address, TlsConnector::from(Arc::new(client)))
    }

    async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_relays_own_certificate_names_it_and_carries_requests() {
        let folder = tempfile::tempdir().unwrap();
        let (address, connector) = with_tls(folder.path()).await;
        for name in ["localhost", "127.0.0.1"] {
            let stream = TcpStream::connect(address).await.unwrap();
            let name = ServerName::try_from(name).unwrap();
            let answer = ask(connector.connect(name, stream).await.unwrap()).await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            assert!(answer.ends_with("127.0.0.1"), "{answer}");
        }
    }

    #[tokio::test]
    async fn plain_http_at_the_tls_port_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        let (address, _) = with_tls(folder.path()).await;
        let answer = ask(TcpStream::connect(address).await.unwrap()).await;
        assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
        assert!(answer.contains("Location: https://localhost/"), "{answer}");
    }

    #[tokio::test]
    async fn who_says_nothing_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let (address, connector) = with_tls(folder.path()).await;
        let mut silent = Vec::new();
        for _ in 0..50 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let answer = ask(connector.connect(name, stream).await.unwrap()).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }

    #[test]
    fn plain_http_is_sent_to_the_same_place_by_tls() {
        let answer =
            plain_answer(b"GET /a?b=c HTTP/1.1\r\nUser-Agent: x\r\nhOST: kvm.local:8443\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 308 "));
        assert!(answer.contains("\r\nLocation: https://kvm.local:8443/a?b=c\r\n"));
    }

    #[test]
    fn what_is_not_http_is_told_in_plain_words() {
        for head in [
            &b"SSH-2.0-OpenSSH_9.2\r\n\r\n"[..],
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\x01b\r\n\r\n",
            b"GET //\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
            b"\xff\xfe",
            b"",
        ] {
            let answer = plain_answer(head);
            assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
            assert!(answer.ends_with("use https:// instead of http://.\n"));
        }
    }
}
