//! The system calls that the standard library has not.
#![expect(
    unsafe_code,
    reason = "poll and one ioctl, each behind a safe function"
)]

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd},
    time::Duration,
};

/// What is waited for on a file, and what it is ready for.
pub(super) struct Wait<'a> {
    file: BorrowedFd<'a>,
    events: libc::c_short,
    ready: libc::c_short,
}

impl<'a> Wait<'a> {
    /// Until there is something to read.
    pub(super) fn to_read(file: &'a impl AsFd) -> Self {
        Self::new(file, libc::POLLIN)
    }

    /// Until there is room to write.
    pub(super) fn to_write(file: &'a impl AsFd) -> Self {
        Self::new(file, libc::POLLOUT)
    }

    fn new(file: &'a impl AsFd, events: libc::c_short) -> Self {
        Self {
            file: file.as_fd(),
            events,
            ready: 0,
        }
    }

    /// Whether what was waited for has come.
    pub(super) fn is_ready(&self) -> bool {
        self.ready & self.events != 0
    }
}

/// Waits until one of the files is ready, or the time is over. A signal ends it early, too.
pub(super) fn poll(waits: &mut [Wait<'_>], time: Duration) -> io::Result<()> {
    let mut files: Vec<libc::pollfd> = waits
        .iter()
        .map(|wait| libc::pollfd {
            fd: wait.file.as_raw_fd(),
            events: wait.events,
            revents: 0,
        })
        .collect();
    let milliseconds = libc::c_int::try_from(time.as_millis()).unwrap_or(libc::c_int::MAX);
    let count = files.len() as libc::nfds_t;
    // SAFETY: `files` is a live array of `count` entries, and its descriptors are borrowed for the whole call.
    let result = unsafe { libc::poll(files.as_mut_ptr(), count, milliseconds) };
    if result < 0 {
        let error = io::Error::last_os_error();
        return match error.kind() {
            io::ErrorKind::Interrupted => Ok(()),
            _ => Err(error),
        };
    }
    for (wait, file) in waits.iter_mut().zip(files) {
        wait.ready = file.revents;
    }
    Ok(())
}

/// `struct usb_hidg_report` of linux/usb/g_hid.h.
#[repr(C)]
struct GetReportAnswer {
    report_id: u8,
    userspace_req: u8,
    length: u16,
    data: [u8; 64],
    padding: [u8; 4],
}

/// `_IOW('g', 0x42, struct usb_hidg_report)`
const GADGET_HID_WRITE_GET_REPORT: libc::Ioctl =
    0x4000_0000 | (size_of::<GetReportAnswer>() as libc::Ioctl) << 16 | 0x6742;

/// Lays down what the kernel answers when the host asks for a report. Without it, kernels from 6.12 on keep the host
/// waiting for 2.5 seconds.
///
/// # Errors
/// Where the kernel is older: it answers with zeros by itself.
pub(super) fn answer_get_report(file: &impl AsFd, report_id: u8, report: &[u8]) -> io::Result<()> {
    let mut answer = GetReportAnswer {
        report_id,
        userspace_req: 0,
        length: report.len() as u16,
        data: [0; 64],
        padding: [0; 4],
    };
    let room = answer
        .data
        .get_mut(..report.len())
        .ok_or(io::ErrorKind::InvalidInput)?;
    room.copy_from_slice(report);
    // SAFETY: the kernel reads one `usb_hidg_report`, which `answer` is, and the descriptor is borrowed for the call.
    let result = unsafe {
        libc::ioctl(
            file.as_fd().as_raw_fd(),
            GADGET_HID_WRITE_GET_REPORT,
            &raw const answer,
        )
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
