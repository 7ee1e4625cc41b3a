//! A medium whose bytes are a plain file.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
    sync::Arc,
};

use rustix::fs::OFlags;

use super::{Blocks, Disc};

/// An open file of a fixed size.
#[derive(Debug)]
pub struct FileBlocks {
    file: File,
    size: u64,
    writable: bool,
}

impl FileBlocks {
    /// Opens a regular file; a symbolic link is refused.
    ///
    /// # Errors
    /// Where it cannot be opened, or is no regular file.
    pub fn open(path: &Path, writable: bool) -> io::Result<Self> {
        let no_link = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
        let file = OpenOptions::new()
            .read(true)
            .write(writable)
            .custom_flags(no_link)
            .open(path)?;
        Self::of(file, writable)
    }

    /// Of a file that is open; `writable` says whether it is for writing, too.
    ///
    /// # Errors
    /// Where it is no regular file.
    pub fn of(file: File, writable: bool) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "this is no regular file",
            ));
        }
        Ok(Self {
            file,
            size: metadata.len(),
            writable,
        })
    }

    /// The disc of a file, which is to stay as it is while the disc is inserted.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn disc(path: &Path, writable: bool) -> io::Result<Disc> {
        Ok(Disc {
            blocks: Arc::new(Self::open(path, writable)?),
            file: Some(path.to_owned()),
            writable,
        })
    }

    fn check(&self, offset: u64, length: usize) -> io::Result<()> {
        let end = u64::try_from(length)
            .ok()
            .and_then(|length| offset.checked_add(length));
        match end {
            Some(end) if end <= self.size => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Blocks for FileBlocks {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.check(offset, buffer.len())?;
        self.file.read_exact_at(buffer, offset)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if !self.writable {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        self.check(offset, bytes.len())?;
        self.file.write_all_at(bytes, offset)
    }

    fn flush(&self) -> io::Result<()> {
        if self.writable {
            self.file.sync_data()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::ErrorKind, os::unix::fs::symlink};

    use super::{Blocks, FileBlocks};

    #[test]
    fn a_file_is_read_and_written_within_its_size_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disc");
        fs::write(&path, [7; 1024]).unwrap();
        let blocks = FileBlocks::open(&path, true).unwrap();
        assert_eq!(blocks.size(), 1024);
        blocks.write_at(1020, b"last").unwrap();
        let mut read = [0; 8];
        blocks.read_at(1016, &mut read).unwrap();
        assert_eq!(read, [7, 7, 7, 7, b'l', b'a', b's', b't']);
        for offset in [1017, 1024, u64::MAX] {
            let error = blocks.read_at(offset, &mut read).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            assert!(blocks.write_at(offset, &read).is_err());
        }
        assert_eq!(fs::metadata(&path).unwrap().len(), 1024);
    }

    #[test]
    fn what_is_inserted_to_be_read_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disc");
        fs::write(&path, [7; 512]).unwrap();
        let blocks = FileBlocks::open(&path, false).unwrap();
        assert!(blocks.write_at(0, &[1]).is_err());
        assert_eq!(fs::read(&path).unwrap(), [7; 512]);
    }

    #[test]
    fn links_and_folders_are_no_discs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disc");
        fs::write(&path, [7; 512]).unwrap();
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(FileBlocks::open(&link, false).is_err());
        assert!(FileBlocks::open(folder.path(), false).is_err());
    }
}
