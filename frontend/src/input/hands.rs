//! Everything that is held through this page, and its way to the relay.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::*;
use shared::{
    ToRelay,
    input::{HELD_INTERVAL_MS, Held, Input, Usage},
    list::List,
};

use super::{
    keyboard::{ALT_GR_WAIT_MS, KeyEvent, Keyboard, Outcome, System},
    place::Place,
    pointer::Pointer,
    wheel::{Unit, Wheel},
};
use crate::{
    link::connection::Link,
    store::{Control, Store},
};

/// The operator's hands. Cheap to clone; all clones are the same hands.
#[derive(Clone)]
pub(crate) struct Hands(Rc<Inner>);

struct Inner {
    link: Link,
    store: Store,
    keyboard: RefCell<Keyboard>,
    pointer: RefCell<Pointer>,
    wheel: RefCell<Wheel>,
    heartbeat: RefCell<Option<Interval>>,
    alt_gr: Cell<Option<Timeout>>,
}

impl Hands {
    /// Hands with nothing held.
    pub(crate) fn new(link: Link, store: Store, system: System) -> Self {
        Self(Rc::new(Inner {
            link,
            store,
            keyboard: RefCell::new(Keyboard::new(system)),
            pointer: RefCell::default(),
            wheel: RefCell::default(),
            heartbeat: RefCell::default(),
            alt_gr: Cell::default(),
        }))
    }

    /// A key event; true when the operator asked for the keyboard back.
    pub(crate) fn key(&self, event: KeyEvent<'_>) -> bool {
        if event.down {
            self.take_free_control();
        }
        let Outcome {
            inputs,
            wait,
            leave,
        } = self.0.keyboard.borrow_mut().event(event);
        self.send_all(inputs);
        if wait {
            let hands = self.clone();
            let settle = Timeout::new(ALT_GR_WAIT_MS, move || {
                let inputs = hands.0.keyboard.borrow_mut().settle();
                hands.send_all(inputs);
            });
            self.0.alt_gr.set(Some(settle));
        }
        leave
    }

    /// Presses and releases a key that the operator chose on the page.
    pub(crate) fn tap(&self, usage: Usage) {
        self.take_free_control();
        self.send_all([true, false].map(|down| Input::Key { usage, down }));
    }

    /// The pointer is at a place.
    pub(crate) fn point(&self, place: Place, buttons: u16) {
        if buttons != 0 {
            self.take_free_control();
        }
        let inputs = self.0.pointer.borrow_mut().at(place, buttons);
        self.send_all(inputs);
    }

    /// The locked pointer moved.
    pub(crate) fn move_by(&self, dx: f64, dy: f64, buttons: u16) {
        let inputs = self.0.pointer.borrow_mut().by(dx, dy, buttons);
        self.send_all(inputs);
    }

    /// A finger comes down.
    pub(crate) fn touch_down(&self, point: (f64, f64), place: Place, at_ms: f64) {
        self.take_free_control();
        let inputs = self.0.pointer.borrow_mut().touch_down(point, place, at_ms);
        self.send_all(inputs);
    }

    /// A finger is lifted.
    pub(crate) fn touch_up(&self, point: (f64, f64), at_ms: f64) {
        let inputs = self.0.pointer.borrow_mut().touch_up(point, at_ms);
        self.send_all(inputs);
    }

    /// The wheel turned.
    pub(crate) fn turn(&self, delta_x: f64, delta_y: f64, unit: Unit) {
        let speed = self.0.store.preferences.scroll_factor();
        let turned = self
            .0
            .wheel
            .borrow_mut()
            .turn(delta_x, delta_y, unit, speed);
        self.send_all(turned);
    }

    /// Lets everything go, at once.
    pub(crate) fn release_all(&self) {
        let held = !self.nothing_held();
        self.0.alt_gr.take();
        self.0.keyboard.borrow_mut().clear();
        self.0.pointer.borrow_mut().clear();
        self.0.heartbeat.borrow_mut().take();
        if held {
            self.0.link.send(&ToRelay::Input(Input::ReleaseAll));
        }
    }

    /// Clicking or typing takes the controls when nobody has them; from somebody they are only taken by asking to.
    fn take_free_control(&self) {
        let nobody = self.0.store.state.with_untracked(|state| {
            state
                .as_ref()
                .is_some_and(|state| Control::of(state) == Control::Nobody)
        });
        if nobody {
            self.0.link.send(&ToRelay::TakeControl);
        }
    }

    fn send_all(&self, inputs: impl IntoIterator<Item = Input>) {
        for input in inputs {
            self.0.link.send(&ToRelay::Input(input));
        }
        self.beat_while_held();
    }

    fn beat_while_held(&self) {
        let mut heartbeat = self.0.heartbeat.borrow_mut();
        if self.nothing_held() {
            heartbeat.take();
        } else if heartbeat.is_none() {
            let hands = Rc::downgrade(&self.0);
            *heartbeat = Some(Interval::new(HELD_INTERVAL_MS, move || {
                if let Some(inner) = hands.upgrade() {
                    let held = Self(inner.clone()).held();
                    inner.link.send(&ToRelay::Input(Input::Held(held)));
                }
            }));
        }
    }

    fn held(&self) -> Held {
        Held {
            keys: List::new(self.0.keyboard.borrow().down().iter().copied()),
            buttons: self.0.pointer.borrow().buttons(),
        }
    }

    fn nothing_held(&self) -> bool {
        self.0.keyboard.borrow().down().is_empty() && self.0.pointer.borrow().buttons().is_empty()
    }
}
