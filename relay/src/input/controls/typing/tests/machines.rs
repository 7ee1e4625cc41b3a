//! The machines that texts are typed at: the simulated PC, and one that drops what it has no room for.

use std::{collections::VecDeque, time::Duration};

use shared::message::{Leds, Usb};

use crate::{
    input::{
        Host,
        report::{Keyboard, Report},
    },
    target::sim::pc::{Endpoint, Pc},
};

pub(super) const CAPS_LOCK: u8 = 0x39;

/// A machine that takes reports when it can, and has lock lights.
pub(super) trait Machine {
    /// When it has taken the report.
    fn take(&mut self, now: Duration, report: &Report) -> Duration;
    /// What it says at that time.
    fn host(&mut self, now: Duration) -> Host;
}

/// The simulated PC at its prompt.
impl Machine for Pc {
    fn take(&mut self, now: Duration, report: &Report) -> Duration {
        let mut now = now;
        loop {
            self.advance(now);
            match self.offer(now, 0, report.interface(), &report.to_bytes()) {
                Endpoint::Taken => return now,
                Endpoint::Gone => panic!("the PC is gone"),
                Endpoint::Busy(until) => now = until.unwrap(),
            }
        }
    }

    fn host(&mut self, now: Duration) -> Host {
        self.advance(now);
        Pc::host(self)
    }
}

/// A machine whose reader of the keyboard gets to an event only now and then, with the room that Linux gives it.
pub(super) struct Busy {
    reading: Duration,
    read_at: Duration,
    room: VecDeque<Event>,
    pub(super) dropped: usize,
    last: Keyboard,
    lights: bool,
    pub(super) leds: Leds,
    pub(super) pressed: Vec<(u8, u8)>,
}

#[derive(Clone, Copy)]
enum Event {
    Key(u8, u8),
    Other,
}

impl Busy {
    const ROOM: usize = 64;

    pub(super) fn new(reading: Duration, lights: bool) -> Self {
        Self {
            reading,
            read_at: Duration::ZERO,
            room: VecDeque::new(),
            dropped: 0,
            last: Keyboard::default(),
            lights,
            leds: Leds::default(),
            pressed: Vec::new(),
        }
    }

    fn read_up_to(&mut self, now: Duration) {
        while self.read_at <= now {
            match self.room.pop_front() {
                Some(Event::Key(0x53, _)) => self.leds.num_lock ^= true,
                Some(Event::Key(CAPS_LOCK, _)) => {
                    self.leds.caps_lock ^= true;
                    self.pressed.push((CAPS_LOCK, 0));
                }
                Some(Event::Key(key, modifiers)) => self.pressed.push((key, modifiers)),
                Some(Event::Other) => {}
                None => {
                    self.read_at = now;
                    return;
                }
            }
            self.read_at += self.reading;
        }
    }
}

impl Machine for Busy {
    fn take(&mut self, now: Duration, report: &Report) -> Duration {
        let Report::Keyboard(keyboard) = *report else {
            return now;
        };
        self.read_up_to(now);
        let key = keyboard.keys[0];
        let event = match key != 0 && key != self.last.keys[0] {
            true => Event::Key(key, keyboard.modifiers),
            false => Event::Other,
        };
        if keyboard != self.last {
            for event in [Event::Other, event, Event::Other] {
                if self.room.len() < Self::ROOM {
                    self.room.push_back(event);
                } else {
                    self.dropped += 1;
                }
            }
        }
        self.last = keyboard;
        now + Duration::from_millis(1)
    }

    fn host(&mut self, now: Duration) -> Host {
        self.read_up_to(now);
        Host {
            usb: Usb::Configured,
            leds: self.lights.then_some(self.leds),
            fine_wheel: false,
        }
    }
}
