//! A medium without a file, whose bytes cannot always be had: through FUSE and the kernel's mass storage.

use std::path::Path;

use anyhow::{Result, ensure};
use tests::{
    drives::{noise, sha256},
    lab::Machine,
};

use crate::{
    drives::{CD, has_size},
    stand::{AGENT, USB},
};

/// The program of the drive, and what it makes.
const DRIVE: &str = env!("CARGO_BIN_EXE_lab-drive");
const SIZE: usize = 8 << 20;
const SEED: u64 = 9;

/// Where the scratch is, in blocks of a CD.
const SCRATCH: u64 = 2048;

/// While this file is there, so is the scratch.
const SCRATCHED: &str = "/run/scratched";

/// When this FIFO is written to, the medium goes.
const DONE: &str = "/run/done";

#[tokio::test]
async fn a_scratch_is_a_medium_error_and_what_is_whole_is_read() -> Result<()> {
    let machine = Machine::boot(Path::new(AGENT))?;
    let guest = machine.guest;
    guest.run(USB).await?;
    let mut drive = guest
        .start(&format!(
            "mkfifo {DONE} && exec {DRIVE} {SIZE} {SEED} {SCRATCH} {SCRATCHED} {DONE}"
        ))
        .await?;
    drive.says("inserted").await?;
    has_size(guest, CD, SIZE as u64).await?;
    let read = guest.run(&format!("sha256sum < {CD}")).await?;
    let whole = sha256(&noise(SIZE, SEED));
    ensure!(read.starts_with(&whole), "{read} instead of {whole}");

    let read_block = |block: u64| {
        format!("dd if={CD} bs=2048 skip={block} count=1 iflag=direct status=none | sha256sum")
    };
    let block = |block: u64| {
        let at = usize::try_from(block * 2048).unwrap_or(usize::MAX);
        sha256(&noise(SIZE, SEED)[at..at + 2048])
    };
    guest
        .run(&format!(
            "dmesg -c > /dev/null; touch {SCRATCHED}; echo 3 > /proc/sys/vm/drop_caches"
        ))
        .await?;
    let scratched = guest.run(&read_block(SCRATCH)).await?;
    ensure!(!scratched.starts_with(&block(SCRATCH)), "it was read");
    let said = guest.run("dmesg").await?;
    ensure!(said.contains("Medium Error"), "{said}");
    let beside = guest.run(&read_block(SCRATCH + 512)).await?;
    ensure!(beside.starts_with(&block(SCRATCH + 512)), "{beside}");
    guest.run(&format!("rm {SCRATCHED}")).await?;
    let again = guest.run(&read_block(SCRATCH)).await?;
    ensure!(again.starts_with(&block(SCRATCH)), "{again}");

    guest.run(&format!("echo > {DONE}")).await?;
    let reads = drive.says("reads: ").await?;
    ensure!(reads.parse::<u32>()? > 0, "{reads} reads");
    ensure!(drive.exit().await? == 0, "the drive failed");
    let left = guest.run("grep armchair /proc/mounts || true").await?;
    ensure!(left.is_empty(), "still mounted: {left}");
    Ok(())
}
