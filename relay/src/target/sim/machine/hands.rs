//! What comes over USB: keys, the pointer, the wheel.

use std::time::Duration;

use shared::{input::Usage, keys};

use super::{MARK_FOR, Machine, Mark, NOTICE_FOR, Phase, Pointer, WHEEL_ROW};
use crate::target::sim::{
    geometry::{Size, pixel_of},
    usb::Event,
};

impl Machine {
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
