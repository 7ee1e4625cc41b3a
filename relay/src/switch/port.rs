//! What a machine behind a port is given once its port is selected: an EDID to read, and the ids of a USB device.

use std::{io, sync::Arc};

use tokio::sync::Mutex;
use tracing::{info, warn};

use crate::{config::Usb, stream::Stream};

/// What a machine sees of the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// The EDID; without one, whatever there is stays.
    pub edid: Option<Arc<[u8]>>,
    /// What it sees as a USB device.
    pub usb: Usb,
}

/// The USB cable, whose device can be given other ids.
pub trait Plug: Send + Sync {
    /// Unplugs the device, gives it these ids, names and serial number, and plugs it in again, with all that it had. It
    /// blocks for a moment.
    ///
    /// # Errors
    /// Where it cannot; the device is plugged in as before then, as far as that is possible.
    fn set_ids(&self, usb: &Usb) -> io::Result<()>;
}

/// Puts on what a machine is to see, and remembers it: what is the same already is left alone.
pub struct Wardrobe {
    stream: Stream,
    plug: Option<Arc<dyn Plug>>,
    worn: Mutex<Worn>,
}

struct Worn {
    edid: Option<Arc<[u8]>>,
    usb: Usb,
}

impl Wardrobe {
    /// At a start, with what the settings have for every machine.
    #[must_use]
    pub fn new(stream: Stream, plug: Option<Arc<dyn Plug>>, usual: Looks) -> Self {
        let Looks { edid, usb } = usual;
        Self {
            stream,
            plug,
            worn: Mutex::new(Worn { edid, usb }),
        }
    }

    /// Shows the machine of this name its looks. What cannot be done is logged, and tried again the next time.
    pub async fn put_on(&self, machine: &str, looks: &Looks) {
        let mut worn = self.worn.lock().await;
        if let Some(edid) = looks.edid.as_ref()
            && worn.edid.as_ref() != Some(edid)
        {
            match self.stream.set_edid(edid.clone()).await {
                Ok(()) => {
                    info!(machine, "the machine reads its EDID");
                    worn.edid = Some(edid.clone());
                }
                Err(error) => warn!(machine, %error, "the EDID was not set"),
            }
        }
        if let Some(plug) = &self.plug
            && worn.usb != looks.usb
        {
            let (plug, usb) = (plug.clone(), looks.usb.clone());
            let plugged = tokio::task::spawn_blocking(move || plug.set_ids(&usb)).await;
            match plugged {
                Ok(Ok(())) => {
                    info!(machine, "the machine sees its USB ids");
                    worn.usb = looks.usb.clone();
                }
                Ok(Err(error)) => warn!(machine, %error, "the USB ids were not set"),
                Err(error) => warn!(machine, %error, "the USB ids were not set"),
            }
        }
    }
}
