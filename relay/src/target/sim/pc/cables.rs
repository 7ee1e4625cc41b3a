//! The relay's cables: that they lead to this PC, or away from it to another one.

use std::time::Duration;

use super::Pc;
use crate::target::sim::{
    drive::{Carried, Drive},
    plug::Ids,
};

/// What the relay's cables bring along from one PC to the next.
#[derive(Default)]
pub struct Cables {
    /// What is in the drives, in order.
    media: Vec<Option<Carried>>,
    /// The EDID that a PC reads at the other end.
    edid: Option<Vec<u8>>,
    /// What the relay's device says that it is.
    ids: Option<Ids>,
    /// The speed of the relay's serial port, while that is open.
    serial_speed: Option<u32>,
}

impl Pc {
    /// Whether the relay's cables lead here, though it may not see so yet.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.joined.is_some()
    }

    /// The cables go: the host sees everything unplugged, and releases what was held.
    pub fn part(&mut self) -> Cables {
        self.joined = None;
        let cables = Cables {
            media: self.drives.iter_mut().map(Drive::unplug).collect(),
            edid: Some(self.edid.clone()),
            ids: self.ids.take(),
            serial_speed: self.machine.uart.plug(None),
        };
        self.settle();
        cables
    }

    /// The cables come. From that moment on it is seen at the other end, and sees what is there.
    pub fn join(&mut self, from: Duration, cables: Cables) {
        self.joined = Some(from);
        for (drive, carried) in self.drives.iter_mut().zip(cables.media) {
            if let Some(carried) = carried {
                drive.plug(carried);
            }
        }
        if let Some(edid) = cables.edid.filter(|edid| *edid != self.edid) {
            self.set_edid(&edid);
        }
        self.ids = cables.ids;
        self.machine.uart.plug(cables.serial_speed);
        self.settle();
    }

    pub(super) fn is_reached(&self) -> bool {
        self.joined.is_some_and(|from| from <= self.advanced)
    }
}
