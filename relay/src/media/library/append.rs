//! Going on with a transfer: bytes to the end of what is here, and at the end of all an image.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    sync::{Arc, atomic::Ordering},
    time::SystemTime,
};

use bytes::Bytes;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use shared::media::{Image, TransferFault, TransferPhase};
use tokio::sync::mpsc;
use tracing::{info, warn};

use crate::media::{
    file::FileBlocks,
    volume::{self, Volume},
};

use super::{
    Entry, Library, LibraryError, describe, folder, hex, index, name::Name, transfers::Live,
};

/// After how many bytes it is looked whether there is room for more, where nobody knows how many there will be.
const ROOM_EVERY: u64 = 16 << 20;

/// How many zeros are added at a time.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// What a chunk shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// Of the chunk.
    Sha1([u8; 20]),
    /// Of the chunk.
    Sha256([u8; 32]),
}

/// Where a transfer stands after bytes were added to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes are here.
    At(u64),
    /// All of them: it is an image.
    Done(Box<Image>),
}

/// What arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Some of it.
    Bytes(Bytes),
    /// The end of what was to arrive this time.
    End,
    /// The end of all, where it was not known before.
    EndOfAll,
}

/// Adds bytes to a transfer; nobody else does meanwhile. What was added is kept when this is dropped, but for a chunk
/// whose checksum was given.
pub struct Append {
    library: Library,
    id: u32,
    live: Arc<Live>,
    file: File,
    total: Option<u64>,
    awaited: Option<u64>,
    begun_at: u64,
    at: u64,
    hasher: Option<Sha256>,
    chunk: Option<Chunk>,
}

struct Chunk {
    wanted: Checksum,
    found: Running,
    /// Of all before the chunk.
    before: Option<Sha256>,
}

enum Running {
    Sha1(Sha1),
    Sha256(Sha256),
}

/// Ends the wait for more bytes.
#[derive(Clone)]
pub struct Interrupt(Arc<Live>);

impl Interrupt {
    /// Ends when somebody has given the transfer up, or wants to go on with it while nothing arrives here.
    pub async fn wait(&self) {
        self.0.interrupt.notified().await;
    }
}

impl Library {
    /// Begins to add bytes to a transfer, at `offset`, or wherever it stands. Blocks.
    ///
    /// # Errors
    /// Where there is none, somebody else adds to it, or it stands elsewhere.
    pub fn append(
        &self,
        id: u32,
        offset: Option<u64>,
        checksum: Option<Checksum>,
    ) -> Result<Append, LibraryError> {
        let mut books = self.books();
        let incoming = books.incoming.get_mut(&id).ok_or(LibraryError::NotThere)?;
        if !incoming.will_be() {
            return Err(LibraryError::NotThere);
        }
        if incoming.is_held {
            return Err(self.take_over(incoming));
        }
        let file = self.0.folder.open_partial(id);
        let file = file.map_err(LibraryError::Disk)?;
        let at = file.metadata().map_err(LibraryError::Disk)?.len();
        if at != incoming.received() {
            warn!(id, "what is here of a transfer is not what was received");
            incoming.live.received.store(at, Ordering::Relaxed);
            incoming.hasher = None;
        }
        if offset.is_some_and(|offset| offset != at) {
            return Err(LibraryError::Offset { at });
        }
        incoming.is_held = true;
        incoming.phase = TransferPhase::Running;
        incoming.touched = SystemTime::now();
        incoming.live.beat();
        self.stir();
        let hasher = incoming.hasher.take();
        Ok(Append {
            library: self.clone(),
            id,
            live: incoming.live.clone(),
            file,
            total: incoming.total,
            awaited: incoming.awaited(),
            begun_at: at,
            at,
            chunk: checksum.map(|wanted| Chunk {
                found: Running::new(&wanted),
                wanted,
                before: None,
            }),
            hasher,
        })
    }
}

