//! One `/dev/hidgN`: reports are written in order, and an interface that the host does not read holds up no other.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, TryLockError},
    time::{Duration, Instant},
};

use super::{
    backlog::Backlog,
    lock,
    sys::{Wait, answer_get_report, poll},
};
use crate::input::{
    HidError,
    descriptor::{CONSUMER_REPORT, SYSTEM_REPORT},
    report::{Interface, Report},
};

/// How long the other interfaces are held up by one that the host does not read. Hosts read every 10 ms or so.
const PATIENCE: Duration = Duration::from_millis(250);

/// How often a write that waits looks whether the host is still there.
const LOOK: Duration = Duration::from_millis(50);

/// What came from the host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// The first byte of an output or feature report.
    Report(u8),
    /// Nothing.
    Nothing,
    /// Nothing, and the host has not configured the interface.
    Disabled,
}

/// The device of one HID interface.
#[derive(Debug)]
pub(super) struct Endpoint {
    interface: Interface,
    path: PathBuf,
    file: Mutex<Arc<File>>,
    backlog: Mutex<Backlog>,
}

impl Endpoint {
    pub(super) fn open(interface: Interface, path: PathBuf) -> io::Result<Self> {
        let file = open(interface, &path)?;
        Ok(Self {
            interface,
            path,
            file: Mutex::new(Arc::new(file)),
            backlog: Mutex::default(),
        })
    }

    pub(super) fn interface(&self) -> Interface {
        self.interface
    }

    /// The open device, for waiting on it.
    pub(super) fn file(&self) -> Arc<File> {
        lock(&self.file).clone()
    }

    /// Opens the device anew: the kernel makes a new one of the same name when the gadget is bound again. What waits
    /// was for a host that is gone.
    pub(super) fn reopen(&self) {
        *lock(&self.backlog) = Backlog::default();
        if let Ok(file) = open(self.interface, &self.path) {
            *lock(&self.file) = Arc::new(file);
        }
    }

    /// Writes a report behind those that wait. While the host is `listening`, a busy keyboard is waited for, so that the
    /// sender slows down; of another interface reports are put aside after a while, and [`Self::flush`] writes them.
    pub(super) fn send(
        &self,
        report: &Report,
        listening: impl Fn() -> bool,
    ) -> Result<(), HidError> {
        let mut backlog = lock(&self.backlog);
        backlog.write(|report| self.try_write(report))?;
        if !backlog.is_empty() {
            backlog.push(report);
            return Ok(());
        }
        let started = Instant::now();
        while !self.try_write(report)? {
            if !listening() {
                return Err(HidError::NotConnected);
            }
            if self.interface != Interface::Keyboard && started.elapsed() >= PATIENCE {
                backlog.push(report);
                return Ok(());
            }
            let file = self.file();
            self.check(poll(&mut [Wait::to_write(&file)], LOOK))?;
        }
        Ok(())
    }

    /// Whether reports wait that were put aside.
    pub(super) fn has_backlog(&self) -> bool {
        match self.backlog.try_lock() {
            Ok(backlog) => !backlog.is_empty(),
            Err(TryLockError::Poisoned(backlog)) => !backlog.into_inner().is_empty(),
            Err(TryLockError::WouldBlock) => false,
        }
    }

    /// Writes of the reports that were put aside as many as the host takes.
    pub(super) fn flush(&self) -> Result<(), HidError> {
        lock(&self.backlog).write(|report| self.try_write(report))
    }

    /// Whether a write would not wait.
    pub(super) fn is_writable(&self) -> bool {
        let file = self.file();
        let mut waits = [Wait::to_write(&file)];
        poll(&mut waits, Duration::ZERO).is_ok() && waits.iter().all(Wait::is_ready)
    }

    pub(super) fn receive(&self) -> Received {
        let mut report = [0; 64];
        match self.file().as_ref().read(&mut report) {
            Ok(0) => Received::Nothing,
            Ok(_) => Received::Report(report[0]),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Received::Nothing,
                _ => Received::Disabled,
            },
        }
    }

    /// Says to the host what it has set itself.
    pub(super) fn answer(&self, report: &[u8]) {
        answer(&self.file(), 0, report);
    }

    /// Writes a report, unless the endpoint is busy.
    fn try_write(&self, report: &Report) -> Result<bool, HidError> {
        let file = self.file();
        loop {
            let result = file.as_ref().write(&report.to_bytes());
            match result.as_ref().map_err(io::Error::kind) {
                Err(io::ErrorKind::WouldBlock) => return Ok(false),
                Err(io::ErrorKind::Interrupted) => {}
                _ => return self.check(result).map(|_| true),
            }
        }
    }

    fn check<T>(&self, result: io::Result<T>) -> Result<T, HidError> {
        result.map_err(|source| match source.raw_os_error() {
            Some(libc::ESHUTDOWN | libc::EIO | libc::ENODEV | libc::ENXIO) => {
                HidError::NotConnected
            }
            _ => HidError::Io {
                device: self.path.display().to_string(),
                source,
            },
        })
    }
}

fn open(interface: Interface, path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    match interface {
        Interface::Keyboard => answer(&file, 0, &[0; 8]),
        Interface::Pointer => answer(&file, 0, &[0]),
        Interface::Mouse => answer(&file, 0, &[0; 5]),
        Interface::Control => {
            answer(&file, CONSUMER_REPORT, &[CONSUMER_REPORT, 0, 0]);
            answer(&file, SYSTEM_REPORT, &[SYSTEM_REPORT, 0]);
        }
    }
    Ok(file)
}

/// Lays down an answer. A kernel that cannot take it answers with zeros by itself, which is as good.
fn answer(file: &File, report_id: u8, report: &[u8]) {
    if let Err(error) = answer_get_report(file, report_id, report) {
        tracing::trace!(%error, "the kernel answers the host by itself");
    }
}
