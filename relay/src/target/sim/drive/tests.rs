//! A drive as a USB host has it.

use std::{io, sync::Arc};

use shared::media::DriveKind;

use super::{
    Drive,
    guest::jobs,
    medium::{Medium, Sense, TRANSFER_MAX},
};
use crate::media::{Blocks, Disc, DriveError, slots::Slot};

/// A medium with a scratch.
struct Scratched(Vec<u8>);

impl Blocks for Scratched {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match offset {
            4096..6144 => Err(io::ErrorKind::TimedOut.into()),
            _ => self.0.read_at(offset, buffer),
        }
    }
}

fn disc(blocks: impl Blocks + 'static) -> Disc {
    Disc {
        blocks: Arc::new(blocks),
        file: None,
        writable: false,
    }
}

fn drive(kind: DriveKind) -> Drive {
    let name = "slot".to_owned();
    Drive::new(Slot { name, kind }, jobs().0)
}

#[test]
fn a_medium_has_whole_blocks_and_nothing_beyond_them() {
    let bytes: Vec<u8> = (0..5000u32).map(|at| at as u8).collect();
    let medium = Medium::new(DriveKind::Disk, disc(bytes.clone()));
    assert_eq!((medium.blocks(), medium.block_size()), (9, 512));
    let mut buffer = [0; 1024];
    medium.read(7, &mut buffer).unwrap();
    assert_eq!(buffer, bytes[7 * 512..9 * 512]);
    assert_eq!(medium.read(8, &mut buffer), Err(Sense::OutOfRange));
    assert_eq!(medium.read(u64::MAX, &mut buffer), Err(Sense::OutOfRange));
    assert_eq!(medium.write(0, &buffer), Err(Sense::WriteProtected));
    assert_eq!(medium.look().bytes_read, Some(1024));
}

#[test]
fn file_systems_read_what_they_like_in_whole_blocks() {
    let bytes: Vec<u8> = (0..400_000u32).map(|at| (at / 7) as u8).collect();
    let medium = Medium::new(DriveKind::Cd, disc(bytes.clone()));
    let mut buffer = vec![0; 300_000];
    medium.read_at(1234, &mut buffer).unwrap();
    assert_eq!(buffer, bytes[1234..301_234]);
    let commands = 302_000usize.div_ceil(TRANSFER_MAX);
    assert_eq!(medium.look().reads as usize, commands);
}

#[test]
fn a_scratch_is_a_medium_error_and_the_next_block_reads_again() {
    let medium = Medium::new(DriveKind::Cd, disc(Scratched(vec![1; 10_240])));
    let mut block = [0; 2048];
    assert_eq!(medium.read(2, &mut block), Err(Sense::MediumError));
    assert_eq!(medium.read(3, &mut block), Ok(()));
}

#[test]
fn a_locked_disc_comes_out_by_force_only() {
    let mut drive = drive(DriveKind::Cd);
    drive.insert(disc(vec![0; 4096])).unwrap();
    drive.lock(true);
    assert!(matches!(drive.eject(false), Err(DriveError::Locked)));
    assert_eq!(drive.eject_by_host(), Err(Sense::RemovalPrevented));
    let medium = drive.medium().unwrap().clone();
    drive.eject(true).unwrap();
    assert!(!drive.look().inserted && !drive.state().locked);
    assert_eq!(medium.read(0, &mut [0; 2048]), Err(Sense::NotPresent));
    assert_eq!(drive.eject_by_host(), Err(Sense::NotPresent));
}

#[test]
fn less_than_a_block_is_no_disc() {
    let refused = drive(DriveKind::Cd).insert(disc(vec![0; 2047]));
    assert!(matches!(refused, Err(DriveError::TooSmall { least: 2048 })));
}
