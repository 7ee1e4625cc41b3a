use std::{fs, path::PathBuf, time::Duration};

use sha2::{Digest, Sha256};
use shared::media::{DriveKind, TransferFault, TransferPhase};

use super::{
    append::{Append, Checksum, Progress},
    transfers::{Announcement, KEPT},
    *,
};

const MAX: u64 = 1 << 20;

struct Fixture {
    library: Library,
    store: Store,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let library = Library::open(&folder.path().join("images"), MAX, store.clone()).unwrap();
        Self {
            library,
            store,
            folder,
        }
    }

    /// As after the relay was killed.
    fn again(&mut self) {
        let images = self.folder.path().join("images");
        self.library = Library::open(&images, MAX, self.store.clone()).unwrap();
    }

    fn images(&self) -> Vec<Image> {
        self.library.list().unwrap().images
    }

    fn names(&self) -> Vec<String> {
        self.images().into_iter().map(|image| image.name).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("images").join(name)
    }

    /// All files in the library's folder, with those that are hidden.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        for folder in ["", ".partial"] {
            for entry in fs::read_dir(self.path(folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    let name = entry.file_name().into_string().unwrap();
                    files.push(format!("{folder}/{name}"));
                }
            }
        }
        files.sort();
        files
    }

    fn announce(&self, name: &str, bytes: &[u8]) -> Result<u32, LibraryError> {
        self.announce_as(name, bytes.len() as u64, None)
    }

    fn announce_as(
        &self,
        name: &str,
        total: u64,
        sha256: Option<String>,
    ) -> Result<u32, LibraryError> {
        let announced = Announcement {
            name: Name::new(name)?,
            total: Some(total),
            sent: None,
            sha256,
            url: None,
        };
        Ok(self.library.announce(announced)?.transfer.id)
    }

    fn append(&self, id: u32, offset: u64) -> Append {
        self.library.append(id, Some(offset), None).unwrap()
    }

    fn send(&self, id: u32, offset: u64, bytes: &[u8]) -> Result<Progress, LibraryError> {
        let mut append = self.append(id, offset);
        append.write(bytes)?;
        append.finish(true)
    }

    fn add(&self, name: &str, bytes: &[u8]) -> Image {
        let id = self.announce(name, bytes).unwrap();
        match self.send(id, 0, bytes).unwrap() {
            Progress::Done(image) => *image,
            Progress::At(at) => panic!("{at}"),
        }
    }

    fn phase(&self, id: u32) -> TransferPhase {
        self.library.standing(id).unwrap().transfer.phase
    }

    /// What the relay does every few seconds, so often that everything has settled.
    fn look(&self) {
        let mut looks = tending::Looks::default();
        self.library.look(&mut looks);
        self.library.look(&mut looks);
    }
}

fn sum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[test]
fn what_has_arrived_is_listed_and_nothing_before() {
    let fixture = Fixture::new();
    let bytes = b"an image".repeat(1000);
    let id = fixture.announce("a.img", &bytes).unwrap();
    let mut append = fixture.append(id, 0);
    append.write(&bytes[..5000]).unwrap();
    assert_eq!(fixture.names(), [""; 0]);
    assert!(!fixture.path("a.img").exists());
    append.write(&bytes[5000..]).unwrap();
    assert!(matches!(append.finish(true), Ok(Progress::Done(_))));
    let images = fixture.images();
    assert_eq!(images[0].name, "a.img");
    assert_eq!(images[0].bytes, bytes.len() as u64);
    assert_eq!(images[0].sha256, sum(&bytes));
    assert_eq!(fs::read(fixture.path("a.img")).unwrap(), bytes);
    assert_eq!(fixture.files(), ["/a.img"]);
    let gone = fixture.library.standing(id).unwrap_err();
    assert!(matches!(gone, LibraryError::NotThere));
}

#[test]
fn what_broke_off_goes_on_after_the_relay_was_killed() {
    let mut fixture = Fixture::new();
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let id = fixture.announce("a.img", &bytes).unwrap();
    let mut append = fixture.append(id, 0);
    append.write(&bytes[..123_456]).unwrap();
    std::mem::forget(append);
    fixture.again();
    assert_eq!(fixture.names(), [""; 0]);
    let standing = fixture.library.standing(id).unwrap();
    assert_eq!(standing.transfer.received, 123_456);
    assert_eq!(standing.transfer.phase, TransferPhase::Waiting);
    let done = fixture.send(id, 123_456, &bytes[123_456..]).unwrap();
    let Progress::Done(image) = done else {
        panic!("{done:?}");
    };
    assert_eq!(image.sha256, sum(&bytes));
    fixture.again();
    assert_eq!(fixture.images(), [*image]);
}

