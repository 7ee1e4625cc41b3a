//! The PC's serial port with its text console, and the relay's end of the cable.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    live::Access,
    rack::Rack,
    shell,
    text::{Ink, Line},
};
use crate::serial::{Source, Unopened, Wire};

/// The speed that the PC's firmware gives its port, in bits a second.
pub const SPEED: u32 = 115_200;

/// The most that the PC's port holds for a relay that does not read, in bytes.
const WAITING_MAX: usize = 64 * 1024;

/// The most that is remembered of what came in, in bytes.
const RECEIVED_MAX: usize = 64 * 1024;

/// The longest line that is edited, in characters.
const LINE_MAX: usize = 1000;

const PROMPT: &str = "\x1b[33m$\x1b[0m ";

/// The PC's end: a chip, and a terminal line with an editor.
#[derive(Clone, Debug, Default)]
pub struct Uart {
    waiting: VecDeque<u8>,
    received: VecDeque<u8>,
    breaks: u32,
    relay_speed: Option<u32>,
    /// The line that is typed, while there is a prompt.
    line: Option<String>,
    /// Bytes of a character, or of an escape sequence, that is not yet whole.
    partial: Vec<u8>,
}

/// The port in `/sim/state`.
#[derive(Clone, Debug, Serialize)]
pub struct SerialState {
    /// What came in, as text.
    pub received: String,
    /// How many breaks came in.
    pub breaks: u32,
    /// The speed of the relay's end; `None` while its port is closed.
    pub relay_speed: Option<u32>,
}

impl Uart {
    /// The other end is opened with this speed, or closed; gives what it was before.
    pub fn plug(&mut self, speed: Option<u32>) -> Option<u32> {
        std::mem::replace(&mut self.relay_speed, speed)
    }

    /// Prints text as it is.
    pub fn print(&mut self, text: &str) {
        let matches = self.relay_speed.is_none_or(|speed| speed == SPEED);
        let bytes = text.bytes();
        self.waiting
            .extend(bytes.map(|byte| if matches { byte } else { garbled(byte) }));
        let over = self.waiting.len().saturating_sub(WAITING_MAX);
        self.waiting.drain(..over);
    }

    /// Prints lines in their colours.
    pub fn print_lines(&mut self, lines: &[Line]) {
        for line in lines {
            self.print(&coloured(line));
            self.print("\r\n");
        }
    }

    /// Asks for a command.
    pub fn prompt(&mut self) {
        self.line = Some(String::new());
        self.print(PROMPT);
    }

    /// Lines that come while somebody types: above the prompt, which comes again.
    pub fn interrupt(&mut self, lines: &[Line]) {
        self.print("\r\x1b[K");
        self.print_lines(lines);
        if let Some(line) = self.line.clone() {
            self.print(PROMPT);
            self.print(&line);
        }
    }

    /// Forgets the line: nobody listens any more.
    pub fn stop(&mut self) {
        self.line = None;
        self.partial.clear();
    }

    /// The other end sends a break.
    pub fn take_break(&mut self) {
        self.breaks += 1;
        if self.line.is_some() {
            self.print("\r\n[break]\r\n");
            self.prompt();
        }
    }

    /// The other end sends a byte; gives the command line that it ends.
    pub fn take(&mut self, byte: u8) -> Option<String> {
        let matches = self.relay_speed.is_none_or(|speed| speed == SPEED);
        let byte = if matches { byte } else { garbled(byte) };
        if self.received.len() == RECEIVED_MAX {
            self.received.pop_front();
        }
        self.received.push_back(byte);
        self.key(byte)
    }

    /// What it tells of itself.
    #[must_use]
    pub fn state(&self) -> SerialState {
        let received: Vec<u8> = self.received.iter().copied().collect();
        SerialState {
            received: String::from_utf8_lossy(&received).into_owned(),
            breaks: self.breaks,
            relay_speed: self.relay_speed,
        }
    }

