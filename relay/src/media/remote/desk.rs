//! What is asked for when, and what becomes of reads. Pure: it is told of readers, suppliers and the time.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::{Duration, Instant},
};

use bytes::Bytes;
use shared::media::Ejected;
use thiserror::Error;

use super::{ahead::Runs, cache::Cache, credit::Credit};
use crate::media::Reach;

/// How many bytes are kept, and counted as credit, as one.
pub const CHUNK: u64 = 32 * 1024;

/// The most chunks of a request.
pub const REQUEST_CHUNKS: usize = 8;

/// How many bytes of a medium are kept.
pub const CACHE_BYTES: usize = 32 << 20;

const _: () = assert!(REQUEST_CHUNKS * CHUNK as usize <= shared::held::PART_MAX);

/// How long a read waits: a machine that gets no answer for long takes the whole drive for broken. The way to the
/// machine takes some time on top, and it is to have its error within 5 s.
pub const READ_LIMIT: Duration = Duration::from_secs(4);

/// How long a medium stays in its drive without its bytes.
pub const GRACE: Duration = Duration::from_secs(30);

/// A part that a supplier is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Unique for the medium.
    pub number: u32,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How long it is, in bytes.
    pub length: u32,
}

/// What a supplier is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Deliver this.
    Ask(Request),
    /// Nothing now.
    Nothing,
    /// Nothing any more.
    Over,
}

/// A read under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// How a read stands.
#[derive(Debug)]
pub enum Progress {
    /// All of it is there. The ticket is no longer valid.
    Done(Read),
    /// It cannot be had. The ticket is no longer valid.
    Failed(Unread),
    /// It is to be asked for again then, or when anything has changed.
    Wait(Instant),
}

/// The chunks of a read.
#[derive(Debug)]
pub struct Read {
    /// How many bytes of the first chunk stand before what is read.
    skip: usize,
    chunks: Vec<Bytes>,
}

/// Why something was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unread {
    /// Nobody delivered it in time.
    #[error("the medium's bytes did not come in time")]
    Late,
    /// Whoever has the bytes could not read them.
    #[error("the medium's bytes could not be read where they are")]
    Unreadable,
    /// The medium is taken away.
    #[error("the medium is gone")]
    Gone,
}

/// A delivery that is none: nobody asked for it, or for another length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this was not asked for")]
pub struct Unasked;

/// The state of a medium.
pub struct Desk {
    size: u64,
    cache: Cache,
    runs: Runs,
    credit: Credit,
    readers: BTreeMap<Ticket, Reader>,
    last_ticket: u64,
    supplier: Supplier,
    last_supplier: u32,
    asked: BTreeMap<u32, Asked>,
    last_request: u32,
    /// The chunks of all that is asked for.
    coming: BTreeSet<u64>,
    /// Whether more would have been asked for than the credit allows.
    starved: bool,
    end: Option<Option<Ejected>>,
}

struct Reader {
    began: Instant,
    skip: usize,
    first: u64,
    chunks: Vec<Option<Bytes>>,
    failed: bool,
}

enum Supplier {
    Away { since: Instant },
    Here { id: u32, heard: Instant },
}

struct Asked {
    request: Request,
    chunks: Range<u64>,
    sent: Instant,
}

impl Desk {
    /// For a medium of so many bytes, which nobody supplies yet.
    #[must_use]
    pub fn new(now: Instant, size: u64) -> Self {
        Self::with_cache(now, size, CACHE_BYTES)
    }

    pub(super) fn with_cache(now: Instant, size: u64, cache: usize) -> Self {
        Self {
            size,
            cache: Cache::new(cache),
            runs: Runs::default(),
            credit: Credit::new(),
            readers: BTreeMap::new(),
            last_ticket: 0,
            supplier: Supplier::Away { since: now },
            last_supplier: 0,
            asked: BTreeMap::new(),
            last_request: 0,
            coming: BTreeSet::new(),
            starved: false,
            end: None,
        }
    }

    /// How many bytes the medium has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Begins a read of what is within the medium. Whoever began it asks [`Self::poll`] until it is over.
    pub fn begin(&mut self, began: Instant, offset: u64, length: usize) -> Ticket {
        let end = offset + length as u64;
        self.runs.read(offset, length as u64);
        let chunks = offset / CHUNK..end.div_ceil(CHUNK);
        let reader = Reader {
            began,
            skip: usize::try_from(offset % CHUNK).unwrap_or(0),
            first: chunks.start,
            chunks: chunks.map(|chunk| self.cache.get(chunk)).collect(),
            failed: false,
        };
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.readers.insert(ticket, reader);
        ticket
    }

