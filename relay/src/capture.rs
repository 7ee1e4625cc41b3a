//! Pictures from a machine.

use std::time::Duration;

use shared::message::Signal;
use thiserror::Error;

pub mod edid;
pub mod unchanged;
pub mod v4l2;

/// A source of pictures. It lives on a thread of its own and may block.
pub trait Screen: Send {
    /// Waits until there is something newer than what the last call gave, at most for `wait`. Of several pictures the
    /// newest is given, the older ones are dropped.
    ///
    /// # Errors
    /// [`CaptureError`] where the device failed in a way that is not a state; the caller logs it, waits and calls again.
    fn next(&mut self, wait: Duration) -> Result<Event, CaptureError>;

    /// The newest picture again, for a key frame of a still screen; `None` where there is no signal.
    fn picture(&self) -> Option<Picture<'_>>;

    /// The EDID that the machine reads, in blocks of 128 bytes.
    ///
    /// # Errors
    /// Where the device has none or cannot be asked.
    fn edid(&mut self) -> Result<Vec<u8>, CaptureError>;

    /// Writes the EDID; the machine sees the monitor being plugged in anew.
    ///
    /// # Errors
    /// Where the device cannot take it.
    fn set_edid(&mut self, edid: &[u8]) -> Result<(), CaptureError>;
}

/// What [`Screen::next`] saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A picture that differs from the one before; see [`Screen::picture`].
    Changed,
    /// Pictures arrive, and are the same as before; or the wait is over.
    Unchanged,
    /// Size, rate or lack of a signal; sent once at each change, before the first picture of a new size.
    Signal(Signal),
}

/// The pixels of one captured picture, borrowed from the device.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// How `data` is laid out.
    pub format: PixelFormat,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Bytes from one line to the next, of the first plane.
    pub stride: usize,
    /// The planes, one behind the other; every line has `stride` bytes, the last one too.
    pub data: &'a [u8],
    /// When it was captured, in microseconds of Unix time.
    pub captured_us: u64,
}

/// Layouts of pixels that capture devices deliver, by their V4L2 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PixelFormat {
    /// 4:2:2 packed, BT.709 limited range: Y0 U Y1 V.
    Yuyv,
    /// 4:2:2 packed, BT.709 limited range: U Y0 V Y1.
    Uyvy,
    /// 4:2:0 with interleaved chroma behind luma, BT.709 limited range.
    Nv12,
    /// 24 bits: red, green, blue.
    Rgb3,
    /// 24 bits: blue, green, red.
    Bgr3,
    /// 32 bits: blue, green, red, unused (V4L2's XBGR32, `XR24`).
    #[serde(rename = "XR24")]
    Xrgb,
}

impl PixelFormat {
    /// Bytes of the pixels of one line of the first plane; packed pairs of pixels are whole.
    #[must_use]
    pub fn line_bytes(self, width: usize) -> usize {
        match self {
            Self::Yuyv | Self::Uyvy => 2 * width.next_multiple_of(2),
            Self::Nv12 => width.next_multiple_of(2),
            Self::Rgb3 | Self::Bgr3 => 3 * width,
            Self::Xrgb => 4 * width,
        }
    }

    /// Lines of all planes.
    #[must_use]
    pub fn lines(self, height: usize) -> usize {
        match self {
            Self::Nv12 => height + height.div_ceil(2),
            _ => height,
        }
    }
}

/// A capture device that failed.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// A system call failed.
    #[error("{device}: {what}: {source}")]
    Io {
        /// The device's path.
        device: String,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The device cannot do it.
    #[error("{device}: {what}")]
    Unsupported {
        /// The device's path.
        device: String,
        /// What it cannot do.
        what: String,
    },
}
