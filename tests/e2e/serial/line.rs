//! A machine at the other end of a serial line.

use std::fs::File;

use anyhow::Result;
use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::tcgetattr,
};
use tests::wait::DEADLINE;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Dropping it unplugs the line. No program that is started has it, too.
pub(super) struct Machine {
    file: File,
    bytes: tokio::fs::File,
}

impl Machine {
    /// A machine, and the device that leads to it.
    pub(super) fn new() -> Result<(Self, String)> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let machine = openpt(flags)?;
        grantpt(&machine)?;
        unlockpt(&machine)?;
        let device = ptsname(&machine, Vec::new())?.into_string()?;
        let file = File::from(machine);
        let bytes = tokio::fs::File::from_std(file.try_clone()?);
        Ok((Self { file, bytes }, device))
    }

    pub(super) async fn prints(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes.write_all(bytes).await?;
        Ok(self.bytes.flush().await?)
    }

    /// The next bytes that were typed at it.
    pub(super) async fn gets(&mut self, count: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        timeout(DEADLINE, self.bytes.read_exact(&mut bytes)).await??;
        Ok(bytes)
    }

    /// The line's speed, in bits a second.
    pub(super) fn speed(&self) -> Result<u32> {
        Ok(tcgetattr(&self.file)?.output_speed())
    }
}
