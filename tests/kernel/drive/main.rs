//! The relay's USB gadget with a CD whose bytes come from this program, and one block of which cannot always be had.

use std::{
    env, fs, io,
    ops::Range,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result};
use relay::{
    config::Usb,
    media::{Blocks, Disc, Drive, gadget::Lun, slots::Slot},
    usb::Composite,
};
use shared::media::DriveKind;
use tests::drives::noise;

const USAGE: &str = "lab-drive SIZE SEED SCRATCHED_BLOCK SCRATCHED_WHILE DONE_FIFO";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Ok([size, seed, block, scratched, done]) = <[String; 5]>::try_from(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match serve(&size, &seed, &block, &scratched, Path::new(&done)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lab-drive: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(size: &str, seed: &str, block: &str, scratched: &str, done: &Path) -> Result<()> {
    let first = block.parse::<u64>()? * 2048;
    let medium = Scratched {
        bytes: noise(size.parse()?, seed.parse()?),
        scratch: first..first + 2048,
        file: scratched.into(),
    };
    let slot = Slot {
        name: "cd".to_owned(),
        kind: DriveKind::Cd,
    };
    let composite = Composite::bind(&Usb::default(), std::slice::from_ref(&slot), false)?;
    let folder = composite.drives().into_iter().next().context("no drive")?;
    let mut lun = Lun::new(folder, slot.kind);
    lun.insert(Disc {
        blocks: Arc::new(medium),
        file: None,
        writable: false,
    })?;
    println!("inserted");
    fs::read(done)?;
    println!("reads: {}", lun.look()?.reads);
    lun.eject(true)?;
    Ok(())
}

/// Bytes with a scratch, as long as a file is there.
struct Scratched {
    bytes: Vec<u8>,
    scratch: Range<u64>,
    file: PathBuf,
}

impl Blocks for Scratched {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset + buffer.len() as u64;
        if offset < self.scratch.end && self.scratch.start < end && self.file.exists() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.bytes.read_at(offset, buffer)
    }
}
