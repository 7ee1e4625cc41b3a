//! A medium without a file, whose bytes cannot always be had: through FUSE and the kernel's mass storage.

use std::{
    io,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use relay::{
    config::Usb,
    media::{Blocks, Disc, Drive, gadget::Lun, slots::Slot},
    usb::Composite,
};
use shared::media::DriveKind;
use tests::{
    drives::{noise, sha256},
    lab::Machine,
};

use crate::{
    drives::{CD, has_size},
    stand::{AGENT, USB},
};

const SIZE: usize = 8 << 20;
const SEED: u64 = 9;

/// Where the scratch is, in blocks of a CD.
const SCRATCH: u64 = 2048;

/// While this file is there, so is the scratch.
const SCRATCHED: &str = "/run/scratched";

/// When this file is there, the medium goes.
const DONE: &str = "/run/done";

/// How long the guest may take for what is asked of it.
const LIMIT: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_scratch_is_a_medium_error_and_what_is_whole_is_read() -> Result<()> {
    let machine = Machine::boot(Path::new(AGENT))?;
    let guest = machine.guest;
    guest.run(USB).await?;
    let program = std::env::current_exe()?;
    let mut drive = guest
        .start(&format!(
            "exec {} --exact scratched::serve --ignored --nocapture",
            program.display()
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

    guest.run(&format!("touch {DONE}")).await?;
    let reads = drive.says("reads: ").await?;
    ensure!(reads.parse::<u32>()? > 0, "{reads} reads");
    ensure!(drive.exit().await? == 0, "the drive failed");
    let left = guest.run("grep armchair /proc/mounts || true").await?;
    ensure!(left.is_empty(), "still mounted: {left}");
    Ok(())
}

struct Scratched(Vec<u8>);

impl Blocks for Scratched {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let scratch = SCRATCH * 2048..(SCRATCH + 1) * 2048;
        let end = offset + buffer.len() as u64;
        if offset < scratch.end && scratch.start < end && Path::new(SCRATCHED).exists() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.0.read_at(offset, buffer)
    }
}

#[test]
#[ignore = "runs in the virtual machine, where a_scratch_is_a_medium_error_and_what_is_whole_is_read starts it"]
fn serve() -> Result<()> {
    let slot = Slot {
        name: "cd".to_owned(),
        kind: DriveKind::Cd,
    };
    let composite = Composite::bind(&Usb::default(), std::slice::from_ref(&slot))?;
    let folder = composite.drives().into_iter().next().context("no drive")?;
    let mut lun = Lun::new(folder, slot.kind);
    lun.insert(Disc {
        blocks: Arc::new(Scratched(noise(SIZE, SEED))),
        file: None,
        writable: false,
    })?;
    println!("\ninserted");
    let started = Instant::now();
    while !Path::new(DONE).exists() {
        ensure!(started.elapsed() < LIMIT, "nobody says that it is done");
        thread::sleep(Duration::from_millis(50));
    }
    println!("reads: {}", lun.look()?.reads);
    lun.eject(true)?;
    Ok(())
}
