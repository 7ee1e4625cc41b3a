#![expect(unsafe_code, reason = "the allocator is a C library's")]
//! How the program's memory is kept.

/// Gives large blocks, pictures first of all, pages of their own, which go back to the system when they are freed.
///
/// The allocator of the GNU C library does so from 128 KiB on, but raises that bound to the size of each such block that
/// is freed, up to 32 MiB (mallopt(3), `M_MMAP_THRESHOLD`). One password's hash, which takes 19 MiB, would so keep 19 MiB
/// for as long as the program runs, and pictures of several sizes would leave holes. A bound that is set stays.
///
/// To be called before other threads are started. Other C libraries keep theirs.
pub fn give_back_large_blocks() {
    #[cfg(target_env = "gnu")]
    // SAFETY: `mallopt` only sets a number of the allocator, and no other thread allocates yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

/// From how many bytes on a block is large: smaller than any picture that is worth it, larger than what each frame takes.
#[cfg(target_env = "gnu")]
const LARGE: libc::c_int = 1024 * 1024;
