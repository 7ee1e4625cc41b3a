use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use shared::media::{Activity, DriveKind, Drives, Ejected, Medium, Source};
use tokio::time::timeout;

use super::{Slot, SlotError, Slots};
use crate::media::{Blocks, Disc, Drive, DriveError, Look, Reach};

/// A medium of zeros.
struct Zeros(u64);

impl Blocks for Zeros {
    fn size(&self) -> u64 {
        self.0
    }

    fn read_at(&self, _: u64, buffer: &mut [u8]) -> io::Result<()> {
        buffer.fill(0);
        Ok(())
    }
}

/// A medium whose bytes come and go.
struct Elsewhere(Arc<Mutex<Reach>>);

impl Blocks for Elsewhere {
    fn size(&self) -> u64 {
        1 << 20
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::TimedOut.into())
    }

    fn reach(&self) -> Reach {
        *self.0.lock().unwrap()
    }

    fn interrupt(&self) {
        *self.0.lock().unwrap() = Reach::Gone(Ejected::SourceLost);
    }
}

/// A disc of such a medium, which is there at first.
fn from_elsewhere() -> (Arc<Mutex<Reach>>, Disc) {
    let reach = Arc::new(Mutex::new(Reach::Here));
    let disc = Disc {
        blocks: Arc::new(Elsewhere(reach.clone())),
        file: None,
        writable: false,
    };
    (reach, disc)
}

/// What a machine does with its drive, from both sides.
#[derive(Default)]
struct Bench {
    inserted: Option<u64>,
    locked: bool,
    refuses: bool,
    look: Look,
}

#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Bench>>);

impl Drive for Fake {
    fn insert(&mut self, disc: Disc) -> Result<(), DriveError> {
        let mut bench = self.0.lock().unwrap();
        assert_eq!(bench.inserted, None, "inserted over another disc");
        if bench.refuses {
            return Err(DriveError::TooSmall { least: 1 << 20 });
        }
        bench.inserted = Some(disc.blocks.size());
        bench.look = Look::default();
        Ok(())
    }

    fn eject(&mut self, force: bool) -> Result<(), DriveError> {
        let mut bench = self.0.lock().unwrap();
        if bench.locked && !force {
            return Err(DriveError::Locked);
        }
        (bench.inserted, bench.locked) = (None, false);
        Ok(())
    }

    fn look(&mut self) -> Result<Look, DriveError> {
        let bench = self.0.lock().unwrap();
        Ok(Look {
            inserted: bench.inserted.is_some(),
            ..bench.look
        })
    }
}

struct Stand {
    slots: Slots,
    cd: Fake,
    usb: Fake,
}

impl Stand {
    fn new() -> Self {
        let (cd, usb) = (Fake::default(), Fake::default());
        let slot = |name: &str, kind| Slot {
            name: name.to_owned(),
            kind,
        };
        let slots = [slot("cd", DriveKind::Cd), slot("usb", DriveKind::Disk)];
        let drives: Vec<Box<dyn Drive>> = vec![Box::new(cd.clone()), Box::new(usb.clone())];
        Self {
            slots: Slots::start(&slots, drives).unwrap(),
            cd,
            usb,
        }
    }

    async fn insert(&self, slot: &str, image: u32, writable: bool) -> Result<(), SlotError> {
        let bytes = u64::from(image) << 20;
        let disc = Disc {
            blocks: Arc::new(Zeros(bytes)),
            file: None,
            writable,
        };
        self.slots.insert(slot, disc, medium(image, writable)).await
    }

    async fn until(&self, slot: usize, medium: Option<Medium>, ejected: Option<Ejected>) {
        let mut drives = self.slots.drives();
        let there =
            |drives: &Drives| drives[slot].medium == medium && drives[slot].ejected == ejected;
        timeout(Duration::from_secs(20), drives.wait_for(there))
            .await
            .expect("in time")
            .unwrap();
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.slots.stop();
        for drive in [&self.cd, &self.usb] {
            assert_eq!(drive.0.lock().unwrap().inserted, None, "left in the drive");
        }
    }
}

fn medium(image: u32, writable: bool) -> Medium {
    Medium {
        name: format!("{image}.iso"),
        bytes: u64::from(image) << 20,
        writable,
        source: Source::Library(image),
        reachable: true,
    }
}

#[tokio::test]
async fn a_disc_goes_in_is_swapped_and_comes_out() {
    let stand = Stand::new();
    stand.insert("cd", 1, false).await.unwrap();
    stand.until(0, Some(medium(1, false)), None).await;
    assert_eq!(stand.slots.in_use(1).as_deref(), Some("cd"));
    stand.insert("cd", 2, false).await.unwrap();
    stand.until(0, Some(medium(2, false)), None).await;
    assert_eq!(stand.cd.0.lock().unwrap().inserted, Some(2 << 20));
    assert_eq!(stand.slots.in_use(1), None);
    stand.slots.eject("cd", false).await.unwrap();
    stand.until(0, None, None).await;
    stand.slots.eject("cd", false).await.unwrap();
}

