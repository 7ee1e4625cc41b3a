//! The PC's firmware: its start screen and the boot menu.

use std::time::Duration;

use shared::media::DriveKind;

use super::{
    disk,
    drive::Mounted,
    keyboard::{Press, key},
};

/// The memory that it counts, in MiB.
const MEMORY_MIB: u64 = 4096;
const COUNT_FROM: Duration = Duration::from_millis(300);
const COUNT_STEP: Duration = Duration::from_millis(60);
const COUNT_STEPS: u64 = 25;
const ENUMERATED: Duration = Duration::from_millis(400);
const DISK_FOUND: Duration = Duration::from_millis(2200);
const BOOT: Duration = Duration::from_millis(3600);

/// What can be booted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// The PC's own disk.
    Disk,
    /// A CD or DVD that the relay inserted.
    Cd,
    /// A USB disk that the relay inserted.
    Usb,
}

/// A device that can be booted from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootDevice {
    /// What it is.
    pub kind: DeviceKind,
    /// Its name, for people.
    pub label: String,
    /// Whether it has something to start from.
    pub bootable: bool,
}

impl BootDevice {
    /// The PC's own disk.
    #[must_use]
    pub fn own_disk() -> Self {
        Self {
            kind: DeviceKind::Disk,
            label: disk::LABEL.to_owned(),
            bootable: true,
        }
    }

    /// A drive with something in it.
    #[must_use]
    pub fn drive(mounted: &Mounted) -> Self {
        Self {
            kind: match mounted.kind {
                DriveKind::Cd => DeviceKind::Cd,
                DriveKind::Disk => DeviceKind::Usb,
            },
            label: mounted
                .label
                .clone()
                .unwrap_or_else(|| "no label".to_owned()),
            bootable: mounted.bootable,
        }
    }

    /// Kind and name.
    #[must_use]
    pub fn title(&self) -> String {
        let kind = match self.kind {
            DeviceKind::Disk => "Own disk",
            DeviceKind::Cd => "CD/DVD",
            DeviceKind::Usb => "USB disk",
        };
        format!("{kind}: {}", self.label)
    }
}

/// The firmware at work.
#[derive(Clone, Debug)]
pub struct Firmware {
    since: Duration,
    devices: Vec<BootDevice>,
    selected: Option<usize>,
}

/// What the operator chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Boot this.
    Boot(BootDevice),
    /// Start anew.
    Restart,
}

/// What the firmware shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The title of the screen: what the PC is called.
    pub title: &'static str,
    /// What has been found so far: a label and its value.
    pub found: Vec<(&'static str, String)>,
    /// How much of the start is over, in percent.
    pub progress: u8,
    /// The boot menu, where it is open: its entries and which is selected.
    pub menu: Option<(Vec<String>, usize)>,
}

impl View {
    /// What stands below the title.
    pub const VERSION: &'static str = "Firmware 1.0";
    /// The menu's title.
    pub const MENU: &'static str = "Boot menu";
    /// The keys that the menu takes.
    pub const MENU_KEYS: [(&'static str, &'static str); 3] = [
        ("Up/Down", "Choose"),
        ("Enter", "Boot"),
        ("Esc", "Continue"),
    ];
    /// The line that names the menu's key: what stands before the key, the key, and what follows it.
    pub const HINT: [&'static str; 3] = ["Press", "F12", "for the boot menu"];

    /// The screen as lines of text.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.title.to_owned(), Self::VERSION.to_owned()];
        match &self.menu {
            Some((entries, selected)) => {
                lines.push(Self::MENU.to_owned());
                let marked =
                    |(at, entry)| format!("{} {entry}", if at == *selected { '>' } else { ' ' });
                lines.extend(entries.iter().enumerate().map(marked));
                lines.push(keys_line(&Self::MENU_KEYS));
            }
            None => {
                lines.extend(
                    self.found
                        .iter()
                        .map(|(label, value)| format!("{label}: {value}")),
                );
                lines.push(Self::HINT.join(" "));
            }
        }
        lines
    }
}

fn keys_line(keys: &[(&str, &str)]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|(key, does)| format!("[{key}] {does}"))
        .collect();
    keys.join("  ")
}

impl Firmware {
    /// Starts up. `devices` are in boot order, at least one.
    #[must_use]
    pub fn new(now: Duration, devices: Vec<BootDevice>) -> Self {
        Self {
            since: now,
            devices,
            selected: None,
        }
    }

    /// What can be booted from is now this, in boot order.
    pub fn find(&mut self, devices: Vec<BootDevice>) {
        let last = devices.len();
        self.devices = devices;
        self.selected = self.selected.map(|selected| selected.min(last));
    }

    /// Whether the USB devices have been found.
    #[must_use]
    pub fn has_usb(&self, now: Duration) -> bool {
        now >= self.since + ENUMERATED
    }

    /// When it shows or does something new by itself.
    #[must_use]
    pub fn next_event(&self, now: Duration) -> Option<Duration> {
        let counting = (0..=COUNT_STEPS)
            .map(|step| COUNT_FROM + COUNT_STEP * u32::try_from(step).unwrap_or(0));
        let marks = counting.chain([ENUMERATED, DISK_FOUND, BOOT]);
        let upcoming = marks.map(|mark| self.since + mark).filter(|at| *at > now);
        if self.selected.is_some() && now >= self.since + DISK_FOUND {
            None
        } else {
            upcoming.min()
        }
    }

