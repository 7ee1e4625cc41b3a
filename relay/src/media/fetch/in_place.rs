//! Images that stay on their server: inserted at once, and asked for part by part as the machine reads.

mod line;
mod part;
mod supply;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shared::media::{Medium, Source};
use thiserror::Error;
use tokio::task::spawn_blocking;
use tracing::info;
use url::Url;

use self::{
    line::{Line, Lost},
    part::{Known, NotInPlace},
};
use super::{
    Fetches,
    address::Network,
    client::AskError,
    source::{self, BadSource},
};
use crate::media::{Disc, library::discs::Found, remote, volume};

/// Why an image cannot be read where it is.
#[derive(Debug, Error)]
pub enum InPlaceRefused {
    /// Nothing is fetched from there.
    #[error(transparent)]
    Source(#[from] BadSource),
    /// The server was not found, does not answer, or not in time.
    #[error("the server does not answer: {0}")]
    Unreachable(String),
    /// The server answers with another HTTP status.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// The server sends no parts of files.
    #[error("the server sends its files only as a whole")]
    NoParts,
    /// The server does not say how large it is.
    #[error("the server does not say how large the image is")]
    NoSize,
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// Its bytes cannot be had.
    #[error("its first bytes cannot be read: {0}")]
    Unreadable(io::Error),
}

/// A file on a server.
struct Place {
    /// Where somebody said that it is.
    url: Url,
    allowed: Arc<[Network]>,
    known: Known,
    /// Where the server has led to from there the last time.
    found: Mutex<Url>,
}

impl Fetches {
    /// Opens an image on a server, to be put into a drive: of the whole, nothing is fetched but what is read.
    ///
    /// # Errors
    /// Where the relay may not ask that server, or it does not give single parts of a file of known size.
    pub async fn in_place(&self, url: &str) -> Result<Found, InPlaceRefused> {
        let url = source::parse(url, &self.allowed)?;
        let (known, found) = line::first(&url, &self.allowed).await?;
        let host = host_of(&url);
        let name = known.name.clone();
        let name = name.unwrap_or_else(|| source::name_of(&url));
        info!(%host, bytes = known.size, "an image is read on its server");
        let medium = Medium {
            name: name.as_str().to_owned(),
            bytes: known.size,
            writable: false,
            source: Source::Server { host },
            reachable: true,
        };
        let (blocks, inlet) = remote::open(known.size);
        let place = Place {
            url,
            allowed: self.allowed.clone(),
            known,
            found: Mutex::new(found),
        };
        tokio::spawn(supply::supply(place, inlet));
        let looked = spawn_blocking(move || {
            let volume = volume::inspect(&blocks)?;
            io::Result::Ok((blocks, volume))
        });
        let looked = looked.await.map_err(io::Error::other);
        let (blocks, volume) = looked
            .and_then(|looked| looked)
            .map_err(InPlaceRefused::Unreadable)?;
        Ok(Found {
            disc: Disc {
                blocks: Arc::new(blocks),
                file: None,
                writable: false,
            },
            medium,
            kind: volume.kind,
            volume_bytes: volume.bytes,
        })
    }
}

impl Place {
    fn found(&self) -> MutexGuard<'_, Url> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server of an address, for people.
fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

impl From<AskError> for InPlaceRefused {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Forbidden(address) => BadSource::Forbidden(address.to_string()).into(),
            AskError::Unreachable(why) => Self::Unreachable(why),
        }
    }
}

impl From<NotInPlace> for InPlaceRefused {
    fn from(why: NotInPlace) -> Self {
        match why {
            NotInPlace::NoParts => Self::NoParts,
            NotInPlace::NoSize => Self::NoSize,
            NotInPlace::Empty => Self::Empty,
            NotInPlace::Status(status) => Self::Status(status),
        }
    }
}
