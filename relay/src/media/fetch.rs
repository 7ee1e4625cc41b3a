//! Images from the web: a server is asked again from where it broke off, until all is here or it cannot be had.

pub mod address;
pub mod answer;
pub(crate) mod client;
pub mod in_place;
pub mod source;

use std::{sync::Arc, time::Duration};

use axum::http::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use shared::media::{TransferFault, TransferPhase};
use thiserror::Error;
use tokio::{
    sync::mpsc,
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tracing::{info, warn};
use url::Url;

use self::{
    address::Network,
    answer::{Asked, File, Meaning, understand},
    client::AskError,
    source::BadSource,
};
use super::library::{
    Library, LibraryError,
    append::{Append, Part, Progress},
    name::Name,
    transfers::{Announcement, Standing},
};

/// How many redirects are followed.
const REDIRECTS_MAX: usize = 5;

/// How often a server is asked again that breaks off without having sent anything.
const RETRIES_MAX: u32 = 5;

/// How long a server may say nothing in the middle of a file.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// Parts that have arrived and are not yet written.
const PARTS_MAX: usize = 32;

/// Fetches images into a library. Clones are handles to the same one.
#[derive(Clone)]
pub struct Fetches {
    library: Library,
    allowed: Arc<[Network]>,
}

/// Why nothing is fetched.
#[derive(Debug, Error)]
pub enum FetchRefused {
    /// From there.
    #[error(transparent)]
    Source(#[from] BadSource),
    /// Into the library.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// It runs, or is at its end.
    #[error("it cannot go on")]
    NotNow,
}

/// How an attempt ended that has not brought the whole.
#[derive(Debug)]
enum Ended {
    /// Somebody has given the transfer up, or somebody else goes on with it.
    GivenUp,
    /// It may work another time; whether bytes have come.
    Broken(bool),
    /// It will not.
    Fault(TransferFault),
}

impl Fetches {
    /// Fetches into this library, from public addresses and those of these networks.
    #[must_use]
    pub fn new(library: Library, allowed: &[Network]) -> Self {
        Self {
            library,
            allowed: allowed.into(),
        }
    }

    /// Goes on with what was being fetched when the relay ended.
    pub async fn take_up(&self) {
        let ongoing = self.library.call(|library| Ok(library.fetches())).await;
        for id in ongoing.unwrap_or_default() {
            self.spawn(id, true);
        }
    }

    /// Begins to fetch an image. Where it is not said what it shall be called, the server is asked, or its address.
    ///
    /// # Errors
    /// Where nothing is fetched from there, or it cannot become an image.
    pub async fn begin(
        &self,
        url: &str,
        name: Option<&str>,
        sha256: Option<String>,
    ) -> Result<Standing, FetchRefused> {
        let url = source::parse(url, &self.allowed)?;
        let is_named = name.is_some();
        let name = match name {
            Some(name) => Name::new(name).map_err(LibraryError::from)?,
            None => source::name_of(&url),
        };
        let announced = Announcement {
            name,
            total: None,
            sent: None,
            sha256,
            url: Some(url.into()),
        };
        let standing = self
            .library
            .call(move |library| match is_named {
                true => library.announce(announced),
                false => library.announce_somehow(&announced),
            })
            .await?;
        self.spawn(standing.transfer.id, is_named);
        Ok(standing)
    }

    /// Goes on with a fetch that has failed, or is waiting.
    ///
    /// # Errors
    /// Where there is none, or it cannot go on.
    pub async fn resume(&self, id: u32) -> Result<(), FetchRefused> {
        let standing = self
            .library
            .call(move |library| library.standing(id))
            .await?;
        let can_go_on = standing.url.is_some()
            && standing.goes_on
            && standing.transfer.phase != TransferPhase::Running;
        match can_go_on {
            true => {
                self.spawn(id, true);
                Ok(())
            }
            false => Err(FetchRefused::NotNow),
        }
    }

    fn spawn(&self, id: u32, is_named: bool) {
        let fetches = self.clone();
        tokio::spawn(async move { fetches.run(id, is_named).await });
    }

    async fn run(&self, id: u32, is_named: bool) {
        let mut failures = 0;
        loop {
            let fault = match self.attempt(id, is_named).await {
                Ok(()) | Err(Ended::GivenUp) => return,
                Err(Ended::Fault(fault)) => fault,
                Err(Ended::Broken(has_brought)) => {
                    failures = if has_brought { 1 } else { failures + 1 };
                    if failures <= RETRIES_MAX {
                        sleep(pause(failures)).await;
                        continue;
                    }
                    TransferFault::Unreachable
                }
            };
            let failed = self.library.call(move |library| {
                library.fail(id, fault);
                Ok(())
            });
            if let Err(error) = failed.await {
                warn!(%error, id, "it is not told that a fetch failed");
            }
            return;
        }
    }

    /// Asks once, and takes what comes.
    async fn attempt(&self, id: u32, is_named: bool) -> Result<(), Ended> {
        let begun = self.library.call(move |library| {
            let append = library.append(id, None, None)?;
            Ok((library.standing(id)?, append))
        });
        let (standing, append) = begun.await?;
        let interrupt = append.interrupt();
        tokio::select! {
            ended = self.take(id, is_named, standing, append) => ended,
            () = interrupt.wait() => Err(Ended::GivenUp),
        }
    }

    async fn take(
        &self,
        id: u32,
        is_named: bool,
        standing: Standing,
        mut append: Append,
    ) -> Result<(), Ended> {
        let url = standing.url.as_deref().unwrap_or_default();
        let url = Url::parse(url).map_err(|_| Ended::Fault(TransferFault::Forbidden))?;
        let asked = match standing.validator {
            Some(validator) => Asked {
                from: append.at(),
                validator: Some(validator),
                total: standing.transfer.total,
            },
            None => Asked::default(),
        };
        let (meaning, answer) = self.ask(url, &asked).await?;
        let (file, is_rest) = match meaning {
            Meaning::Rest(file) => (file, true),
            Meaning::Whole(file) => (file, false),
            Meaning::Fault(TransferFault::Changed) => {
                self.forget(id, append).await?;
                return Err(Ended::Fault(TransferFault::Changed));
            }
            Meaning::Fault(fault) => return Err(Ended::Fault(fault)),
            Meaning::Later | Meaning::Elsewhere(_) => return Err(Ended::Broken(false)),
        };
        info!(
            id,
            from = append.at(),
            bytes = file.total,
            is_rest,
            "a server sends an image"
        );
        let prepared = self.library.call(move |library| {
            prepare(library, id, is_named, &mut append, file, is_rest)?;
            Ok(append)
        });
        let append = prepared.await?;
        let before = append.at();
        let total = append.total();
        let (parts, arrived) = mpsc::channel(PARTS_MAX);
        let writing = spawn_blocking(move || append.receive(arrived));
        let is_whole = pass_on(answer, total.is_some(), parts).await;
        let written = writing.await.map_err(|_| Ended::GivenUp)?;
        match written? {
            Progress::Done(_) => Ok(()),
            Progress::At(at) if is_whole && total.is_some() => {
                warn!(id, at, total, "a server sent less than it said");
                Err(Ended::Broken(at > before))
            }
            Progress::At(at) => Err(Ended::Broken(at > before)),
        }
    }

    /// Asks, and follows where the answer leads.
    async fn ask(
        &self,
        mut url: Url,
        asked: &Asked,
    ) -> Result<(Meaning, Response<Incoming>), Ended> {
        for _ in 0..=REDIRECTS_MAX {
            let answer = client::ask(&url, asked, &self.allowed).await?;
            match understand(asked, answer.status(), answer.headers()) {
                Meaning::Elsewhere(location) => {
                    url = source::redirected(&url, &location, &self.allowed)
                        .map_err(|_| Ended::Fault(TransferFault::Forbidden))?;
                }
                meaning => return Ok((meaning, answer)),
            }
        }
        Err(Ended::Fault(TransferFault::Unreachable))
    }

    /// What is here of a file that has changed is of no use.
    async fn forget(&self, id: u32, mut append: Append) -> Result<(), Ended> {
        let forgotten = self.library.call(move |library| {
            append.restart(None)?;
            library.learn(id, None, None)
        });
        Ok(forgotten.await?)
    }
}

/// Makes ready for what a server is about to send.
fn prepare(
    library: &Library,
    id: u32,
    is_named: bool,
    append: &mut Append,
    file: File,
    is_rest: bool,
) -> Result<(), LibraryError> {
    if !is_rest {
        append.restart(None)?;
    }
    library.learn(id, file.total, file.validator)?;
    append.expect(file.total);
    if let (false, Some(name)) = (is_named, file.name) {
        library.retitle(id, &name)?;
    }
    append.prepare()
}

/// Ends with the answer, or when the writer takes no more. Gives whether the answer was whole.
async fn pass_on(answer: Response<Incoming>, is_bounded: bool, parts: mpsc::Sender<Part>) -> bool {
    let mut body = answer.into_body();
    loop {
        match timeout(SILENCE_LIMIT, body.frame()).await {
            Ok(Some(Ok(frame))) => {
                if let Ok(bytes) = frame.into_data()
                    && parts.send(Part::Bytes(bytes)).await.is_err()
                {
                    return false;
                }
            }
            Ok(None) => {
                let end = if is_bounded {
                    Part::End
                } else {
                    Part::EndOfAll
                };
                return parts.send(end).await.is_ok();
            }
            Ok(Some(Err(error))) => {
                warn!(%error, "a server broke off");
                return false;
            }
            Err(_) => {
                warn!("a server has said nothing for too long");
                return false;
            }
        }
    }
}

/// How long to wait before a server is asked again: 1 s, 2 s, 4 s, ...
fn pause(failures: u32) -> Duration {
    Duration::from_secs(1 << failures.saturating_sub(1).min(5))
}

impl From<AskError> for Ended {
    fn from(error: AskError) -> Self {
        warn!(%error, "a server cannot be asked");
        match error {
            AskError::Forbidden(_) => Self::Fault(TransferFault::Forbidden),
            AskError::Unreachable(_) => Self::Broken(false),
        }
    }
}

impl From<LibraryError> for Ended {
    fn from(error: LibraryError) -> Self {
        Self::Fault(match error {
            LibraryError::NotThere | LibraryError::Busy => return Self::GivenUp,
            LibraryError::NoRoom { .. } => TransferFault::NoRoom,
            LibraryError::TooLarge { .. } => TransferFault::TooLarge,
            LibraryError::Checksum { .. } => TransferFault::Checksum,
            LibraryError::CutOff { .. } => TransferFault::CutOff,
            LibraryError::TooMuch | LibraryError::Empty => TransferFault::Size,
            other => {
                warn!(error = %other, "a fetch failed");
                TransferFault::Disk
            }
        })
    }
}
