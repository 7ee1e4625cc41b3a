//! Fingers on the picture.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;

use super::Hands;
use crate::{
    browser::window,
    input::{
        touch::{Act, Finger, Touch},
        wheel::Unit,
    },
    preferences::PointerMode,
    view::Point,
};

/// What a finger did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It came down.
    Down,
    /// It moved.
    Moved,
    /// It was lifted.
    Up,
}

/// The fingers that are down, and what will become of them by itself.
#[derive(Default)]
pub(super) struct Fingers {
    touch: RefCell<Touch>,
    due: Cell<Option<Timeout>>,
    last: Cell<Option<(Point, f64)>>,
}

impl Hands {
    /// A finger did something on the picture.
    pub(crate) fn finger(&self, phase: Phase, finger: Finger) {
        let fingers = &self.0.fingers;
        if phase == Phase::Down {
            self.take_free_control();
            fingers.last.set(None);
            let mode = self.0.store.preferences.touch_mode.get_untracked();
            if fingers.touch.borrow().mode() != mode {
                self.release_all();
            }
        }
        let acts = {
            let mut touch = fingers.touch.borrow_mut();
            match phase {
                Phase::Down => touch.down(finger),
                Phase::Moved => touch.moved(finger),
                Phase::Up => touch.up(finger),
            }
        };
        self.act_all(acts, finger.at_ms);
    }

    /// Forgets the fingers.
    pub(super) fn clear_fingers(&self) {
        let mode = self.0.store.preferences.touch_mode.get_untracked();
        self.0.fingers.due.take();
        *self.0.fingers.touch.borrow_mut() = Touch::new(mode);
    }

    fn act_all(&self, acts: Vec<Act>, at_ms: f64) {
        for act in acts {
            self.act(act, at_ms);
        }
        let due = self.0.fingers.touch.borrow().due();
        let timeout = due.map(|due| {
            let hands = self.clone();
            let wait = (due - at_ms).max(0.0).ceil();
            Timeout::new(wait as u32, move || hands.tick(due))
        });
        self.0.fingers.due.set(timeout);
    }

    fn tick(&self, due_ms: f64) {
        let now_ms = window()
            .performance()
            .map_or(due_ms, |performance| performance.now());
        let now_ms = now_ms.max(due_ms);
        let acts = self.0.fingers.touch.borrow_mut().tick(now_ms);
        self.act_all(acts, now_ms);
    }

    fn act(&self, act: Act, at_ms: f64) {
        let shown = self.0.store.shown;
        match act {
            Act::MoveBy(way) => self.finger_moves(way, at_ms),
            Act::MoveTo(to) => {
                if let Some((from, _)) = self.0.fingers.last.replace(Some((to, at_ms))) {
                    shown.follow(from, to);
                }
                if let Some(placed) = shown.placed_now() {
                    self.point(placed.to_machine(to));
                }
            }
            Act::Press(button) => self.hold_button(button, true),
            Act::Release(button) => self.hold_button(button, false),
            Act::Scroll((x, y)) => self.turn(-x, -y, Unit::Pixel),
            Act::Pan(way) => shown.pan(way),
            Act::Zoom { about, factor } => shown.zoom_about(about, factor),
        }
    }

    fn finger_moves(&self, way: Point, at_ms: f64) {
        let last = self.0.fingers.last.replace(Some((way, at_ms)));
        let took_ms = last.map_or(0.0, |(_, last_ms)| at_ms - last_ms);
        match self.0.store.preferences.pointer_mode.get_untracked() {
            PointerMode::Absolute => self.move_cursor(way, took_ms),
            PointerMode::Relative => self.move_by(way, took_ms),
        }
    }
}
