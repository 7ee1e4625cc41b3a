//! What fingers mean: a state machine that is told of every finger, with times, and says what follows.

mod direct;
mod fingers;
mod momentum;
#[cfg(test)]
mod tests;
mod trackpad;

use shared::input::Buttons;

use self::{direct::Direct, trackpad::Trackpad};
use crate::view::Point;

/// How far a finger may stray, in CSS pixels, before it means to move.
pub const SLOP: f64 = 8.0;

/// The longest that a tap takes, in milliseconds.
pub const TAP_MS: f64 = 250.0;

/// What touching the picture does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TouchMode {
    /// The picture is a trackpad: fingers move the pointer from where it is.
    #[default]
    Trackpad,
    /// A finger is the pointer.
    Direct,
}

/// A finger on the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finger {
    /// Tells it from the others while it is down.
    pub id: i32,
    /// Where it is on the page.
    pub at: Point,
    /// When, in milliseconds.
    pub at_ms: f64,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    /// The pointer moves by a way on the page.
    MoveBy(Point),
    /// The pointer goes to a point of the page.
    MoveTo(Point),
    /// A button goes down.
    Press(Buttons),
    /// A button goes up.
    Release(Buttons),
    /// What is under the fingers moves with them, by a way on the page.
    Scroll(Point),
    /// The picture moves by a way on the page.
    Pan(Point),
    /// The picture grows about a point of the page.
    Zoom {
        /// What stays where it is.
        about: Point,
        /// How much it grows.
        factor: f64,
    },
}

/// The fingers on the picture, in either mode.
#[derive(Clone, Debug)]
pub struct Touch(Mode);

#[derive(Clone, Debug)]
enum Mode {
    Trackpad(Trackpad),
    Direct(Direct),
}

impl Default for Touch {
    fn default() -> Self {
        Self::new(TouchMode::default())
    }
}

impl Touch {
    /// No finger is down.
    #[must_use]
    pub fn new(mode: TouchMode) -> Self {
        Self(match mode {
            TouchMode::Trackpad => Mode::Trackpad(Trackpad::default()),
            TouchMode::Direct => Mode::Direct(Direct::default()),
        })
    }

    /// Which mode this is.
    #[must_use]
    pub fn mode(&self) -> TouchMode {
        match self.0 {
            Mode::Trackpad(_) => TouchMode::Trackpad,
            Mode::Direct(_) => TouchMode::Direct,
        }
    }

    /// A finger comes down.
    pub fn down(&mut self, finger: Finger) -> Vec<Act> {
        match &mut self.0 {
            Mode::Trackpad(trackpad) => trackpad.down(finger),
            Mode::Direct(direct) => direct.down(finger),
        }
    }

    /// A finger has moved.
    pub fn moved(&mut self, finger: Finger) -> Vec<Act> {
        match &mut self.0 {
            Mode::Trackpad(trackpad) => trackpad.moved(finger),
            Mode::Direct(direct) => direct.moved(finger),
        }
    }

    /// A finger is lifted.
    pub fn up(&mut self, finger: Finger) -> Vec<Act> {
        match &mut self.0 {
            Mode::Trackpad(trackpad) => trackpad.up(finger),
            Mode::Direct(direct) => direct.up(finger),
        }
    }

    /// When [`Self::tick`] is to be called, in milliseconds.
    #[must_use]
    pub fn due(&self) -> Option<f64> {
        match &self.0 {
            Mode::Trackpad(trackpad) => trackpad.due(),
            Mode::Direct(direct) => direct.due(),
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now_ms: f64) -> Vec<Act> {
        match &mut self.0 {
            Mode::Trackpad(trackpad) => trackpad.tick(now_ms),
            Mode::Direct(direct) => direct.tick(now_ms),
        }
    }
}

fn click(buttons: Buttons) -> [Act; 2] {
    [Act::Press(buttons), Act::Release(buttons)]
}

fn between(from: Point, to: Point) -> Point {
    (to.0 - from.0, to.1 - from.1)
}

fn distance(from: Point, to: Point) -> f64 {
    let (x, y) = between(from, to);
    x.hypot(y)
}
