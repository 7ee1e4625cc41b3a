//! An open capture device: what it sees, and how it is made to deliver that.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use shared::message::Signal;
use v4l::{
    frameinterval::FrameIntervalEnum,
    framesize::FrameSizeEnum,
    v4l_sys::{
        V4L2_CID_DV_RX_POWER_PRESENT, V4L2_IN_CAP_DV_TIMINGS, V4L2_IN_ST_NO_POWER,
        V4L2_IN_ST_NO_SIGNAL, v4l2_pix_format,
    },
    video::Capture,
    video::capture::Parameters,
};

use super::{
    format::{self, Mode},
    ioctl::{self, Ready},
    queue::{Layout, Queue},
};
use crate::capture::{
    CaptureError, PixelFormat,
    edid::{self, EdidError},
};

/// An open device.
pub(super) struct Device {
    path: PathBuf,
    device: Arc<v4l::Device>,
    /// Whether its input tells timings, as HDMI receivers do.
    timings: bool,
    /// The only layout to take, where the settings name one.
    only: Option<PixelFormat>,
}

/// What an attempt to capture led to.
pub(super) enum Start {
    /// Pictures of this signal will come.
    Running(Queue, Signal),
    /// There is a reason why none can come now.
    NoPicture(Signal),
}

impl Device {
    /// Opens a device; a signal where it cannot be had now.
    pub(super) fn open(
        path: &Path,
        only: Option<PixelFormat>,
    ) -> Result<Result<Self, Signal>, CaptureError> {
        let device = match v4l::Device::with_path(path) {
            Ok(device) => Arc::new(device),
            Err(error) => {
                let failed = failed(path, "open", error);
                return failed.map(Err);
            }
        };
        let file = ioctl::file(&device);
        let timings = ioctl::input(file)
            .is_ok_and(|(_, capabilities)| capabilities & V4L2_IN_CAP_DV_TIMINGS != 0);
        if timings && let Err(error) = ioctl::subscribe_source_change(file) {
            tracing::warn!(%error, path = %path.display(), "signal changes are not announced, and are looked for instead");
        }
        Ok(Ok(Self {
            path: path.to_owned(),
            device,
            timings,
            only,
        }))
    }

    /// Whether changes of the signal can be asked for.
    pub(super) fn has_timings(&self) -> bool {
        self.timings
    }

    /// Waits for an event and, where `pictures` is set, for a picture.
    pub(super) fn wait(&self, pictures: bool, time: Duration) -> Result<Ready, CaptureError> {
        ioctl::wait(ioctl::file(&self.device), pictures, time)
            .map_err(|source| self.io("wait for a picture", source))
    }

    /// Takes all events that wait; whether the signal has changed.
    pub(super) fn source_changed(&self) -> bool {
        let mut changed = false;
        while let Ok(source_change) = ioctl::dequeue_event(ioctl::file(&self.device)) {
            changed |= source_change;
        }
        changed
    }

    /// Looks at the signal, follows it, and starts the capture.
    pub(super) fn start(&self) -> Result<Start, CaptureError> {
        let rate = match self.follow_signal()? {
            Ok(rate) => rate,
            Err(signal) => return Ok(Start::NoPicture(signal)),
        };
        match self.choose_format(rate) {
            Ok((layout, centihertz)) => {
                let signal = Signal::Picture {
                    width: u16::try_from(layout.width).unwrap_or(u16::MAX),
                    height: u16::try_from(layout.height).unwrap_or(u16::MAX),
                    centihertz: u16::try_from(centihertz).unwrap_or(u16::MAX),
                };
                match Queue::start(&self.device, layout) {
                    Ok(queue) => Ok(Start::Running(queue, signal)),
                    Err(error) => {
                        failed(&self.path, "start capturing", error).map(Start::NoPicture)
                    }
                }
            }
            Err(Choice::Io(what, error)) => failed(&self.path, what, error).map(Start::NoPicture),
            Err(Choice::None) => Err(CaptureError::Unsupported {
                device: self.path.display().to_string(),
                what: match self.only {
                    Some(only) => {
                        format!("it does not capture {only:?}, which the settings ask for")
                    }
                    None => "it captures none of NV12, YUYV, UYVY, XR24, RGB3 and BGR3".to_owned(),
                },
            }),
        }
    }

