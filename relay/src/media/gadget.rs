//! Drives of a USB gadget: logical units of the kernel's mass-storage function, which are told by files in configfs.
//!
//! A disc that is a plain file is given to the kernel directly; any other one by way of a file that [`super::fuse`]
//! serves. Neither touches the gadget itself: the machine's keyboard and pointer go on.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use shared::media::{CD_BYTES_MAX, DriveKind};
use tracing::warn;

use super::{Disc, Drive, DriveError, Look, fuse::Served};

mod accesses;

use accesses::Accesses;

/// The least blocks of a CD that the kernel takes: the smallest track.
const CD_BLOCKS_MIN: u64 = 300;

const CD_BLOCK: u64 = 2048;

/// One logical unit.
pub struct Lun {
    /// Its folder in configfs.
    folder: PathBuf,
    kind: DriveKind,
    inserted: Option<Inserted>,
}

/// What is in a logical unit.
struct Inserted {
    disc: Disc,
    way: Way,
}

/// How the kernel has its bytes.
enum Way {
    /// Directly, from a file that is watched.
    File(Accesses),
    /// From a file that is served.
    Served(Served),
}

impl Lun {
    /// The logical unit of this folder, which is empty.
    #[must_use]
    pub fn new(folder: PathBuf, kind: DriveKind) -> Self {
        Self {
            folder,
            kind,
            inserted: None,
        }
    }

    fn write(&self, attribute: &str, value: &str) -> io::Result<()> {
        // Configfs takes a value in one call to write(2), and none that is empty.
        fs::write(self.folder.join(attribute), format!("{value}\n"))
    }

    fn file(&self) -> io::Result<String> {
        let file = fs::read_to_string(self.folder.join("file"))?;
        Ok(file.trim_end_matches('\n').to_owned())
    }

    fn check_size(&self, disc: &Disc) -> Result<(), DriveError> {
        let size = disc.blocks.size();
        match self.kind {
            DriveKind::Cd if size < CD_BLOCKS_MIN * CD_BLOCK => Err(DriveError::TooSmall {
                least: CD_BLOCKS_MIN * CD_BLOCK,
            }),
            DriveKind::Cd if size / CD_BLOCK > CD_BYTES_MAX / CD_BLOCK => {
                Err(DriveError::TooLarge { most: CD_BYTES_MAX })
            }
            DriveKind::Disk if size < 512 => Err(DriveError::TooSmall { least: 512 }),
            DriveKind::Cd | DriveKind::Disk => Ok(()),
        }
    }
}

impl Drive for Lun {
    fn insert(&mut self, disc: Disc) -> Result<(), DriveError> {
        self.check_size(&disc)?;
        let (path, way) = match &disc.file {
            Some(path) => {
                let path = absolute(path)?;
                let accesses = Accesses::watch(&path)?;
                (path, Way::File(accesses))
            }
            None => {
                let served = Served::start(&disc)
                    .map_err(|error| DriveError::Unavailable(error.to_string()))?;
                (absolute(&served.path())?, Way::Served(served))
            }
        };
        if self.kind == DriveKind::Disk {
            self.write("ro", if disc.writable { "0" } else { "1" })?;
        }
        self.write("file", &path)?;
        self.inserted = Some(Inserted { disc, way });
        Ok(())
    }

    fn eject(&mut self, force: bool) -> Result<(), DriveError> {
        if force && self.folder.join("forced_eject").exists() {
            self.write("forced_eject", "1")?;
        } else {
            self.write("file", "").map_err(refused)?;
        }
        if let Some(inserted) = self.inserted.take()
            && inserted.disc.writable
            && let Err(error) = inserted.disc.blocks.flush()
        {
            warn!(%error, "what the machine has written may not survive a power cut");
        }
        Ok(())
    }

    fn look(&mut self) -> Result<Look, DriveError> {
        let file = self.file()?;
        let Some(inserted) = &mut self.inserted else {
            return Ok(Look::default());
        };
        let seen = match &mut inserted.way {
            Way::File(accesses) => {
                let (reads, writes) = accesses.count();
                Look {
                    reads,
                    writes,
                    ..Look::default()
                }
            }
            Way::Served(served) => served.look(),
        };
        Ok(Look {
            inserted: !file.is_empty(),
            ..seen
        })
    }
}

/// The kernel says that a medium whose removal the host prevents is busy.
fn refused(error: io::Error) -> DriveError {
    match error.kind() {
        io::ErrorKind::ResourceBusy => DriveError::Locked,
        _ => error.into(),
    }
}

/// The kernel's own view of a path: from the root, and without what it would take for the end.
fn absolute(path: &Path) -> io::Result<String> {
    let path = fs::canonicalize(path)?;
    let text = path.to_str().filter(|text| !text.contains('\n'));
    text.map(str::to_owned).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            "the kernel cannot be told this file's name",
        )
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use shared::media::DriveKind;

    use super::{Lun, absolute};
    use crate::media::{Drive, DriveError, file::FileBlocks};

    fn lun(folder: &std::path::Path, kind: DriveKind) -> Lun {
        Lun::new(folder.to_owned(), kind)
    }

    #[test]
    fn a_file_is_told_with_its_protection_and_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        fs::write(&image, [0; 4096]).unwrap();
        let mut lun = lun(folder.path(), DriveKind::Disk);
        lun.insert(FileBlocks::disc(&image, false).unwrap())
            .unwrap();
        let attribute = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(attribute("file").trim(), absolute(&image).unwrap());
        assert_eq!(attribute("ro").trim(), "1");
        assert!(lun.look().unwrap().inserted);
        lun.eject(false).unwrap();
        assert_eq!(attribute("file"), "\n");
        lun.insert(FileBlocks::disc(&image, true).unwrap()).unwrap();
        assert_eq!(attribute("ro").trim(), "0");
    }

    #[test]
    fn what_the_kernel_would_show_in_part_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        let file = fs::File::create(&image).unwrap();
        let mut cd = lun(folder.path(), DriveKind::Cd);
        for (size, fits) in [
            (614_399, false),
            (614_400, true),
            (2_359_293_952, true),
            (2_359_296_000, false),
            (5 << 30, false),
        ] {
            file.set_len(size).unwrap();
            let inserted = cd.insert(FileBlocks::disc(&image, false).unwrap());
            assert_eq!(inserted.is_ok(), fits, "{size}");
            if size >= 2_359_296_000 {
                assert!(matches!(
                    inserted,
                    Err(DriveError::TooLarge {
                        most: 2_359_293_952
                    })
                ));
            }
        }
    }
}
