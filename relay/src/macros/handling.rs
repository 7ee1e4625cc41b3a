//! What a macro does at the drives and to the power: found out before it runs, and done in its place.

use shared::{
    macros::NAME_MAX,
    media::{DriveKind, Image},
    message::MacroPhase,
    power::{Actions, Outcome, PowerAction},
};
use thiserror::Error;
use tracing::warn;

use crate::{
    media::{
        DriveError, InsertError, Media,
        library::name,
        slots::{Slot, SlotError},
    },
    power::control::PowerControl,
};

/// One thing that is done at a drive, or to the power.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handling {
    /// An image goes into it; what is in it is ejected first.
    Insert {
        /// The drive's name.
        slot: String,
        /// The image's number in the library.
        image: u32,
        /// Whether the machine may write on it.
        writable: bool,
    },
    /// It is emptied.
    Eject {
        /// The drive's name.
        slot: String,
    },
    /// This is done to the power, and waited for.
    Power(PowerAction),
}

/// The drives and the images that there are, and what can be done to the power, when a macro is made ready.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// The drives.
    pub slots: Vec<Slot>,
    /// The images.
    pub images: Vec<Image>,
    /// What can be done to the power.
    pub power: Actions,
}

/// Why something cannot be done at a drive, for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// No drive has this name.
    #[error("the machine has no drive {slot:?}; it has {known}")]
    NoDrive {
        /// The name.
        slot: String,
        /// Those that it has.
        known: String,
    },
    /// No image has this name.
    #[error("there is no image {0:?} in the library")]
    NoImage(String),
    /// The image is a disk's, and the drive is for CDs.
    #[error(
        "the image {image:?} has no file system of a CD or DVD, as the drive {slot:?} needs it; a USB disk takes it"
    )]
    NotACd {
        /// The image.
        image: String,
        /// The drive.
        slot: String,
    },
    /// The drive is for CDs.
    #[error("the machine cannot write on a CD or DVD, which is what the drive {0:?} takes")]
    ReadOnly(String),
}

impl Stock {
    /// What there is now.
    #[must_use]
    pub fn of(media: &Media, power: Actions) -> Self {
        Self {
            slots: media.slots.all().to_vec(),
            images: media.library.images(),
            power,
        }
    }

    /// Puts the image of a name into the drive of a name.
    ///
    /// # Errors
    /// Any [`Unfit`].
    pub fn insert(&self, slot: &str, image: &str, writable: bool) -> Result<Handling, Unfit> {
        let slot = self.slot(slot)?;
        let key = name::key(image);
        let named = |known: &&Image| name::key(&known.name) == key;
        let found = self.images.iter().find(named);
        let found = found.ok_or_else(|| Unfit::NoImage(short(image)))?;
        if slot.kind == DriveKind::Cd && found.kind == DriveKind::Disk {
            return Err(Unfit::NotACd {
                image: found.name.clone(),
                slot: slot.name.clone(),
            });
        }
        if slot.kind == DriveKind::Cd && writable {
            return Err(Unfit::ReadOnly(slot.name.clone()));
        }
        Ok(Handling::Insert {
            slot: slot.name.clone(),
            image: found.id,
            writable,
        })
    }

    /// Empties the drive of a name.
    ///
    /// # Errors
    /// [`Unfit::NoDrive`].
    pub fn eject(&self, slot: &str) -> Result<Handling, Unfit> {
        let slot = self.slot(slot)?.name.clone();
        Ok(Handling::Eject { slot })
    }

    fn slot(&self, name: &str) -> Result<&Slot, Unfit> {
        let found = self.slots.iter().find(|slot| slot.name == name);
        found.ok_or_else(|| {
            let names: Vec<_> = self.slots.iter().map(|slot| slot.name.as_str()).collect();
            Unfit::NoDrive {
                slot: short(name),
                known: match names.is_empty() {
                    true => "none".to_owned(),
                    false => names.join(", "),
                },
            }
        })
    }
}

