//! One drive on its thread.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use shared::{
    list::List,
    media::{self, Activity, Ejected, Medium},
};
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::{Pending, State};
use crate::media::{Blocks, Disc, Drive, DriveError, Look, Reach};

/// How often a drive with a disc is looked at.
const LOOK: Duration = Duration::from_millis(200);

type Reply = oneshot::Sender<Result<(), DriveError>>;

/// What a drive is told.
pub(super) enum Command {
    /// See [`super::Slots::insert`].
    Insert {
        /// The bytes.
        disc: Disc,
        /// What is said of them.
        medium: Medium,
        /// Until the drive has them.
        pending: Pending,
        /// Once it is done.
        reply: Reply,
    },
    /// See [`super::Slots::eject`].
    Eject {
        /// Whether it is done though the disc is locked in.
        force: bool,
        /// Once it is done.
        reply: Reply,
    },
    /// Empties the drive and ends.
    Stop,
}

/// A drive and what is in it.
pub(super) struct Bay {
    index: usize,
    drive: Box<dyn Drive>,
    state: Arc<State>,
    /// What is in it.
    blocks: Option<Arc<dyn Blocks>>,
    is_reachable: bool,
    /// Whether the drive could not be looked at the last time.
    is_blind: bool,
    /// Whether the drive did not let go of what has lost its bytes.
    is_stuck: bool,
}

impl Bay {
    pub(super) fn new(index: usize, drive: Box<dyn Drive>, state: Arc<State>) -> Self {
        Self {
            index,
            drive,
            state,
            blocks: None,
            is_reachable: true,
            is_blind: false,
            is_stuck: false,
        }
    }

    /// Does what it is told, and looks at the drive in between, until it is told to stop.
    pub(super) fn run(mut self, commands: &Receiver<Command>) {
        while let Some(command) = self.next(commands) {
            match command {
                Command::Insert {
                    disc,
                    medium,
                    pending,
                    reply,
                } => {
                    let result = self.insert(disc, medium);
                    drop(pending);
                    let _ = reply.send(result);
                }
                Command::Eject { force, reply } => {
                    let _ = reply.send(self.eject(force));
                }
                Command::Stop => break,
            }
        }
        if let Err(error) = self.eject(true) {
            warn!(%error, "a drive was not emptied at the end");
        }
    }

    fn next(&mut self, commands: &Receiver<Command>) -> Option<Command> {
        while self.blocks.is_some() {
            match commands.recv_timeout(LOOK) {
                Ok(command) => return Some(command),
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        commands.recv().ok()
    }

    fn insert(&mut self, disc: Disc, medium: Medium) -> Result<(), DriveError> {
        self.eject(false)?;
        let blocks = disc.blocks.clone();
        self.drive.insert(disc)?;
        self.blocks = Some(blocks);
        (self.is_reachable, self.is_stuck) = (true, false);
        self.show(Look {
            inserted: true,
            ..Look::default()
        });
        self.change(|drive| (drive.medium, drive.ejected) = (Some(medium), None));
        Ok(())
    }

    fn eject(&mut self, force: bool) -> Result<(), DriveError> {
        if self.blocks.is_some() {
            self.look();
        }
        self.take_out(force)?;
        if self.blocks.take().is_some() {
            self.change(|drive| (drive.medium, drive.ejected) = (None, None));
        }
        Ok(())
    }

    fn take_out(&mut self, force: bool) -> Result<(), DriveError> {
        if force && let Some(blocks) = &self.blocks {
            blocks.interrupt();
        }
        self.drive.eject(force)
    }

    fn look(&mut self) {
        match self.blocks.as_ref().map(|blocks| blocks.reach()) {
            Some(Reach::Gone(why)) => return self.has_lost_its_bytes(why),
            reach => self.show_reach(reach != Some(Reach::Away)),
        }
        let look = self.drive.look();
        let was_blind = std::mem::replace(&mut self.is_blind, look.is_err());
        match look {
            Ok(look) if look.inserted => self.show(look),
            Ok(_) => self.ejected_by_host(),
            Err(error) if !was_blind => warn!(%error, "a drive cannot be looked at"),
            Err(_) => {}
        }
    }

    fn show_reach(&mut self, is_reachable: bool) {
        if std::mem::replace(&mut self.is_reachable, is_reachable) == is_reachable {
            return;
        }
        self.change(|drive| {
            if let Some(medium) = &mut drive.medium {
                medium.reachable = is_reachable;
            }
        });
    }

    /// The machine has had medium errors for a while; now it sees that the medium is gone.
    fn has_lost_its_bytes(&mut self, why: Ejected) {
        match self.take_out(true) {
            Ok(()) => {
                self.blocks = None;
                self.change(|drive| (drive.medium, drive.ejected) = (None, Some(why)));
            }
            Err(error) if !self.is_stuck => {
                self.is_stuck = true;
                warn!(%error, "what has lost its bytes stays in a drive");
            }
            Err(_) => {}
        }
    }

    fn ejected_by_host(&mut self) {
        self.blocks = None;
        if let Err(error) = self.drive.eject(true) {
            warn!(%error, "what the machine has ejected was not put away");
        }
        self.change(|drive| (drive.medium, drive.ejected) = (None, Some(Ejected::ByHost)));
    }

    fn show(&self, look: Look) {
        let Look {
            reads,
            writes,
            bytes_read,
            bytes_written,
            ..
        } = look;
        self.state.activity.send_if_modified(|all| {
            let Some(known) = all.get_mut(self.index) else {
                return false;
            };
            let shown = Activity {
                drive: known.drive,
                reads,
                writes,
                bytes_read,
                bytes_written,
            };
            std::mem::replace(known, shown) != shown
        });
    }

    fn change(&self, change: impl FnOnce(&mut media::Drive)) {
        self.state.drives.send_modify(|drives| {
            let mut changed = drives.to_vec();
            if let Some(drive) = changed.get_mut(self.index) {
                change(drive);
                info!(
                    slot = drive.slot,
                    inserted = drive.medium.is_some(),
                    reachable = drive.medium.as_ref().is_none_or(|medium| medium.reachable),
                    ejected = ?drive.ejected,
                    "a drive has changed"
                );
            }
            *drives = List::new(changed);
        });
    }
}
