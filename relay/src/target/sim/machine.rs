//! The PC itself: power, firmware, console. It knows no clock and no thread; time and USB events are given to it.

use std::time::Duration;

use shared::{
    input::Usage,
    keys,
    message::{Leds, Usb},
};

use super::{
    console::{Console, Page},
    disk,
    editor::{Editor, Outcome},
    firmware::{self, BootDevice, Choice, DeviceKind, Firmware},
    geometry::{Metrics, Size, pixel_of},
    keyboard::{Keyboard, Press, key},
    layout::Layout,
    shell::{self, Context, Effect},
    text::{Ink, Line, line, plain},
    usb::Event,
};

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

/// The pointer in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pointer {
    /// From the left.
    pub x: u16,
    /// From the top.
    pub y: u16,
    /// The buttons that are down, as HID counts them.
    pub buttons: u8,
}

/// Where a button was pressed a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// From the left.
    pub x: u16,
    /// From the top.
    pub y: u16,
    /// Which button, from 0.
    pub button: u8,
}

/// The console's screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleView {
    /// The text.
    pub page: Page,
    /// Whether the cursor is lit.
    pub cursor_lit: bool,
    /// The layout's name.
    pub layout: &'static str,
    /// The lock lights.
    pub leds: Leds,
    /// The pointer.
    pub pointer: Pointer,
    /// Something that happened a moment ago.
    pub notice: Option<String>,
    /// A click.
    pub mark: Option<Mark>,
    /// Whether the moving picture is shown.
    pub motion: bool,
}

/// What the machine shows while it is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// The firmware's screen.
    Firmware(firmware::View),
    /// The console.
    Console(Box<ConsoleView>),
}

/// The machine.
pub struct Machine {
    phase: Phase,
    size: Size,
    unix_us: u64,
    started: Duration,
    drives: Vec<BootDevice>,
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
    pub fn new(now: Duration, size: Size, unix_us: u64) -> Self {
        let mut machine = Self {
            phase: Phase::Off,
            size,
            unix_us,
            started: now,
            drives: Vec::new(),
            keyboard: Keyboard::default(),
            console: Console::default(),
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

    /// Where the pointer is to be drawn: nowhere until it was moved.
    #[must_use]
    pub fn shown_pointer(&self) -> Option<(u16, u16)> {
        self.pointer_moved
            .then_some((self.pointer.x, self.pointer.y))
    }

    /// All text that was typed at its prompt under the layout; Enter is `\n`, Tab is `\t`, Backspace removes nothing.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The lines of its screen, as text.
    #[must_use]
    pub fn text(&self, now: Duration) -> Vec<String> {
        match self.view(now) {
            None => Vec::new(),
            Some(View::Firmware(view)) => view.lines(),
            Some(View::Console(view)) => view.page.grid.lines(),
        }
    }

    /// What it shows; `None` while it is off or asleep.
    #[must_use]
    pub fn view(&self, now: Duration) -> Option<View> {
        match &self.phase {
            Phase::Off | Phase::Asleep => None,
            Phase::Firmware(firmware) => Some(View::Firmware(firmware.view(now))),
            _ => Some(View::Console(Box::new(self.console_view(now)))),
        }
    }

    /// Whether a moving picture is on its screen.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.motion && matches!(self.phase, Phase::Running)
    }

    /// The media that it can boot from besides its own disk, first ones first.
    pub fn set_drives(&mut self, drives: Vec<BootDevice>) {
        self.drives = drives;
    }

    /// Sets the size of its screen; the pointer stays within.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.pointer.x = self.pointer.x.min(size.width - 1);
        self.pointer.y = self.pointer.y.min(size.height - 1);
        self.mark = None;
    }

    /// A short press of its power button: on, awake, or an orderly shutdown.
    pub fn press_power(&mut self, now: Duration) {
        match self.phase {
            Phase::Off => self.reset(now),
            Phase::Asleep => self.wake(now),
            Phase::Firmware(_) | Phase::Booting { .. } => self.phase = Phase::Off,
            Phase::Running => self.halt(now),
            Phase::Leaving { .. } => {}
        }
    }

    /// A long press of its power button: off at once.
    pub fn cut_power(&mut self) {
        self.phase = Phase::Off;
    }

    /// A press of its reset button: the firmware starts anew.
    pub fn reset(&mut self, now: Duration) {
        let own = BootDevice {
            kind: DeviceKind::Disk,
            label: disk::LABEL.to_owned(),
        };
        let devices = self.drives.iter().cloned().chain([own]).collect();
        self.phase = Phase::Firmware(Firmware::new(now, devices));
        self.started = now;
        self.keyboard = Keyboard::default();
        self.console = Console::default();
        self.motion = false;
        self.mark = None;
        self.notice = None;
    }