    /// Whether there is anything for the other end.
    #[must_use]
    pub fn has_output(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn key(&mut self, byte: u8) -> Option<String> {
        if byte < 0x20 {
            // A key by itself: nothing before it becomes whole any more.
            self.partial.clear();
        }
        if !self.partial.is_empty() || byte == 0x1b || byte >= 0x80 {
            self.partial.push(byte);
            self.take_whole();
            return None;
        }
        let line = self.line.as_mut()?;
        match byte {
            b'\r' | b'\n' => {
                let line = std::mem::take(line);
                self.line = None;
                self.print("\r\n");
                return Some(line);
            }
            0x08 | 0x7f if line.pop().is_some() => self.print("\x08 \x08"),
            0x03 => {
                self.print("^C\r\n");
                self.prompt();
            }
            0x15 => {
                line.clear();
                self.print("\r\x1b[K");
                self.print(PROMPT);
            }
            b'\t' => self.complete(),
            0x20..=0x7e => self.insert(char::from(byte)),
            _ => {}
        }
        None
    }

    fn insert(&mut self, character: char) {
        if let Some(line) = self.line.as_mut().filter(|line| line.len() < LINE_MAX) {
            line.push(character);
            self.print(character.encode_utf8(&mut [0; 4]));
        }
    }

    /// Takes a character of several bytes once it is whole; arrows and their like do nothing here.
    fn take_whole(&mut self) {
        let ends = match self.partial[..] {
            [0x1b] | [0x1b, b'[' | b'O'] => false,
            [0x1b, b'[', .., last] => (0x40..=0x7e).contains(&last),
            [0x1b, ..] => true,
            _ => {
                let text = std::str::from_utf8(&self.partial).map(str::to_owned);
                match text {
                    Ok(text) => {
                        self.partial.clear();
                        text.chars().for_each(|character| self.insert(character));
                    }
                    Err(error) if error.error_len().is_some() => self.partial.clear(),
                    Err(_) => {}
                }
                false
            }
        };
        if ends || self.partial.len() > 16 {
            self.partial.clear();
        }
    }

    fn complete(&mut self) {
        let Some(line) = self.line.clone() else {
            return;
        };
        let words = shell::completions(&line);
        let typed = line.rsplit(' ').next().unwrap_or_default();
        match words[..] {
            [word] => {
                let rest = word[typed.len()..].to_owned() + " ";
                rest.chars().for_each(|character| self.insert(character));
            }
            [] => {}
            _ => {
                let words = words.join("  ");
                self.print(&format!("\r\n{words}\r\n{PROMPT}{line}"));
            }
        }
    }
}

/// What a byte looks like at another speed.
fn garbled(byte: u8) -> u8 {
    byte.rotate_left(3) ^ 0xA5
}

fn coloured(line: &Line) -> String {
    let mut text = String::new();
    let mut ink = Ink::Plain;
    for cell in line {
        if cell.ink != ink {
            ink = cell.ink;
            text.push_str(match ink {
                Ink::Plain => "\x1b[0m",
                Ink::Muted => "\x1b[90m",
                Ink::Accent | Ink::Warn => "\x1b[33m",
                Ink::Good => "\x1b[32m",
                Ink::Bad => "\x1b[31m",
                Ink::Name => "\x1b[36m",
            });
        }
        text.push(cell.glyph);
    }
    if ink != Ink::Plain {
        text.push_str("\x1b[0m");
    }
    text
}

/// The relay's end of the cable.
pub struct Cable(pub Arc<Rack>);

struct Plugged(Arc<Rack>);

impl Plugged {
    /// At the port of the PC that is selected.
    fn at<T>(&self, act: impl FnOnce(&mut Access<'_>) -> T) -> T {
        self.0.with(|live| {
            let mut access = live.access();
            let done = act(&mut access);
            access.stir();
            done
        })
    }
}

impl Source for Cable {
    fn name(&self) -> String {
        "simulated".to_owned()
    }

    fn open(&self, speed: u32) -> Result<Box<dyn Wire>, Unopened> {
        let mut plugged = Plugged(self.0.clone());
        plugged
            .set_speed(speed)
            .map_err(|error| Unopened::Failed(error.to_string()))?;
        Ok(Box::new(plugged))
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.at(|access| access.pc().machine.uart.plug(None));
    }
}

impl Wire for Plugged {
    fn set_speed(&mut self, speed: u32) -> io::Result<()> {
        self.at(|access| access.pc().machine.uart.plug(Some(speed)));
        Ok(())
    }

    fn set_break(&mut self, on: bool) -> io::Result<()> {
        if !on {
            self.at(|access| access.pc().machine.serial_break());
        }
        Ok(())
    }

    fn is_sent(&self) -> io::Result<bool> {
        Ok(true)
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Plugged {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.with(|live| {
            let mut access = live.access();
            let waiting = &mut access.pc().machine.uart.waiting;
            let count = waiting.len().min(buffer.remaining());
            for byte in waiting.drain(..count) {
                buffer.put_slice(&[byte]);
            }
            let polled = match count {
                0 => {
                    access.wake_on_serial(context.waker());
                    Poll::Pending
                }
                _ => Poll::Ready(Ok(())),
            };
            access.leave();
            polled
        })
    }
}

impl AsyncWrite for Plugged {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.at(|access| {
            let now = access.now;
            access.pc().machine.serial_input(now, bytes);
        });
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::{SPEED, Uart};

    fn take(uart: &mut Uart, bytes: &[u8]) -> Vec<String> {
        bytes.iter().filter_map(|byte| uart.take(*byte)).collect()
    }

    fn printed(uart: &mut Uart) -> String {
        String::from_utf8(uart.waiting.drain(..).collect()).unwrap()
    }

    #[test]
    fn a_line_is_edited_echoed_and_run() {
        let mut uart = Uart::default();
        assert!(take(&mut uart, b"lost\r").is_empty());
        uart.prompt();
        printed(&mut uart);
        assert!(take(&mut uart, b"helq\x7fp \xc3").is_empty());
        assert_eq!(take(&mut uart, b"\xa4\x1b[A\r"), ["help ä"]);
        assert_eq!(printed(&mut uart), "helq\x08 \x08p ä\r\n");
        assert!(uart.state().received.starts_with("lost\rhelq"));
    }

    #[test]
    fn words_are_completed_and_lines_given_up() {
        let mut uart = Uart::default();
        uart.prompt();
        assert_eq!(take(&mut uart, b"nonsense\x03po\t\r"), ["poweroff "]);
        uart.prompt();
        assert_eq!(take(&mut uart, b"\x1b\x03\x1b\x1b[Bls\r"), ["ls"]);
    }

    #[test]
    fn at_another_speed_nothing_can_be_read() {
        let mut uart = Uart {
            relay_speed: Some(9600),
            ..Uart::default()
        };
        uart.prompt();
        assert!(!uart.waiting.iter().eq(super::PROMPT.as_bytes()));
        assert!(take(&mut uart, b"help\r").is_empty());
        uart.waiting.clear();
        uart.relay_speed = Some(SPEED);
        take(&mut uart, b"\x03");
        printed(&mut uart);
        assert_eq!(take(&mut uart, b"help\r"), ["help"]);
    }
}
