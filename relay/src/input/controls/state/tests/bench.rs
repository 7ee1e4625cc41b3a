//! The state on a clock that the tests turn, and the host at its other end.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use shared::{
    input::{Buttons, HELD_MAX, Held, Input, Usage},
    list::List,
    message::Usb,
};

use crate::input::{
    Capabilities, Host,
    controls::state::{Next, State},
    report::Report,
};

pub(super) const A: Usage = Usage::Keyboard(0x04);
pub(super) const SHIFT: Usage = Usage::Keyboard(0xE1);

const ALL: Capabilities = Capabilities {
    pointer: true,
    mouse: true,
    consumer: true,
};

/// Something that can be down at the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Control {
    Key(Usage),
    Button(u8),
}

pub(super) fn down(usage: Usage) -> (Control, bool) {
    (Control::Key(usage), true)
}

pub(super) fn up(usage: Usage) -> (Control, bool) {
    (Control::Key(usage), false)
}

/// A host that remembers every report and derives from them what goes down and up.
#[derive(Default)]
pub(super) struct Observer {
    keyboard: BTreeSet<Control>,
    pointer: BTreeSet<Control>,
    mouse: BTreeSet<Control>,
    consumer: BTreeSet<Control>,
    system: BTreeSet<Control>,
    transitions: Vec<(Control, bool)>,
    pub(super) moved: (i64, i64),
}

impl Observer {
    pub(super) fn take(&mut self, report: Report) {
        let (device, now) = match report {
            Report::Keyboard(keyboard) => {
                let modifiers = (0..8)
                    .filter(|bit| keyboard.modifiers >> bit & 1 == 1)
                    .map(|bit| 0xE0 + bit);
                let keys = keyboard.keys.into_iter().filter(|key| *key > 3);
                let keys = modifiers.chain(keys).map(Usage::Keyboard);
                (&mut self.keyboard, keys.map(Control::Key).collect())
            }
            Report::Pointer(pointer) => (&mut self.pointer, buttons(pointer.buttons)),
            Report::Mouse(mouse) => {
                self.moved.0 += i64::from(mouse.dx);
                self.moved.1 += i64::from(mouse.dy);
                (&mut self.mouse, buttons(mouse.buttons))
            }
            Report::Consumer(usage) => (
                &mut self.consumer,
                (usage != 0)
                    .then_some(Control::Key(Usage::Consumer(usage)))
                    .into_iter()
                    .collect(),
            ),
            Report::System(usage) => (
                &mut self.system,
                (usage != 0)
                    .then_some(Control::Key(Usage::System(usage)))
                    .into_iter()
                    .collect(),
            ),
        };
        let before: BTreeSet<Control> = std::mem::replace(device, now);
        self.transitions
            .extend(before.difference(device).map(|control| (*control, false)));
        self.transitions
            .extend(device.difference(&before).map(|control| (*control, true)));
    }

    pub(super) fn down(&self) -> BTreeSet<Control> {
        [
            &self.keyboard,
            &self.pointer,
            &self.mouse,
            &self.consumer,
            &self.system,
        ]
        .into_iter()
        .flatten()
        .copied()
        .collect()
    }
}

pub(super) fn buttons(buttons: Buttons) -> BTreeSet<Control> {
    (0..8)
        .filter(|bit| buttons.0 >> bit & 1 == 1)
        .map(Control::Button)
        .collect()
}

/// A state on a clock of its own, and the host that it writes to.
pub(super) struct Bench {
    pub(super) state: State,
    pub(super) now: Instant,
    pub(super) observer: Observer,
}

impl Bench {
    /// With viewer 1 in control of a host that listens.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let mut state = State::new(ALL, host(Usb::Configured), now);
        state.take(1);
        Self {
            state,
            now,
            observer: Observer::default(),
        }
    }

    pub(super) fn holding(usages: impl IntoIterator<Item = Usage>) -> Self {
        let mut bench = Self::new();
        for usage in usages {
            bench.apply(1, &key(usage, true));
        }
        bench.transitions();
        bench
    }

    pub(super) fn apply(&mut self, viewer: u32, input: &Input) {
        while !self.state.apply(viewer, input, self.now) {
            self.write_one();
        }
    }

    pub(super) fn host(&mut self, usb: Usb) {
        self.state.host(host(usb), self.now);
    }

    pub(super) fn write_one(&mut self) -> bool {
        match self.state.next(self.now) {
            Next::Write(report) => {
                self.observer.take(report);
                true
            }
            Next::Wait(_) | Next::End => false,
        }
    }

    /// What the host has seen go down and up since the last look, after everything is written.
    pub(super) fn transitions(&mut self) -> Vec<(Control, bool)> {
        while self.write_one() {}
        std::mem::take(&mut self.observer.transitions)
    }

    pub(super) fn pass(&mut self, milliseconds: u64) {
        self.now += Duration::from_millis(milliseconds);
    }
}

pub(super) fn host(usb: Usb) -> Host {
    Host {
        usb,
        leds: None,
        fine_wheel: false,
    }
}

pub(super) fn key(usage: Usage, down: bool) -> Input {
    Input::Key { usage, down }
}

pub(super) fn held(keys: impl IntoIterator<Item = Usage>) -> Input {
    Input::Held(Held {
        keys: List::<_, HELD_MAX>::new(keys),
        buttons: Buttons::default(),
    })
}
