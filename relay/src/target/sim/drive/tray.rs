//! The relay's end of a drive.

use std::sync::Arc;

use crate::{
    media::{Disc, Drive, DriveError, Look},
    target::sim::{live::Live, rack::Rack},
};

/// One drive of the PC that is selected.
pub struct Tray {
    rack: Arc<Rack>,
    index: usize,
}

impl Tray {
    /// The drive of this number.
    #[must_use]
    pub fn new(rack: Arc<Rack>, index: usize) -> Self {
        Self { rack, index }
    }

    fn at<T>(
        &self,
        live: &Live,
        act: impl FnOnce(&mut super::Drive) -> Result<T, DriveError>,
    ) -> Result<T, DriveError> {
        let mut access = live.access();
        match access.pc().drives.get_mut(self.index) {
            Some(drive) => act(drive),
            None => Err(DriveError::Unavailable(
                "the PC has no such drive".to_owned(),
            )),
        }
    }

    /// Does something that changes the drive, and tells the PC.
    fn change(
        &self,
        act: impl FnOnce(&mut super::Drive) -> Result<(), DriveError>,
    ) -> Result<(), DriveError> {
        self.rack.with(|live| {
            let changed = self.at(live, act);
            live.access().stir();
            changed
        })
    }
}

impl Drive for Tray {
    fn insert(&mut self, disc: Disc) -> Result<(), DriveError> {
        self.change(|drive| drive.insert(disc))
    }

    fn eject(&mut self, force: bool) -> Result<(), DriveError> {
        self.change(|drive| drive.eject(force))
    }

    fn look(&mut self) -> Result<Look, DriveError> {
        self.rack
            .with(|live| self.at(live, |drive| Ok(drive.look())))
    }
}
