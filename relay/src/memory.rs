#![expect(unsafe_code, reason = "the allocator is a C library's")]
//! How the program's memory is kept.

/// Keeps memory together. The allocator of the GNU C library would give every busy thread a pool of its own, and what one
/// thread has freed another could not use: pictures are large and are made and freed on different threads.
///
/// To be called before other threads are started. Other C libraries do so by themselves.
pub fn keep_together() {
    #[cfg(target_env = "gnu")]
    // SAFETY: `mallopt` only sets a number of the allocator, and no other thread allocates yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, POOLS);
    }
}

/// One for the pictures' thread and one for all others.
#[cfg(target_env = "gnu")]
const POOLS: libc::c_int = 2;
