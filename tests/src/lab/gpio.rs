//! GPIO lines of the guest's kernel (gpio-sim), seen from the other end: their levels, and who has them.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use gpiocdev::{
    Request,
    chip::{Chip, chips},
    line::{Direction, InfoChangeKind},
};
use serde::{Deserialize, Serialize};

/// How often levels are looked at.
const TICK: Duration = Duration::from_micros(500);

/// What is seen of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seen {
    /// Its level, at first and whenever it changes, microseconds after the watcher's start.
    Level {
        /// Which line.
        line: u32,
        /// Whether it is high.
        high: bool,
        /// When that was seen.
        at_us: u64,
    },
    /// Somebody has requested it.
    Requested {
        /// Which line.
        line: u32,
        /// By this name.
        by: String,
        /// Whether as an output.
        output: bool,
    },
    /// Nobody has it any more.
    Released {
        /// Which line.
        line: u32,
    },
}

/// Tells all that happens at the lines of a chip, as lines of JSON, until the chip is gone or nobody listens.
///
/// # Errors
/// Where there is no such chip, or it goes away.
pub fn watch(label: &str) -> io::Result<()> {
    let (chip, path) = find(label)?;
    let lines = chip.info().map_err(io::Error::other)?.num_lines;
    for line in 0..lines {
        chip.watch_line_info(line).map_err(io::Error::other)?;
    }
    let files: Vec<PathBuf> = (0..lines)
        .map(|line| simulated(&path, line))
        .collect::<io::Result<_>>()?;
    let start = Instant::now();
    let mut known = vec![None; files.len()];
    let mut out = io::stdout().lock();
    let mut tell = |seen: &Seen| {
        serde_json::to_writer(&mut out, seen)?;
        out.write_all(b"\n")?;
        out.flush()
    };
    loop {
        for (line, file) in (0..).zip(&files) {
            let high = fs::read(file)?.first() == Some(&b'1');
            let at_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
            let known = &mut known[line as usize];
            if known.replace(high) != Some(high) {
                tell(&Seen::Level { line, high, at_us })?;
            }
        }
        while chip
            .has_line_info_change_event()
            .map_err(io::Error::other)?
        {
            let event = chip.read_line_info_change_event();
            let event = event.map_err(io::Error::other)?;
            let line = event.info.offset;
            match event.kind {
                InfoChangeKind::Requested => tell(&Seen::Requested {
                    line,
                    by: event.info.consumer,
                    output: event.info.direction == Direction::Output,
                })?,
                InfoChangeKind::Released => tell(&Seen::Released { line })?,
                InfoChangeKind::Reconfigured => {}
            }
        }
        thread::sleep(TICK);
    }
}

/// Takes a line as "another program", and keeps it until it is killed.
///
/// # Errors
/// Where the line cannot be had.
pub fn take(label: &str, line: u32) -> io::Result<()> {
    let (_, path) = find(label)?;
    let _taken = Request::builder()
        .on_chip(path)
        .with_consumer("another program")
        .with_line(line)
        .as_input()
        .request()
        .map_err(io::Error::other)?;
    println!("taken");
    loop {
        thread::park();
    }
}

fn find(label: &str) -> io::Result<(Chip, PathBuf)> {
    for path in chips().map_err(io::Error::other)? {
        let chip = Chip::from_path(&path).map_err(io::Error::other)?;
        if chip.info().map_err(io::Error::other)?.label == label {
            return Ok((chip, path));
        }
    }
    Err(io::Error::other(format!("no GPIO chip {label}")))
}

/// The file by which the kernel shows the level of a simulated line.
fn simulated(chip: &Path, line: u32) -> io::Result<PathBuf> {
    let name = chip.file_name().unwrap_or_default();
    for device in fs::read_dir("/sys/devices/platform")? {
        let folder = device?.path().join(name);
        let file = folder.join(format!("sim_gpio{line}/value"));
        if file.exists() {
            return Ok(file);
        }
    }
    Err(io::Error::other(format!(
        "{} is no simulated chip",
        chip.display()
    )))
}