    /// Wakes from sleep.
    pub fn wake(&mut self, now: Duration) {
        if matches!(self.phase, Phase::Asleep) {
            self.phase = Phase::Running;
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

    /// Something came over USB.
    pub fn event(&mut self, now: Duration, event: Event) {
        match event {
            Event::Key { usage, down: false } => self.keyboard.release(usage),
            Event::Key { usage, down: true } => self.key_down(now, usage),
            Event::Consumer(0) | Event::System(0) => {}
            Event::Consumer(usage) => self.control(now, Usage::Consumer(usage)),
            Event::System(0x81) => self.press_power(now),
            Event::System(0x82) if matches!(self.phase, Phase::Running) => self.sleep(now),
            Event::System(usage) => self.control(now, Usage::System(usage)),
            Event::PointerTo { x, y, max } => {
                let Size { width, height } = self.size;
                self.move_pointer(pixel_of(x, max, width), pixel_of(y, max, height));
            }
            Event::PointerBy { dx, dy } => {
                let moved = |from: u16, by: i32, size: u16| {
                    let to = (i32::from(from) + by).clamp(0, i32::from(size) - 1);
                    u16::try_from(to).unwrap_or(0)
                };
                let Size { width, height } = self.size;
                self.move_pointer(
                    moved(self.pointer.x, dx, width),
                    moved(self.pointer.y, dy, height),
                );
            }
            Event::Buttons(buttons) => self.buttons(now, buttons),
            Event::Wheel { vertical, .. } => self.turn_wheel(vertical),
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
        for line in answer.lines {
            self.console.print(line);
        }
        match answer.effect {
            Effect::None => {}
            Effect::Clear => self.console.clear(),
            Effect::Layout(layout) => self.set_layout(layout),
            Effect::Motion(on) => self.motion = on,
            Effect::Resize(size) => self.resize(size),
            Effect::Sleep => self.sleep(now),
            Effect::PowerOff => self.halt(now),
        }
    }

    fn context(&self, now: Duration) -> Context {
        Context {
            layout: self.keyboard.layout,
            size: self.size,
            motion: self.motion,
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
        self.phase = Phase::Leaving {
            until: now + SLEEP_TIME,
            to_sleep: true,
        };
    }

    fn halt(&mut self, now: Duration) {
        self.console.editor = None;
        self.motion = false;
        self.phase = Phase::Leaving {
            until: now + HALT_TIME,
            to_sleep: false,
        };
    }

    fn boot(&mut self, now: Duration, device: BootDevice) {
        self.console = Console::default();
        self.phase = Phase::Booting {
            since: now,
            device,
            printed: 0,
        };
    }

    fn boot_step(&mut self, now: Duration) {
        let Phase::Booting {
            device, printed, ..
        } = &mut self.phase
        else {
            return;
        };
        let step = *printed;
        *printed += 1;
        let lines = boot_lines(step, device);
        for line in lines {
            self.console.print(line);
        }
        if step + 1 == BOOT_TIMES.len() {
            self.phase = Phase::Running;
            self.console.editor = Some(Editor::default());
            self.active = now;
        }
    }

    fn control(&mut self, now: Duration, usage: Usage) {
        let name = keys::code(usage).map_or_else(|| format!("{usage:?}"), spaced);
        self.notice = Some((name, now + NOTICE_FOR));
    }

    fn move_pointer(&mut self, x: u16, y: u16) {
        self.pointer = Pointer {
            x,
            y,
            ..self.pointer
        };
        self.pointer_moved = true;
    }

    fn buttons(&mut self, now: Duration, buttons: u8) {
        let fresh = buttons & !self.pointer.buttons;
        self.pointer.buttons = buttons;
        if fresh != 0 {
            let button = u8::try_from(fresh.trailing_zeros()).unwrap_or(0);
            let mark = Mark {
                x: self.pointer.x,
                y: self.pointer.y,
                button,
            };
            self.mark = Some((mark, now + MARK_FOR));
        }
    }

    fn turn_wheel(&mut self, vertical: i32) {
        let turned = self.wheel.saturating_add(vertical);
        self.wheel = turned % WHEEL_ROW;
        self.scroll(turned / WHEEL_ROW);
    }

    fn scroll(&mut self, rows: i32) {
        let metrics = Metrics::of(self.size);
        self.console.scroll(rows, metrics.columns, metrics.rows);
    }

    fn next_blink(&self, now: Duration) -> Option<Duration> {
        let passed = now.saturating_sub(self.active);
        let next = BLINK * (u32::try_from(passed.as_millis() / BLINK.as_millis()).unwrap_or(0) + 1);
        (passed < BLINK_FOR).then_some(self.active + next)
    }

    fn console_view(&self, now: Duration) -> ConsoleView {
        let metrics = Metrics::of(self.size);
        let passed = now.saturating_sub(self.active);
        ConsoleView {
            page: self.console.page(metrics.columns, metrics.rows),
            cursor_lit: passed >= BLINK_FOR
                || (passed.as_millis() / BLINK.as_millis()).is_multiple_of(2),
            layout: self.keyboard.layout.name,
            leds: self.keyboard.locks,
            pointer: self.pointer,
            notice: self.notice.as_ref().map(|(notice, _)| notice.clone()),
            mark: self.mark.map(|(mark, _)| mark),
            motion: self.moves(),
        }
    }
}

/// When the steps of a boot are taken, in milliseconds after its start.
const BOOT_TIMES: [u64; 8] = [0, 120, 260, 430, 640, 900, 1150, 1400];

fn boot_time(step: usize) -> Duration {
    Duration::from_millis(BOOT_TIMES.get(step).copied().unwrap_or(1400))
}

fn boot_lines(step: usize, device: &BootDevice) -> Vec<Line> {
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
                (Ink::Plain, "Booting from "),
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
                (Ink::Accent, "Armchair PC"),
                (Ink::Plain, ", simulated. "),
                (Ink::Name, "help"),
                (Ink::Plain, " lists what it can do."),
            ]),
            plain(""),
        ],
    }
}

/// `AudioVolumeUp` as "Audio volume up".
fn spaced(code: &str) -> String {
    let mut name = String::new();
    for character in code.chars() {
        if character.is_uppercase() && !name.is_empty() {
            name.push(' ');
            name.extend(character.to_lowercase());
        } else {
            name.push(character);
        }
    }
    name
}

#[cfg(test)]
mod tests;
