//! What the host does: whether it listens, its lock lights, and how it takes the wheel.

use std::{
    fs::{self, File},
    io::{PipeReader, Read},
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use shared::message::{Leds, Usb};
use tracing::warn;

use super::{
    Link,
    endpoint::{Endpoint, Received},
    lock,
    sys::{Wait, poll},
};
use crate::{
    input::{Host, Interface},
    usb::Composite,
};

/// How often the controller is looked at: neither suspension nor disconnection can be waited for.
const TICK: Duration = Duration::from_millis(100);

/// How long a host that refused a report is taken for absent.
const REFUSED: Duration = Duration::from_millis(300);

/// The bits of the pointer's feature report: the multiplier of the wheel, and that of the horizontal wheel.
const MULTIPLIERS: u8 = 0b0101;

/// The thread that watches the host.
pub(super) struct Monitor {
    link: Arc<Link>,
    composite: Composite,
    nudged: PipeReader,
    /// Whether the host has configured the gadget.
    enabled: bool,
    /// Whether the controller has been away.
    controller_was_gone: bool,
    leds: Option<Leds>,
    fine_wheel: bool,
}

impl Monitor {
    pub(super) fn new(link: Arc<Link>, composite: Composite, nudged: PipeReader) -> Self {
        Self {
            link,
            composite,
            nudged,
            enabled: false,
            controller_was_gone: false,
            leds: None,
            fine_wheel: false,
        }
    }

    /// Watches until the end, and gives the gadget back.
    pub(super) fn run(mut self) -> Composite {
        while !self.link.ending.load(Ordering::Acquire) {
            self.set_ids();
            self.look();
            self.flush();
            self.tell();
            self.wait();
        }
        self.composite
    }

    /// Gives the gadget other ids, for which it is unplugged. Its devices are new ones then.
    fn set_ids(&mut self) {
        let link = self.link.clone();
        let Some((ids, set)) = lock(&link.wanted).take() else {
            return;
        };
        self.enabled = false;
        let result = self.composite.set_ids(&ids);
        self.forget(&link);
        // Whoever gave up waiting does not need to know.
        let _ = set.send(result);
    }

    fn look(&mut self) {
        let link = self.link.clone();
        let Some(keyboard) = link.endpoint(Interface::Keyboard) else {
            return;
        };
        if self.is_refused() {
            self.enabled = false;
        } else if self.enabled {
            self.receive(&link, keyboard);
        } else if keyboard.is_writable() {
            self.enabled = true;
            self.receive(&link, keyboard);
        }
        if !self.enabled {
            self.forget(&link);
        }
    }

    fn is_refused(&self) -> bool {
        let mut refused = lock(&self.link.refused);
        if refused.is_some_and(|at| at.elapsed() >= REFUSED) {
            *refused = None;
        }
        refused.is_some()
    }

    fn receive(&mut self, link: &Link, keyboard: &Endpoint) {
        loop {
            match keyboard.receive() {
                Received::Report(byte) => self.leds = Some(Leds::from_report(byte)),
                Received::Nothing => break,
                Received::Disabled => {
                    self.enabled = false;
                    return;
                }
            }
        }
        let Some(pointer) = link.endpoint(Interface::Pointer) else {
            return;
        };
        while let Received::Report(byte) = pointer.receive() {
            self.fine_wheel = byte & MULTIPLIERS != 0;
            pointer.answer(&[byte & MULTIPLIERS]);
        }
    }

    /// What a host has set goes with it, and its devices may be new ones when it comes back.
    fn forget(&mut self, link: &Link) {
        self.leds = None;
        self.fine_wheel = false;
        let controller_is_there = link.controller.exists();
        if controller_is_there && self.controller_was_gone {
            match self.composite.bind_again() {
                Ok(()) => self.controller_was_gone = false,
                Err(error) => warn!(%error, "the USB gadget cannot be bound again"),
            }
        }
        self.controller_was_gone |= !controller_is_there;
        for endpoint in &link.endpoints {
            while let Received::Report(_) = endpoint.receive() {}
            endpoint.reopen();
        }
    }

    fn flush(&self) {
        for endpoint in &self.link.endpoints {
            if self.enabled
                && endpoint.has_backlog()
                && let Err(error) = endpoint.flush()
            {
                warn!(%error, "reports that waited were not sent");
            }
        }
    }

    fn tell(&self) {
        let controller = &self.link.controller;
        let state = fs::read_to_string(controller.join("state")).ok();
        let usb = usb(
            state.as_deref().map(str::trim),
            is_suspended(controller),
            self.enabled,
        );
        let host = Host {
            usb,
            leds: self.leds,
            fine_wheel: self.fine_wheel,
        };
        self.link.host.send_if_modified(|known| {
            let changed = *known != host;
            *known = host;
            changed
        });
    }

    /// Waits for what the host sends, for room where reports wait, for a nudge, or for the next tick.
    fn wait(&mut self) {
        let to_read: Vec<Arc<File>> = [Interface::Keyboard, Interface::Pointer]
            .into_iter()
            .filter(|_| self.enabled)
            .filter_map(|interface| self.link.endpoint(interface))
            .map(Endpoint::file)
            .collect();
        let to_write: Vec<Arc<File>> = self
            .link
            .endpoints
            .iter()
            .filter(|endpoint| self.enabled && endpoint.has_backlog())
            .map(Endpoint::file)
            .collect();
        let mut waits = vec![Wait::to_read(&self.nudged)];
        waits.extend(to_read.iter().map(Wait::to_read));
        waits.extend(to_write.iter().map(Wait::to_write));
        let result = poll(&mut waits, TICK);
        let nudged = waits.first().is_some_and(Wait::is_ready);
        drop(waits);
        if let Err(error) = result {
            warn!(%error, "the USB host cannot be waited for");
            std::thread::sleep(TICK);
        }
        if nudged {
            let _ = self.nudged.read(&mut [0; 64]);
        }
    }
}

/// The state of the USB link. The controller's own word stays "configured" when the host goes or sleeps.
fn usb(state: Option<&str>, suspended: bool, enabled: bool) -> Usb {
    match state {
        None => Usb::DeviceGone,
        Some("suspended") if enabled => Usb::Suspended,
        Some("configured") if enabled && suspended => Usb::Suspended,
        Some("configured") if enabled => Usb::Configured,
        Some(_) => Usb::NotConnected,
    }
}

fn is_suspended(controller: &Path) -> bool {
    ["gadget", "device/gadget", "device/gadget.0"]
        .iter()
        .find_map(|gadget| fs::read_to_string(controller.join(gadget).join("suspended")).ok())
        .is_some_and(|suspended| suspended.trim() == "1")
}

#[cfg(test)]
mod tests {
    use shared::message::Usb;

    use super::usb;

    #[test]
    fn the_link_is_what_controller_and_interfaces_say_together() {
        let states = [
            (None, false, false, Usb::DeviceGone),
            (Some("not attached"), false, false, Usb::NotConnected),
            (Some("default"), false, true, Usb::NotConnected),
            (Some("configured"), false, true, Usb::Configured),
            (Some("configured"), true, true, Usb::Suspended),
            (Some("suspended"), false, true, Usb::Suspended),
            (Some("configured"), false, false, Usb::NotConnected),
            (Some("configured"), true, false, Usb::NotConnected),
        ];
        for (state, suspended, enabled, expected) in states {
            assert_eq!(
                usb(state, suspended, enabled),
                expected,
                "{state:?} {suspended} {enabled}"
            );
        }
    }
}
