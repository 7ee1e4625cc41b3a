//! A front that stands before a relay, as a reverse proxy does: it can give its page another version, answer
//! late, and cut links.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};
use reqwest::Url;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// The most bytes of a request's head.
const HEAD_MAX: usize = 32 * 1024;

/// Stands before one relay until it is dropped.
pub struct Front {
    /// Where it listens.
    pub url: Url,
    switches: Arc<Switches>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Switches {
    newer: AtomicBool,
    silent: AtomicBool,
    /// Counts how often all links were cut.
    cuts: watch::Sender<u32>,
}

impl Front {
    /// Listens on a free port, and asks the relay at `relay` (plain HTTP).
    ///
    /// # Errors
    /// Where there is no port, or `relay` has none.
    pub async fn before(relay: &Url) -> Result<Self> {
        let relay = *relay.socket_addrs(|| None)?.first().context("an address")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?).parse()?;
        let switches = Arc::<Switches>::default();
        let shared = switches.clone();
        let task = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let switches = shared.clone();
                // A connection that breaks is the browser's or the relay's to tell.
                tokio::spawn(async move { pass_on(browser, relay, &switches).await.ok() });
            }
        });
        Ok(Self {
            url,
            switches,
            task,
        })
    }

    /// From now on the service worker is that of a newer page.
    pub fn has_a_newer_page(&self) {
        self.switches.newer.store(true, Ordering::Relaxed);
    }

    /// Cuts all links.
    pub fn cuts(&self) {
        self.switches.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Whether new connections are taken and never answered.
    pub fn is_silent(&self, silent: bool) {
        self.switches.silent.store(silent, Ordering::Relaxed);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request a connection, so that each is seen.
async fn pass_on(mut browser: TcpStream, relay: SocketAddr, switches: &Switches) -> Result<()> {
    let head = head(&mut browser).await?;
    if switches.silent.load(Ordering::Relaxed) {
        return std::future::pending().await;
    }
    let mut relay = TcpStream::connect(relay).await?;
    let (fields, body) = head.split_once("\r\n\r\n").context("a head")?;
    let (request, rest) = fields.split_once("\r\n").context("a request")?;
    let is_named = |line: &str, names: &[&str]| {
        let line = line.to_ascii_lowercase();
        names.iter().any(|name| line.starts_with(name))
    };
    let upgrades = rest.lines().any(|line| is_named(line, &["upgrade:"]));
    if upgrades {
        let mut cut = switches.cuts.subscribe();
        relay.write_all(head.as_bytes()).await?;
        tokio::select! {
            copied = copy_bidirectional(&mut browser, &mut relay) => copied.map(drop)?,
            _ = cut.changed() => {}
        }
        return Ok(());
    }
    let dropped = ["connection:", "accept-encoding:", "if-none-match:"];
    let kept = rest.split("\r\n").filter(|line| !is_named(line, &dropped));
    let kept: Vec<&str> = kept.collect();
    let asked = format!(
        "{request}\r\n{}\r\nConnection: close\r\n\r\n{body}",
        kept.join("\r\n")
    );
    relay.write_all(asked.as_bytes()).await?;
    if request.starts_with("GET /service-worker.js ") && switches.newer.load(Ordering::Relaxed) {
        let mut answer = String::new();
        relay.read_to_string(&mut answer).await?;
        browser.write_all(newer(&answer).as_bytes()).await?;
    } else {
        copy_bidirectional(&mut browser, &mut relay).await?;
    }
    Ok(())
}

/// The same script under another version; it has as many bytes.
fn newer(answer: &str) -> String {
    answer.replace("const VERSION = \"", "const VERSION=\"++")
}

async fn head(browser: &mut TcpStream) -> Result<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < HEAD_MAX {
        let mut part = [0; 4096];
        match browser.read(&mut part).await? {
            0 => break,
            length => head.extend_from_slice(&part[..length]),
        }
    }
    Ok(String::from_utf8(head)?)
}
