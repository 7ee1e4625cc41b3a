//! The folder of the images, and the hidden one in it for what is not whole yet.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, FallocateFlags, RenameFlags, fallocate, renameat_with, statvfs},
    io::Errno,
};
use sha2::{Digest, Sha256};

/// What is never taken by images, in bytes: the store and the system's log are likely on the same disk.
pub const RESERVE: u64 = 32 << 20;

/// The folder of what is not whole yet. Its name can be no image's.
const PARTIAL: &str = ".partial";

/// How many bytes are hashed at a time.
const STEP: usize = 1 << 20;

/// A folder with images.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

/// A file as it is now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last written, in nanoseconds of Unix time.
    pub modified: i64,
}

impl Folder {
    /// Makes it where it is not there.
    ///
    /// # Errors
    /// Where it cannot be made, or not be written to.
    pub fn open(path: &Path) -> io::Result<Self> {
        let partial = path.join(PARTIAL);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&partial)?;
        rustix::fs::access(&partial, rustix::fs::Access::WRITE_OK)?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Where an image of this name is.
    #[must_use]
    pub fn image(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where the bytes of this transfer are until they are whole.
    #[must_use]
    pub fn partial(&self, transfer: u32) -> PathBuf {
        self.path.join(PARTIAL).join(transfer.to_string())
    }

    /// The files that are there, by name.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn images(&self) -> io::Result<Vec<Seen>> {
        files(&self.path)
    }

    /// The files of transfers that are there.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn partials(&self) -> io::Result<Vec<Seen>> {
        files(&self.path.join(PARTIAL))
    }

    /// Removes what is left of a transfer.
    ///
    /// # Errors
    /// Where there is something that cannot be removed.
    pub fn remove_partial(&self, name: &str) -> io::Result<()> {
        absent_is_fine(fs::remove_file(self.path.join(PARTIAL).join(name)))
    }

    /// Opens what there is of a transfer, or makes it.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open_partial(&self, transfer: u32) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.partial(transfer))
    }

    /// Makes a transfer that is whole, and on the disk, an image.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where there is a file of this name.
    pub fn publish(&self, transfer: u32, name: &str) -> io::Result<()> {
        rename(&self.partial(transfer), &self.image(name))?;
        self.sync()
    }

    /// Takes [`Folder::publish`] back.
    ///
    /// # Errors
    /// Where the file cannot be moved.
    pub fn take_back(&self, transfer: u32, name: &str) -> io::Result<()> {
        rename(&self.image(name), &self.partial(transfer))
    }

    /// Gives an image another name.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where there is a file of that name.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        rename(&self.image(from), &self.image(to))?;
        self.sync()
    }

    /// Removes an image; one that is not there any more is removed.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        absent_is_fine(fs::remove_file(self.image(name)))?;
        self.sync()
    }

    /// Opens an image to read it. Never follows a symbolic link.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open_image(&self, name: &str) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW)
            .open(self.image(name))
    }

    /// How many bytes there is room for.
    ///
    /// # Errors
    /// Where the file system does not say it.
    pub fn free(&self) -> io::Result<u64> {
        let space = statvfs(&self.path)?;
        Ok((space.f_bavail * space.f_frsize).saturating_sub(RESERVE))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

/// Keeps room on the disk for as many bytes, without making the file longer. Gives whether the file system can do that.
///
/// # Errors
/// Where there is no room.
pub fn reserve(file: &File, bytes: u64) -> io::Result<bool> {
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, bytes) {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What is known of an open file.
///
/// # Errors
/// Where the system does not say it.
pub fn seen(file: &File, name: &str) -> io::Result<Seen> {
    Ok(describe(name.to_owned(), &file.metadata()?))
}

/// Hashes a file from its beginning to `end`, as long as `go_on` says so.
///
/// # Errors
/// Where it cannot be read, is shorter, or it was told not to go on.
pub fn hash(file: &File, end: u64, go_on: impl Fn() -> bool) -> io::Result<Sha256> {
    use std::os::unix::fs::FileExt;

    let mut hasher = Sha256::new();
    let mut buffer = vec![0; STEP];
    let mut at = 0;
    while at < end {
        if !go_on() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let wanted = usize::try_from(end - at).map_or(STEP, |left| left.min(STEP));
        let length = file.read_at(&mut buffer[..wanted], at)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        hasher.update(&buffer[..length]);
        at += length as u64;
    }
    Ok(hasher)
}

/// Whether an error means that the disk is full, or the quota used up.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

fn files(folder: &Path) -> io::Result<Vec<Seen>> {
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if let (true, Ok(name)) = (metadata.is_file(), entry.file_name().into_string()) {
            seen.push(describe(name, &metadata));
        }
    }
    seen.sort();
    Ok(seen)
}

fn describe(name: String, metadata: &fs::Metadata) -> Seen {
    Seen {
        name,
        bytes: metadata.len(),
        modified: metadata
            .mtime()
            .saturating_mul(1_000_000_000)
            .saturating_add(metadata.mtime_nsec()),
    }
}

/// Never replaces a file. Where the file system cannot promise that by itself, a hard link does.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        other => Ok(other?),
    }
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
