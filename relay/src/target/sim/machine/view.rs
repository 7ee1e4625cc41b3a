//! What the machine shows.

use std::time::Duration;

use shared::message::Leds;

use super::{BLINK, BLINK_FOR, Machine, Phase};
use crate::target::sim::{console::Page, firmware, geometry::Metrics};

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

impl Machine {
    /// What it shows; `None` while it is off or asleep.
    #[must_use]
    pub fn view(&self, now: Duration) -> Option<View> {
        match &self.phase {
            Phase::Off | Phase::Asleep => None,
            Phase::Firmware(firmware) => Some(View::Firmware(firmware.view(now, self.name.title))),
            _ => Some(View::Console(Box::new(self.console_view(now)))),
        }
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

    /// Where the pointer is to be drawn: nowhere until it was moved.
    #[must_use]
    pub fn shown_pointer(&self) -> Option<(u16, u16)> {
        self.pointer_moved
            .then_some((self.pointer.x, self.pointer.y))
    }

    pub(super) fn next_blink(&self, now: Duration) -> Option<Duration> {
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
