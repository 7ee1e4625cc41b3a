//! Whether the kernel reads and writes a file, by inotify.

use std::{io, mem::MaybeUninit, os::fd::OwnedFd};

use rustix::{
    fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags},
    io::Errno,
};

/// Counts the accesses to one file; several in a row may count as one.
pub(super) struct Accesses {
    events: OwnedFd,
    reads: u32,
    writes: u32,
}

impl Accesses {
    pub(super) fn watch(path: &str) -> io::Result<Self> {
        let events = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        inotify::add_watch(&events, path, WatchFlags::ACCESS | WatchFlags::MODIFY)?;
        Ok(Self {
            events,
            reads: 0,
            writes: 0,
        })
    }

    /// How many reads and writes there were since the beginning.
    pub(super) fn count(&mut self) -> (u32, u32) {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.events, &mut buffer);
        loop {
            match reader.next() {
                Ok(event) => {
                    let seen = event.events();
                    self.reads = self
                        .reads
                        .wrapping_add(seen.contains(ReadFlags::ACCESS).into());
                    self.writes = self
                        .writes
                        .wrapping_add(seen.contains(ReadFlags::MODIFY).into());
                }
                Err(Errno::INTR) => {}
                Err(_) => return (self.reads, self.writes),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::unix::fs::FileExt};

    use super::Accesses;

    #[test]
    fn reads_and_writes_of_others_are_counted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(4096).unwrap();
        let mut accesses = Accesses::watch(file.path().to_str().unwrap()).unwrap();
        assert_eq!(accesses.count(), (0, 0));
        let other = File::options()
            .read(true)
            .write(true)
            .open(file.path())
            .unwrap();
        other.read_exact_at(&mut [0; 512], 0).unwrap();
        assert_eq!(accesses.count(), (1, 0));
        other.write_all_at(&[1; 512], 512).unwrap();
        assert_eq!(accesses.count(), (1, 1));
    }
}
