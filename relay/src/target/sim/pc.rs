//! The simulated PC as a whole: the machine, its USB host, the cables with their faults, the test pictures.

use std::time::Duration;

use serde::Serialize;
use shared::message::{Leds, Signal, Usb};

use crate::input::{Host, Interface};

use super::{
    drive::{Drive, DriveState},
    edid,
    fault::{Faults, UsbFault},
    geometry::Size,
    machine::{Machine, Nameplate, Power, View},
    panel::{Front, PanelState},
    pattern::{Kind, Pattern},
    plug::Ids,
    serial::SerialState,
    usb::UsbHost,
};

/// Everything that the control interface can look at and meddle with.
pub struct Pc {
    /// The machine.
    pub machine: Machine,
    /// Its USB host.
    pub usb: UsbHost,
    /// Its front panel.
    pub front: Front,
    /// What is wrong.
    pub faults: Faults,
    /// The picture.
    pub pattern: Pattern,
    /// The drives at its USB port.
    pub drives: Vec<Drive>,
    /// Whether the host sends lock lights back.
    pub led_echo: bool,
    edid: Vec<u8>,
    /// What the relay's device says that it is, once it was told to.
    pub ids: Option<Ids>,
    /// Since when the relay's cables lead to it; `None` while they lead elsewhere.
    joined: Option<Duration>,
    advanced: Duration,
    endpoint_free: Duration,
    echoed: Option<Leds>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The host has it.
    Taken,
    /// There is no host.
    Gone,
    /// The endpoint is busy until then, or until something changes.
    Busy(Option<Duration>),
}

/// What is on the video output, all that painting needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The screen's size.
    pub size: Size,
    /// The machine's own picture, `None` where a test picture covers it.
    pub view: Option<View>,
    /// The test picture.
    pub pattern: Pattern,
    /// The pointer's hot spot.
    pub pointer: Option<(u16, u16)>,
    /// Frames a second, where frames are drawn by the clock.
    pub frame_rate: Option<u32>,
}

/// The answer of `/sim/state`.
#[derive(Clone, Debug, Serialize)]
pub struct State {
    /// `on`, `off` or `sleep`.
    pub power: &'static str,
    /// `1280x720`.
    pub size: String,
    /// The USB link.
    pub usb: UsbState,
    /// Keyboard usages that are down, in order.
    pub keys_down: Vec<u8>,
    /// The consumer control that is down, or 0.
    pub consumer: u16,
    /// The system control that is down, or 0.
    pub system: u8,
    /// The lock lights as the machine has them.
    pub leds: Leds,
    /// The pointer.
    pub pointer: PointerState,
    /// The lines of the screen.
    pub text: Vec<String>,
    /// All that was typed at the prompt.
    pub typed: String,
    /// How many reports have arrived.
    pub reports: u64,
    /// Its drives, in order.
    pub drives: Vec<DriveState>,
    /// Its front panel.
    pub panel: PanelState,
    /// Its serial port.
    pub serial: SerialState,
}

/// The USB link in [`State`].
#[derive(Clone, Debug, Serialize)]
pub struct UsbState {
    /// `configured`, `suspended` or `not_connected`.
    pub state: &'static str,
    /// What the relay's device says that it is; `None` while it was told nothing.
    pub ids: Option<Ids>,
}

/// The pointer in [`State`].
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PointerState {
    /// In pixels from the left.
    pub x: u16,
    /// In pixels from the top.
    pub y: u16,
    /// Buttons as HID's bits.
    pub buttons: u8,
}

impl Pc {
    /// A PC that has just been switched on, at the relay's cables. `unix_us` is the Unix time of the moment zero.
    #[must_use]
    pub fn new(size: Size, unix_us: u64) -> Self {
        Self::named(Nameplate::ALONE, size, unix_us)
    }

    /// As [`Pc::new`], with a name of its own.
    #[must_use]
    pub fn named(name: Nameplate, size: Size, unix_us: u64) -> Self {
        Self {
            machine: Machine::new(Duration::ZERO, size, unix_us, name),
            usb: UsbHost::default(),
            front: Front::default(),
            faults: Faults::default(),
            pattern: Pattern::default(),
            drives: Vec::new(),
            led_echo: true,
            edid: edid::default(),
            ids: None,
            joined: Some(Duration::ZERO),
            advanced: Duration::ZERO,
            endpoint_free: Duration::ZERO,
            echoed: None,
        }
    }

    /// Lets everything happen that is due up to `now`, in the order of time.
    pub fn advance(&mut self, now: Duration) {
        while let Some(next) = self.next_event().filter(|next| *next <= now) {
            self.machine.advance(next);
            self.faults.advance(next);
            self.front.advance(next, &mut self.machine);
            self.advanced = self.advanced.max(next);
            self.settle();
        }
        self.advanced = self.advanced.max(now);
        self.settle();
    }