    /// Whether the signal on the cable is still there, and what is wrong with it where not.
    fn follow_signal(&self) -> Result<Result<Option<Timed>, Signal>, CaptureError> {
        let file = ioctl::file(&self.device);
        if !self.timings {
            let lost =
                ioctl::input(file).is_ok_and(|(status, _)| status & V4L2_IN_ST_NO_SIGNAL != 0);
            return Ok(if lost { Err(self.no_link()) } else { Ok(None) });
        }
        let timings = match ioctl::query_timings(file) {
            Ok(timings) => timings,
            Err(error) if error.raw_os_error() == Some(libc::ENOLINK) => {
                return Ok(Err(self.no_link()));
            }
            Err(error) => return failed(&self.path, "query the timings", error).map(Err),
        };
        let (width, height, interlaced, centihertz) = ioctl::picture_of(&timings);
        if interlaced {
            return Ok(Err(Signal::OutOfRange));
        }
        if let Err(error) = ioctl::set_timings(file, timings) {
            return failed(&self.path, "follow the timings", error).map(Err);
        }
        Ok(Ok(Some(Timed {
            width,
            height,
            centihertz,
        })))
    }

    /// A link that is down: without a cable, or with one.
    fn no_link(&self) -> Signal {
        let file = ioctl::file(&self.device);
        let power = ioctl::control(file, V4L2_CID_DV_RX_POWER_PRESENT);
        let status = ioctl::input(file).map_or(0, |(status, _)| status);
        match power {
            Ok(0) => Signal::NoCable,
            Err(_) if status & V4L2_IN_ST_NO_POWER != 0 => Signal::NoCable,
            _ => Signal::NoSignal,
        }
    }

    fn choose_format(&self, timed: Option<Timed>) -> Result<(Layout, u64), Choice> {
        let codes = || {
            let formats = self.device.enum_formats().unwrap_or_default();
            let codes = formats.into_iter().map(|description| description.fourcc);
            codes.filter(|code| self.takes(*code))
        };
        let code = format::cheapest(codes()).ok_or(Choice::None)?;
        let (mode, centihertz) = match timed {
            Some(timed) => {
                let mode = Mode {
                    code,
                    width: timed.width,
                    height: timed.height,
                    rate: 0.0,
                };
                (mode, timed.centihertz)
            }
            None => {
                let modes: Vec<Mode> = codes().flat_map(|code| self.modes(code)).collect();
                let mode = format::best(&modes).map_or_else(|| self.present(code), Ok)?;
                (mode, (mode.rate * 100.0).round() as u64)
            }
        };
        let file = ioctl::file(&self.device);
        let pixels = ioctl::set_format(file, mode.width, mode.height, mode.code.into())
            .map_err(|error| Choice::Io("set the format", error))?;
        if timed.is_none() && mode.rate > 0.0 {
            let _ = self
                .device
                .set_params(&Parameters::with_fps(mode.rate.round() as u32));
        }
        Ok((layout(&pixels)?, centihertz))
    }

    fn takes(&self, code: v4l::FourCC) -> bool {
        let format = format::pixel_format(code);
        format.is_some() && (self.only.is_none() || format == self.only)
    }

    /// The sizes and rates that a device without timings lists for a format.
    fn modes(&self, code: v4l::FourCC) -> Vec<Mode> {
        let sizes = self.device.enum_framesizes(code).unwrap_or_default();
        sizes
            .into_iter()
            .map(|size| match size.size {
                FrameSizeEnum::Discrete(size) => (size.width, size.height),
                FrameSizeEnum::Stepwise(size) => (size.max_width, size.max_height),
            })
            .map(|(width, height)| Mode {
                code,
                width,
                height,
                rate: self.rate(code, width, height),
            })
            .collect()
    }

    /// The highest rate at which a size is delivered, in frames a second.
    fn rate(&self, code: v4l::FourCC, width: u32, height: u32) -> f64 {
        let intervals = self
            .device
            .enum_frameintervals(code, width, height)
            .unwrap_or_default();
        intervals
            .into_iter()
            .map(|interval| match interval.interval {
                FrameIntervalEnum::Discrete(time) => time,
                FrameIntervalEnum::Stepwise(times) => times.min,
            })
            .map(|time| f64::from(time.denominator) / f64::from(time.numerator.max(1)))
            .fold(0.0, f64::max)
    }

