//! Where the pointer is, which buttons are down, and how far the wheel has turned.

use shared::input::{Buttons, POINTER_MAX, WHEEL_DETENT};

use super::{
    Capabilities,
    queue::{Queue, Step},
    report::{Mouse, Pointer, Report},
};

/// The most that one report of the absolute pointer says of a wheel.
const POINTER_WHEEL_MAX: i32 = 32_767;

/// The most that one report of the mouse says of a wheel.
const MOUSE_WHEEL_MAX: i32 = 127;

/// A pixel or more of the absolute pointer's range on a screen of 800 pixels or more.
const POINTER_PIXEL: u16 = 41;

/// The absolute pointer and the relative mouse, of which the one that moved last is in use.
#[derive(Debug)]
pub(super) struct Pointing {
    has: Capabilities,
    /// Where the absolute pointer was last put.
    place: Option<(u16, u16)>,
    /// Whether the mouse moved last.
    relative: bool,
    on_pointer: Buttons,
    on_mouse: Buttons,
    /// What of the wheels' turns is not sent yet, in 1/120 of a detent: vertical, horizontal.
    rest: (i32, i32),
}

impl Pointing {
    pub(super) fn new(has: Capabilities) -> Self {
        Self {
            has,
            place: None,
            relative: false,
            on_pointer: Buttons::default(),
            on_mouse: Buttons::default(),
            rest: (0, 0),
        }
    }

    pub(super) fn move_to(&mut self, x: u16, y: u16, out: &mut Queue) {
        if !self.has.pointer {
            return;
        }
        self.relative = false;
        self.place = Some((x.min(POINTER_MAX), y.min(POINTER_MAX)));
        out.push(Step::MoveTo(self.pointer()));
    }

    pub(super) fn move_by(&mut self, dx: i16, dy: i16, out: &mut Queue) {
        if !self.has.mouse {
            return;
        }
        self.relative = true;
        out.push(Step::MoveBy {
            buttons: self.on_mouse,
            dx: dx.into(),
            dy: dy.into(),
        });
    }

    /// Holds exactly these buttons. One that is down stays with the device that it went down on.
    pub(super) fn set_buttons(&mut self, buttons: Buttons, out: &mut Queue) {
        let held = self.buttons();
        let pressed = buttons.without(held);
        let mut on_pointer = buttons.without(pressed).without(self.on_mouse);
        let mut on_mouse = buttons.without(pressed).without(self.on_pointer);
        if self.uses_mouse() {
            on_mouse = on_mouse.with(pressed);
        } else if self.has.pointer {
            on_pointer = on_pointer.with(pressed);
        }
        if std::mem::replace(&mut self.on_pointer, on_pointer) != on_pointer {
            out.push(Step::Report(Report::Pointer(self.pointer())));
        }
        if std::mem::replace(&mut self.on_mouse, on_mouse) != on_mouse {
            out.push(Step::Report(Report::Mouse(self.mouse())));
        }
    }

    /// Turns the wheels by 1/120 of detents. A host that takes only whole detents gets them once they are full.
    pub(super) fn turn(&mut self, vertical: i16, horizontal: i16, fine: bool, out: &mut Queue) {
        self.rest.0 += i32::from(vertical);
        self.rest.1 += i32::from(horizontal);
        if self.uses_mouse() {
            self.turn_mouse(out);
        } else if self.has.pointer {
            self.turn_pointer(fine, out);
        }
    }

    fn turn_mouse(&mut self, out: &mut Queue) {
        let mut counts = self.whole(WHEEL_DETENT.into());
        while counts != (0, 0) {
            out.push(Step::Report(Report::Mouse(Mouse {
                wheel: cut(&mut counts.0, MOUSE_WHEEL_MAX) as i8,
                pan: cut(&mut counts.1, MOUSE_WHEEL_MAX) as i8,
                ..self.mouse()
            })));
        }
    }

    fn turn_pointer(&mut self, fine: bool, out: &mut Queue) {
        let mut counts = self.whole(if fine { 1 } else { WHEEL_DETENT.into() });
        while counts != (0, 0) {
            out.push(Step::Report(Report::Pointer(Pointer {
                wheel: cut(&mut counts.0, POINTER_WHEEL_MAX) as i16,
                pan: cut(&mut counts.1, POINTER_WHEEL_MAX) as i16,
                ..self.pointer()
            })));
        }
    }

    /// Takes the whole units out of the rest.
    fn whole(&mut self, unit: i32) -> (i32, i32) {
        let (vertical, horizontal) = self.rest;
        self.rest = (vertical % unit, horizontal % unit);
        (vertical / unit, horizontal / unit)
    }

    /// Forgets the part of a detent that is left of the wheels' turns.
    pub(super) fn rest_wheels(&mut self) {
        self.rest = (0, 0);
    }

    /// Moves the pointer by a count of the mouse and back; without one, by as little of the absolute pointer's range as
    /// is a pixel on any screen. Which device is in use stays as it is.
    pub(super) fn jiggle(&self, out: &mut Queue) {
        if self.has.mouse {
            for dx in [1, -1] {
                out.push(Step::Report(Report::Mouse(Mouse { dx, ..self.mouse() })));
            }
        } else if self.has.pointer {
            let there = self.pointer();
            let beside = match there.x {
                POINTER_PIXEL.. => there.x - POINTER_PIXEL,
                near_the_edge => near_the_edge + POINTER_PIXEL,
            };
            for x in [beside, there.x] {
                out.push(Step::Report(Report::Pointer(Pointer { x, ..there })));
            }
        }
    }

    /// The state of both devices, for a host that does not know it.
    pub(super) fn restate(&self, out: &mut Queue) {
        if self.has.pointer && self.place.is_some() {
            out.push(Step::Report(Report::Pointer(self.pointer())));
        }
        if self.has.mouse {
            out.push(Step::Report(Report::Mouse(self.mouse())));
        }
    }

    /// The state of the devices on which a button is down.
    pub(super) fn remind(&self, out: &mut Queue) {
        if !self.on_pointer.is_empty() {
            out.push(Step::Report(Report::Pointer(self.pointer())));
        }
        if !self.on_mouse.is_empty() {
            out.push(Step::Report(Report::Mouse(self.mouse())));
        }
    }

    pub(super) fn buttons(&self) -> Buttons {
        self.on_pointer.with(self.on_mouse)
    }

    /// Without a place, a report of the absolute pointer would make it jump; so the mouse is used until there is one.
    fn uses_mouse(&self) -> bool {
        self.has.mouse && (self.relative || self.place.is_none())
    }

    fn pointer(&self) -> Pointer {
        let centre = (POINTER_MAX / 2, POINTER_MAX / 2);
        let (x, y) = self.place.unwrap_or(centre);
        Pointer {
            buttons: self.on_pointer,
            x,
            y,
            ..Pointer::default()
        }
    }

    fn mouse(&self) -> Mouse {
        Mouse {
            buttons: self.on_mouse,
            ..Mouse::default()
        }
    }
}

/// Cuts off as much as one report says.
fn cut(counts: &mut i32, limit: i32) -> i32 {
    let part = (*counts).clamp(-limit, limit);
    *counts -= part;
    part
}