impl Append {
    /// What ends the wait for more bytes.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        Interrupt(self.live.clone())
    }

    /// Which transfer this is.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// How many bytes there will be, where that is known.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// How many bytes are to be sent, where that is known; zeros follow on them up to [`Append::total`].
    #[must_use]
    pub fn awaited(&self) -> Option<u64> {
        self.awaited
    }

    /// Where the next byte goes.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Reads what is here again where its hash is not known, as after a start. Blocks.
    ///
    /// # Errors
    /// Where that fails, or the transfer was given up.
    pub fn prepare(&mut self) -> Result<(), LibraryError> {
        if self.hasher.is_none() {
            let hasher = folder::hash(&self.file, self.at, || {
                self.live.beat();
                !self.live.gone.load(Ordering::Relaxed)
            });
            self.hasher = Some(hasher.map_err(LibraryError::Disk)?);
        }
        if let Some(chunk) = &mut self.chunk {
            chunk.before.clone_from(&self.hasher);
        }
        Ok(())
    }

    /// Takes all that arrives until its end, and finishes. Blocks for as long as that takes.
    ///
    /// # Errors
    /// As [`Append::write`] and [`Append::finish`]. What arrived before is kept.
    pub fn receive(mut self, mut arrived: mpsc::Receiver<Part>) -> Result<Progress, LibraryError> {
        self.prepare()?;
        while let Some(part) = arrived.blocking_recv() {
            match part {
                Part::Bytes(bytes) => self.write(&bytes)?,
                Part::End => return self.finish(true),
                Part::EndOfAll => return self.finish_all(),
            }
        }
        self.finish(false)
    }

    /// Adds bytes. Blocks.
    ///
    /// # Errors
    /// Where there are more than were announced or allowed, the disk is full, or the transfer was given up. What was
    /// added before is kept.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), LibraryError> {
        if self.live.gone.load(Ordering::Relaxed) {
            return Err(LibraryError::NotThere);
        }
        let max = self.library.0.image_max;
        let end = self.at.saturating_add(bytes.len() as u64);
        match self.awaited {
            Some(awaited) if end > awaited => {
                self.undo(None);
                return Err(LibraryError::TooMuch);
            }
            None if end > max => return Err(LibraryError::TooLarge { max }),
            None if self.at / ROOM_EVERY != end / ROOM_EVERY => {
                self.library.check_room(ROOM_EVERY)?;
            }
            _ => {}
        }
        if self.hasher.is_none() {
            self.prepare()?;
        }
        if let Err(error) = self.file.write_all_at(bytes, self.at) {
            self.cut(self.at);
            return Err(self.library.write_error(error));
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        if let Some(chunk) = &mut self.chunk {
            chunk.found.update(bytes);
        }
        self.at = end;
        self.live.received.store(end, Ordering::Relaxed);
        self.live.beat();
        self.library.stir();
        Ok(())
    }

    /// Forgets all that is here, to begin anew. Blocks.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn restart(&mut self, total: Option<u64>) -> Result<(), LibraryError> {
        self.cut(0);
        self.at = 0;
        self.begun_at = 0;
        self.hasher = Some(Sha256::new());
        self.expect(total);
        self.live.received.store(0, Ordering::Relaxed);
        self.keep_room()
    }

    /// Takes note of how many bytes there will be.
    pub fn expect(&mut self, total: Option<u64>) {
        self.total = total;
        self.awaited = total;
    }

    /// Adds zeros up to a place, without writing them: the file is made longer. Blocks.
    ///
    /// # Errors
    /// Where the disk fails, or the transfer was given up.
    pub fn zeros_to(&mut self, end: u64) -> Result<(), LibraryError> {
        self.prepare()?;
        while self.at < end {
            if self.live.gone.load(Ordering::Relaxed) {
                return Err(LibraryError::NotThere);
            }
            let zeros =
                usize::try_from(end - self.at).map_or(ZEROS.len(), |left| left.min(ZEROS.len()));
            let at = self.at + zeros as u64;
            if let Err(error) = self.file.set_len(at) {
                return Err(self.library.write_error(error));
            }
            if let Some(hasher) = &mut self.hasher {
                hasher.update(&ZEROS[..zeros]);
            }
            self.at = at;
            self.live.received.store(at, Ordering::Relaxed);
            self.live.beat();
            self.library.stir();
        }
        Ok(())
    }

    /// Ends this. `is_whole` says whether all has arrived that was to arrive this time: a chunk that broke off cannot
    /// be checked. Where there is nothing more to come, it becomes an image. Blocks.
    ///
    /// # Errors
    /// Where the chunk or the whole is not what its checksum says, or it cannot become an image.
    pub fn finish(mut self, is_whole: bool) -> Result<Progress, LibraryError> {
        if let Some(chunk) = self.chunk.take() {
            let is_right = is_whole && chunk.found.is(&chunk.wanted);
            if !is_right {
                self.undo(chunk.before);
                return match is_whole {
                    true => Err(LibraryError::ChunkChecksum),
                    false => Ok(Progress::At(self.at)),
                };
            }
        }
        match self.awaited {
            Some(awaited) if awaited <= self.at => self.complete(),
            _ => Ok(Progress::At(self.at)),
        }
    }

    /// As [`Append::finish`], where the end is the end of all.
    ///
    /// # Errors
    /// Where it cannot become an image.
    pub fn finish_all(mut self) -> Result<Progress, LibraryError> {
        if self.at == 0 {
            return Err(LibraryError::Empty);
        }
        self.total = Some(self.at);
        self.complete()
    }

    fn undo(&mut self, before: Option<Sha256>) {
        self.cut(self.begun_at);
        self.at = self.begun_at;
        self.hasher = before;
        self.live.received.store(self.at, Ordering::Relaxed);
        if let Err(error) = self.keep_room() {
            warn!(%error, id = self.id, "no room can be kept for a transfer");
        }
    }

    fn keep_room(&self) -> Result<(), LibraryError> {
        let Some(total) = self.total else {
            return Ok(());
        };
        let kept = folder::reserve(&self.file, total);
        kept.map(drop)
            .map_err(|error| self.library.write_error(error))
    }

    fn cut(&self, at: u64) {
        if let Err(error) = self.file.set_len(at) {
            warn!(%error, id = self.id, "a transfer could not be cut back");
        }
    }

    fn complete(mut self) -> Result<Progress, LibraryError> {
        self.prepare()?;
        self.zeros_to(self.total.unwrap_or(self.at))?;
        self.file
            .sync_all()
            .map_err(|error| self.library.write_error(error))?;
        let sha256 = self.hasher.take().map(|hasher| hex(&hasher.finalize()));
        let found = sha256.unwrap_or_default();
        let (name, wanted) = {
            let books = self.library.books();
            let incoming = books.incoming.get(&self.id).ok_or(LibraryError::NotThere)?;
            (incoming.name.clone(), incoming.sha256.clone())
        };
        if wanted.is_some_and(|wanted| wanted != found) {
            self.library.fail(self.id, TransferFault::Checksum);
            return Err(LibraryError::Checksum { found });
        }
        let path = self.library.0.folder.partial(self.id);
        let volume = FileBlocks::open(&path, false).and_then(|blocks| volume::inspect(&blocks));
        let Volume { bytes, .. } = volume.map_err(LibraryError::Disk)?;
        if bytes > self.at {
            self.library.fail(self.id, TransferFault::CutOff);
            return Err(LibraryError::CutOff { bytes });
        }
        let image = self.publish(&name, found)?;
        Ok(Progress::Done(Box::new(image)))
    }

    fn publish(&self, wanted: &Name, sha256: String) -> Result<Image, LibraryError> {
        let mut seen = folder::seen(&self.file, wanted.as_str()).map_err(LibraryError::Disk)?;
        let library = &self.library;
        let path = library.0.folder.partial(self.id);
        let mut kept = describe(&path, &seen, sha256).map_err(LibraryError::Disk)?;
        let mut books = library.books();
        if !books.incoming.contains_key(&self.id) {
            return Err(LibraryError::NotThere);
        }
        let name = self.settle_name(wanted)?;
        seen.name = name.to_string();
        kept.image.name.clone_from(&seen.name);
        let added = library
            .0
            .store
            .blocking(|connection| index::add(connection, &kept, Some(self.id)));
        match added {
            Ok(id) => kept.image.id = id,
            Err(error) => {
                if let Err(error) = library.0.folder.take_back(self.id, name.as_str()) {
                    warn!(%error, %name, "an image is in the folder and not in the index");
                }
                return Err(error.into());
            }
        }
        books.incoming.remove(&self.id);
        let image = kept.image.clone();
        books.images.insert(image.id, Entry::new(kept));
        info!(
            id = image.id,
            name = image.name,
            bytes = image.bytes,
            "an image is here"
        );
        library.changed();
        library.stir();
        Ok(image)
    }

    /// Puts the file into the folder under its name, or, where somebody has put another one there meanwhile, under
    /// one with a number.
    fn settle_name(&self, wanted: &Name) -> Result<Name, LibraryError> {
        let mut name = wanted.clone();
        for number in 2..100 {
            match self.library.0.folder.publish(self.id, name.as_str()) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    name = wanted.numbered(number);
                }
                Err(error) => return Err(self.library.write_error(error)),
                Ok(()) => return Ok(name),
            }
        }
        Err(LibraryError::NameTaken(wanted.to_string()))
    }
}

impl Drop for Append {
    fn drop(&mut self) {
        if let Some(chunk) = self.chunk.take() {
            self.undo(chunk.before);
        }
        let mut books = self.library.books();
        if let Some(incoming) = books.incoming.get_mut(&self.id) {
            incoming.is_held = false;
            incoming.hasher = self.hasher.take();
            incoming.touched = SystemTime::now();
            if incoming.phase == TransferPhase::Running {
                incoming.phase = TransferPhase::Waiting;
            }
        }
        self.library.stir();
    }
}

impl Running {
    fn new(wanted: &Checksum) -> Self {
        match wanted {
            Checksum::Sha1(_) => Self::Sha1(Sha1::new()),
            Checksum::Sha256(_) => Self::Sha256(Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(running) => running.update(bytes),
            Self::Sha256(running) => running.update(bytes),
        }
    }

    fn is(self, wanted: &Checksum) -> bool {
        match (self, wanted) {
            (Self::Sha1(found), Checksum::Sha1(wanted)) => found.finalize()[..] == wanted[..],
            (Self::Sha256(found), Checksum::Sha256(wanted)) => found.finalize()[..] == wanted[..],
            _ => false,
        }
    }
}
