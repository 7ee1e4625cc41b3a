//! From the firmware to the prompt.

use std::time::Duration;

use super::{Machine, Nameplate, Phase};
use crate::target::sim::{
    console::Console,
    editor::Editor,
    firmware::{BootDevice, DeviceKind},
    text::{Ink, Line, line, plain},
};

impl Machine {
    pub(super) fn boot(&mut self, now: Duration, device: BootDevice) {
        self.console = Console::at(self.name.host);
        let device = if device.bootable {
            device
        } else {
            let text = format!("{} has nothing to start from.", device.title());
            let line = line(&[(Ink::Bad, &text)]);
            self.say_on_serial(std::slice::from_ref(&line));
            self.console.print(line);
            BootDevice::own_disk()
        };
        self.phase = Phase::Booting {
            since: now,
            device,
            printed: 0,
        };
    }

    pub(super) fn boot_step(&mut self, now: Duration) {
        let Phase::Booting {
            device, printed, ..
        } = &mut self.phase
        else {
            return;
        };
        let step = *printed;
        *printed += 1;
        let lines = boot_lines(step, device, self.name);
        self.say_on_serial(&lines);
        for line in lines {
            self.console.print(line);
        }
        if step + 1 == BOOT_TIMES.len() {
            self.phase = Phase::Running;
            self.console.editor = Some(Editor::default());
            self.uart.prompt();
            self.active = now;
        }
    }
}

/// When the steps of a boot are taken, in milliseconds after its start.
const BOOT_TIMES: [u64; 8] = [0, 120, 260, 430, 640, 900, 1150, 1400];

pub(super) fn boot_time(step: usize) -> Duration {
    Duration::from_millis(BOOT_TIMES.get(step).copied().unwrap_or(1400))
}

fn boot_lines(step: usize, device: &BootDevice, name: Nameplate) -> Vec<Line> {
    let stamped = |text: &str| {
        let seconds = BOOT_TIMES[step] / 1000;
        let stamp = format!("[{seconds:>4}.{:03}] ", BOOT_TIMES[step] % 1000);
        vec![line(&[(Ink::Muted, &stamp), (Ink::Plain, text)])]
    };
    let done = |text: &str| {
        vec![line(&[
            (Ink::Muted, "[   "),
            (Ink::Good, "ok"),
            (Ink::Muted, "   ] "),
            (Ink::Plain, text),
        ])]
    };
    match step {
        0 => vec![
            line(&[
                (
                    Ink::Plain,
                    if device.kind == DeviceKind::Disk {
                        "Booting from "
                    } else {
                        "Starting from "
                    },
                ),
                (Ink::Accent, &device.title()),
            ]),
            Line::new(),
        ],
        1 => stamped("memory: 4096 MiB"),
        2 => stamped("video: one output, text console"),
        3 => stamped("usb: keyboard, pointer, mouse, media keys"),
        4 => stamped("disk: Armchair disk, 8 GB"),
        5 => done("Mounted the disk"),
        6 => done("Started the console"),
        _ => vec![
            Line::new(),
            line(&[
                (Ink::Accent, name.title),
                (Ink::Plain, ", simulated. "),
                (Ink::Name, "help"),
                (Ink::Plain, " lists what it can do."),
            ]),
            plain(""),
        ],
    }
}