    /// How a read stands. It is over at the latest [`READ_LIMIT`] after it began.
    pub fn poll(&mut self, now: Instant, ticket: Ticket) -> Progress {
        let Some(reader) = self.readers.remove(&ticket) else {
            return Progress::Failed(Unread::Gone);
        };
        if reader.failed {
            return Progress::Failed(Unread::Unreadable);
        }
        if reader.chunks.iter().all(Option::is_some) {
            return Progress::Done(Read {
                skip: reader.skip,
                chunks: reader.chunks.into_iter().flatten().collect(),
            });
        }
        if self.is_over() {
            return Progress::Failed(Unread::Gone);
        }
        let away = self.away_since(now).map(|since| since + READ_LIMIT);
        let latest = reader.began + READ_LIMIT;
        let until = away.map_or(latest, |away| away.min(latest));
        if now >= until {
            return Progress::Failed(Unread::Late);
        }
        self.readers.insert(ticket, reader);
        Progress::Wait(until)
    }

    /// Somebody supplies the medium from now on; nobody else does any more.
    pub fn attach(&mut self, now: Instant) -> u32 {
        self.forget_asked();
        self.last_supplier += 1;
        self.credit = Credit::new();
        self.supplier = Supplier::Here {
            id: self.last_supplier,
            heard: now,
        };
        self.last_supplier
    }

    /// A supplier has left.
    pub fn detach(&mut self, now: Instant, supplier: u32) {
        if self.is_current(supplier) {
            let since = self.away_since(now).unwrap_or(now);
            self.forget_asked();
            self.supplier = Supplier::Away { since };
        }
    }

    /// What a supplier is to deliver next. What readers wait for comes before what they may want.
    pub fn next(&mut self, now: Instant, supplier: u32) -> Next {
        if self.is_over() || !self.is_current(supplier) {
            return Next::Over;
        }
        let credit = self.credit.chunks();
        let (first, most) = match self.demanded() {
            Some(chunk) => (chunk, credit),
            None => match self.ahead() {
                Some(chunk) => (chunk, credit - credit / 4),
                None => return Next::Nothing,
            },
        };
        let free = most.saturating_sub(self.coming.len());
        if free == 0 {
            self.starved = true;
            return Next::Nothing;
        }
        let most = first + free.min(REQUEST_CHUNKS) as u64;
        let end = (first + 1..most).find(|chunk| !self.is_wanted(*chunk));
        Next::Ask(self.ask(now, first..end.unwrap_or(most)))
    }

    /// A supplier delivers.
    ///
    /// # Errors
    /// [`Unasked`]
    pub fn deliver(
        &mut self,
        now: Instant,
        supplier: u32,
        number: u32,
        bytes: &[u8],
    ) -> Result<(), Unasked> {
        let asked = self.heard(now, supplier, number)?;
        if bytes.len() != asked.request.length as usize {
            self.asked.insert(number, asked);
            return Err(Unasked);
        }
        let count = usize::try_from(asked.chunks.end - asked.chunks.start).unwrap_or(1);
        let starved = std::mem::take(&mut self.starved);
        self.credit.answered(now, asked.sent, count, starved);
        let parts = bytes.chunks(usize::try_from(CHUNK).unwrap_or(usize::MAX));
        for (chunk, part) in asked.chunks.zip(parts) {
            self.coming.remove(&chunk);
            let part = Bytes::copy_from_slice(part);
            for reader in self.readers.values_mut() {
                reader.take(chunk, &part);
            }
            self.cache.put(chunk, part);
        }
        Ok(())
    }

    /// A supplier cannot deliver now.
    ///
    /// # Errors
    /// [`Unasked`]
    pub fn fail(&mut self, now: Instant, supplier: u32, number: u32) -> Result<(), Unasked> {
        let asked = self.heard(now, supplier, number)?;
        for chunk in asked.chunks {
            self.coming.remove(&chunk);
            for reader in self.readers.values_mut() {
                reader.failed |= reader.misses(chunk);
            }
        }
        Ok(())
    }

    /// A supplier says that the bytes are gone for good.
    pub fn give_up(&mut self, supplier: u32, why: Ejected) {
        if self.is_current(supplier) && self.end.is_none() {
            self.end = Some(Some(why));
        }
    }

    /// The medium is taken away: whoever reads fails, and whoever supplies is told.
    pub fn close(&mut self) {
        self.end.get_or_insert(None);
    }

    /// Whether the medium is gone.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// Whether the bytes can be had.
    #[must_use]
    pub fn reach(&self, now: Instant) -> Reach {
        match (self.end, self.away_since(now)) {
            (Some(why), _) => Reach::Gone(why.unwrap_or(Ejected::SourceLost)),
            (None, Some(since)) if now.saturating_duration_since(since) >= GRACE => {
                Reach::Gone(Ejected::SourceLost)
            }
            (None, Some(_)) => Reach::Away,
            (None, None) => Reach::Here,
        }
    }

