//! The PC's USB host: it reads the descriptors of the relay's HID interfaces and decodes reports by what they say.

use std::collections::{BTreeSet, VecDeque};

use serde::Serialize;

use crate::input::{Interface, descriptor::report_descriptor};

use self::descriptor::Descriptor;

pub mod descriptor;

/// How many reports the record keeps; older ones go.
pub const RECORD_MAX: usize = 100_000;

/// What a report changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key of the keyboard page.
    Key {
        /// Which one.
        usage: u8,
        /// Down, or up.
        down: bool,
    },
    /// The consumer control that is down now, 0 for none.
    Consumer(u16),
    /// The system control that is down now, 0 for none.
    System(u8),
    /// The pointer stands here, 0..=`max` on both axes.
    PointerTo {
        /// From the left.
        x: u32,
        /// From the top.
        y: u32,
        /// The far edge.
        max: u32,
    },
    /// The pointer moves by counts.
    PointerBy {
        /// To the right.
        dx: i32,
        /// Downwards.
        dy: i32,
    },
    /// The buttons that are down on any pointing device.
    Buttons(u8),
    /// The wheels turn, in 1/120 of a detent.
    Wheel {
        /// Away from the user is positive.
        vertical: i32,
        /// To the right is positive.
        horizontal: i32,
    },
}

/// A report as the host got it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Counts from 1.
    pub n: u64,
    /// When it arrived, in microseconds of Unix time.
    pub t_us: u64,
    /// `keyboard`, `pointer`, `mouse`, `consumer` or `system`.
    pub interface: &'static str,
    /// Its bytes, report ID included, in hexadecimal digits.
    pub hex: String,
}

struct Arrived {
    t_us: u64,
    interface: &'static str,
    bytes: [u8; 16],
    length: u8,
}

/// The host's state of all HID interfaces.
pub struct UsbHost {
    descriptors: [(Interface, Descriptor); 4],
    keys: BTreeSet<u8>,
    consumer: u16,
    system: u8,
    buttons: [u8; 2],
    record: VecDeque<Arrived>,
    count: u64,
}

const USAGE_ROLL_OVER: u32 = 0x0007_0001;
const PAGE_KEYBOARD: u32 = 0x07;
const PAGE_BUTTON: u32 = 0x09;
const PAGE_CONSUMER: u32 = 0x0C;
const USAGE_X: u32 = 0x0001_0030;
const USAGE_Y: u32 = 0x0001_0031;
const USAGE_WHEEL: u32 = 0x0001_0038;
const USAGE_PAN: u32 = 0x000C_0238;

impl Default for UsbHost {
    fn default() -> Self {
        Self {
            descriptors: Interface::ALL
                .map(|interface| (interface, Descriptor::parse(report_descriptor(interface)))),
            keys: BTreeSet::new(),
            consumer: 0,
            system: 0,
            buttons: [0; 2],
            record: VecDeque::new(),
            count: 0,
        }
    }
}

impl UsbHost {
    /// The keyboard usages that are down, in order.
    pub fn keys_down(&self) -> impl Iterator<Item = u8> {
        self.keys.iter().copied()
    }

    /// The consumer control that is down, or 0.
    #[must_use]
    pub fn consumer(&self) -> u16 {
        self.consumer
    }

    /// The system control that is down, or 0.
    #[must_use]
    pub fn system(&self) -> u8 {
        self.system
    }

    /// How many reports have arrived since the start.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The recorded reports after number `since`, in order.
    pub fn record(&self, since: u64) -> impl Iterator<Item = Record> {
        let first = self.count - self.record.len() as u64;
        let skip = usize::try_from(since.saturating_sub(first)).unwrap_or(usize::MAX);
        let numbers = (first + 1).max(since.saturating_add(1))..;
        self.record
            .iter()
            .skip(skip)
            .zip(numbers)
            .map(|(arrived, n)| Record {
                n,
                t_us: arrived.t_us,
                interface: arrived.interface,
                hex: hex(&arrived.bytes[..usize::from(arrived.length)]),
            })
    }

    /// A report arrives. It is recorded, and what it changed is told in order.
    pub fn report(&mut self, t_us: u64, interface: Interface, bytes: &[u8]) -> Vec<Event> {
        self.remember(t_us, interface, bytes);
        match interface {
            Interface::Keyboard => self.keyboard(bytes),
            Interface::Pointer => self.pointing(interface, 0, bytes),
            Interface::Mouse => self.pointing(interface, 1, bytes),
            Interface::Control => self.control(bytes),
        }
    }

    /// The link is down or sleeps: whatever was held counts as released.
    pub fn release_all(&mut self) -> Vec<Event> {
        let mut events: Vec<_> = std::mem::take(&mut self.keys)
            .into_iter()
            .map(|usage| Event::Key { usage, down: false })
            .collect();
        if std::mem::take(&mut self.buttons) != [0; 2] {
            events.push(Event::Buttons(0));
        }
        self.consumer = 0;
        self.system = 0;
        events
    }

    /// Whether a report presses something, so that a sleeping host is woken by it.
    #[must_use]
    pub fn presses(&self, interface: Interface, bytes: &[u8]) -> bool {
        self.descriptor(interface)
            .decode(bytes)
            .iter()
            .any(|control| {
                let momentary = matches!(control.usage >> 16, PAGE_KEYBOARD | PAGE_BUTTON)
                    || interface == Interface::Control;
                momentary && control.value != 0 && control.usage & 0xFFFF != 0
            })
    }

