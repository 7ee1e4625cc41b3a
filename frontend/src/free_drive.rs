//! Which drive a file goes into that is to be inserted without more words.

use shared::media::{CD_BYTES_MAX, Drive, DriveKind};

/// The first drive of this kind that is empty.
#[must_use]
pub fn empty_drive(drives: &[Drive], kind: DriveKind) -> Option<&Drive> {
    let is_it = |drive: &&Drive| drive.kind == kind && drive.medium.is_none();
    drives.iter().find(is_it)
}

/// The drive for a file of this name and size among those that are empty: a CD drive for an ISO image that it can show
/// all of, and a disk for all else.
#[must_use]
pub fn free_drive<'a>(drives: &'a [Drive], name: &str, bytes: u64) -> Option<&'a Drive> {
    let is_cd = name.to_lowercase().ends_with(".iso") && bytes <= CD_BYTES_MAX;
    let cd = is_cd.then(|| empty_drive(drives, DriveKind::Cd));
    cd.flatten()
        .or_else(|| empty_drive(drives, DriveKind::Disk))
}

#[cfg(test)]
mod tests {
    use shared::media::{Medium, Source};

    use super::*;

    fn drive(slot: &str, kind: DriveKind, is_full: bool) -> Drive {
        let medium = Medium {
            name: "x".to_owned(),
            bytes: 1,
            writable: false,
            source: Source::Library(1),
            reachable: true,
        };
        Drive {
            slot: slot.to_owned(),
            kind,
            medium: is_full.then_some(medium),
            ejected: None,
        }
    }

    fn chosen(full: [bool; 3], name: &str, bytes: u64) -> Option<String> {
        let drives = [
            drive("cd", DriveKind::Cd, full[0]),
            drive("usb", DriveKind::Disk, full[1]),
            drive("usb2", DriveKind::Disk, full[2]),
        ];
        free_drive(&drives, name, bytes).map(|drive| drive.slot.clone())
    }

    #[test]
    fn iso_images_go_into_cd_drives_and_the_rest_into_disks() {
        let none = [false; 3];
        assert_eq!(chosen(none, "Debian.ISO", 700 << 20).as_deref(), Some("cd"));
        assert_eq!(
            chosen(none, "rescue.img", 700 << 20).as_deref(),
            Some("usb")
        );
        assert_eq!(chosen(none, "windows.iso", 5 << 30).as_deref(), Some("usb"));
    }

    #[test]
    fn nothing_is_pushed_out() {
        assert_eq!(
            chosen([true, false, false], "a.iso", 1).as_deref(),
            Some("usb")
        );
        assert_eq!(
            chosen([true, true, false], "a.iso", 1).as_deref(),
            Some("usb2")
        );
        assert_eq!(chosen([false, true, true], "a.img", 1), None);
        assert_eq!(chosen([true; 3], "a.iso", 1), None);
    }
}