#[tokio::test]
async fn a_locked_disc_stays_until_it_is_forced_out() {
    let stand = Stand::new();
    stand.insert("cd", 1, false).await.unwrap();
    stand.cd.0.lock().unwrap().locked = true;
    for refused in [
        stand.slots.eject("cd", false).await,
        stand.insert("cd", 2, false).await,
    ] {
        assert!(matches!(refused, Err(SlotError::Drive(DriveError::Locked))));
    }
    stand.until(0, Some(medium(1, false)), None).await;
    stand.slots.eject("cd", true).await.unwrap();
    stand.until(0, None, None).await;
}

#[tokio::test]
async fn what_the_machine_ejects_is_noticed_and_said_until_the_next_disc() {
    let stand = Stand::new();
    stand.insert("usb", 1, true).await.unwrap();
    stand.usb.0.lock().unwrap().inserted = None;
    stand.until(1, None, Some(Ejected::ByHost)).await;
    stand.insert("usb", 1, true).await.unwrap();
    stand.until(1, Some(medium(1, true)), None).await;
}

#[tokio::test]
async fn what_the_machine_reads_and_writes_is_told_and_starts_anew_with_each_disc() {
    let stand = Stand::new();
    let mut activity = stand.slots.activity();
    stand.insert("usb", 1, true).await.unwrap();
    let look = Look {
        inserted: true,
        reads: 3,
        writes: 2,
        bytes_read: Some(4096),
        bytes_written: None,
    };
    stand.usb.0.lock().unwrap().look = look;
    let expected = Activity {
        drive: 1,
        reads: 3,
        writes: 2,
        bytes_read: Some(4096),
        bytes_written: None,
    };
    let told = activity.wait_for(|all| all[1] == expected);
    timeout(Duration::from_secs(20), told)
        .await
        .expect("in time")
        .unwrap();
    stand.insert("usb", 2, false).await.unwrap();
    assert_eq!(activity.borrow()[1].reads, 0);
}

#[tokio::test]
async fn what_cannot_go_in_is_refused_and_changes_nothing() {
    let stand = Stand::new();
    assert!(matches!(
        stand.insert("tape", 1, false).await,
        Err(SlotError::Unknown)
    ));
    assert!(matches!(
        stand.insert("cd", 1, true).await,
        Err(SlotError::ReadOnly)
    ));
    stand.insert("usb", 1, true).await.unwrap();
    let refused = stand.insert("cd", 1, false).await;
    assert!(matches!(refused, Err(SlotError::InUse(slot)) if slot == "usb"));
    stand.until(0, None, None).await;
    stand.insert("usb", 1, false).await.unwrap();
    stand.insert("cd", 1, false).await.unwrap();
    stand.cd.0.lock().unwrap().refuses = true;
    let refused = stand.insert("cd", 2, false).await;
    assert!(matches!(
        refused,
        Err(SlotError::Drive(DriveError::TooSmall { .. }))
    ));
    assert_eq!(stand.slots.in_use(2), None);
    stand.until(0, None, None).await;
}

#[tokio::test]
async fn a_medium_whose_bytes_are_away_is_shown_so_and_forced_out_when_they_are_gone() {
    let stand = Stand::new();
    let (reach, disc) = from_elsewhere();
    let here = Medium {
        source: Source::Browser(1),
        ..medium(1, false)
    };
    let away = Medium {
        reachable: false,
        ..here.clone()
    };
    stand.slots.insert("cd", disc, here.clone()).await.unwrap();
    for (now, shown) in [
        (Reach::Away, &away),
        (Reach::Here, &here),
        (Reach::Away, &away),
    ] {
        *reach.lock().unwrap() = now;
        stand.until(0, Some(shown.clone()), None).await;
    }
    stand.cd.0.lock().unwrap().locked = true;
    *reach.lock().unwrap() = Reach::Gone(Ejected::SourceChanged);
    stand.until(0, None, Some(Ejected::SourceChanged)).await;
    assert_eq!(stand.cd.0.lock().unwrap().inserted, None);
}

#[tokio::test]
async fn what_is_forced_out_keeps_nobody_waiting() {
    let stand = Stand::new();
    let (reach, disc) = from_elsewhere();
    stand
        .slots
        .insert("cd", disc, medium(1, false))
        .await
        .unwrap();
    stand.slots.eject("cd", true).await.unwrap();
    assert_eq!(*reach.lock().unwrap(), Reach::Gone(Ejected::SourceLost));
    stand.until(0, None, None).await;
}
