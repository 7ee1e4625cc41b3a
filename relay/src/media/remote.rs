//! A medium whose bytes somebody else has, and gives part by part: a browser with a file, or a server.
//!
//! [`Remote`] is read by the drive, and blocks. [`Inlet`] is where whoever has the bytes comes in; a [`Supply`] is asked
//! for parts and delivers them. What is asked for when, and what becomes of reads, is the [`desk`]'s.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use shared::media::Ejected;
use tokio::sync::Notify;

use super::{Blocks, Reach};

mod ahead;
mod cache;
mod credit;
pub mod desk;

use desk::{Desk, Next, Progress};
pub use desk::{Request, Unasked, Unread};

/// The most of a read that is waited for at once, in bytes.
const PIECE: usize = 1 << 20;

/// The medium. When it is dropped, whoever supplies it is told that it is over.
pub struct Remote(Arc<Shared>);

/// Where a supplier of the medium comes in. Clones are the same.
#[derive(Clone)]
pub struct Inlet(Arc<Shared>);

/// Supplies the medium until it is dropped.
pub struct Supply {
    shared: Arc<Shared>,
    supplier: u32,
}

struct Shared {
    desk: Mutex<Desk>,
    /// Reads may go on.
    answered: Condvar,
    /// There may be something to ask for.
    asked: Notify,
}

/// A medium of so many bytes, which nobody supplies yet.
#[must_use]
pub fn open(size: u64) -> (Remote, Inlet) {
    let shared = Arc::new(Shared {
        desk: Mutex::new(Desk::new(Instant::now(), size)),
        answered: Condvar::new(),
        asked: Notify::new(),
    });
    (Remote(shared.clone()), Inlet(shared))
}

impl Inlet {
    /// Supplies the medium from now on, in the place of whoever has until now.
    #[must_use]
    pub fn attach(&self) -> Supply {
        let supplier = self.0.change(|desk| desk.attach(Instant::now()));
        Supply {
            shared: self.0.clone(),
            supplier,
        }
    }

    /// Whether the bytes can be had.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.0.desk().reach(Instant::now())
    }
}

impl Supply {
    /// The next part to deliver. Several may be asked for before the first is delivered. `None` once the medium is gone
    /// or somebody else supplies it. What is asked for when this is cancelled is asked for again.
    pub async fn next(&self) -> Option<Request> {
        loop {
            let asked = self.shared.asked.notified();
            match self.shared.desk().next(Instant::now(), self.supplier) {
                Next::Ask(request) => return Some(request),
                Next::Nothing => {}
                Next::Over => return None,
            }
            asked.await;
        }
    }

    /// Delivers the part of a request.
    ///
    /// # Errors
    /// Where it was not asked for, or has another length.
    pub fn deliver(&self, number: u32, bytes: &[u8]) -> Result<(), Unasked> {
        self.shared
            .change(|desk| desk.deliver(Instant::now(), self.supplier, number, bytes))
    }

    /// The part of a request cannot be had now. Reads that wait for it fail; the next one is tried anew.
    ///
    /// # Errors
    /// Where it was not asked for.
    pub fn fail(&self, number: u32) -> Result<(), Unasked> {
        self.shared
            .change(|desk| desk.fail(Instant::now(), self.supplier, number))
    }

    /// The bytes are gone for good, and the medium is to be ejected with this reason.
    pub fn give_up(&self, why: Ejected) {
        self.shared.change(|desk| desk.give_up(self.supplier, why));
    }

    /// Whether somebody else supplies the medium now.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        !self.shared.desk().is_current(self.supplier)
    }

    /// Whether the medium is gone, and not only supplied by somebody else.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shared.desk().is_over()
    }
}

impl Drop for Supply {
    fn drop(&mut self) {
        self.shared
            .change(|desk| desk.detach(Instant::now(), self.supplier));
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Desk) -> T) -> T {
        let changed = change(&mut self.desk());
        self.answered.notify_all();
        self.asked.notify_waiters();
        changed
    }

    fn read(&self, began: Instant, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut desk = self.desk();
        let ticket = desk.begin(began, offset, buffer.len());
        self.asked.notify_waiters();
        loop {
            let now = Instant::now();
            match desk.poll(now, ticket) {
                Progress::Done(read) => {
                    drop(desk);
                    read.copy_to(buffer);
                    return Ok(());
                }
                Progress::Failed(why) => return Err(io::Error::other(why)),
                Progress::Wait(until) => {
                    let waited = self
                        .answered
                        .wait_timeout(desk, until.saturating_duration_since(now));
                    (desk, _) = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl Blocks for Remote {
    fn size(&self) -> u64 {
        self.0.desk().size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.size()) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let began = Instant::now();
        let mut offset = offset;
        for piece in buffer.chunks_mut(PIECE) {
            self.0.read(began, offset, piece)?;
            offset += piece.len() as u64;
        }
        Ok(())
    }

    fn reach(&self) -> Reach {
        self.0.desk().reach(Instant::now())
    }

    fn interrupt(&self) {
        self.0.change(Desk::close);
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.0.change(Desk::close);
    }
}

#[cfg(test)]
mod tests;
