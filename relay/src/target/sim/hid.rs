//! The relay's HID gadget at the PC's USB port.

use std::{io, sync::Arc};

use tokio::sync::watch;

use super::{pc::Endpoint, rack::Rack};
use crate::{
    clock::unix_us,
    input::{Capabilities, Hid, HidError, Host, Interface, Report, Waker},
};

/// The gadget.
pub struct SimHid {
    rack: Arc<Rack>,
}

impl SimHid {
    /// A gadget that is plugged in at the PC that is selected.
    #[must_use]
    pub fn new(rack: Arc<Rack>) -> Self {
        Self { rack }
    }
}

impl Hid for SimHid {
    fn write(&mut self, report: &Report) -> Result<(), HidError> {
        let (interface, bytes) = (report.interface(), report.to_bytes());
        if interface == Interface::Keyboard && self.rack.hears(&bytes) {
            return Ok(());
        }
        let live = self.rack.live();
        let mut access = live.access();
        loop {
            let now = access.now;
            match access.pc().offer(now, unix_us(), interface, &bytes) {
                Endpoint::Taken => {
                    access.stir();
                    return Ok(());
                }
                Endpoint::Gone => {
                    access.leave();
                    return Err(HidError::NotConnected);
                }
                Endpoint::Busy(until) if !access.is_stopped() => access = access.wait(until),
                Endpoint::Busy(_) => return Err(HidError::NotConnected),
            }
        }
    }

    fn host(&self) -> watch::Receiver<Host> {
        self.rack.host()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            pointer: true,
            mouse: true,
            consumer: true,
        }
    }

    fn waker(&self) -> Arc<dyn Waker> {
        self.rack.clone()
    }
}

/// The port takes a remote wakeup from the gadget.
impl Waker for Rack {
    fn wake(&self) -> io::Result<()> {
        let live = self.live();
        let mut access = live.access();
        let now = access.now;
        access.pc().rouse(now);
        access.stir();
        Ok(())
    }
}
