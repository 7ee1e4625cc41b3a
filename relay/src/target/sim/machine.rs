//! The PC itself: power, firmware, console. It knows no clock and no thread; time and USB events are given to it.

use std::time::Duration;

use shared::message::{Leds, Usb};

use super::{
    console::Console,
    drive::Mounted,
    editor::Outcome,
    firmware::{BootDevice, Choice, Firmware},
    geometry::{Metrics, Size},
    keyboard::{Keyboard, Press, key},
    layout::Layout,
    serial::Uart,
    shell::{self, Context, Effect, Wanted},
    text::{Ink, Line, line},
};

mod boot;
mod hands;
mod serial;
mod view;

use boot::boot_time;
pub use view::{ConsoleView, Mark, Pointer, View};

/// The most text that `typed` keeps; older text goes.
const TYPED_MAX: usize = 1 << 20;
const BLINK: Duration = Duration::from_millis(500);
const BLINK_FOR: Duration = Duration::from_secs(10);
const MARK_FOR: Duration = Duration::from_millis(700);
const NOTICE_FOR: Duration = Duration::from_secs(2);
const HALT_TIME: Duration = Duration::from_millis(800);
const SLEEP_TIME: Duration = Duration::from_millis(500);
/// How much of a wheel's turn is a row, in 1/120 of a detent.
const WHEEL_ROW: i32 = 40;

/// Whether the machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It runs.
    On,
    /// It is off.
    Off,
    /// It sleeps.
    Sleep,
}

enum Phase {
    Off,
    Firmware(Firmware),
    Booting {
        since: Duration,
        device: BootDevice,
        printed: usize,
    },
    Running,
    Leaving {
        until: Duration,
        to_sleep: bool,
    },
    Asleep,
}

/// What a machine is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nameplate {
    /// On its firmware's screen.
    pub title: &'static str,
    /// At its prompt.
    pub host: &'static str,
}

impl Nameplate {
    /// Of a machine that stands alone.
    pub const ALONE: Self = Self {
        title: "Armchair PC",
        host: "pc",
    };
}

/// The machine.
pub struct Machine {
    name: Nameplate,
    phase: Phase,
    size: Size,
    unix_us: u64,
    started: Duration,
    drives: Vec<Mounted>,
    /// Files of drives that are to be shown.
    wanted: Vec<Wanted>,
    /// Its serial port.
    pub uart: Uart,
    keyboard: Keyboard,
    console: Console,
    typed: String,
    pointer: Pointer,
    pointer_moved: bool,
    wheel: i32,
    motion: bool,
    active: Duration,
    mark: Option<(Mark, Duration)>,
    notice: Option<(String, Duration)>,
}

impl Machine {
    /// A machine that has just been switched on. `unix_us` is the Unix time of the moment zero, in microseconds.
    #[must_use]
    pub fn new(now: Duration, size: Size, unix_us: u64, name: Nameplate) -> Self {
        let mut machine = Self {
            name,
            phase: Phase::Off,
            size,
            unix_us,
            started: now,
            drives: Vec::new(),
            wanted: Vec::new(),
            uart: Uart::default(),
            keyboard: Keyboard::default(),
            console: Console::at(name.host),
            typed: String::new(),
            pointer: Pointer {
                x: size.width / 2,
                y: size.height / 2,
                buttons: 0,
            },
            pointer_moved: false,
            wheel: 0,
            motion: false,
            active: now,
            mark: None,
            notice: None,
        };
        machine.reset(now);
        machine
    }

    /// Its power.
    #[must_use]
    pub fn power(&self) -> Power {
        match self.phase {
            Phase::Off => Power::Off,
            Phase::Asleep => Power::Sleep,
            _ => Power::On,
        }
    }

    /// How its USB port stands.
    #[must_use]
    pub fn usb(&self, now: Duration) -> Usb {
        match &self.phase {
            Phase::Off => Usb::NotConnected,
            Phase::Firmware(firmware) if !firmware.has_usb(now) => Usb::NotConnected,
            Phase::Asleep => Usb::Suspended,
            _ => Usb::Configured,
        }
    }

    /// Its screen's size.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Its lock lights.
    #[must_use]
    pub fn leds(&self) -> Leds {
        self.keyboard.locks
    }

    /// Its pointer.
    #[must_use]
    pub fn pointer(&self) -> Pointer {
        self.pointer
    }

