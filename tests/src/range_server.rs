//! A web server with one file, that answers as it should, or as badly as a story wants.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::SocketAddr,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream},
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// How much is written at a time.
const STEP: usize = 64 * 1024;

/// A server on a free port; it and all its connections end when it is dropped.
pub struct RangeServer {
    /// Where it listens.
    pub address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

/// How it answers.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    /// The file.
    pub bytes: Arc<Vec<u8>>,
    /// The file's entity tag, without its quotes.
    pub etag: Option<String>,
    /// What `Content-Disposition` says.
    pub disposition: Option<String>,
    /// Whether it knows no parts.
    pub ignores_range: bool,
    /// What it says of the size of the whole.
    pub length: Length,
    /// What it says in `Content-Range`, in the place of the truth.
    pub claims_range: Option<String>,
    /// After how many bytes it breaks off, for one answer after the other.
    pub breaks_after: VecDeque<usize>,
    /// After how many bytes it stops, until [`RangeServer::release`].
    pub holds_after: Option<usize>,
    /// Where each path leads to.
    pub redirects: HashMap<String, String>,
    /// What it answers instead of the file.
    pub status: Option<u16>,
    /// Paths that it forbids, as an address that has expired.
    pub forbids: HashSet<String>,
}

/// What a server says of the size of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Length {
    /// The truth.
    #[default]
    True,
    /// Nothing: the end of the connection is the end of the file.
    Unsaid,
    /// So much.
    Claimed(usize),
}

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Which path.
    pub path: String,
    /// The header `Range`.
    pub range: Option<String>,
    /// The header `If-Range`.
    pub if_range: Option<String>,
}

struct Shared {
    manners: Mutex<Manners>,
    asked: Mutex<Vec<Asked>>,
    held: watch::Sender<Held>,
}

/// What becomes of answers that are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Back,
    Released,
    BrokenOff,
}

impl RangeServer {
    /// Serves on 127.0.0.1.
    ///
    /// # Errors
    /// Where it cannot listen.
    pub async fn start(manners: Manners) -> Result<Self> {
        Self::start_on("127.0.0.1:0", manners, None).await
    }

    /// Serves on this address, by TLS where that is given.
    ///
    /// # Errors
    /// Where it cannot listen.
    pub async fn start_on(
        address: &str,
        manners: Manners,
        tls: Option<TlsAcceptor>,
    ) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            manners: Mutex::new(manners),
            asked: Mutex::default(),
            held: watch::Sender::new(Held::Back),
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let serving = tokio::spawn(serve(listener, tls, shared.clone()));
        Ok(Self {
            address,
            scheme,
            shared,
            serving,
        })
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}/{path}", self.scheme, self.address)
    }

    /// Changes how it answers from now on.
    pub fn change(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut lock(&self.shared.manners));
    }

    /// Lets answers go on that it holds back, and holds back no more.
    pub fn release(&self) {
        self.shared.held.send_replace(Held::Released);
    }

    /// Breaks off answers that it holds back, and holds back no more.
    pub fn break_off(&self) {
        self.shared.held.send_replace(Held::BrokenOff);
    }

    /// All that was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }
}

impl Drop for RangeServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), shared.clone());
        connections.spawn(async move {
            let answered = match tls {
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => answer(stream, &shared).await,
                    Err(error) => Err(error.into()),
                },
                None => answer(stream, &shared).await,
            };
            if let Err(error) = answered {
                eprintln!("range server: {error:#}");
            }
        });
    }
}

/// Answers one request after another.
async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) -> Result<()> {
    let mut stream = BufStream::new(stream);
    while let Some(asked) = read_request(&mut stream).await? {
        lock(&shared.asked).push(asked.clone());
        let manners = lock(&shared.manners).clone();
        let (head, part) = head(&asked, &manners);
        stream.write_all(head.as_bytes()).await?;
        stream.flush().await?;
        if let Some(part) = part {
            let breaks_after = lock(&shared.manners).breaks_after.pop_front();
            let body = manners.bytes.get(part).unwrap_or_default();
            let end = breaks_after.map_or(body.len(), |breaks| breaks.min(body.len()));
            let is_whole = send(&mut stream, &body[..end], manners.holds_after, shared).await?;
            if !is_whole || end < body.len() || manners.length != Length::True {
                break;
            }
        }
    }
    stream.shutdown().await?;
    Ok(())
}

