//! The capture device: whether it is there, and what it sees.

use std::{
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

use shared::message::Signal;

use super::Check;
use crate::capture::{CaptureError, Event, Screen, v4l2::V4l2Screen};

const SUBJECT: &str = "capture";

/// How long a picture is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn device(device: &Path) -> Check {
    match fs::OpenOptions::new().read(true).write(true).open(device) {
        Ok(_) => match first_signal(&mut V4l2Screen::new(device)) {
            Ok(signal) => sees(device, signal),
            Err(error) => Check::fail(
                SUBJECT,
                error.to_string(),
                "name a V4L2 capture device in video.device; `v4l2-ctl --list-devices` shows them",
            ),
        },
        Err(error) => absent(device, &error),
    }
}

fn absent(device: &Path, error: &io::Error) -> Check {
    let shown = device.display();
    match error.kind() {
        io::ErrorKind::NotFound => Check::fail(
            SUBJECT,
            format!("{shown} is not there"),
            "connect the capture device, or name another one in video.device",
        ),
        io::ErrorKind::PermissionDenied => Check::fail(
            SUBJECT,
            format!("no permission for {shown}"),
            "add the relay's user to the group \"video\"",
        ),
        _ => Check::fail(
            SUBJECT,
            format!("{shown}: {error}"),
            "look for it in `dmesg`",
        ),
    }
}

/// What the device says first, but for that it is starting.
fn first_signal(screen: &mut impl Screen) -> Result<Signal, CaptureError> {
    let started = Instant::now();
    while let Some(left) = PATIENCE.checked_sub(started.elapsed()) {
        match screen.next(left)? {
            Event::Signal(Signal::Starting) | Event::Changed | Event::Unchanged => {}
            Event::Signal(signal) => return Ok(signal),
        }
    }
    Ok(Signal::Starting)
}

fn sees(device: &Path, signal: Signal) -> Check {
    let device = device.display();
    let (found, advice) = match signal {
        Signal::Picture {
            width,
            height,
            centihertz,
        } => {
            let hertz = f64::from(centihertz) / 100.0;
            return Check::ok(SUBJECT, format!("{device}: {width}x{height} at {hertz} Hz"));
        }
        Signal::Starting => ("no picture yet", "look again with the machine on"),
        Signal::NoCable => ("nothing is plugged in", "connect the machine's HDMI output"),
        Signal::NoSignal => (
            "no signal",
            "switch the machine on, wake it, or use its other output",
        ),
        Signal::NoLock => (
            "a signal that cannot be locked on to",
            "try another cable, or a lower resolution",
        ),
        Signal::OutOfRange => (
            "a picture that is too large or too fast",
            "choose a lower resolution at the machine, or give it another EDID in video.edid",
        ),
        Signal::Busy => (
            "in use by another program",
            "that is right while the relay runs; else stop that program",
        ),
        Signal::DeviceGone => ("it went away", "look at its cable and supply"),
        Signal::TargetOff => ("the machine is off", "switch it on"),
    };
    Check::warn(SUBJECT, format!("{device}: {found}"), advice)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{device, sees};
    use crate::doctor::Verdict;
    use shared::message::Signal;

    #[test]
    fn a_device_that_is_not_there_fails_and_says_what_to_do() {
        let check = device(Path::new("/dev/video-nowhere"));
        assert_eq!(check.verdict, Verdict::Fail);
        assert!(check.found.contains("/dev/video-nowhere is not there"));
        assert!(check.advice.contains("video.device"));
    }

    #[test]
    fn a_file_that_is_no_capture_device_fails() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(device(file.path()).verdict, Verdict::Fail);
    }

    #[test]
    fn a_picture_is_well_and_no_signal_is_worth_a_look() {
        let picture = Signal::Picture {
            width: 1920,
            height: 1080,
            centihertz: 5994,
        };
        let check = sees(Path::new("/dev/video0"), picture);
        assert_eq!(check.verdict, Verdict::Ok);
        assert_eq!(check.found, "/dev/video0: 1920x1080 at 59.94 Hz");
        let check = sees(Path::new("/dev/video0"), Signal::NoSignal);
        assert_eq!(check.verdict, Verdict::Warn);
    }
}
