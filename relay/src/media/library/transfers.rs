//! What is on its way into the library: announced, gone on with, given up, forgotten in time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use sha2::Sha256;
use shared::media::{TRANSFERS_MAX, Transfer, TransferFault, TransferPhase, Transfers, Way};
use tokio::sync::Notify;
use tracing::{info, warn};

use super::{
    Books, IMAGES_MAX, Library, LibraryError, folder,
    index::{self, Ongoing},
    name::Name,
};

/// How long a transfer is kept that nobody goes on with.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Up to which number a name is tried.
const NUMBERS_MAX: u32 = 100;

/// How long whoever sends may say nothing before somebody else may go on in their place.
const SILENCE: Duration = Duration::from_secs(2);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// What the image shall be called.
    pub name: Name,
    /// How many bytes it has, where that is known.
    pub total: Option<u64>,
    /// How many of them are sent, where the others are zeros that follow.
    pub sent: Option<u64>,
    /// Its hash, in lower-case hexadecimal, where that is known.
    pub sha256: Option<String>,
    /// Where to fetch it from; `None` where a client sends it.
    pub url: Option<String>,
}

/// How a transfer stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// As it is told.
    pub transfer: Transfer,
    /// When it is forgotten, if nobody goes on with it.
    pub expires: SystemTime,
    /// How many bytes are to be sent, where that is known.
    pub awaited: Option<u64>,
    /// Whether it can still become an image.
    pub goes_on: bool,
    /// The hash that was given.
    pub sha256: Option<String>,
    /// Where it is fetched from; `None` where a client sends it.
    pub url: Option<String>,
    /// What tells whether the file on the server is still the same.
    pub validator: Option<String>,
}

pub(super) struct Incoming {
    pub(super) name: Name,
    pub(super) total: Option<u64>,
    pub(super) sent: Option<u64>,
    pub(super) sha256: Option<String>,
    pub(super) url: Option<String>,
    pub(super) validator: Option<String>,
    pub(super) live: Arc<Live>,
    pub(super) phase: TransferPhase,
    /// Of all that has been received; `None` where it must be read again for that.
    pub(super) hasher: Option<Sha256>,
    /// Whether the disk keeps room for all of it.
    pub(super) reserved: bool,
    pub(super) touched: SystemTime,
    pub(super) is_held: bool,
}

/// What the thread that writes and those who look at it share.
pub(super) struct Live {
    pub(super) received: AtomicU64,
    pub(super) gone: AtomicBool,
    pub(super) interrupt: Notify,
    begun: Instant,
    heard_ms: AtomicU64,
}

impl Live {
    pub(super) fn new(received: u64) -> Arc<Self> {
        Arc::new(Self {
            received: AtomicU64::new(received),
            gone: AtomicBool::new(false),
            interrupt: Notify::new(),
            begun: Instant::now(),
            heard_ms: AtomicU64::new(0),
        })
    }

    /// Something was heard of whoever sends.
    pub(super) fn beat(&self) {
        let since = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard_ms.store(since, Ordering::Relaxed);
    }

    fn is_silent(&self) -> bool {
        let heard = Duration::from_millis(self.heard_ms.load(Ordering::Relaxed));
        self.begun.elapsed().saturating_sub(heard) > SILENCE
    }

    fn give_up(&self) {
        self.gone.store(true, Ordering::Relaxed);
        self.interrupt.notify_waiters();
    }
}

impl Incoming {
    pub(super) fn new(
        name: Name,
        total: Option<u64>,
        sha256: Option<String>,
        url: Option<String>,
    ) -> Self {
        Self {
            name,
            total,
            sent: None,
            sha256,
            url,
            validator: None,
            live: Live::new(0),
            phase: TransferPhase::Waiting,
            hasher: None,
            reserved: false,
            touched: SystemTime::now(),
            is_held: false,
        }
    }

    /// Whether it can still become an image.
    pub(super) fn will_be(&self) -> bool {
        !matches!(
            self.phase,
            TransferPhase::Failed(
                TransferFault::Checksum | TransferFault::Size | TransferFault::CutOff
            )
        )
    }

    /// Whether all bytes that are sent are here, and nobody makes an image of them.
    pub(super) fn is_whole(&self) -> bool {
        let is_here = |awaited| self.received() >= awaited;
        self.will_be() && !self.is_held && self.awaited().is_some_and(is_here)
    }

    pub(super) fn awaited(&self) -> Option<u64> {
        self.sent.or(self.total)
    }

    pub(super) fn received(&self) -> u64 {
        self.live.received.load(Ordering::Relaxed)
    }

