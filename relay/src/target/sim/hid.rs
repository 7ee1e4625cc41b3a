//! The relay's HID gadget at the PC's USB port.

use std::sync::Arc;

use tokio::sync::watch;

use super::{
    live::{Live, unix_us},
    pc::Endpoint,
};
use crate::input::{Capabilities, Hid, HidError, Host, Report};

/// The gadget.
pub struct SimHid {
    live: Arc<Live>,
}

impl SimHid {
    /// A gadget that is plugged in.
    #[must_use]
    pub fn new(live: Arc<Live>) -> Self {
        Self { live }
    }
}

impl Hid for SimHid {
    fn write(&mut self, report: &Report) -> Result<(), HidError> {
        let (interface, bytes) = (report.interface(), report.to_bytes());
        let mut access = self.live.access();
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
        self.live.host()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            pointer: true,
            mouse: true,
            consumer: true,
        }
    }
}
