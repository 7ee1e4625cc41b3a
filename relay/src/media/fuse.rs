//! A medium without a file of its own, as a file: the kernel's mass storage takes nothing else.
//!
//! A folder with one file is mounted by FUSE. Reads that fail are I/O errors there, which the machine gets as medium
//! errors; the next read is tried again.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty,
    ReplyEntry, ReplyOpen, ReplyWrite, Request, WriteFlags,
};
use rustix::mount::{UnmountFlags, unmount};
use tempfile::TempDir;
use tracing::warn;

use super::{Disc, Look};

/// The file's name.
const NAME: &str = "medium";

/// How many reads are answered at a time: the kernel reads ahead, and a medium may be far away.
const THREADS: usize = 4;

/// How long the kernel may remember the file's size, which never changes.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);

/// What the kernel says of a folder where nothing is mounted any more (umount(2)).
const NOT_MOUNTED: i32 = rustix::io::Errno::INVAL.raw_os_error();

const FOLDER: INodeNo = INodeNo::ROOT;
const FILE: INodeNo = INodeNo(2);

/// A medium that is served as a file until this is dropped.
pub struct Served {
    session: Option<BackgroundSession>,
    counts: Arc<Counts>,
    /// Behind `session`: what is mounted there goes first.
    folder: TempDir,
}

/// What was done with the file.
#[derive(Default)]
struct Counts {
    reads: AtomicU32,
    writes: AtomicU32,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
}

impl Served {
    /// Mounts a disc.
    ///
    /// # Errors
    /// Where FUSE cannot be had: the module is missing, or the relay may not mount.
    pub fn start(disc: &Disc) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("armchair-").tempdir()?;
        let counts = Arc::new(Counts::default());
        let medium = Medium {
            disc: disc.clone(),
            counts: counts.clone(),
            since: SystemTime::now(),
        };
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::FSName("armchair".to_owned()),
            MountOption::NoDev,
            MountOption::NoSuid,
            MountOption::NoExec,
            if disc.writable {
                MountOption::RW
            } else {
                MountOption::RO
            },
        ];
        config.n_threads = Some(THREADS);
        let session = fuser::spawn_mount(medium, folder.path(), &config)?;
        Ok(Self {
            session: Some(session),
            counts,
            folder,
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(NAME)
    }

    /// What was done with it.
    #[must_use]
    pub fn look(&self) -> Look {
        let Counts {
            reads,
            writes,
            bytes_read,
            bytes_written,
        } = &*self.counts;
        Look {
            inserted: true,
            reads: reads.load(Ordering::Relaxed),
            writes: writes.load(Ordering::Relaxed),
            bytes_read: Some(bytes_read.load(Ordering::Relaxed)),
            bytes_written: Some(bytes_written.load(Ordering::Relaxed)),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        detach(self.folder.path());
        if let Some(session) = self.session.take()
            && let Err(error) = session.umount_and_join()
            && error.raw_os_error() != Some(NOT_MOUNTED)
        {
            warn!(%error, "a medium's file system was not unmounted");
        }
    }
}

/// Takes the mount out of sight at once, though the kernel may just be letting go of the file. Who may not do so has
/// had a helper mount it, which unmounts it, too.
fn detach(folder: &Path) {
    if let Err(error) = unmount(folder, UnmountFlags::DETACH)
        && error != rustix::io::Errno::PERM
    {
        warn!(%error, folder = %folder.display(), "a medium's file system stays mounted");
    }
}

/// Whether FUSE can be had at all.
///
/// # Errors
/// Where `/dev/fuse` cannot be opened.
pub fn probe() -> io::Result<()> {
    fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/fuse")
        .map(drop)
}

/// The file system: a folder with one file.
struct Medium {
    disc: Disc,
    counts: Arc<Counts>,
    since: SystemTime,
}

impl Medium {
    fn attributes(&self, inode: INodeNo) -> FileAttr {
        let size = self.disc.blocks.size();
        let is_file = inode == FILE;
        FileAttr {
            ino: inode,
            size: if is_file { size } else { 0 },
            blocks: if is_file { size.div_ceil(512) } else { 0 },
            atime: self.since,
            mtime: self.since,
            ctime: self.since,
            crtime: self.since,
            kind: if is_file {
                FileType::RegularFile
            } else {
                FileType::Directory
            },
            perm: if is_file { 0o600 } else { 0o700 },
            nlink: 1,
            uid: rustix::process::getuid().as_raw(),
            gid: rustix::process::getgid().as_raw(),
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }

    fn read(&self, offset: u64, size: u32) -> io::Result<Vec<u8>> {
        let left = self.disc.blocks.size().saturating_sub(offset);
        let length = usize::try_from(left.min(u64::from(size))).unwrap_or(0);
        let mut bytes = vec![0; length];
        self.counts.reads.fetch_add(1, Ordering::Relaxed);
        self.disc.blocks.read_at(offset, &mut bytes)?;
        self.counts
            .bytes_read
            .fetch_add(length as u64, Ordering::Relaxed);
        Ok(bytes)
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<u32> {
        self.counts.writes.fetch_add(1, Ordering::Relaxed);
        self.disc.blocks.write_at(offset, bytes)?;
        self.counts
            .bytes_written
            .fetch_add(bytes.len() as u64, Ordering::Relaxed);
        u32::try_from(bytes.len()).map_err(io::Error::other)
    }
}

impl Filesystem for Medium {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        if parent == FOLDER && name == NAME {
            reply.entry(&FOR_EVER, &self.attributes(FILE), Generation(0));
        } else {
            reply.error(Errno::ENOENT);
        }
    }

    fn getattr(&self, _: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&FOR_EVER, &self.attributes(inode));
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::empty());
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.read(offset, size) {
            Ok(bytes) => reply.data(&bytes),
            Err(_) => reply.error(Errno::EIO),
        }
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        bytes: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.write(offset, bytes) {
            Ok(written) => reply.written(written),
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                reply.error(Errno::EROFS);
            }
            Err(_) => reply.error(Errno::EIO),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        match self.disc.blocks.flush() {
            Ok(()) => reply.ok(),
            Err(_) => reply.error(Errno::EIO),
        }
    }
}
