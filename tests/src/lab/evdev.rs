//! What the guest's kernel makes of the relay's reports: its input devices, read from their event nodes.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    iter,
    path::{Path, PathBuf},
    sync::mpsc::{self, Sender},
    thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// `EV_SYN` and friends (linux/input-event-codes.h).
pub const EV_SYN: u16 = 0;
/// Keys and buttons.
pub const EV_KEY: u16 = 1;
/// Relative axes.
pub const EV_REL: u16 = 2;
/// Absolute axes.
pub const EV_ABS: u16 = 3;
/// Miscellaneous: scan codes.
pub const EV_MSC: u16 = 4;
/// Lights.
pub const EV_LED: u16 = 0x11;
/// The kernel's buffer ran over: the reader was too slow, and events are missing.
pub const SYN_DROPPED: u16 = 3;

/// The size of a `struct input_event` of a 64-bit kernel.
const EVENT_SIZE: usize = 24;
/// How often new devices are looked for.
const SCAN: Duration = Duration::from_millis(20);

/// What the watcher of all USB input devices tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seen {
    /// A device has come, and every event from now on is told.
    Opened {
        /// What it is.
        role: Role,
    },
    /// A device spoke.
    Event {
        /// What it is.
        role: Role,
        /// What it said.
        event: Event,
    },
    /// A device has gone.
    Closed {
        /// What it was.
        role: Role,
    },
}

/// What a device is, by what it can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Has lock lights.
    Keyboard,
    /// Has absolute axes.
    Pointer,
    /// Has relative axes.
    Mouse,
    /// Has keys alone: consumer or system control.
    Control,
}

/// A `struct input_event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When the kernel took it, in microseconds of Unix time.
    pub time_us: i64,
    /// One of the `EV_` constants.
    pub kind: u16,
    /// What key, axis or light.
    pub code: u16,
    /// 1 down, 0 up, 2 repeat; or a place, or a way.
    pub value: i32,
}

/// Tells all that the USB input devices do, as lines of JSON, until nobody listens.
///
/// # Errors
/// Where standard output or the list of devices fails.
pub fn watch() -> io::Result<()> {
    let (seen, told) = mpsc::channel();
    thread::spawn(move || scan(&seen));
    let mut out = io::stdout().lock();
    while let Ok(seen) = told.recv() {
        for seen in iter::once(seen).chain(told.try_iter()) {
            serde_json::to_writer(&mut out, &seen)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
    }
    Ok(())
}

/// Sets a light of the first keyboard, as the system that it belongs to does.
///
/// # Errors
/// Where there is no keyboard or it cannot be written to.
pub fn set_light(code: u16, on: bool) -> io::Result<()> {
    let keyboard = devices()?
        .into_iter()
        .find(|device| device.role == Role::Keyboard)
        .ok_or_else(|| io::Error::other("no USB keyboard"))?;
    let mut node = OpenOptions::new().write(true).open(keyboard.node)?;
    switch_light(&mut node, code, on)
}

fn switch_light(node: &mut File, code: u16, on: bool) -> io::Result<()> {
    for (kind, code, value) in [(EV_LED, code, i32::from(on)), (EV_SYN, 0, 0)] {
        let mut event = [0; EVENT_SIZE];
        event[16..18].copy_from_slice(&kind.to_ne_bytes());
        event[18..20].copy_from_slice(&code.to_ne_bytes());
        event[20..24].copy_from_slice(&value.to_ne_bytes());
        node.write_all(&event)?;
    }
    Ok(())
}

/// The lock keys (58 Caps Lock, 69 Num Lock, 70 Scroll Lock), each with its light.
const LOCKS: [(u16, u16); 3] = [(58, 1), (69, 0), (70, 2)];

/// Turns lights as a desktop does: when it has read that the key of a lock went down.
#[derive(Default)]
struct Lights([bool; LOCKS.len()]);

impl Lights {
    fn follow(&mut self, event: &Event, node: &mut File) -> io::Result<()> {
        for ((key, light), on) in LOCKS.into_iter().zip(&mut self.0) {
            if (event.kind, event.code, event.value) == (EV_KEY, key, 1) {
                *on = !*on;
                switch_light(node, light, *on)?;
            }
        }
        Ok(())
    }
}

fn scan(seen: &Sender<Seen>) {
    let mut known = BTreeSet::new();
    loop {
        for Device { path, node, role } in devices().unwrap_or_default() {
            if known.contains(&path) {
                continue;
            }
            if let Ok(file) = OpenOptions::new().read(true).write(true).open(&node) {
                known.insert(path);
                let seen = seen.clone();
                thread::spawn(move || read(file, role, &seen));
            }
        }
        thread::sleep(SCAN);
    }
}

fn read(mut file: File, role: Role, seen: &Sender<Seen>) {
    let mut told = seen.send(Seen::Opened { role });
    let mut events = [0; EVENT_SIZE * 64];
    let mut lights = Lights::default();
    while told.is_ok() {
        let Ok(size) = file.read(&mut events) else {
            break;
        };
        for event in events[..size].chunks_exact(EVENT_SIZE) {
            let event = parse(event);
            if role == Role::Keyboard && lights.follow(&event, &mut file).is_err() {
                break;
            }
            told = seen.send(Seen::Event { role, event });
        }
    }
    let _ = seen.send(Seen::Closed { role });
}

fn parse(bytes: &[u8]) -> Event {
    let mut fields = Fields(bytes);
    let seconds = i64::from_ne_bytes(fields.next());
    let micros = i64::from_ne_bytes(fields.next());
    Event {
        time_us: seconds * 1_000_000 + micros,
        kind: u16::from_ne_bytes(fields.next()),
        code: u16::from_ne_bytes(fields.next()),
        value: i32::from_ne_bytes(fields.next()),
    }
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn next<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_at(N);
        self.0 = rest;
        field.try_into().unwrap_or([0; N])
    }
}

struct Device {
    /// Its folder in sysfs, whose name no later device has.
    path: PathBuf,
    node: PathBuf,
    role: Role,
}

fn devices() -> io::Result<Vec<Device>> {
    let mut devices = Vec::new();
    for entry in fs::read_dir("/sys/class/input")? {
        let entry = entry?;
        let device = entry.path().join("device");
        if entry.file_name().to_string_lossy().starts_with("event") && is_usb(&device) {
            devices.push(Device {
                path: device.canonicalize()?,
                node: Path::new("/dev/input").join(entry.file_name()),
                role: role(&device),
            });
        }
    }
    Ok(devices)
}

fn is_usb(device: &Path) -> bool {
    fs::read_to_string(device.join("phys")).is_ok_and(|phys| phys.starts_with("usb-"))
}

fn role(device: &Path) -> Role {
    const X_AND_Y: u64 = 3;
    let lowest = |capability: &str| {
        fs::read_to_string(device.join("capabilities").join(capability))
            .ok()
            .and_then(|bits| u64::from_str_radix(bits.split_whitespace().last()?, 16).ok())
            .unwrap_or(0)
    };
    if lowest("led") != 0 {
        Role::Keyboard
    } else if lowest("abs") & X_AND_Y == X_AND_Y {
        Role::Pointer
    } else if lowest("rel") & X_AND_Y == X_AND_Y {
        Role::Mouse
    } else {
        Role::Control
    }
}