    /// Since when nothing comes: there is no supplier, or it has been silent for too long to what it was asked.
    fn away_since(&self, now: Instant) -> Option<Instant> {
        match self.supplier {
            Supplier::Away { since } => Some(since),
            Supplier::Here { heard, .. } => {
                let oldest = self.asked.values().map(|asked| asked.sent).min()?;
                let since = oldest.max(heard);
                (now.saturating_duration_since(since) >= READ_LIMIT).then_some(since)
            }
        }
    }

    /// Whether this one supplies the medium.
    #[must_use]
    pub fn is_current(&self, supplier: u32) -> bool {
        matches!(self.supplier, Supplier::Here { id, .. } if id == supplier)
    }

    /// Takes up what was asked for, from a supplier who may answer.
    fn heard(&mut self, now: Instant, supplier: u32, number: u32) -> Result<Asked, Unasked> {
        match &mut self.supplier {
            Supplier::Here { id, heard } if *id == supplier => {
                *heard = now;
                self.asked.remove(&number).ok_or(Unasked)
            }
            Supplier::Here { .. } | Supplier::Away { .. } => Err(Unasked),
        }
    }

    fn ask(&mut self, now: Instant, chunks: Range<u64>) -> Request {
        let offset = chunks.start * CHUNK;
        let end = (chunks.end * CHUNK).min(self.size);
        self.last_request = self.last_request.wrapping_add(1);
        let request = Request {
            number: self.last_request,
            offset,
            length: u32::try_from(end - offset).unwrap_or(u32::MAX),
        };
        self.coming.extend(chunks.clone());
        let asked = Asked {
            request,
            chunks,
            sent: now,
        };
        self.asked.insert(request.number, asked);
        request
    }

    fn forget_asked(&mut self) {
        self.asked.clear();
        self.coming.clear();
    }

    /// The first chunk that somebody waits for and nobody was asked for.
    fn demanded(&self) -> Option<u64> {
        let mut missing = self.readers.values().flat_map(Reader::missing);
        missing.find(|chunk| !self.coming.contains(chunk))
    }

    /// The first chunk that somebody may want soon.
    fn ahead(&self) -> Option<u64> {
        let mut chunks = self.runs.ahead().flat_map(|ahead| self.chunks(&ahead));
        chunks.find(|chunk| self.is_absent(*chunk))
    }

    /// Whether a chunk should be asked for together with the one before it.
    fn is_wanted(&self, chunk: u64) -> bool {
        let is_demanded = || self.readers.values().any(|reader| reader.misses(chunk));
        let is_ahead = || {
            self.runs
                .ahead()
                .any(|ahead| self.chunks(&ahead).contains(&chunk))
        };
        self.is_absent(chunk) && (is_demanded() || is_ahead())
    }

    fn is_absent(&self, chunk: u64) -> bool {
        !self.cache.has(chunk) && !self.coming.contains(&chunk)
    }

    /// The chunks of these bytes, as far as the medium goes.
    fn chunks(&self, bytes: &Range<u64>) -> Range<u64> {
        bytes.start / CHUNK..bytes.end.min(self.size).div_ceil(CHUNK)
    }
}

impl Reader {
    fn place(&self, chunk: u64) -> Option<usize> {
        usize::try_from(chunk.checked_sub(self.first)?).ok()
    }

    fn misses(&self, chunk: u64) -> bool {
        let known = self.place(chunk).and_then(|place| self.chunks.get(place));
        known.is_some_and(Option::is_none)
    }

    fn missing(&self) -> impl Iterator<Item = u64> {
        let chunks = (self.first..).zip(&self.chunks);
        chunks.filter_map(|(chunk, part)| part.is_none().then_some(chunk))
    }

    fn take(&mut self, chunk: u64, bytes: &Bytes) {
        let place = self.place(chunk);
        if let Some(part) = place.and_then(|place| self.chunks.get_mut(place)) {
            *part = Some(bytes.clone());
        }
    }
}

impl Read {
    /// Fills a buffer of the length that was read.
    pub fn copy_to(&self, buffer: &mut [u8]) {
        let mut skip = self.skip;
        let mut rest = buffer;
        for chunk in &self.chunks {
            let part = chunk.get(skip..).unwrap_or_default();
            let length = part.len().min(rest.len());
            let (filled, left) = rest.split_at_mut(length);
            filled.copy_from_slice(&part[..length]);
            (rest, skip) = (left, 0);
        }
    }
}

#[cfg(test)]
mod tests;
