//! Second processes of the relay, which outlive it: each puts something to rest where the relay dies, whatever has killed
//! it.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

/// Starts this program once more, by a command of its own, in a process group that no signal to the relay's reaches.
///
/// # Errors
/// Where no process can be started.
pub fn start(command: &str, argument: &str) -> io::Result<()> {
    let child = Command::new("/proc/self/exe")
        .arg0("armchair")
        .args([command, argument])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()?;
    // The end of this pipe is how the guard learns of the end of this process: it stays open until then.
    std::mem::forget(child.stdin);
    Ok(())
}

/// In such a process: waits for the relay's end.
///
/// # Errors
/// Where standard input cannot be read.
pub fn wait_for_the_end() -> io::Result<()> {
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
