//! The PC's USB drives: what is in them, and what its operating system makes of it.
//!
//! [`medium`] answers the commands of a USB host, [`tray`] is the relay's end, [`guest`] mounts what is inserted.

use std::sync::{Arc, mpsc::Sender};

use serde::Serialize;
use shared::media::DriveKind;

pub mod guest;
pub mod medium;
pub mod tray;

use guest::Job;
use medium::{Medium, Sense};

use super::shell::Wanted;
use crate::media::{Disc, DriveError, Look, slots::Slot};

/// A drive at the PC's USB port.
pub struct Drive {
    slot: Slot,
    medium: Option<Arc<Medium>>,
    locked: bool,
    mount: Mount,
    jobs: Sender<Job>,
    sha256: Option<String>,
    read: u64,
    written: u64,
    /// What the relay had seen of the disc before it came to this PC.
    before: Look,
    /// Whether something else is mounted than when it was last asked.
    changed: bool,
}

enum Mount {
    None,
    Coming,
    Done(Mounted),
}

/// A disc on its way from a drive of one PC to that of another, with the relay's end of the drive.
pub struct Carried {
    disc: Disc,
    look: Look,
}

/// What the PC has found on a medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// The drive's name, and that of the folder under which its files are.
    pub slot: String,
    /// What drive it is.
    pub kind: DriveKind,
    /// The volume's label.
    pub label: Option<String>,
    /// Whether the PC can start from it.
    pub bootable: bool,
    /// The files of its root, or what is wrong.
    pub files: Result<Vec<File>, Sense>,
}