#[test]
fn all_bytes_of_a_killed_relay_become_an_image_without_being_sent_again() {
    let mut fixture = Fixture::new();
    let id = fixture.announce("a.img", b"whole").unwrap();
    let mut append = fixture.append(id, 0);
    append.write(b"whole").unwrap();
    std::mem::forget(append);
    fixture.again();
    fixture.library.complete();
    assert_eq!(fixture.images()[0].sha256, sum(b"whole"));
    assert_eq!(fixture.files(), ["/a.img"]);
}

#[test]
fn a_relay_that_was_killed_before_the_index_knew_takes_the_image_in() {
    let mut fixture = Fixture::new();
    let id = fixture.announce("a.img", b"whole").unwrap();
    std::mem::forget(fixture.append(id, 0));
    fs::write(fixture.path(&format!(".partial/{id}")), b"whole").unwrap();
    fixture.library.0.folder.publish(id, "a.img").unwrap();
    fixture.again();
    fixture.look();
    assert_eq!(fixture.names(), ["a.img"]);
    assert!(fixture.library.standing(id).is_err());
    assert_eq!(fixture.images()[0].sha256, sum(b"whole"));
}

#[test]
fn another_content_than_was_announced_is_not_kept() {
    let fixture = Fixture::new();
    let wanted = Some(sum(b"what I meant"));
    let id = fixture.announce_as("a.img", 12, wanted).unwrap();
    let error = fixture.send(id, 0, b"what came in").unwrap_err();
    let LibraryError::Checksum { found } = error else {
        panic!("{error}");
    };
    assert_eq!(found, sum(b"what came in"));
    assert_eq!(
        fixture.phase(id),
        TransferPhase::Failed(TransferFault::Checksum)
    );
    assert_eq!(fixture.files(), [""; 0]);
    fixture.add("a.img", b"its name is free again");
}

#[test]
fn an_iso_that_was_cut_off_is_not_kept() {
    let whole = iso(40);
    let fixture = Fixture::new();
    let cut = &whole[..whole.len() - 1];
    let id = fixture.announce("a.iso", cut).unwrap();
    let error = fixture.send(id, 0, cut).unwrap_err();
    assert!(
        matches!(error, LibraryError::CutOff { bytes } if bytes == whole.len() as u64),
        "{error}"
    );
    assert_eq!(
        fixture.phase(id),
        TransferPhase::Failed(TransferFault::CutOff)
    );
    assert_eq!(fixture.files(), [""; 0]);
    fixture.add("a.iso", &whole);
}

/// A volume of ISO 9660 with a primary descriptor and nothing else (ECMA-119, 8.4).
fn iso(blocks: u32) -> Vec<u8> {
    let mut iso = vec![0; blocks as usize * 2048];
    let descriptor = &mut iso[16 * 2048..17 * 2048];
    descriptor[..7].copy_from_slice(b"\x01CD001\x01");
    descriptor[80..84].copy_from_slice(&blocks.to_le_bytes());
    descriptor[84..88].copy_from_slice(&blocks.to_be_bytes());
    descriptor[128..130].copy_from_slice(&2048u16.to_le_bytes());
    descriptor[130..132].copy_from_slice(&2048u16.to_be_bytes());
    iso
}

#[test]
fn a_damaged_chunk_is_not_kept_and_can_be_sent_again() {
    let fixture = Fixture::new();
    let id = fixture.announce_as("a.img", 10, None).unwrap();
    fixture.send(id, 0, b"hello").unwrap();
    let chunk = |sent: &[u8], meant: &[u8], is_whole| {
        let checksum = Checksum::Sha256(Sha256::digest(meant).into());
        let append = fixture.library.append(id, Some(5), Some(checksum));
        let mut append = append.unwrap();
        append.prepare().unwrap();
        append.write(sent).unwrap();
        append.finish(is_whole)
    };
    let damaged = chunk(b"wirld", b"world", true);
    assert!(matches!(damaged, Err(LibraryError::ChunkChecksum)));
    let broken_off = chunk(b"wor", b"world", false);
    assert_eq!(broken_off.unwrap(), Progress::At(5));
    let done = chunk(b"world", b"world", true).unwrap();
    assert!(matches!(done, Progress::Done(image) if image.sha256 == sum(b"helloworld")));
}