    pub(super) fn owed(&self) -> u64 {
        match self.total {
            Some(total) if !self.reserved && self.will_be() => {
                total.saturating_sub(self.received())
            }
            _ => 0,
        }
    }

    fn told(&self, id: u32) -> Transfer {
        Transfer {
            id,
            name: self.name.to_string(),
            way: match self.url {
                Some(_) => Way::Fetch,
                None => Way::Upload,
            },
            received: self.received(),
            total: self.total,
            phase: self.phase,
        }
    }

    pub(super) fn standing(&self, id: u32) -> Standing {
        Standing {
            transfer: self.told(id),
            expires: self.touched + KEPT,
            awaited: self.awaited(),
            goes_on: self.will_be(),
            sha256: self.sha256.clone(),
            url: self.url.clone(),
            validator: self.validator.clone(),
        }
    }
}

impl Books {
    pub(super) fn told(&self) -> Transfers {
        Transfers::new(
            self.incoming
                .iter()
                .map(|(id, incoming)| incoming.told(*id)),
        )
    }

    fn check_announcement(&self, announced: &Announcement) -> Result<(), LibraryError> {
        self.check_name(&announced.name.key(), None)?;
        let same = announced.sha256.as_ref().and_then(|sha256| {
            self.images
                .values()
                .find(|entry| entry.kept.image.sha256 == *sha256)
        });
        if let Some(same) = same {
            return Err(LibraryError::Duplicate(Box::new(same.kept.image.clone())));
        }
        match self.incoming.len() >= TRANSFERS_MAX || self.images.len() >= IMAGES_MAX {
            true => Err(LibraryError::TooMany),
            false => Ok(()),
        }
    }
}

impl Library {
    /// Takes note of something that will come, and keeps room for it where it is said how large it is. Blocks.
    ///
    /// # Errors
    /// Where it cannot become an image.
    pub fn announce(&self, announced: Announcement) -> Result<Standing, LibraryError> {
        self.books().check_announcement(&announced)?;
        self.check_size(announced.total)?;
        let mut books = self.books();
        books.check_announcement(&announced)?;
        let ongoing = Ongoing {
            id: 0,
            name: announced.name.to_string(),
            total: announced.total,
            sent: announced.sent,
            sha256: announced.sha256.clone(),
            url: announced.url.clone(),
            validator: None,
        };
        let id = self
            .0
            .store
            .blocking(|connection| index::begin(connection, &ongoing))?;
        let Announcement {
            name,
            total,
            sent,
            sha256,
            url,
        } = announced;
        let mut incoming = Incoming::new(name, total, sha256, url);
        incoming.sent = sent;
        match self.make_room(id, total) {
            Ok(reserved) => incoming.reserved = reserved,
            Err(error) => {
                self.clean_up(id);
                return Err(error);
            }
        }
        info!(id, name = %incoming.name, bytes = total, "a transfer begins");
        let standing = incoming.standing(id);
        books.incoming.insert(id, incoming);
        self.stir();
        Ok(standing)
    }

    /// As [`Library::announce`], under the name or, where that is taken, the name with a number. Blocks.
    ///
    /// # Errors
    /// As [`Library::announce`].
    pub fn announce_somehow(&self, announced: &Announcement) -> Result<Standing, LibraryError> {
        let mut begun = self.announce(announced.clone());
        for number in 2..NUMBERS_MAX {
            if !matches!(begun, Err(LibraryError::NameTaken(_))) {
                break;
            }
            begun = self.announce(Announcement {
                name: announced.name.numbered(number),
                ..announced.clone()
            });
        }
        begun
    }

    /// The transfers that the relay fetches. Blocks.
    #[must_use]
    pub fn fetches(&self) -> Vec<u32> {
        let books = self.books();
        let fetches = books.incoming.iter();
        let fetches = fetches.filter(|(_, incoming)| incoming.url.is_some());
        fetches.map(|(id, _)| *id).collect()
    }