impl Handling {
    /// Does it for the person of this name. A drive that has begun goes on though nobody waits for it any more; the
    /// power's buttons are released then.
    ///
    /// # Errors
    /// How the run ends where it is not done; the log says why.
    pub async fn carry_out(
        &self,
        media: &Media,
        power: &PowerControl,
        by: &str,
    ) -> Result<(), MacroPhase> {
        let done = match self {
            Self::Power(action) => return switch(*action, power, by).await,
            Self::Insert {
                slot,
                image,
                writable,
            } => media.insert(slot, *image, *writable).await,
            Self::Eject { slot } => media.slots.eject(slot, false).await.map_err(Into::into),
        };
        done.map_err(|error| {
            warn!(%error, act = ?self, "a macro ends at a drive");
            match error {
                InsertError::Slot(SlotError::Drive(DriveError::Locked)) => MacroPhase::DriveLocked,
                _ => MacroPhase::DriveFailed,
            }
        })
    }
}

async fn switch(action: PowerAction, power: &PowerControl, by: &str) -> Result<(), MacroPhase> {
    match power.carry_out(action, by).await {
        Ok(Outcome::Done) => return Ok(()),
        Ok(outcome) => warn!(?action, ?outcome, "a macro ends at the power"),
        Err(refused) => warn!(?action, %refused, "a macro ends at the power"),
    }
    Err(MacroPhase::PowerFailed)
}

fn short(name: &str) -> String {
    name.chars().take(NAME_MAX).collect()
}

#[cfg(test)]
mod tests {
    use shared::media::DriveKind::{Cd, Disk};

    use super::*;

    fn stock() -> Stock {
        let slot = |name: &str, kind| Slot {
            name: name.to_owned(),
            kind,
        };
        let image = |id, name: &str, kind| Image {
            id,
            name: name.to_owned(),
            bytes: 1 << 20,
            sha256: String::new(),
            added_s: 0,
            kind,
            label: None,
            bootable: false,
        };
        Stock {
            slots: vec![slot("cd", Cd), slot("usb", Disk)],
            images: vec![
                image(7, "Rescue.iso", Cd),
                image(8, "Caf\u{E9}.img", Disk),
                image(9, "7", Disk),
            ],
            power: Actions::default(),
        }
    }

    fn inserts(slot: &str, image: u32, writable: bool) -> Result<Handling, Unfit> {
        let slot = slot.to_owned();
        Ok(Handling::Insert {
            slot,
            image,
            writable,
        })
    }

    #[test]
    fn an_image_is_found_by_its_name_however_it_is_spelt() {
        let stock = stock();
        let found = stock.insert("cd", "rescue.ISO", false);
        assert_eq!(found, inserts("cd", 7, false));
        let found = stock.insert("usb", "Cafe\u{301}.img", true);
        assert_eq!(found, inserts("usb", 8, true));
        let found = stock.insert("usb", "7", false);
        assert_eq!(found, inserts("usb", 9, false), "a name, and no number");
        let found = stock.insert("usb", "Rescue.iso", true);
        assert_eq!(found, inserts("usb", 7, true), "a CD as a disk");
    }

    #[test]
    fn what_is_not_there_or_does_not_fit_is_named() {
        let stock = stock();
        for (wrong, words) in [
            (stock.eject("tape"), ["\"tape\"", "cd, usb"]),
            (
                stock.insert("CD", "Rescue.iso", false),
                ["\"CD\"", "cd, usb"],
            ),
            (
                stock.insert("cd", "other.iso", false),
                ["other.iso", "library"],
            ),
            (
                stock.insert("cd", "caf\u{E9}.img", false),
                ["USB disk", "\"cd\""],
            ),
            (stock.insert("cd", "Rescue.iso", true), ["write", "\"cd\""]),
            (Stock::default().eject("cd"), ["\"cd\"", "none"]),
        ] {
            let says = wrong.unwrap_err().to_string();
            assert!(words.iter().all(|word| says.contains(word)), "{says}");
        }
    }
}
