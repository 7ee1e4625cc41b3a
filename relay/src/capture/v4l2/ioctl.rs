#![expect(unsafe_code, reason = "the kernel is asked by pointers to structures")]
//! The system calls of a capture device, each with its own structure.

use std::{
    io, mem,
    os::fd::{AsRawFd, BorrowedFd},
    ptr::NonNull,
    time::Duration,
};

use v4l::{
    v4l_sys::{
        V4L2_BUF_FLAG_ERROR, V4L2_BUF_FLAG_TIMESTAMP_MASK, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
        V4L2_EVENT_SOURCE_CHANGE, v4l2_buffer, v4l2_control, v4l2_dv_timings, v4l2_edid,
        v4l2_event, v4l2_event_subscription, v4l2_format, v4l2_input, v4l2_pix_format,
        v4l2_requestbuffers,
    },
    v4l2::vidioc,
};

use crate::capture::edid;

const CAPTURE: u32 = 1;
const MEMORY_MMAP: u32 = 1;
const FIELD_NONE: u32 = 1;

const VIDIOC_S_DV_TIMINGS: u8 = 87;
const VIDIOC_DQEVENT: u8 = 89;
const VIDIOC_SUBSCRIBE_EVENT: u8 = 90;
const VIDIOC_QUERY_DV_TIMINGS: u8 = 99;

/// A request's number, as the kernel's platform counts.
type Request = vidioc::_IOC_TYPE;

/// The direction bits of a request number.
const WRITE: u32 = 1;
const READ: u32 = 2;

/// A request that the crate does not name.
const fn request<T>(direction: u32, number: u8) -> Request {
    let size = mem::size_of::<T>() as u32;
    ((direction << 30) | (size << 16) | ((b'V' as u32) << 8) | number as u32) as Request
}

/// The device's file, for as long as the device is open.
pub(super) fn file(device: &v4l::Device) -> BorrowedFd<'_> {
    // SAFETY: the descriptor is closed when the device is dropped, which the borrow prevents.
    unsafe { BorrowedFd::borrow_raw(device.handle().fd()) }
}

