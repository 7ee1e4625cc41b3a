//! A connection to a file's server, kept for one part after the other.

use std::{ops::Range, sync::Arc, time::Duration};

use http_body_util::BodyExt;
use hyper::{Response, body::Incoming};
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout};
use tracing::debug;
use url::Url;

use super::{
    InPlaceRefused, Place,
    part::{self, First, Known, Meaning, Unusable},
};
use crate::media::fetch::{
    REDIRECTS_MAX,
    address::Network,
    client::{AskError, Connection, Wanted},
    source,
};

/// How long a part is tried again while nothing comes. A read of the machine does not wait for longer.
const PATIENCE: Duration = Duration::from_secs(4);

/// After which time a part is tried again at first.
const PAUSE: Duration = Duration::from_millis(100);

/// How long the very first answer may take.
const FIRST_LIMIT: Duration = Duration::from_secs(20);

/// Why a part is not to be had.
#[derive(Debug, Error)]
pub(super) enum Lost {
    /// It is another file now, or there is none any more.
    #[error("the file has changed, or is gone")]
    Changed,
    /// Not now.
    #[error("{0}")]
    Away(String),
}

/// A connection that is there or not.
pub(super) struct Line<'a> {
    place: &'a Place,
    connection: Option<Connection>,
}

/// Asks for a file for the first time. Gives what it is, and where redirects have led to.
///
/// # Errors
/// Where it cannot be read in place.
pub(super) async fn first(
    url: &Url,
    allowed: &Arc<[Network]>,
) -> Result<(Known, Url), InPlaceRefused> {
    let silent = || InPlaceRefused::Unreachable("it takes too long".to_owned());
    let asking = ask_first(url.clone(), allowed);
    timeout(FIRST_LIMIT, asking).await.map_err(|_| silent())?
}

async fn ask_first(mut url: Url, allowed: &[Network]) -> Result<(Known, Url), InPlaceRefused> {
    for _ in 0..=REDIRECTS_MAX {
        let mut connection = Connection::open(&url, allowed).await?;
        let wanted = Wanted {
            range: Some((0, Some(1))),
            validator: None,
        };
        let answer = connection.ask(&url, &wanted).await?;
        match part::first(answer.status(), answer.headers()) {
            First::File(known) => return Ok((known, url)),
            First::Refused(why) => return Err(why.into()),
            First::Elsewhere(location) => url = source::redirected(&url, &location, allowed)?,
        }
    }
    Err(InPlaceRefused::Unreachable(
        "it leads from one address to another without an end".to_owned(),
    ))
}

impl<'a> Line<'a> {
    pub(super) fn new(place: &'a Place) -> Self {
        Self {
            place,
            connection: None,
        }
    }

    /// The bytes of a part. Tries again while it makes sense.
    ///
    /// # Errors
    /// Where they are not to be had.
    pub(super) async fn part(&mut self, wanted: Range<u64>) -> Result<Vec<u8>, Lost> {
        let length = usize::try_from(wanted.end - wanted.start).unwrap_or(0);
        let mut bytes = Vec::with_capacity(length);
        let mut since = Instant::now();
        let mut pause = PAUSE;
        loop {
            let before = bytes.len();
            let rest = wanted.start + before as u64..wanted.end;
            let is_used = self.connection.is_some();
            let tried = timeout(PATIENCE, self.ask(&rest));
            let lost = match tried.await {
                Ok(Ok((end, answer))) => self.receive(answer, end - rest.start, &mut bytes).await,
                Ok(Err(lost)) => Some(lost),
                Err(_) => Some(Lost::Away("it does not answer in time".to_owned())),
            };
            if bytes.len() == length {
                return Ok(bytes);
            }
            let Some(lost) = lost else {
                since = Instant::now();
                continue;
            };
            self.connection = None;
            debug!(%lost, is_used, "a part of an image did not come");
            if matches!(lost, Lost::Changed) {
                return Err(lost);
            }
            if bytes.len() > before {
                (since, pause) = (Instant::now(), PAUSE);
            } else if is_used && since.elapsed() < PATIENCE {
                continue;
            }
            if since.elapsed() + pause >= PATIENCE {
                return Err(lost);
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Asks once for these bytes, and follows where the answer leads. Gives up to which byte they follow.
    async fn ask(&mut self, wanted: &Range<u64>) -> Result<(u64, Response<Incoming>), Lost> {
        let place = self.place;
        let mut url = place.found().clone();
        for _ in 0..=REDIRECTS_MAX {
            let kept = self.connection.take().filter(|kept| kept.serves(&url));
            let connection = match kept {
                Some(connection) => self.connection.insert(connection),
                None => {
                    let opened = Connection::open(&url, &place.allowed).await?;
                    self.connection.insert(opened)
                }
            };
            let request = Wanted {
                range: Some((wanted.start, Some(wanted.end))),
                validator: place.known.validator.as_deref(),
            };
            let answer = connection.ask(&url, &request).await?;
            let meaning = part::understand(&place.known, wanted, answer.status(), answer.headers());
            let is_elsewhere = url != place.url;
            match meaning {
                Meaning::Upto(end) => {
                    *place.found() = url;
                    return Ok((end, answer));
                }
                Meaning::Elsewhere(location) => {
                    url = source::redirected(&url, &location, &place.allowed)
                        .map_err(|bad| Lost::Away(bad.to_string()))?;
                }
                Meaning::Changed | Meaning::Later(Unusable::Status(_)) if is_elsewhere => {
                    url = place.url.clone();
                    *place.found() = url.clone();
                }
                Meaning::Changed => return Err(Lost::Changed),
                Meaning::Later(why) => return Err(Lost::Away(why.to_string())),
            }
            self.connection = None;
        }
        Err(Lost::Away("it leads nowhere".to_owned()))
    }

    /// Takes so many bytes of an answer. Gives what was wrong where fewer came.
    async fn receive(
        &mut self,
        mut answer: Response<Incoming>,
        length: u64,
        bytes: &mut Vec<u8>,
    ) -> Option<Lost> {
        let end = bytes.len() as u64 + length;
        loop {
            match timeout(PATIENCE, answer.body_mut().frame()).await {
                Ok(Some(Ok(frame))) => {
                    let data = frame.into_data().unwrap_or_default();
                    bytes.extend_from_slice(&data);
                    if bytes.len() as u64 > end {
                        bytes.truncate(usize::try_from(end).unwrap_or(0));
                        return Some(Lost::Away("it sends more than it said".to_owned()));
                    }
                }
                Ok(None) if bytes.len() as u64 == end => return None,
                Ok(None) => return Some(Lost::Away("it sends less than it said".to_owned())),
                Ok(Some(Err(error))) => return Some(Lost::Away(error.to_string())),
                Err(_) => return Some(Lost::Away("it has stopped sending".to_owned())),
            }
        }
    }
}

impl From<AskError> for Lost {
    fn from(error: AskError) -> Self {
        Self::Away(error.to_string())
    }
}
