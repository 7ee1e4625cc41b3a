//! A second process that puts the lines of a panel to rest where the relay dies, whatever has killed it.
//!
//! The kernel frees the lines of a process that is gone, and leaves the level of a free line to its chip: many drive it
//! on, and a press would not end until a relay starts again.

use std::io;

use super::{HELD_LIMIT, held::request_at_rest};
use crate::{guard, power::settings::Line};

/// The argument that makes this program the guard of the lines that are written behind it, as JSON.
pub const COMMAND: &str = "guard-lines";

/// Has lines that press buttons guarded for as long as this process lives.
///
/// # Errors
/// Where no process can be started.
pub fn start<'a>(lines: impl Iterator<Item = &'a Line>) -> io::Result<()> {
    let lines: Vec<&Line> = lines.collect();
    if lines.is_empty() {
        return Ok(());
    }
    guard::start(COMMAND, &serde_json::to_string(&lines)?)
}

/// Is the guard: waits for the end of standard input, and drives each line to its inactive level. One that another relay
/// has by then is at rest already.
///
/// # Errors
/// Where the lines are not understood.
pub fn run(lines: &str) -> io::Result<()> {
    let lines: Vec<Line> = serde_json::from_str(lines)?;
    guard::wait_for_the_end()?;
    for line in lines {
        if let Err(fault) = request_at_rest(&line, HELD_LIMIT) {
            tracing::warn!(%line, %fault, "the line was not put to rest");
        }
    }
    Ok(())
}