/// Asks until no signal interrupts.
///
/// # Safety
/// `argument` must be what `request` reads and writes.
unsafe fn ask<T>(device: BorrowedFd<'_>, request: Request, argument: &mut T) -> io::Result<()> {
    loop {
        // SAFETY: the caller's promise; the kernel is done with the argument when the call returns.
        let result = unsafe {
            v4l::v4l2::ioctl(
                device.as_raw_fd(),
                request,
                std::ptr::from_mut(argument).cast(),
            )
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// A structure of zeros.
fn zeroed<T: Copy>() -> T {
    // SAFETY: only used for the kernel's structures of integers, pointers and unions of them, for which zeros are a value.
    unsafe { mem::zeroed() }
}

/// The timings of the signal on the cable.
pub(super) fn query_timings(device: BorrowedFd<'_>) -> io::Result<v4l2_dv_timings> {
    let mut timings = zeroed::<v4l2_dv_timings>();
    let number = request::<v4l2_dv_timings>(READ, VIDIOC_QUERY_DV_TIMINGS);
    // SAFETY: the request writes one `v4l2_dv_timings`.
    unsafe { ask(device, number, &mut timings) }?;
    Ok(timings)
}

/// Captures with these timings from now on.
pub(super) fn set_timings(device: BorrowedFd<'_>, mut timings: v4l2_dv_timings) -> io::Result<()> {
    let number = request::<v4l2_dv_timings>(READ | WRITE, VIDIOC_S_DV_TIMINGS);
    // SAFETY: the request reads and writes one `v4l2_dv_timings`.
    unsafe { ask(device, number, &mut timings) }
}

/// Width, height, whether the picture is interlaced, and frames in 100 seconds.
pub(super) fn picture_of(timings: &v4l2_dv_timings) -> (u32, u32, bool, u64) {
    // SAFETY: the union's two members are integers only, so any of its bytes are a value of either.
    let bt = unsafe { timings.__bindgen_anon_1.bt };
    let columns = [bt.width, bt.hfrontporch, bt.hsync, bt.hbackporch];
    let lines = [bt.height, bt.vfrontporch, bt.vsync, bt.vbackporch];
    let total = |parts: [u32; 4]| parts.into_iter().map(u64::from).sum::<u64>();
    let pixels = total(columns) * total(lines);
    let centihertz = (bt.pixelclock.saturating_mul(100) + pixels / 2).checked_div(pixels);
    (
        bt.width,
        bt.height,
        bt.interlaced != 0,
        centihertz.unwrap_or(0),
    )
}

/// Has changes of the signal announced as events.
pub(super) fn subscribe_source_change(device: BorrowedFd<'_>) -> io::Result<()> {
    let mut subscription = zeroed::<v4l2_event_subscription>();
    subscription.type_ = V4L2_EVENT_SOURCE_CHANGE;
    let number = request::<v4l2_event_subscription>(WRITE, VIDIOC_SUBSCRIBE_EVENT);
    // SAFETY: the request reads one `v4l2_event_subscription`.
    unsafe { ask(device, number, &mut subscription) }
}

/// Takes the next event; whether it is a change of the signal. An error where none waits.
pub(super) fn dequeue_event(device: BorrowedFd<'_>) -> io::Result<bool> {
    let mut event = zeroed::<v4l2_event>();
    let number = request::<v4l2_event>(READ, VIDIOC_DQEVENT);
    // SAFETY: the request writes one `v4l2_event`.
    unsafe { ask(device, number, &mut event) }?;
    Ok(event.type_ == V4L2_EVENT_SOURCE_CHANGE)
}

/// The selected input: its status and capability flags.
pub(super) fn input(device: BorrowedFd<'_>) -> io::Result<(u32, u32)> {
    let mut index = 0i32;
    // SAFETY: the request writes one `int`.
    unsafe { ask(device, vidioc::VIDIOC_G_INPUT, &mut index) }?;
    let mut input = zeroed::<v4l2_input>();
    input.index = index.unsigned_abs();
    // SAFETY: the request reads and writes one `v4l2_input`.
    unsafe { ask(device, vidioc::VIDIOC_ENUMINPUT, &mut input) }?;
    Ok((input.status, input.capabilities))
}

/// The value of an integer control.
pub(super) fn control(device: BorrowedFd<'_>, id: u32) -> io::Result<i32> {
    let mut control = v4l2_control { id, value: 0 };
    // SAFETY: the request reads and writes one `v4l2_control`.
    unsafe { ask(device, vidioc::VIDIOC_G_CTRL, &mut control) }?;
    Ok(control.value)
}

/// The pixel format now.
pub(super) fn format(device: BorrowedFd<'_>) -> io::Result<v4l2_pix_format> {
    let mut format = zeroed::<v4l2_format>();
    format.type_ = CAPTURE;
    // SAFETY: the request reads and writes one `v4l2_format`.
    unsafe { ask(device, vidioc::VIDIOC_G_FMT, &mut format) }?;
    // SAFETY: for a capture device the kernel has filled in this member.
    Ok(unsafe { format.fmt.pix })
}

/// Asks for a pixel format, with lines as the driver likes them; what the driver made of it.
pub(super) fn set_format(
    device: BorrowedFd<'_>,
    width: u32,
    height: u32,
    code: u32,
) -> io::Result<v4l2_pix_format> {
    let mut pixels = zeroed::<v4l2_pix_format>();
    pixels.width = width;
    pixels.height = height;
    pixels.pixelformat = code;
    pixels.field = FIELD_NONE;
    let mut format = zeroed::<v4l2_format>();
    format.type_ = CAPTURE;
    format.fmt.pix = pixels;
    // SAFETY: the request reads and writes one `v4l2_format`.
    unsafe { ask(device, vidioc::VIDIOC_S_FMT, &mut format) }?;
    // SAFETY: for a capture device the kernel has filled in this member.
    Ok(unsafe { format.fmt.pix })
}

/// Reads the EDID's blocks.
pub(super) fn edid(device: BorrowedFd<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0u8; edid::BLOCK * edid::BLOCKS_MAX];
    let mut head = zeroed::<v4l2_edid>();
    head.blocks = edid::BLOCKS_MAX as u32;
    head.edid = bytes.as_mut_ptr();
    // SAFETY: the request reads and writes one `v4l2_edid`, and at most the announced blocks of what it points to.
    unsafe { ask(device, vidioc::VIDIOC_G_EDID, &mut head) }?;
    bytes.truncate(edid::BLOCK * head.blocks as usize);
    Ok(bytes)
}

/// Writes the EDID's blocks.
pub(super) fn set_edid(device: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<()> {
    let mut bytes = bytes.to_vec();
    let mut head = zeroed::<v4l2_edid>();
    head.blocks = (bytes.len() / edid::BLOCK) as u32;
    head.edid = bytes.as_mut_ptr();
    // SAFETY: the request reads and writes one `v4l2_edid`, and at most the announced blocks of what it points to.
    unsafe { ask(device, vidioc::VIDIOC_S_EDID, &mut head) }
}

/// Asks for so many buffers; how many the driver gives. Zero frees them.
pub(super) fn request_buffers(device: BorrowedFd<'_>, count: u32) -> io::Result<u32> {
    let mut buffers = zeroed::<v4l2_requestbuffers>();
    buffers.count = count;
    buffers.type_ = CAPTURE;
    buffers.memory = MEMORY_MMAP;
    // SAFETY: the request reads and writes one `v4l2_requestbuffers`.
    unsafe { ask(device, vidioc::VIDIOC_REQBUFS, &mut buffers) }?;
    Ok(buffers.count)
}

fn buffer(index: u32) -> v4l2_buffer {
    let mut buffer = zeroed::<v4l2_buffer>();
    buffer.index = index;
    buffer.type_ = CAPTURE;
    buffer.memory = MEMORY_MMAP;
    buffer
}

/// Gives a buffer to the driver.
pub(super) fn queue(device: BorrowedFd<'_>, index: u32) -> io::Result<()> {
    // SAFETY: the request reads and writes one `v4l2_buffer`.
    unsafe { ask(device, vidioc::VIDIOC_QBUF, &mut buffer(index)) }
}

/// A buffer that the driver has filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filled {
    pub(super) index: u32,
    pub(super) bytes: usize,
    /// Whether its pixels are as they came in.
    pub(super) intact: bool,
    /// How long ago it was captured, where the driver tells.
    pub(super) age: Option<Duration>,
}

/// Takes the oldest buffer that the driver has filled. `WouldBlock` where there is none.
pub(super) fn dequeue(device: BorrowedFd<'_>) -> io::Result<Filled> {
    let mut buffer = buffer(0);
    // SAFETY: the request reads and writes one `v4l2_buffer`.
    unsafe { ask(device, vidioc::VIDIOC_DQBUF, &mut buffer) }?;
    let clock = buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK;
    let age = (clock == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC).then(|| {
        let captured = Duration::from_secs(buffer.timestamp.tv_sec.unsigned_abs())
            + Duration::from_micros(buffer.timestamp.tv_usec.unsigned_abs());
        monotonic().saturating_sub(captured)
    });
    Ok(Filled {
        index: buffer.index,
        bytes: buffer.bytesused as usize,
        intact: buffer.flags & V4L2_BUF_FLAG_ERROR == 0,
        age,
    })
}

/// Starts the flow of buffers.
pub(super) fn stream_on(device: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the request reads one `int`.
    unsafe { ask(device, vidioc::VIDIOC_STREAMON, &mut (CAPTURE as i32)) }
}

/// Ends the flow of buffers, and takes all back from the driver.
pub(super) fn stream_off(device: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the request reads one `int`.
    unsafe { ask(device, vidioc::VIDIOC_STREAMOFF, &mut (CAPTURE as i32)) }
}

/// What woke a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) picture: bool,
    pub(super) event: bool,
    /// The device cannot go on, or is gone.
    pub(super) error: bool,
}

/// Waits for an event and, where `pictures` is set, for a filled buffer.
pub(super) fn wait(device: BorrowedFd<'_>, pictures: bool, time: Duration) -> io::Result<Ready> {
    let mut poll = libc::pollfd {
        fd: device.as_raw_fd(),
        events: libc::POLLPRI | if pictures { libc::POLLIN } else { 0 },
        revents: 0,
    };
    let time = libc::timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: time.subsec_nanos().into(),
    };
    // SAFETY: one `pollfd` and one `timespec`, which outlive the call; no signal mask.
    let result = unsafe { libc::ppoll(&raw mut poll, 1, &raw const time, std::ptr::null()) };
    if result < 0 {
        let error = io::Error::last_os_error();
        return match error.kind() {
            io::ErrorKind::Interrupted => Ok(Ready::default()),
            _ => Err(error),
        };
    }
    Ok(Ready {
        picture: poll.revents & libc::POLLIN != 0,
        event: poll.revents & libc::POLLPRI != 0,
        error: poll.revents & (libc::POLLERR | libc::POLLHUP | libc::POLLNVAL) != 0,
    })
}