    /// All text that was typed at its prompt under the layout; Enter is `\n`, Tab is `\t`, Backspace removes nothing.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Whether a moving picture is on its screen.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.motion && matches!(self.phase, Phase::Running)
    }

    /// What is in its drives, in boot order.
    pub fn set_drives(&mut self, drives: Vec<Mounted>) {
        if drives == self.drives {
            return;
        }
        self.drives = drives;
        let devices = self.devices();
        if let Phase::Firmware(firmware) = &mut self.phase {
            firmware.find(devices);
        }
    }

    /// What can be booted from, in order.
    fn devices(&self) -> Vec<BootDevice> {
        let drives = self.drives.iter().map(BootDevice::drive);
        drives.chain([BootDevice::own_disk()]).collect()
    }

    /// The files that are to be shown with [`Self::show`], once each.
    pub fn take_wanted(&mut self) -> Vec<Wanted> {
        std::mem::take(&mut self.wanted)
    }

    /// Prints what a command answers that had to wait.
    pub fn show(&mut self, lines: Vec<Line>, on_serial: bool) {
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        if on_serial {
            self.uart.interrupt(&lines);
        } else {
            for line in lines {
                self.console.print(line);
            }
        }
    }

    /// Sets the size of its screen; the pointer stays within.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.pointer.x = self.pointer.x.min(size.width - 1);
        self.pointer.y = self.pointer.y.min(size.height - 1);
        self.mark = None;
    }

    /// A short press of its power button: on, awake, or an orderly shutdown. Nobody listens to it before the console runs.
    pub fn press_power(&mut self, now: Duration) {
        match self.phase {
            Phase::Off => self.reset(now),
            Phase::Asleep => self.wake(now),
            Phase::Running => self.halt(now),
            Phase::Firmware(_) | Phase::Booting { .. } | Phase::Leaving { .. } => {}
        }
    }

    /// A long press of its power button: off at once.
    pub fn cut_power(&mut self) {
        self.phase = Phase::Off;
        self.uart.stop();
    }

    /// A press of its reset button: the firmware starts anew, unless it is off.
    pub fn press_reset(&mut self, now: Duration) {
        if !matches!(self.phase, Phase::Off) {
            self.reset(now);
        }
    }

    /// Whether it reads or writes its own disk: now and then while it starts and ends.
    #[must_use]
    pub fn uses_disk(&self, now: Duration) -> bool {
        match self.phase {
            Phase::Booting { .. } | Phase::Leaving { .. } => {
                !(now.as_millis() / 60).is_multiple_of(3)
            }
            _ => false,
        }
    }

    /// It is switched on, or its firmware starts anew.
    pub fn reset(&mut self, now: Duration) {
        self.phase = Phase::Firmware(Firmware::new(now, self.devices()));
        self.started = now;
        self.keyboard = Keyboard::default();
        self.console = Console::at(self.name.host);
        self.greet_on_serial();
        self.motion = false;
        self.mark = None;
        self.notice = None;
    }

    /// Wakes from sleep.
    pub fn wake(&mut self, now: Duration) {
        if matches!(self.phase, Phase::Asleep) {
            self.phase = Phase::Running;
            self.uart.prompt();
            self.active = now;
        }
    }

    /// When something happens by itself next.
    #[must_use]
    pub fn next_event(&self, now: Duration) -> Option<Duration> {
        let phase = match &self.phase {
            Phase::Off | Phase::Asleep => return None,
            Phase::Firmware(firmware) => firmware.next_event(now),
            Phase::Booting { since, printed, .. } => Some(*since + boot_time(*printed)),
            Phase::Running => self.next_blink(now),
            Phase::Leaving { until, .. } => Some(*until),
        };
        let mark = self.mark.map(|(_, until)| until);
        let notice = self.notice.as_ref().map(|(_, until)| *until);
        [phase, self.keyboard.next_repeat(), mark, notice]
            .into_iter()
            .flatten()
            .min()
    }

    /// Lets happen what is due at `now`, the moment of [`Self::next_event`].
    pub fn advance(&mut self, now: Duration) {
        self.mark.take_if(|(_, until)| *until <= now);
        self.notice.take_if(|(_, until)| *until <= now);
        if matches!(self.phase, Phase::Off | Phase::Asleep) {
            return;
        }
        if let Some(press) = self.keyboard.repeat(now) {
            self.pressed(now, &press);
        }
        match &mut self.phase {
            Phase::Firmware(firmware) => {
                if let Some(device) = firmware.due(now) {
                    self.boot(now, device);
                }
            }
            Phase::Booting { since, printed, .. } if *since + boot_time(*printed) <= now => {
                self.boot_step(now);
            }
            Phase::Leaving { until, to_sleep } if *until <= now => {
                self.phase = if *to_sleep { Phase::Asleep } else { Phase::Off };
            }
            _ => {}
        }
    }

    fn key_down(&mut self, now: Duration, usage: u8) {
        if matches!(self.phase, Phase::Off | Phase::Asleep) {
            return;
        }
        let press = self.keyboard.press(now, usage);
        if self.keyboard.asks_for_restart() {
            self.reset(now);
        } else if usage == key::POWER {
            self.press_power(now);
        } else if let Some(press) = press {
            self.pressed(now, &press);
        }
    }

    fn pressed(&mut self, now: Duration, press: &Press) {
        match &mut self.phase {
            Phase::Firmware(firmware) => match firmware.press(press) {
                Some(Choice::Boot(device)) => self.boot(now, device),
                Some(Choice::Restart) => self.reset(now),
                None => {}
            },
            Phase::Running => self.at_prompt(now, press),
            _ => {}
        }
    }

    fn at_prompt(&mut self, now: Duration, press: &Press) {
        self.active = now;
        self.record(&press.text);
        if press.shift && matches!(press.usage, key::PAGE_UP | key::PAGE_DOWN) {
            let page = i32::try_from(Metrics::of(self.size).rows / 2).unwrap_or(1);
            return self.scroll(if press.usage == key::PAGE_UP {
                page
            } else {
                -page
            });
        }
        self.console.scroll_to_end();
        let Some(editor) = &mut self.console.editor else {
            return;
        };
        match editor.press(press) {
            Outcome::Edited => {}
            Outcome::Clear => self.console.clear(),
            Outcome::GivenUp(line) => self
                .console
                .print(self.console.prompt_line(&format!("{line}^C"))),
            Outcome::Choices(words) => {
                let typed: String = editor.line().iter().collect();
                self.console.print(self.console.prompt_line(&typed));
                self.console.print(line(&[(Ink::Name, &words.join("  "))]));
            }
            Outcome::Run(input) => self.run(now, &input),
        }
    }

    fn run(&mut self, now: Duration, input: &str) {
        self.console.print(self.console.prompt_line(input));
        let answer = shell::run(input, &self.context(now));
        self.wanted.extend(answer.wanted);
        for line in answer.lines {
            self.console.print(line);
        }
        self.take_effect(now, answer.effect);
    }

    fn take_effect(&mut self, now: Duration, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Clear => self.console.clear(),
            Effect::Layout(layout) => self.set_layout(layout),
            Effect::Motion(on) => self.motion = on,
            Effect::Resize(size) => self.resize(size),
            Effect::Sleep => self.sleep(now),
            Effect::PowerOff => self.halt(now),
        }
    }

    fn context(&self, now: Duration) -> Context<'_> {
        Context {
            layout: self.keyboard.layout,
            size: self.size,
            motion: self.motion,
            drives: &self.drives,
            unix_us: self.unix_us + u64::try_from(now.as_micros()).unwrap_or(0),
            uptime: now.saturating_sub(self.started),
        }
    }

    fn set_layout(&mut self, layout: &'static Layout) {
        self.keyboard.layout = layout;
    }

    fn record(&mut self, text: &str) {
        self.typed.push_str(text);
        if self.typed.len() > TYPED_MAX {
            let boundary = |at: &usize| self.typed.is_char_boundary(*at);
            let half = (TYPED_MAX / 2..TYPED_MAX).find(boundary).unwrap_or(0);
            self.typed.drain(..half);
        }
    }

    fn sleep(&mut self, now: Duration) {
        self.uart.stop();
        self.phase = Phase::Leaving {
            until: now + SLEEP_TIME,
            to_sleep: true,
        };
    }

    fn halt(&mut self, now: Duration) {
        self.console.editor = None;
        self.uart.stop();
        self.motion = false;
        self.phase = Phase::Leaving {
            until: now + HALT_TIME,
            to_sleep: false,
        };
    }

    fn scroll(&mut self, rows: i32) {
        let metrics = Metrics::of(self.size);
        self.console.scroll(rows, metrics.columns, metrics.rows);
    }
}

#[cfg(test)]
mod tests;
