//! The PC's operating system at its drives, on a thread a drive: a medium may answer slowly, or never.

use std::{
    io,
    sync::{
        Arc, Weak,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use super::{
    File, Mounted,
    medium::{Medium, Sense},
};
use crate::{
    media::{
        slots::Slot,
        volume::{self, Entry, Files},
    },
    target::sim::{
        live::Live,
        shell::Wanted,
        text::{Ink, Line, line, plain},
    },
};

/// The most bytes of a file that `cat` shows.
const SHOWN_MAX: usize = 64 * 1024;

/// The most files that are listed.
const LISTED_MAX: usize = 500;

/// What there is to do.
pub enum Job {
    /// Look through what was inserted.
    Mount(Arc<Medium>),
    /// Show a file of the root.
    Show(Arc<Medium>, Wanted),
}

/// The guest at one drive.
pub struct Guest {
    slot: Slot,
    index: usize,
    live: Weak<Live>,
}

/// A way to give a drive's guest something to do.
#[must_use]
pub fn jobs() -> (Sender<Job>, Receiver<Job>) {
    channel()
}

impl Guest {
    /// At the drive of this number.
    #[must_use]
    pub fn new(slot: Slot, index: usize, live: &Arc<Live>) -> Self {
        Self {
            slot,
            index,
            live: Arc::downgrade(live),
        }
    }

    /// Works on a thread of its own until the PC is gone.
    ///
    /// # Errors
    /// Where no thread can be had.
    pub fn start(self, jobs: Receiver<Job>) -> io::Result<()> {
        let name = format!("sim drive {}", self.slot.name);
        let work = move || {
            while let Ok(job) = jobs.recv() {
                self.work(job);
            }
        };
        thread::Builder::new().name(name).spawn(work).map(drop)
    }

    fn work(&self, job: Job) {
        match job {
            Job::Mount(medium) => {
                let mounted = self.mount(&medium);
                let Some(live) = self.live.upgrade() else {
                    return;
                };
                let mut access = live.access();
                if let Some(drive) = access.pc().drives.get_mut(self.index) {
                    drive.has_mounted(&medium, mounted);
                }
                access.stir();
            }
            Job::Show(medium, wanted) => {
                let lines = show(&medium, &wanted.name);
                let Some(live) = self.live.upgrade() else {
                    return;
                };
                let mut access = live.access();
                access.pc().machine.show(lines, wanted.on_serial);
                access.stir();
            }
        }
    }

    fn mount(&self, medium: &Medium) -> Mounted {
        let volume = volume::inspect(medium).ok();
        let bootable = volume.as_ref().is_some_and(|volume| volume.bootable);
        Mounted {
            slot: self.slot.name.clone(),
            kind: self.slot.kind,
            label: volume.and_then(|volume| volume.label),
            bootable,
            files: root(medium),
        }
    }
}

fn root(medium: &Medium) -> Result<Vec<File>, Sense> {
    let listed = Files::of(medium).and_then(|files| match files {
        Some(files) => files.list(None),
        None => Ok(Vec::new()),
    });
    let file = |entry: Entry| File {
        name: entry.name,
        bytes: entry.bytes,
        is_folder: entry.is_folder,
    };
    match listed {
        Ok(entries) => Ok(entries.into_iter().take(LISTED_MAX).map(file).collect()),
        Err(error) => Err(sense(&error)),
    }
}

fn show(medium: &Medium, name: &str) -> Vec<Line> {
    match read(medium, name) {
        Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).lines().map(plain).collect(),
        Ok(None) => vec![line(&[(
            Ink::Bad,
            &format!("{name}: no such file. `ls` lists them."),
        )])],
        Err(error) => vec![line(&[(Ink::Bad, &format!("{name}: {error}"))])],
    }
}

fn read(medium: &Medium, name: &str) -> io::Result<Option<Vec<u8>>> {
    let Some(files) = Files::of(medium)? else {
        return Ok(None);
    };
    let mut entries = files.list(None)?.into_iter();
    let Some(entry) = entries.find(|entry| entry.name == name && !entry.is_folder) else {
        return Ok(None);
    };
    files.read(&entry, SHOWN_MAX).map(Some)
}

/// What a medium said; what its volume's structure says wrongly is read as a medium error, too.
fn sense(error: &io::Error) -> Sense {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.copied().unwrap_or(Sense::MediumError)
}