fn monotonic() -> Duration {
    let mut now = zeroed::<libc::timespec>();
    // SAFETY: the call writes one `timespec`; it cannot fail for this clock.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).unwrap_or(0),
    )
}

/// One of the driver's buffers, mapped for reading.
pub(super) struct Mapping {
    start: NonNull<u8>,
    size: usize,
}

// SAFETY: the mapping is owned by this value alone, and may be read and unmapped by any thread.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps a buffer that was requested.
    pub(super) fn new(device: BorrowedFd<'_>, index: u32) -> io::Result<Self> {
        let mut buffer = buffer(index);
        // SAFETY: the request reads and writes one `v4l2_buffer`.
        unsafe { ask(device, vidioc::VIDIOC_QUERYBUF, &mut buffer) }?;
        let size = buffer.length as usize;
        // SAFETY: for buffers of this kind the kernel has filled in the offset.
        let offset = unsafe { buffer.m.offset };
        // SAFETY: a new mapping of the driver's memory, at an address of the kernel's choice.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ,
                libc::MAP_SHARED,
                device.as_raw_fd(),
                offset.into(),
            )
        };
        match NonNull::new(start.cast::<u8>()) {
            Some(start) if start.as_ptr().cast() != libc::MAP_FAILED => Ok(Self { start, size }),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Its bytes. Meant for buffers that the driver does not have at the moment; of others the bytes may change.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping is readable over its whole size for as long as this value lives. Whoever calls has dequeued the
        // buffer, so the driver does not write to it.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.size) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: exactly what was mapped, and nothing borrows it any more.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.size) };
    }
}