#[test]
fn more_than_was_announced_is_not_kept() {
    let fixture = Fixture::new();
    let id = fixture.announce_as("a.img", 8, None).unwrap();
    fixture.send(id, 0, b"1234").unwrap();
    let mut append = fixture.append(id, 4);
    append.write(b"56").unwrap();
    assert!(matches!(append.write(b"789"), Err(LibraryError::TooMuch)));
    drop(append);
    let done = fixture.send(id, 4, b"5678").unwrap();
    assert!(matches!(done, Progress::Done(image) if image.sha256 == sum(b"12345678")));
}

#[test]
fn one_sends_at_a_time_and_from_where_it_stands() {
    let fixture = Fixture::new();
    let id = fixture.announce_as("a.img", 8, None).unwrap();
    let append = fixture.append(id, 0);
    let second = fixture.library.append(id, Some(0), None);
    assert!(matches!(second, Err(LibraryError::Busy)));
    drop(append);
    let elsewhere = fixture.library.append(id, Some(4), None);
    assert!(matches!(elsewhere, Err(LibraryError::Offset { at: 0 })));
}

#[test]
fn what_cannot_become_an_image_is_not_begun() {
    let fixture = Fixture::new();
    let held = fixture.add("Held.ISO", b"an image");
    fixture.announce("coming.iso", b"another").unwrap();
    let before = fixture.files();
    let announce = |name, total| fixture.announce_as(name, total, None).unwrap_err();
    assert!(matches!(announce("held.iso", 1), LibraryError::NameTaken(name) if name == "Held.ISO"));
    assert!(matches!(
        announce("Coming.iso", 1),
        LibraryError::NameTaken(_)
    ));
    assert!(matches!(announce("b.iso", 0), LibraryError::Empty));
    assert!(matches!(
        announce("b.iso", MAX + 1),
        LibraryError::TooLarge { max: MAX }
    ));
    let same = fixture.announce_as("b.iso", 8, Some(sum(b"an image")));
    assert!(matches!(same, Err(LibraryError::Duplicate(image)) if *image == held));
    assert_eq!(fixture.files(), before);
}

#[test]
fn what_the_disk_has_no_room_for_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let library = Library::open(folder.path(), u64::MAX, store).unwrap();
    let announced = Announcement {
        name: Name::new("large.img").unwrap(),
        total: Some(1 << 60),
        sent: None,
        sha256: None,
        url: None,
    };
    let refused = library.announce(announced).unwrap_err();
    assert!(matches!(refused, LibraryError::NoRoom { free } if free < 1 << 60));
    assert_eq!(library.transfers().borrow().len(), 0);
}

#[test]
fn an_image_in_a_drive_is_neither_renamed_nor_deleted() {
    let fixture = Fixture::new();
    let image = fixture.add("a.img", b"an image");
    let found = fixture.library.lend(image.id, false).unwrap();
    assert_eq!(found.disc.file, Some(fixture.path("a.img")));
    assert_eq!(found.medium.bytes, 8);
    assert!(matches!(
        fixture.library.rename(image.id, "b.img"),
        Err(LibraryError::InUse)
    ));
    assert!(matches!(
        fixture.library.delete(image.id),
        Err(LibraryError::InUse)
    ));
    drop(found);
    fixture.library.rename(image.id, "b.img").unwrap();
    assert_eq!(fixture.files(), ["/b.img"]);
    fixture.library.delete(image.id).unwrap();
    assert_eq!(fixture.files(), [""; 0]);
    let next = fixture.add("a.img", b"an image");
    assert!(next.id > image.id, "a number was given twice");
}

#[test]
fn a_new_name_replaces_nothing() {
    let mut fixture = Fixture::new();
    let one = fixture.add("one.img", b"1");
    fixture.add("two.img", b"2");
    fs::write(fixture.path("three.img"), b"3").unwrap();
    let rename = |name: &str| fixture.library.rename(one.id, name).unwrap_err();
    for taken in ["two.img", "TWO.img", "three.img"] {
        assert!(matches!(rename(taken), LibraryError::NameTaken(_)));
    }
    assert!(matches!(rename("../one.img"), LibraryError::BadName(_)));
    fixture.library.rename(one.id, "One.img").unwrap();
    fixture.again();
    assert_eq!(fixture.names(), ["One.img", "two.img"]);
    assert_eq!(fs::read(fixture.path("two.img")).unwrap(), b"2");
}