    /// The device to boot, once the time for it has come and no menu is open.
    #[must_use]
    pub fn due(&self, now: Duration) -> Option<BootDevice> {
        let due = self.selected.is_none() && now >= self.since + BOOT;
        self.first_bootable().filter(|_| due)
    }

    fn first_bootable(&self) -> Option<BootDevice> {
        let mut devices = self.devices.iter();
        devices.find(|device| device.bootable).cloned()
    }

    /// A key is pressed.
    pub fn press(&mut self, press: &Press) -> Option<Choice> {
        let last = self.devices.len();
        match (press.usage, self.selected) {
            (key::F12 | key::ESCAPE, None) => self.selected = Some(0),
            (key::ESCAPE, Some(_)) => return self.first_bootable().map(Choice::Boot),
            (key::UP, Some(at)) => self.selected = Some(at.checked_sub(1).unwrap_or(last)),
            (key::DOWN, Some(at)) => self.selected = Some(if at == last { 0 } else { at + 1 }),
            (key::HOME, Some(_)) => self.selected = Some(0),
            (key::END, Some(_)) => self.selected = Some(last),
            (key::ENTER, Some(at)) => {
                return Some(
                    self.devices
                        .get(at)
                        .cloned()
                        .map_or(Choice::Restart, Choice::Boot),
                );
            }
            _ => {}
        }
        None
    }

    /// What it shows under this title.
    #[must_use]
    pub fn view(&self, now: Duration, title: &'static str) -> View {
        let elapsed = now.saturating_sub(self.since);
        let steps = elapsed.saturating_sub(COUNT_FROM).as_millis() / COUNT_STEP.as_millis();
        let counted =
            MEMORY_MIB * u64::try_from(steps).unwrap_or(COUNT_STEPS).min(COUNT_STEPS) / COUNT_STEPS;
        let usb = if elapsed < ENUMERATED {
            ""
        } else {
            "Keyboard, pointer, mouse, media keys"
        };
        let disk = if elapsed < DISK_FOUND {
            String::new()
        } else {
            self.devices
                .iter()
                .map(|device| device.label.as_str())
                .collect::<Vec<_>>()
                .join(" · ")
        };
        let entries = || {
            let devices = self.devices.iter().map(BootDevice::title);
            devices.chain(["Restart".to_owned()]).collect()
        };
        View {
            title,
            found: vec![
                ("Processor", "Simulated, 1000 MHz".to_owned()),
                ("Memory", format!("{counted} MiB")),
                ("USB", usb.to_owned()),
                ("Drives", disk),
            ],
            progress: u8::try_from((counted * 100 / MEMORY_MIB).min(100)).unwrap_or(100),
            menu: self.selected.map(|selected| (entries(), selected)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(usage: u8) -> Press {
        Press {
            usage,
            ctrl: false,
            shift: false,
            alt: false,
            text: String::new(),
        }
    }

    fn firmware() -> Firmware {
        let disk = BootDevice {
            kind: DeviceKind::Disk,
            label: "disk".into(),
            bootable: true,
        };
        let stick = BootDevice {
            kind: DeviceKind::Usb,
            label: "stick".into(),
            bootable: true,
        };
        Firmware::new(Duration::ZERO, vec![disk, stick])
    }

    #[test]
    fn it_boots_the_first_device_unless_the_menu_is_open() {
        let mut firmware = firmware();
        assert_eq!(firmware.due(Duration::from_millis(3000)), None);
        assert_eq!(firmware.due(Duration::from_secs(4)).unwrap().label, "disk");
        assert_eq!(firmware.press(&hit(key::F12)), None);
        assert_eq!(firmware.due(Duration::from_secs(400)), None);
        assert_eq!(firmware.next_event(Duration::from_secs(4)), None);
    }

    #[test]
    fn the_menu_is_walked_by_arrows_and_wraps() {
        let mut firmware = firmware();
        assert_eq!(firmware.press(&hit(key::ENTER)), None);
        firmware.press(&hit(key::ESCAPE));
        let (entries, selected) = firmware.view(Duration::ZERO, "Oak").menu.unwrap();
        assert_eq!(entries, ["Own disk: disk", "USB disk: stick", "Restart"]);
        assert_eq!(selected, 0);
        firmware.press(&hit(key::UP));
        assert_eq!(firmware.press(&hit(key::ENTER)), Some(Choice::Restart));
        firmware.press(&hit(key::UP));
        let choice = firmware.press(&hit(key::ENTER));
        assert!(matches!(choice, Some(Choice::Boot(device)) if device.label == "stick"));
    }

    #[test]
    fn memory_is_counted_to_its_end() {
        let firmware = firmware();
        let memory = |ms| {
            firmware.view(Duration::from_millis(ms), "Oak").found[1]
                .1
                .clone()
        };
        assert_eq!(memory(0), "0 MiB");
        assert_ne!(memory(900), memory(1000));
        assert_eq!(memory(3000), "4096 MiB");
    }
}