    /// When something happens by itself next.
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        let machine = self.machine.next_event(self.advanced);
        let joined = self.joined.filter(|from| *from > self.advanced);
        let (faults, front) = (self.faults.next_event(), self.front.next_event());
        [machine, faults, front, joined].into_iter().flatten().min()
    }

    /// What a capture device sees.
    #[must_use]
    pub fn signal(&self) -> Signal {
        if !self.is_reached() {
            return Signal::NoSignal;
        }
        match (self.faults.signal(), self.machine.power()) {
            (Some(fault), _) => fault,
            (None, Power::Off) => Signal::TargetOff,
            (None, Power::Sleep) => Signal::NoSignal,
            (None, Power::On) => {
                let Size { width, height } = self.machine.size();
                Signal::Picture {
                    width,
                    height,
                    centihertz: 6000,
                }
            }
        }
    }

    /// What the host tells the relay.
    #[must_use]
    pub fn host(&self) -> Host {
        let usb = self.link();
        let connected = usb != Usb::NotConnected;
        Host {
            usb,
            leds: self.echoed.filter(|_| connected),
            fine_wheel: connected,
        }
    }

    /// The picture; `None` while the machine is off or asleep.
    #[must_use]
    pub fn scene(&self) -> Option<Scene> {
        let view = self.machine.view(self.advanced)?;
        Some(Scene {
            size: self.machine.size(),
            view: (self.pattern.kind == Kind::Console).then_some(view),
            pattern: self.pattern,
            pointer: self.machine.shown_pointer(),
            frame_rate: self.pattern.frame_rate(self.machine.moves()),
        })
    }

    /// The relay offers a report at `now`, Unix time `unix_us`.
    pub fn offer(
        &mut self,
        now: Duration,
        unix_us: u64,
        interface: Interface,
        bytes: &[u8],
    ) -> Endpoint {
        match self.link() {
            Usb::NotConnected | Usb::DeviceGone => return Endpoint::Gone,
            Usb::Suspended if !self.usb.presses(interface, bytes) => return Endpoint::Gone,
            Usb::Suspended | Usb::Configured => {}
        }
        if self.faults.usb() == Some(UsbFault::Busy) {
            return Endpoint::Busy(self.faults.next_event());
        }
        if now < self.endpoint_free {
            return Endpoint::Busy(Some(self.endpoint_free));
        }
        self.endpoint_free = now + self.faults.report_time();
        self.take(now, unix_us, interface, bytes);
        Endpoint::Taken
    }

    /// The gadget asks for a wakeup: a link that sleeps resumes, and the machine with it.
    pub fn rouse(&mut self, now: Duration) {
        if self.link() == Usb::Suspended {
            self.faults.wake();
            self.machine.wake(now);
            self.settle();
        }
    }

    /// The EDID that the machine has read.
    #[must_use]
    pub fn edid(&self) -> &[u8] {
        &self.edid
    }

    /// Another monitor is plugged in; the machine goes to the size that it prefers.
    pub fn set_edid(&mut self, edid: &[u8]) {
        edid.clone_into(&mut self.edid);
        if let Some(size) = edid::preferred_size(edid) {
            self.machine.resize(size);
        }
    }

    /// What `/sim/state` answers.
    #[must_use]
    pub fn state(&self) -> State {
        let pointer = self.machine.pointer();
        State {
            power: match self.machine.power() {
                Power::On => "on",
                Power::Off => "off",
                Power::Sleep => "sleep",
            },
            size: self.machine.size().to_string(),
            usb: UsbState {
                state: match self.link() {
                    Usb::Configured => "configured",
                    Usb::Suspended => "suspended",
                    Usb::NotConnected | Usb::DeviceGone => "not_connected",
                },
                ids: self.ids.clone(),
            },
            keys_down: self.usb.keys_down().collect(),
            consumer: self.usb.consumer(),
            system: self.usb.system(),
            leds: self.machine.leds(),
            pointer: PointerState {
                x: pointer.x,
                y: pointer.y,
                buttons: pointer.buttons,
            },
            text: self.machine.text(self.advanced),
            typed: self.machine.typed().to_owned(),
            reports: self.usb.count(),
            drives: self.drives.iter().map(Drive::state).collect(),
            panel: self.front.state(self.advanced, &self.machine),
            serial: self.machine.uart.state(),
        }
    }

    fn link(&self) -> Usb {
        if !self.is_reached() {
            return Usb::NotConnected;
        }
        match (self.faults.usb(), self.machine.usb(self.advanced)) {
            (Some(UsbFault::Gone), _) | (_, Usb::NotConnected) => Usb::NotConnected,
            (Some(UsbFault::Suspended), _) => Usb::Suspended,
            (_, machine) => machine,
        }
    }

    /// A key that wakes the machine does nothing else.
    fn take(&mut self, now: Duration, unix_us: u64, interface: Interface, bytes: &[u8]) {
        let asleep = self.machine.power() == Power::Sleep;
        let events = self.usb.report(unix_us, interface, bytes);
        self.faults.wake();
        self.machine.wake(now);
        if !asleep {
            for event in events {
                self.machine.event(now, event);
            }
        }
        self.settle();
    }

    fn settle_drives(&mut self, on: bool) {
        let mut changed = false;
        for drive in &mut self.drives {
            changed |= drive.settle(on);
        }
        if changed {
            let mounted = self.drives.iter().filter_map(Drive::mounted);
            self.machine.set_drives(mounted.cloned().collect());
        }
        for wanted in self.machine.take_wanted() {
            let mut drives = self.drives.iter();
            if let Some(drive) = drives.find(|drive| drive.name() == wanted.slot) {
                drive.show(wanted);
            }
        }
    }

    /// Brings in line what follows from the rest: a host without a link holds no key, and its lock lights go back.
    pub fn settle(&mut self) {
        let link = self.link();
        if link != Usb::Configured {
            for event in self.usb.release_all() {
                self.machine.event(self.advanced, event);
            }
        }
        match link {
            Usb::NotConnected => self.echoed = None,
            Usb::Configured if self.led_echo => self.echoed = Some(self.machine.leds()),
            _ => {}
        }
        self.settle_drives(matches!(link, Usb::Configured | Usb::Suspended));
    }
}

mod cables;

#[cfg(test)]
mod tests;

pub use cables::Cables;
