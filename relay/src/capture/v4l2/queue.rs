//! The buffers that a device fills, of which the newest is kept.

use std::{
    io,
    os::fd::BorrowedFd,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::ioctl::{self, Filled, Mapping};
use crate::capture::{Picture, PixelFormat, unchanged::unchanged};

/// How many buffers the driver is asked for: one is kept, one is compared with it, the others are being filled.
const BUFFERS: u32 = 6;

/// The fewest with which pictures flow.
const BUFFERS_MIN: u32 = 3;

/// How pictures lie in their buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) format: PixelFormat,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) stride: usize,
}

impl Layout {
    fn bytes(self) -> usize {
        self.stride * self.format.lines(self.height)
    }
}

/// A running capture. Dropping it ends the capture and frees the buffers.
pub(super) struct Queue {
    device: Arc<v4l::Device>,
    layout: Layout,
    buffers: Vec<Mapping>,
    kept: Option<Kept>,
}

/// The buffer with the picture that was shown last.
#[derive(Clone, Copy)]
struct Kept {
    index: u32,
    captured_us: u64,
}

impl Queue {
    /// Starts capturing.
    pub(super) fn start(device: &Arc<v4l::Device>, layout: Layout) -> io::Result<Self> {
        let mut queue = Self {
            device: Arc::clone(device),
            layout,
            buffers: Vec::new(),
            kept: None,
        };
        let file = ioctl::file(device);
        let count = ioctl::request_buffers(file, BUFFERS)?;
        if count < BUFFERS_MIN {
            return Err(io::Error::other(format!(
                "the driver gives {count} buffers only"
            )));
        }
        for index in 0..count {
            let mapping = Mapping::new(file, index)?;
            if mapping.bytes().len() < layout.bytes() {
                return Err(io::Error::other(
                    "the driver's buffers are smaller than its pictures",
                ));
            }
            queue.buffers.push(mapping);
            ioctl::queue(file, index)?;
        }
        ioctl::stream_on(file)?;
        Ok(queue)
    }

    /// Takes what the device has filled and keeps the newest; whether that differs from the one kept before. `None` where
    /// nothing whole has come.
    pub(super) fn take_newest(&mut self) -> io::Result<Option<bool>> {
        let device = Arc::clone(&self.device);
        let file = ioctl::file(&device);
        let Some(newest) = self.drain(file)? else {
            return Ok(None);
        };
        let new = Kept {
            index: newest.index,
            captured_us: captured_us(&newest),
        };
        let same = self
            .kept
            .is_some_and(|kept| unchanged(&self.picture_in(kept), &self.picture_in(new)));
        let spare = if same {
            Some(new)
        } else {
            self.kept.replace(new)
        };
        if let Some(spare) = spare {
            ioctl::queue(file, spare.index)?;
        }
        Ok(Some(!same))
    }

    /// The newest of the filled buffers; the others go back.
    fn drain(&mut self, file: BorrowedFd<'_>) -> io::Result<Option<Filled>> {
        let mut newest: Option<Filled> = None;
        loop {
            let filled = match ioctl::dequeue(file) {
                Ok(filled) => filled,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(newest),
                Err(error) => return Err(error),
            };
            let whole = filled.intact && filled.bytes >= self.layout.bytes();
            let spare = if whole {
                newest.replace(filled)
            } else {
                Some(filled)
            };
            if let Some(spare) = spare {
                ioctl::queue(file, spare.index)?;
            }
        }
    }

    /// The picture that is kept.
    pub(super) fn picture(&self) -> Option<Picture<'_>> {
        self.kept.map(|kept| self.picture_in(kept))
    }

    /// Forgets the picture that is kept, so that the next one counts as changed.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        match self.kept.take() {
            Some(kept) => ioctl::queue(ioctl::file(&self.device), kept.index),
            None => Ok(()),
        }
    }

    fn picture_in(&self, kept: Kept) -> Picture<'_> {
        let Layout {
            format,
            width,
            height,
            stride,
        } = self.layout;
        Picture {
            format,
            width,
            height,
            stride,
            data: self.buffers[kept.index as usize].bytes(),
            captured_us: kept.captured_us,
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let file = ioctl::file(&self.device);
        let stopped = ioctl::stream_off(file);
        self.buffers.clear();
        if let Err(error) = stopped.and(ioctl::request_buffers(file, 0)) {
            tracing::debug!(%error, "capture did not end cleanly");
        }
    }
}

fn captured_us(filled: &Filled) -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let captured = now.saturating_sub(filled.age.unwrap_or_default());
    u64::try_from(captured.as_micros()).unwrap_or(u64::MAX)
}
