//! The console on the serial line: the same shell as on the screen, and what firmware and system say at a start.

use std::time::Duration;

use super::{Machine, Phase, Power};
use crate::target::sim::{
    firmware,
    shell::{self, Effect},
    text::{Ink, Line, line, plain},
};

impl Machine {
    /// Bytes came in on the serial line.
    pub fn serial_input(&mut self, now: Duration, bytes: &[u8]) {
        if self.power() != Power::On {
            return;
        }
        for byte in bytes {
            if let Some(line) = self.uart.take(*byte) {
                self.run_on_serial(now, &line);
            }
        }
    }

    /// A break came in on the serial line.
    pub fn serial_break(&mut self) {
        if self.power() == Power::On {
            self.uart.take_break();
        }
    }

    pub(super) fn greet_on_serial(&mut self) {
        self.uart.stop();
        self.uart.print("\r\n");
        self.uart.print_lines(&[
            line(&[(Ink::Accent, self.name.title)]),
            plain(firmware::View::VERSION),
            plain("Serial console at 115200 8N1"),
        ]);
    }

    pub(super) fn say_on_serial(&mut self, lines: &[Line]) {
        self.uart.print_lines(lines);
    }

    fn run_on_serial(&mut self, now: Duration, input: &str) {
        let answer = shell::run(input, &self.context(now));
        let on_serial = |wanted| shell::Wanted {
            on_serial: true,
            ..wanted
        };
        self.wanted.extend(answer.wanted.into_iter().map(on_serial));
        self.uart.print_lines(&answer.lines);
        self.active = now;
        match answer.effect {
            Effect::Clear => self.uart.print("\x1b[2J\x1b[H"),
            effect => self.take_effect(now, effect),
        }
        if matches!(self.phase, Phase::Running) {
            self.uart.prompt();
        }
    }
}