    /// The size that is set, for a device that lists none.
    fn present(&self, code: v4l::FourCC) -> Result<Mode, Choice> {
        let pixels = ioctl::format(ioctl::file(&self.device))
            .map_err(|error| Choice::Io("read the format", error))?;
        Ok(Mode {
            code,
            width: pixels.width,
            height: pixels.height,
            rate: 0.0,
        })
    }

    /// Reads the EDID.
    pub(super) fn edid(&self) -> Result<Vec<u8>, CaptureError> {
        match ioctl::edid(ioctl::file(&self.device)) {
            Ok(edid) if edid.is_empty() => Err(self.unsupported("it has no EDID yet; write one")),
            Ok(edid) => Ok(edid),
            Err(error) => Err(match error.raw_os_error() {
                Some(libc::ENODATA) => self.unsupported("it has no EDID yet; write one"),
                Some(libc::ENOTTY | libc::EINVAL) => self.unsupported("its input has no EDID"),
                _ => self.io("read the EDID", error),
            }),
        }
    }

    /// Writes an EDID. The capture must have ended.
    pub(super) fn set_edid(&self, bytes: &[u8]) -> Result<(), CaptureError> {
        edid::validate(bytes).map_err(|error: EdidError| self.unsupported(&error.to_string()))?;
        ioctl::set_edid(ioctl::file(&self.device), bytes).map_err(|error| {
            match error.raw_os_error() {
                Some(libc::ENOTTY | libc::EINVAL) => self.unsupported("its input takes no EDID"),
                Some(libc::E2BIG) => self.unsupported("it has no room for so many EDID blocks"),
                _ => self.io("write the EDID", error),
            }
        })
    }

    fn io(&self, what: &'static str, source: io::Error) -> CaptureError {
        CaptureError::Io {
            device: self.path.display().to_string(),
            what,
            source,
        }
    }

    fn unsupported(&self, what: &str) -> CaptureError {
        CaptureError::Unsupported {
            device: self.path.display().to_string(),
            what: what.to_owned(),
        }
    }
}

/// A signal whose timings are known.
#[derive(Clone, Copy)]
struct Timed {
    width: u32,
    height: u32,
    centihertz: u64,
}

/// Why there is no format.
enum Choice {
    None,
    Io(&'static str, io::Error),
}

fn layout(pixels: &v4l2_pix_format) -> Result<Layout, Choice> {
    let format = format::pixel_format(v4l::FourCC::from(pixels.pixelformat)).ok_or(Choice::None)?;
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let stride = (pixels.bytesperline as usize).max(format.line_bytes(width));
    Ok(Layout {
        format,
        width,
        height,
        stride,
    })
}

/// What a failed call says about the signal; an error where it says nothing.
fn failed(path: &Path, what: &'static str, source: io::Error) -> Result<Signal, CaptureError> {
    signal_of(&source).ok_or_else(|| CaptureError::Io {
        device: path.display().to_string(),
        what,
        source,
    })
}

/// The states that the kernel tells by error numbers.
fn signal_of(error: &io::Error) -> Option<Signal> {
    match error.raw_os_error()? {
        libc::ENOLINK => Some(Signal::NoSignal),
        libc::ENOLCK => Some(Signal::NoLock),
        libc::ERANGE => Some(Signal::OutOfRange),
        libc::EBUSY => Some(Signal::Busy),
        libc::ENODEV | libc::ENXIO | libc::ENOENT => Some(Signal::DeviceGone),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Signal, signal_of};
    use std::io;

    #[test]
    fn each_reason_for_no_picture_is_told_apart() {
        let of = |number| signal_of(&io::Error::from_raw_os_error(number));
        assert_eq!(of(libc::ENOLCK), Some(Signal::NoLock));
        assert_eq!(of(libc::ERANGE), Some(Signal::OutOfRange));
        assert_eq!(of(libc::EBUSY), Some(Signal::Busy));
        assert_eq!(of(libc::ENODEV), Some(Signal::DeviceGone));
        assert_eq!(of(libc::ENOENT), Some(Signal::DeviceGone));
        assert_eq!(of(libc::EACCES), None);
        assert_eq!(signal_of(&io::Error::other("no number")), None);
    }
}
