//! A second process that unplugs the machine where the relay dies, whatever has killed it.
//!
//! The kernel keeps a gadget whose program is gone: the machine would see the keys that were down stay down, and repeat
//! them, until a relay starts again.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::Path,
};

use rustix::io::Errno;

use crate::guard;

/// The argument that makes this program the guard of the gadget that is named behind it.
pub const COMMAND: &str = "guard";

/// Where the kernel has the gadgets.
const GADGETS: &str = "/sys/kernel/config/usb_gadget";

/// Has a gadget, which is bound, guarded for as long as this process lives.
///
/// # Errors
/// Where no process can be started.
pub fn start(gadget: &str) -> io::Result<()> {
    guard::start(COMMAND, gadget)
}

/// Is the guard: waits for the end of standard input, and unplugs the machine where the gadget is still there. One of
/// the same name that another relay has made since is another one, and left alone.
///
/// # Errors
/// Where there is no such gadget to begin with, or it cannot be unbound.
pub fn run(gadget: &str) -> io::Result<()> {
    let controller = Path::new(GADGETS).join(gadget).join("UDC");
    let mut controller = OpenOptions::new().write(true).open(controller)?;
    guard::wait_for_the_end()?;
    match controller.write_all(b"\n") {
        Ok(()) => {
            tracing::warn!(
                gadget,
                "the relay has died: the machine is unplugged, so that no key stays down"
            );
            Ok(())
        }
        Err(error) if is_gone(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether the gadget is removed, or not bound to anything.
fn is_gone(error: &io::Error) -> bool {
    [Errno::NOENT, Errno::NODEV]
        .map(Errno::raw_os_error)
        .contains(&error.raw_os_error().unwrap_or(0))
}