#[test]
fn the_folder_may_be_changed_by_hand() {
    let mut fixture = Fixture::new();
    let gone = fixture.add("gone.img", b"an image");
    let changed = fixture.add("changed.img", b"before");
    fs::remove_file(fixture.path("gone.img")).unwrap();
    fs::write(fixture.path("changed.img"), b"and after").unwrap();
    fs::write(fixture.path("new.img"), b"put there").unwrap();
    fs::write(fixture.path("aux"), b"no name for an image").unwrap();
    fs::create_dir(fixture.path("folder.iso")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", fixture.path("link.iso")).unwrap();
    fixture.again();
    fixture.look();
    assert_eq!(fixture.names(), ["changed.img", "new.img"]);
    let images = fixture.images();
    assert_eq!(images[0].id, changed.id);
    assert_eq!(images[0].sha256, sum(b"and after"));
    assert_eq!(images[1].sha256, sum(b"put there"));
    assert!(images[1].id > gone.id);
}

#[test]
fn an_image_whose_name_was_taken_by_hand_meanwhile_gets_a_number() {
    let fixture = Fixture::new();
    let id = fixture.announce("a.img", b"sent").unwrap();
    fs::write(fixture.path("a.img"), b"by hand").unwrap();
    fixture.send(id, 0, b"sent").unwrap();
    fixture.look();
    assert_eq!(fixture.names(), ["a (2).img", "a.img"]);
    assert_eq!(fs::read(fixture.path("a.img")).unwrap(), b"by hand");
}

#[test]
fn what_was_given_up_leaves_nothing() {
    let fixture = Fixture::new();
    let id = fixture.announce_as("a.img", 10, None).unwrap();
    let mut append = fixture.append(id, 0);
    append.write(b"hello").unwrap();
    fixture.library.give_up(id).unwrap();
    assert!(matches!(
        append.write(b"world"),
        Err(LibraryError::NotThere)
    ));
    drop(append);
    assert_eq!(fixture.files(), [""; 0]);
    assert!(fixture.library.standing(id).is_err());
}

#[test]
fn a_chunk_that_was_given_up_takes_no_room_any_more() {
    let fixture = Fixture::new();
    let id = fixture.announce_as("a.img", 10, None).unwrap();
    let checksum = Checksum::Sha256(Sha256::digest(b"hello").into());
    let append = fixture.library.append(id, Some(0), Some(checksum));
    let mut append = append.unwrap();
    append.write(b"hel").unwrap();
    fixture.library.give_up(id).unwrap();
    drop(append);
    assert_eq!(fixture.files(), [""; 0]);
}

#[test]
fn what_nobody_goes_on_with_is_forgotten() {
    let mut fixture = Fixture::new();
    let id = fixture.announce_as("a.img", 10, None).unwrap();
    fixture.send(id, 0, b"hello").unwrap();
    fixture.again();
    let now = SystemTime::now();
    fixture.library.expire(now + KEPT - Duration::from_secs(60));
    assert_eq!(fixture.files(), [format!(".partial/{id}")]);
    fixture.library.expire(now + KEPT + Duration::from_secs(60));
    assert_eq!(fixture.files(), [""; 0]);
    assert!(fixture.library.standing(id).is_err());
}

#[test]
fn a_file_that_no_transfer_knows_is_removed() {
    let mut fixture = Fixture::new();
    fs::write(fixture.path(".partial/77"), b"left over").unwrap();
    fixture.again();
    assert_eq!(fixture.files(), [""; 0]);
}

#[test]
fn what_stands_on_an_image_is_told() {
    let fixture = Fixture::new();
    let mut iso = vec![0; 40 * 2048];
    // The primary volume descriptor and the end of the descriptors (ECMA-119, 8.4 and 8.3).
    iso[16 * 2048..16 * 2048 + 7].copy_from_slice(b"\x01CD001\x01");
    iso[16 * 2048 + 40..16 * 2048 + 72].copy_from_slice(b"RESCUE 1                        ");
    iso[17 * 2048..17 * 2048 + 7].copy_from_slice(b"\xFFCD001\x01");
    let image = fixture.add("rescue.iso", &iso);
    assert_eq!(image.kind, DriveKind::Cd);
    assert_eq!(image.label.as_deref(), Some("RESCUE 1"));
    assert!(!image.bootable);
    assert_eq!(fixture.add("plain.img", b"plain").kind, DriveKind::Disk);
}
