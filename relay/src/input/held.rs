//! What one operator holds down, as a state machine: acts in, reports out. A host that is told every report knows
//! exactly what is held.

use shared::input::{Buttons, Held, Input, Usage};

use super::{
    Capabilities,
    descriptor::{CONSUMERS, MODIFIERS, SYSTEMS},
    keys::Keys,
    pointing::Pointing,
    queue::{Queue, Step},
    report::Report,
};

/// All devices of the target and what is down on them.
#[derive(Debug)]
pub(super) struct Hands {
    has: Capabilities,
    keys: Keys,
    pointing: Pointing,
    /// The consumer control that is down, or 0: the report has room for one.
    consumer: u16,
    /// The system control that is down, or 0.
    system: u8,
}

impl Hands {
    pub(super) fn new(has: Capabilities) -> Self {
        Self {
            has,
            keys: Keys::default(),
            pointing: Pointing::new(has),
            consumer: 0,
            system: 0,
        }
    }

    pub(super) fn apply(&mut self, input: &Input, fine_wheel: bool, out: &mut Queue) {
        match input {
            Input::Key { usage, down } => self.key(*usage, *down, out),
            Input::PointerTo { x, y } => self.pointing.move_to(*x, *y, out),
            Input::PointerBy { dx, dy } => self.pointing.move_by(*dx, *dy, out),
            Input::Buttons(buttons) => self.pointing.set_buttons(*buttons, out),
            Input::Wheel {
                vertical,
                horizontal,
            } => self.pointing.turn(*vertical, *horizontal, fine_wheel, out),
            Input::Held(held) => self.hold(held, out),
            Input::ReleaseAll => self.release_all(out),
        }
    }

    fn key(&mut self, usage: Usage, down: bool, out: &mut Queue) {
        match usage {
            Usage::Keyboard(usage) => {
                if self.keys.set(usage, down) {
                    out.push(Step::Report(self.keys.report()));
                }
            }
            Usage::Consumer(usage) if CONSUMERS.contains(&usage) => {
                self.set_consumer(next(self.consumer, usage, down), out);
            }
            Usage::System(usage) if SYSTEMS.contains(&usage) => {
                self.set_system(next(self.system, usage, down), out);
            }
            Usage::Consumer(_) | Usage::System(_) => {}
        }
    }

    fn set_consumer(&mut self, usage: u16, out: &mut Queue) {
        if self.has.consumer && std::mem::replace(&mut self.consumer, usage) != usage {
            out.push(Step::Report(Report::Consumer(usage)));
        }
    }

    fn set_system(&mut self, usage: u8, out: &mut Queue) {
        if self.has.consumer && std::mem::replace(&mut self.system, usage) != usage {
            out.push(Step::Report(Report::System(usage)));
        }
    }

    /// Brings what is down in line with what the page holds: releases first, then modifiers, then the other keys.
    fn hold(&mut self, held: &Held, out: &mut Queue) {
        let wanted = |usage| held.keys.contains(&usage);
        if self.keys.retain(|key| wanted(Usage::Keyboard(key))) {
            out.push(Step::Report(self.keys.report()));
        }
        if !wanted(Usage::Consumer(self.consumer)) {
            self.set_consumer(0, out);
        }
        if !wanted(Usage::System(self.system)) {
            self.set_system(0, out);
        }
        let still = Buttons(held.buttons.0 & self.pointing.buttons().0);
        self.pointing.set_buttons(still, out);
        let modifiers = MODIFIERS
            .filter(|&usage| wanted(Usage::Keyboard(usage)))
            .fold(0, |bits, usage| bits | 1 << (usage - MODIFIERS.start()));
        if self.keys.set_modifiers(modifiers) {
            out.push(Step::Report(self.keys.report()));
        }
        for &usage in held.keys.iter() {
            self.press_again(usage, out);
        }
        self.pointing.set_buttons(held.buttons, out);
    }

    /// Presses a key that the page holds, unless another one has the only place that there is.
    fn press_again(&mut self, usage: Usage, out: &mut Queue) {
        let taken = match usage {
            Usage::Keyboard(_) => false,
            Usage::Consumer(_) => self.consumer != 0,
            Usage::System(_) => self.system != 0,
        };
        if !taken {
            self.key(usage, true, out);
        }
    }

    /// Lets go of everything but the modifiers.
    pub(super) fn release_ordinary(&mut self, out: &mut Queue) {
        if self.keys.retain(|_| false) {
            out.push(Step::Report(self.keys.report()));
        }
        self.set_consumer(0, out);
        self.set_system(0, out);
        self.pointing.set_buttons(Buttons::default(), out);
    }

    /// Lets go of everything: of the modifiers last, so that no key is ever seen without those that it was pressed with.
    pub(super) fn release_all(&mut self, out: &mut Queue) {
        self.release_ordinary(out);
        if self.keys.set_modifiers(0) {
            out.push(Step::Report(self.keys.report()));
        }
        self.pointing.rest_wheels();
    }

    /// Moves the pointer by a pixel and back.
    pub(super) fn jiggle(&self, out: &mut Queue) {
        self.pointing.jiggle(out);
    }

    /// The state of every device, for a host that does not know it.
    pub(super) fn restate(&self, out: &mut Queue) {
        out.push(Step::Report(self.keys.report()));
        self.pointing.restate(out);
        if self.has.consumer {
            out.push(Step::Report(Report::Consumer(self.consumer)));
            out.push(Step::Report(Report::System(self.system)));
        }
    }

    /// The keyboard's state, for a host that knows another one.
    pub(super) fn restate_keyboard(&self, out: &mut Queue) {
        out.push(Step::Report(self.keys.report()));
    }

    /// The state of the devices on which something is down.
    pub(super) fn remind(&self, out: &mut Queue) {
        if self.keys.any_ordinary() || self.any_modifier() {
            out.push(Step::Report(self.keys.report()));
        }
        self.pointing.remind(out);
        if self.consumer != 0 {
            out.push(Step::Report(Report::Consumer(self.consumer)));
        }
        if self.system != 0 {
            out.push(Step::Report(Report::System(self.system)));
        }
    }

    /// Whether anything but modifiers is down.
    pub(super) fn any_ordinary(&self) -> bool {
        self.keys.any_ordinary()
            || !self.pointing.buttons().is_empty()
            || self.consumer != 0
            || self.system != 0
    }

    /// Whether a modifier is down.
    pub(super) fn any_modifier(&self) -> bool {
        self.keys.modifiers() != 0
    }
}

/// What is down after `usage` went down or up where `current` was down.
fn next<T: Default + PartialEq>(current: T, usage: T, down: bool) -> T {
    match down {
        true => usage,
        false if current == usage => T::default(),
        false => current,
    }
}

#[cfg(test)]
mod tests;
