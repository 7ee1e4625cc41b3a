//! Drives, images, and what is on its way to them.

use shared::{
    ToBrowser,
    held::Holder,
    list::List,
    media::{
        Activity, Drive, DriveKind, Ejected, Medium, Source, Transfer, TransferFault,
        TransferPhase, Way,
    },
    message::Change,
};

use crate::to_browser;

fn with_medium(source: Source) -> Drive {
    Drive {
        slot: "usb".into(),
        kind: DriveKind::Disk,
        medium: Some(Medium {
            name: "a".into(),
            bytes: 4_096,
            writable: true,
            source,
            reachable: false,
        }),
        ejected: None,
    }
}

#[test]
fn drives() {
    let change = |drives: Vec<Drive>, bytes: &[u8]| {
        to_browser(&ToBrowser::Change(Change::Drives(List::new(drives))), bytes);
    };
    let usb = [b'u', b's', b'b'];
    for (source, bytes) in [
        (Source::Library(300), &[0, 0xAC, 0x02][..]),
        (Source::Browser(7), &[1, 7]),
        (Source::Url, &[2]),
        (Source::Files, &[3]),
        (
            Source::Server { host: "a.b".into() },
            &[4, 3, b'a', b'.', b'b'],
        ),
    ] {
        let mut expected = vec![2, 11, 1, 3];
        expected.extend(usb);
        expected.extend([1, 1, 1, b'a', 0x80, 0x20, 1]);
        expected.extend(bytes);
        expected.extend([0, 0]);
        change(vec![with_medium(source)], &expected);
    }
    for (ejected, index) in [
        (Ejected::ByHost, 0),
        (Ejected::SourceLost, 1),
        (Ejected::SourceChanged, 2),
    ] {
        let drive = Drive {
            slot: "cd".into(),
            kind: DriveKind::Cd,
            medium: None,
            ejected: Some(ejected),
        };
        change(vec![drive], &[2, 11, 1, 2, b'c', b'd', 0, 0, 1, index]);
    }
    let holder = Holder {
        held: 300,
        name: "ada".into(),
    };
    to_browser(
        &ToBrowser::Change(Change::Holders(List::new([holder]))),
        &[2, 15, 1, 0xAC, 0x02, 3, b'a', b'd', b'a'],
    );
    let activity = Activity {
        drive: 1,
        reads: 300,
        writes: 2,
        bytes_read: Some(128),
        bytes_written: None,
    };
    to_browser(
        &ToBrowser::Change(Change::DriveActivity(activity)),
        &[2, 12, 1, 0xAC, 0x02, 2, 1, 0x80, 0x01, 0],
    );
}

#[test]
fn images_and_transfers() {
    to_browser(
        &ToBrowser::Change(Change::Images(300)),
        &[2, 13, 0xAC, 0x02],
    );
    let faults = [
        TransferFault::NoRoom,
        TransferFault::TooLarge,
        TransferFault::Checksum,
        TransferFault::Size,
        TransferFault::Forbidden,
        TransferFault::Unreachable,
    ];
    let mut phases = vec![
        (TransferPhase::Running, vec![0]),
        (TransferPhase::Waiting, vec![1]),
        (
            TransferPhase::Failed(TransferFault::Status(404)),
            vec![2, 6, 0x94, 0x03],
        ),
        (TransferPhase::Failed(TransferFault::Changed), vec![2, 7]),
        (TransferPhase::Failed(TransferFault::Disk), vec![2, 8]),
        (TransferPhase::Failed(TransferFault::CutOff), vec![2, 9]),
    ];
    for (fault, index) in faults.into_iter().zip(0..) {
        phases.push((TransferPhase::Failed(fault), vec![2, index]));
    }
    for (phase, bytes) in phases {
        for (way, index) in [(Way::Upload, 0), (Way::Fetch, 1)] {
            let transfer = Transfer {
                id: 5,
                name: "b".into(),
                way,
                received: 128,
                total: Some(300),
                phase,
            };
            let mut expected = vec![2, 14, 1, 5, 1, b'b', index, 0x80, 0x01, 1, 0xAC, 0x02];
            expected.extend(&bytes);
            to_browser(
                &ToBrowser::Change(Change::Transfers(List::new([transfer]))),
                &expected,
            );
        }
    }
}
