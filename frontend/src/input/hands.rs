//! Everything that is held through this page, and its way to the relay.

mod chord;
mod fingers;
mod onscreen;
mod pointing;
mod writing;

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

use self::fingers::Fingers;
pub(crate) use self::fingers::Phase;
use super::{
    keyboard::{ALT_GR_WAIT_MS, KeyEvent, Keyboard, Outcome, System},
    leader::Leader,
    onscreen::Onscreen,
    pointer::Pointer,
    squash::Squash,
    wheel::{Unit, Wheel},
};
use crate::{
    link::connection::Link,
    store::{Control, HeldKeys, Store},
    view::Point,
};

/// The operator's hands. Cheap to clone; all clones are the same hands.
#[derive(Clone)]
pub(crate) struct Hands(Rc<Inner>);

struct Inner {
    link: Link,
    store: Store,
    keyboard: RefCell<Keyboard>,
    onscreen: RefCell<Onscreen>,
    pointer: RefCell<Pointer>,
    /// Where the pointer is, in pixels of the machine.
    cursor: Cell<Option<Point>>,
    wheel: RefCell<Wheel>,
    fingers: Fingers,
    /// Keys that are held by other means than the keyboard.
    by_hand: RefCell<Vec<Usage>>,
    squash: RefCell<Squash>,
    leader: RefCell<Leader>,
    leader_wait: Cell<Option<Timeout>>,
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
            onscreen: RefCell::default(),
            pointer: RefCell::default(),
            cursor: Cell::default(),
            wheel: RefCell::default(),
            fingers: Fingers::default(),
            by_hand: RefCell::default(),
            squash: RefCell::default(),
            leader: RefCell::default(),
            leader_wait: Cell::default(),
            heartbeat: RefCell::default(),
            alt_gr: Cell::default(),
        }))
    }

    /// A key event; true when the operator asked for the keyboard back.
    pub(crate) fn key(&self, event: KeyEvent<'_>) -> bool {
        if self.leads(event) {
            return false;
        }
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

    /// A key goes down or up by other means than the keyboard, and stays so.
    pub(crate) fn hold(&self, usage: Usage, down: bool) {
        if down {
            self.take_free_control();
        }
        let mut by_hand = self.0.by_hand.borrow_mut();
        let was_down = by_hand.contains(&usage);
        by_hand.retain(|held| *held != usage);
        if down {
            by_hand.push(usage);
        }
        drop(by_hand);
        if was_down != down {
            self.send_all([Input::Key { usage, down }]);
        }
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
        self.0.by_hand.borrow_mut().clear();
        self.0.onscreen.borrow_mut().clear();
        self.0.leader.borrow_mut().clear();
        self.wait_for_chord();
        self.clear_fingers();
        self.0.heartbeat.borrow_mut().take();
        self.show_held();
        if held {
            self.send(Input::ReleaseAll);
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

    /// Whether what is done here can reach the machine: nobody else has the controls.
    fn may_act(&self) -> bool {
        self.0.store.state.with_untracked(|state| {
            state
                .as_ref()
                .is_some_and(|state| !matches!(Control::of(state), Control::Theirs(_)))
        })
    }

    /// Sends what was done; modifiers that were tapped on the on-screen keyboard are for it.
    fn send_all(&self, inputs: impl IntoIterator<Item = Input>) {
        for input in inputs {
            self.with_tapped_modifiers(input);
        }
        self.sent();
    }

    /// What follows from anything that was sent.
    fn sent(&self) {
        self.beat_while_held();
        self.show_held();
    }

    /// Sends an input, or keeps it until the next frame where it is motion. A key that is still held by another hand
    /// is not released.
    fn send(&self, input: Input) {
        if matches!(&input, Input::Key { usage, down: false } if self.keys_down().contains(usage)) {
            return;
        }
        if !self.0.store.preferences.merge_motion.get_untracked() {
            self.do_now(input);
            return;
        }
        let mut squash = self.0.squash.borrow_mut();
        let had_frame = squash.wants_frame();
        for input in squash.take(input) {
            self.do_now(input);
        }
        if squash.wants_frame() && !had_frame {
            self.in_next_frame();
        }
    }

    /// Sends an input at once, and writes it down where a macro is being recorded.
    fn do_now(&self, input: Input) {
        let theirs = self.0.store.state.with_untracked(|state| {
            let control = state.as_ref().map(Control::of);
            matches!(control, Some(Control::Theirs(_)))
        });
        if !theirs {
            self.0.store.recording.input(&input);
        }
        self.0.link.send(&ToRelay::Input(input));
    }

    fn in_next_frame(&self) {
        let hands = self.clone();
        request_animation_frame(move || {
            let mut squash = hands.0.squash.borrow_mut();
            if let Some(input) = squash.frame() {
                hands.do_now(input);
            }
            if squash.wants_frame() {
                hands.in_next_frame();
            }
        });
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
            keys: List::new(self.keys_down()),
            buttons: self.0.pointer.borrow().buttons(),
        }
    }

    /// The keys that are down by any hand, once each.
    fn keys_down(&self) -> Vec<Usage> {
        let mut down = self.0.keyboard.borrow().down().to_vec();
        let by_hand = self.0.by_hand.borrow();
        for usage in by_hand
            .iter()
            .copied()
            .chain(self.0.onscreen.borrow().down())
        {
            if !down.contains(&usage) {
                down.push(usage);
            }
        }
        down
    }

    fn show_held(&self) {
        let onscreen = self.0.onscreen.borrow();
        let down = self.keys_down();
        let sticks = down
            .iter()
            .filter_map(|usage| Some((*usage, onscreen.stick(*usage)?)))
            .collect();
        let held = HeldKeys { down, sticks };
        if self.0.store.held.with_untracked(|shown| *shown != held) {
            self.0.store.held.set(held);
        }
    }

    fn nothing_held(&self) -> bool {
        self.0.keyboard.borrow().down().is_empty()
            && self.0.by_hand.borrow().is_empty()
            && self.0.onscreen.borrow().is_empty()
            && self.0.pointer.borrow().buttons().is_empty()
    }
}
