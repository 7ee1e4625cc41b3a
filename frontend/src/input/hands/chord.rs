//! Keys that are pressed together: shortcuts, and what follows the leader key.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::{
    input::{Input, Usage},
    keys,
};

use super::Hands;
use crate::input::{keyboard::KeyEvent, leader::Step};

impl Hands {
    /// Presses keys in this order and releases them in the reverse one. Nothing happens while somebody else has the
    /// controls.
    pub(crate) fn chord(&self, usages: &[Usage]) {
        if !self.may_act() {
            return;
        }
        self.take_free_control();
        let press = usages.iter().map(|usage| (*usage, true));
        let release = usages.iter().rev().map(|usage| (*usage, false));
        let keys = press.chain(release);
        self.send_as_is(keys.map(|(usage, down)| Input::Key { usage, down }));
    }

    /// Whether a key event is for the leader key's chord, and not for the machine.
    pub(super) fn leads(&self, event: KeyEvent<'_>) -> bool {
        let Some(usage) = keys::usage(event.code) else {
            return false;
        };
        let key = self.0.store.preferences.leader.get_untracked().usage();
        let step = {
            let mut leader = self.0.leader.borrow_mut();
            if event.down {
                leader.down(key, usage, event.repeat)
            } else {
                leader.up(usage)
            }
        };
        match step {
            Step::Pass => return false,
            Step::Swallow => {}
            Step::Send(chord) => self.chord(&chord),
        }
        self.wait_for_chord();
        true
    }

    pub(super) fn wait_for_chord(&self) {
        let leader = self.0.leader.borrow();
        self.0
            .store
            .leader
            .set(leader.collected().map(<[Usage]>::to_vec));
        let wait = leader.wait_ms().map(|wait_ms| {
            let hands = Rc::downgrade(&self.0);
            Timeout::new(wait_ms, move || {
                if let Some(hands) = hands.upgrade().map(Self) {
                    let chord = hands.0.leader.borrow_mut().quiet();
                    hands.chord(&chord.unwrap_or_default());
                    hands.wait_for_chord();
                }
            })
        });
        self.0.leader_wait.set(wait);
    }
}