    fn remember(&mut self, t_us: u64, interface: Interface, report: &[u8]) {
        if self.record.len() == RECORD_MAX {
            self.record.pop_front();
        }
        let length = report.len().min(16);
        let mut bytes = [0; 16];
        bytes[..length].copy_from_slice(&report[..length]);
        self.record.push_back(Arrived {
            t_us,
            interface: self.function(interface, report),
            bytes,
            length: u8::try_from(length).unwrap_or(16),
        });
        self.count += 1;
    }

    fn function(&self, interface: Interface, report: &[u8]) -> &'static str {
        match interface {
            Interface::Keyboard => "keyboard",
            Interface::Pointer => "pointer",
            Interface::Mouse => "mouse",
            Interface::Control => {
                if self.descriptor(interface).is_of_page(report, PAGE_CONSUMER) {
                    "consumer"
                } else {
                    "system"
                }
            }
        }
    }

    fn descriptor(&self, interface: Interface) -> &Descriptor {
        let (_, descriptor) = &self.descriptors[interface as usize];
        descriptor
    }

    fn keyboard(&mut self, bytes: &[u8]) -> Vec<Event> {
        let descriptor = self.descriptor(Interface::Keyboard);
        if !descriptor.is_complete(bytes) {
            return Vec::new();
        }
        let controls = descriptor.decode(bytes);
        let mut down: Vec<u8> = controls
            .iter()
            .filter(|control| control.value != 0 && control.usage >> 16 == PAGE_KEYBOARD)
            .filter_map(|control| u8::try_from(control.usage & 0xFFFF).ok())
            .filter(|usage| *usage > 3)
            .collect();
        if controls
            .iter()
            .any(|control| control.usage == USAGE_ROLL_OVER)
        {
            down.retain(|usage| *usage >= 0xE0);
            down.extend(self.keys.iter().filter(|usage| **usage < 0xE0));
        }
        let before = std::mem::replace(&mut self.keys, down.iter().copied().collect());
        let up = before.difference(&self.keys).map(|usage| (*usage, false));
        let fresh = down
            .iter()
            .filter(|usage| !before.contains(usage))
            .map(|usage| (*usage, true));
        up.chain(fresh)
            .map(|(usage, down)| Event::Key { usage, down })
            .collect()
    }

    fn pointing(&mut self, interface: Interface, device: usize, bytes: &[u8]) -> Vec<Event> {
        let descriptor = self.descriptor(interface);
        if !descriptor.is_complete(bytes) {
            return Vec::new();
        }
        let controls = descriptor.decode(bytes);
        let unit = if descriptor.has_multiplier { 1 } else { 120 };
        let value = |usage| controls.iter().find(|control| control.usage == usage);
        let amount = |usage| value(usage).map_or(0, |control| control.value);
        let mut buttons = 0;
        for control in controls
            .iter()
            .filter(|control| control.usage >> 16 == PAGE_BUTTON)
        {
            let number = control.usage & 0xFFFF;
            if control.value != 0 && (1..=8).contains(&number) {
                buttons |= 1 << (number - 1);
            }
        }
        let mut events = Vec::new();
        match (value(USAGE_X), value(USAGE_Y)) {
            (Some(x), Some(y)) if x.relative && (x.value, y.value) != (0, 0) => {
                let (dx, dy) = (x.value, y.value);
                events.push(Event::PointerBy { dx, dy });
            }
            (Some(x), Some(y)) if !x.relative => {
                let within = |control: &descriptor::Control| {
                    u32::try_from(control.value.clamp(0, control.max)).unwrap_or(0)
                };
                let (x_at, y_at) = (within(x), within(y));
                let max = u32::try_from(x.max).unwrap_or(1).max(1);
                events.push(Event::PointerTo {
                    x: x_at,
                    y: y_at,
                    max,
                });
            }
            _ => {}
        }
        let (vertical, horizontal) = (amount(USAGE_WHEEL) * unit, amount(USAGE_PAN) * unit);
        let all_before = self.buttons[0] | self.buttons[1];
        self.buttons[device] = buttons;
        let all = self.buttons[0] | self.buttons[1];
        if all != all_before {
            events.push(Event::Buttons(all));
        }
        if (vertical, horizontal) != (0, 0) {
            events.push(Event::Wheel {
                vertical,
                horizontal,
            });
        }
        events
    }

    fn control(&mut self, bytes: &[u8]) -> Vec<Event> {
        let descriptor = self.descriptor(Interface::Control);
        if !descriptor.is_complete(bytes) {
            return Vec::new();
        }
        let controls = descriptor.decode(bytes);
        let down = controls
            .iter()
            .find(|control| control.value != 0)
            .map_or(0, |control| control.usage & 0xFFFF);
        if descriptor.is_of_page(bytes, PAGE_CONSUMER) {
            self.consumer = u16::try_from(down).unwrap_or(0);
            vec![Event::Consumer(self.consumer)]
        } else {
            self.system = u8::try_from(down).unwrap_or(0);
            vec![Event::System(self.system)]
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