/// A file or folder of a medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// A drive in `/sim/state`.
#[derive(Clone, Debug, Serialize)]
pub struct DriveState {
    /// Its name.
    pub slot: String,
    /// `cd` or `disk`.
    pub kind: DriveKind,
    /// Whether a medium is in it.
    pub inserted: bool,
    /// Whether the PC keeps it in.
    pub locked: bool,
    /// Bytes that the PC has read of the medium, or of the last one.
    pub bytes_read: u64,
    /// Bytes that the PC has written on it.
    pub bytes_written: u64,
    /// Of the whole medium, once the PC has read all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Drive {
    /// An empty one. What the PC does with media is sent to `jobs`.
    #[must_use]
    pub fn new(slot: Slot, jobs: Sender<Job>) -> Self {
        Self {
            slot,
            medium: None,
            locked: false,
            mount: Mount::None,
            jobs,
            sha256: None,
            read: 0,
            written: 0,
            before: Look::default(),
            changed: false,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.slot.name
    }

    /// What is in it.
    #[must_use]
    pub fn medium(&self) -> Option<&Arc<Medium>> {
        self.medium.as_ref()
    }

    /// The relay inserts a disc.
    ///
    /// # Errors
    /// Where it has not even a block.
    pub fn insert(&mut self, disc: Disc) -> Result<(), DriveError> {
        let medium = Medium::new(self.slot.kind, disc);
        if medium.blocks() == 0 {
            return Err(DriveError::TooSmall {
                least: medium.block_size() as u64,
            });
        }
        self.put_in(medium, Look::default());
        Ok(())
    }

    /// The cable is pulled, whatever the PC does with the disc; gives what is in the drive.
    pub fn unplug(&mut self) -> Option<Carried> {
        let look = self.look();
        let disc = self.medium.as_ref()?.disc().clone();
        self.take_out();
        Some(Carried { disc, look })
    }

    /// The cable is plugged in, with a disc in the drive.
    pub fn plug(&mut self, carried: Carried) {
        let medium = Medium::new(self.slot.kind, carried.disc);
        self.put_in(medium, carried.look);
    }

    /// The relay takes the disc out.
    ///
    /// # Errors
    /// Where the PC keeps it in.
    pub fn eject(&mut self, force: bool) -> Result<(), DriveError> {
        if self.locked && !force {
            return Err(DriveError::Locked);
        }
        self.take_out();
        Ok(())
    }

    /// The PC ejects the disc itself.
    ///
    /// # Errors
    /// Where there is none, or the PC keeps it in.
    pub fn eject_by_host(&mut self) -> Result<(), Sense> {
        match (&self.medium, self.locked) {
            (None, _) => Err(Sense::NotPresent),
            (Some(_), true) => Err(Sense::RemovalPrevented),
            (Some(_), false) => {
                self.take_out();
                Ok(())
            }
        }
    }

    /// The PC keeps the disc in, or lets go of it.
    pub fn lock(&mut self, on: bool) {
        self.locked = on;
    }

    /// What the relay sees of it.
    #[must_use]
    pub fn look(&self) -> Look {
        let Some(medium) = &self.medium else {
            return Look::default();
        };
        let (now, before) = (medium.look(), self.before);
        let sum = |now: Option<u64>, before: Option<u64>| now.map(|now| now + before.unwrap_or(0));
        Look {
            inserted: now.inserted,
            reads: now.reads.wrapping_add(before.reads),
            writes: now.writes.wrapping_add(before.writes),
            bytes_read: sum(now.bytes_read, before.bytes_read),
            bytes_written: sum(now.bytes_written, before.bytes_written),
        }
    }

    /// What `/sim/state` says.
    #[must_use]
    pub fn state(&self) -> DriveState {
        let look = self.medium.as_ref().map(|medium| medium.look());
        let look = look.unwrap_or_default();
        DriveState {
            slot: self.slot.name.clone(),
            kind: self.slot.kind,
            inserted: self.medium.is_some(),
            locked: self.locked,
            bytes_read: look.bytes_read.unwrap_or(self.read),
            bytes_written: look.bytes_written.unwrap_or(self.written),
            sha256: self.sha256.clone(),
        }
    }

    /// The PC has read a whole medium.
    pub fn has_read(&mut self, medium: &Arc<Medium>, sha256: &str) {
        if self.has(medium) {
            self.sha256 = Some(sha256.to_owned());
        }
    }

    /// The PC has looked through a medium.
    pub fn has_mounted(&mut self, medium: &Arc<Medium>, mounted: Mounted) {
        if self.has(medium) && matches!(self.mount, Mount::Coming) {
            self.mount = Mount::Done(mounted);
            self.changed = true;
        }
    }

    /// What the PC has mounted.
    #[must_use]
    pub fn mounted(&self) -> Option<&Mounted> {
        match &self.mount {
            Mount::Done(mounted) => Some(mounted),
            Mount::None | Mount::Coming => None,
        }
    }

    /// Has the PC look at what is new in the drive, and forget what is gone. `on` is whether it is connected. Gives
    /// whether something else is mounted than the last time.
    pub fn settle(&mut self, on: bool) -> bool {
        self.locked &= on;
        match (&self.medium, &self.mount) {
            (Some(medium), Mount::None) if on => {
                let job = Job::Mount(medium.clone());
                if self.jobs.send(job).is_ok() {
                    self.mount = Mount::Coming;
                }
            }
            (Some(_), Mount::Coming | Mount::Done(_)) if !on => self.unmount(),
            _ => {}
        }
        std::mem::take(&mut self.changed)
    }

    /// Has the PC show a file at its console.
    pub fn show(&self, wanted: Wanted) {
        if let Some(medium) = &self.medium {
            let _ = self.jobs.send(Job::Show(medium.clone(), wanted));
        }
    }

    fn has(&self, medium: &Arc<Medium>) -> bool {
        self.medium
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, medium))
    }

    fn put_in(&mut self, medium: Medium, before: Look) {
        self.take_out();
        self.sha256 = None;
        self.before = before;
        self.medium = Some(Arc::new(medium));
    }

    fn take_out(&mut self) {
        if let Some(medium) = self.medium.take() {
            medium.remove();
            let look = medium.look();
            self.read = look.bytes_read.unwrap_or(0);
            self.written = look.bytes_written.unwrap_or(0);
        }
        self.locked = false;
        self.unmount();
    }

    fn unmount(&mut self) {
        self.mount = Mount::None;
        self.changed = true;
    }
}

#[cfg(test)]
mod tests;