async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    body: &[u8],
    holds_after: Option<usize>,
    shared: &Shared,
) -> Result<bool> {
    let mut sent = 0;
    while sent < body.len() {
        let hold = holds_after.filter(|_| *shared.held.borrow() == Held::Back);
        if hold.is_some_and(|hold| sent >= hold) {
            stream.flush().await?;
            let mut held = shared.held.subscribe();
            if *held.wait_for(|held| *held != Held::Back).await? == Held::BrokenOff {
                return Ok(false);
            }
        }
        let end = (sent + STEP)
            .min(body.len())
            .min(hold.filter(|hold| sent < *hold).unwrap_or(usize::MAX));
        stream.write_all(&body[sent..end]).await?;
        sent = end;
    }
    stream.flush().await?;
    Ok(true)
}

/// The next request; `None` where there is none any more.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Asked>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) if head.is_empty() => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
    let head = String::from_utf8(head)?;
    let mut lines = head.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut asked = Asked {
        path: path.context("a path")?.trim_start_matches('/').to_owned(),
        ..Asked::default()
    };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = Some(value.trim().to_owned());
        match name.to_ascii_lowercase().as_str() {
            "range" => asked.range = value,
            "if-range" => asked.if_range = value,
            _ => {}
        }
    }
    Ok(Some(asked))
}

/// The head of the answer, and what of the file follows.
fn head(asked: &Asked, manners: &Manners) -> (String, Option<Range<usize>>) {
    if let Some(location) = manners.redirects.get(&asked.path) {
        let head =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        return (head, None);
    }
    let forbidden = manners.forbids.contains(&asked.path).then_some(403);
    if let Some(status) = manners.status.or(forbidden) {
        return (
            format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n"),
            None,
        );
    }
    let size = manners.bytes.len();
    let tag = manners.etag.as_ref().map(|tag| format!("\"{tag}\""));
    let part = asked
        .range
        .as_deref()
        .filter(|_| !manners.ignores_range && (asked.if_range.is_none() || asked.if_range == tag))
        .and_then(|range| wanted(range, size));
    let mut head = match &part {
        Some(part) if part.start >= size => {
            let head = format!(
                "HTTP/1.1 416 Beyond\r\nContent-Range: bytes */{size}\r\nContent-Length: 0\r\n\r\n"
            );
            return (head, None);
        }
        Some(Range { start, end }) => {
            let truth = format!("bytes {start}-{}/{size}", end - 1);
            let said = manners.claims_range.as_ref().unwrap_or(&truth);
            format!("HTTP/1.1 206 Partial Content\r\nContent-Range: {said}\r\n")
        }
        None => "HTTP/1.1 200 OK\r\n".to_owned(),
    };
    let part = part.unwrap_or(0..size);
    match manners.length {
        Length::True => head += &format!("Content-Length: {}\r\n", part.len()),
        Length::Claimed(length) => head += &format!("Content-Length: {length}\r\n"),
        Length::Unsaid => head += "Connection: close\r\n",
    }
    if let Some(tag) = tag {
        head += &format!("ETag: {tag}\r\n");
    }
    if let Some(disposition) = &manners.disposition {
        head += &format!("Content-Disposition: {disposition}\r\n");
    }
    (head + "\r\n", Some(part))
}

/// The bytes of `bytes=5-9` or `bytes=5-`, as far as the file goes.
fn wanted(range: &str, size: usize) -> Option<Range<usize>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = match last {
        "" => size,
        last => size.min(last.parse::<usize>().ok()? + 1),
    };
    Some(first.parse().ok()?..end)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