    /// Gives a transfer another name, with a number where it is taken. Blocks.
    ///
    /// # Errors
    /// Where it is not there, or the store fails.
    pub fn retitle(&self, id: u32, name: &Name) -> Result<(), LibraryError> {
        let mut books = self.books();
        let incoming = books.incoming.get(&id).ok_or(LibraryError::NotThere)?;
        if incoming.name == *name {
            return Ok(());
        }
        let numbered = (2..NUMBERS_MAX).map(|number| name.numbered(number));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| books.check_name(&name.key(), None).is_ok());
        let Some(name) = free else {
            return Ok(());
        };
        self.0
            .store
            .blocking(|connection| index::retitle(connection, id, name.as_str()))?;
        let incoming = books.incoming.get_mut(&id).ok_or(LibraryError::NotThere)?;
        incoming.name = name;
        self.stir();
        Ok(())
    }

    /// How a transfer stands.
    ///
    /// # Errors
    /// [`LibraryError::NotThere`].
    pub fn standing(&self, id: u32) -> Result<Standing, LibraryError> {
        let books = self.books();
        let incoming = books.incoming.get(&id).ok_or(LibraryError::NotThere)?;
        Ok(incoming.standing(id))
    }

    /// Keeps what a server has said of the file that it sends, and room for all of it. Blocks.
    ///
    /// # Errors
    /// Where it cannot become an image.
    pub fn learn(
        &self,
        id: u32,
        total: Option<u64>,
        validator: Option<String>,
    ) -> Result<(), LibraryError> {
        let known = {
            let books = self.books();
            let incoming = books.incoming.get(&id).ok_or(LibraryError::NotThere)?;
            incoming.total
        };
        if known != total {
            self.check_size(total)?;
        }
        let mut books = self.books();
        let incoming = books.incoming.get_mut(&id).ok_or(LibraryError::NotThere)?;
        let reserved = self.make_room(id, total)?;
        self.0
            .store
            .blocking(|connection| index::learn(connection, id, total, validator.as_deref()))?;
        incoming.total = total;
        incoming.validator = validator;
        incoming.reserved = reserved;
        self.stir();
        Ok(())
    }

    /// Ends a transfer and removes what is here of it. Blocks.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn give_up(&self, id: u32) -> Result<(), LibraryError> {
        let mut books = self.books();
        let incoming = books.incoming.remove(&id).ok_or(LibraryError::NotThere)?;
        incoming.live.give_up();
        self.clean_up(id);
        info!(id, name = %incoming.name, "a transfer was given up");
        self.stir();
        Ok(())
    }

    /// Says that a transfer has failed. What is here of it is kept where it can go on. Blocks.
    pub fn fail(&self, id: u32, fault: TransferFault) {
        let mut books = self.books();
        let Some(incoming) = books.incoming.get_mut(&id) else {
            return;
        };
        incoming.phase = TransferPhase::Failed(fault);
        incoming.touched = SystemTime::now();
        if !incoming.will_be() {
            incoming.hasher = None;
            incoming.reserved = false;
            self.clean_up(id);
        }
        warn!(id, name = %incoming.name, ?fault, "a transfer failed");
        self.stir();
    }

    /// Lets somebody whose turn it is go on in the place of a sender that is silent.
    pub(super) fn take_over(&self, incoming: &Incoming) -> LibraryError {
        if incoming.live.is_silent() {
            incoming.live.interrupt.notify_waiters();
        }
        LibraryError::Busy
    }

    /// Forgets what nobody has gone on with for [`KEPT`]. Blocks.
    pub(super) fn expire(&self, now: SystemTime) {
        let mut books = self.books();
        let late: Vec<u32> = books
            .incoming
            .iter()
            .filter(|(_, incoming)| !incoming.is_held && incoming.touched + KEPT <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            if let Some(incoming) = books.incoming.remove(&id) {
                info!(id, name = %incoming.name, "a transfer is forgotten: nobody has gone on with it");
                self.clean_up(id);
                self.stir();
            }
        }
    }

    /// Whether so much can become an image at all.
    pub(super) fn check_size(&self, total: Option<u64>) -> Result<(), LibraryError> {
        let max = self.0.image_max;
        match total {
            Some(0) => Err(LibraryError::Empty),
            Some(total) if total > max => Err(LibraryError::TooLarge { max }),
            Some(total) => self.check_room(total),
            None => self.check_room(1),
        }
    }

    /// Whether there is room for so much more.
    pub(super) fn check_room(&self, bytes: u64) -> Result<(), LibraryError> {
        let free = self.free()?;
        match bytes > free {
            true => Err(LibraryError::NoRoom { free }),
            false => Ok(()),
        }
    }

    /// Makes the file of a transfer that is known, and gives whether the disk keeps room for all of it.
    pub(super) fn make_room(&self, id: u32, total: Option<u64>) -> Result<bool, LibraryError> {
        let file = self.0.folder.open_partial(id);
        let reserved = file.and_then(|file| match total {
            Some(total) => folder::reserve(&file, total),
            None => Ok(false),
        });
        reserved.map_err(|error| self.write_error(error))
    }

    fn clean_up(&self, id: u32) {
        if let Err(error) = self.0.folder.remove_partial(&id.to_string()) {
            warn!(%error, id, "what is left of a transfer could not be removed");
        }
        if let Err(error) = self
            .0
            .store
            .blocking(|connection| index::end(connection, id))
        {
            warn!(%error, id, "a transfer stays in the index");
        }
    }
}
