//! The USB cable: what the relay's device says that it is.

use std::{io, sync::Arc, time::Duration};

use serde::Serialize;

use super::{fault::Kind, pc::Pc, rack::Rack};
use crate::{config::Usb, switch::port::Plug};

/// How long the device is unplugged while it gets other ids, in milliseconds.
const UNPLUGGED_MS: u32 = 200;

/// What the relay's device says that it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ids {
    /// See [`Usb::vendor_id`].
    pub vendor_id: u16,
    /// See [`Usb::product_id`].
    pub product_id: u16,
    /// See [`Usb::manufacturer`].
    pub manufacturer: String,
    /// See [`Usb::product`].
    pub product: String,
    /// See [`Usb::serial`].
    pub serial: String,
}

impl From<&Usb> for Ids {
    fn from(usb: &Usb) -> Self {
        Self {
            vendor_id: usb.vendor_id,
            product_id: usb.product_id,
            manufacturer: usb.manufacturer.clone(),
            product: usb.product.clone(),
            serial: usb.serial.clone(),
        }
    }
}

/// The relay's end of the cable.
pub struct SimPlug(pub Arc<Rack>);

impl Plug for SimPlug {
    fn set_ids(&self, usb: &Usb) -> io::Result<()> {
        self.0.with(|live| {
            let mut access = live.access();
            let now = access.now;
            access.pc().replug(now, usb.into());
            access.stir();
        });
        Ok(())
    }
}

impl Pc {
    /// The device goes, and comes back as another one.
    fn replug(&mut self, now: Duration, ids: Ids) {
        self.ids = Some(ids);
        if self.faults.usb().is_none() {
            self.faults.set(now, Kind::UsbGone, Some(UNPLUGGED_MS));
        }
    }
}
