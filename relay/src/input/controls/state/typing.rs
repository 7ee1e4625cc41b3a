//! What a text does with the controls.

use std::{borrow::Cow, time::Instant};

use shared::{
    input::{Held, Input},
    message::{Typing, TypingPhase},
};

use super::State;
use crate::input::{
    controls::typing::{Job, Order},
    type_out,
};

impl State {
    /// What of an input counts: no key while a text is being typed, or it would be a part of the text.
    pub(super) fn beside_typing<'a>(&self, input: &'a Input) -> Option<Cow<'a, Input>> {
        let typing = (self.typing.as_ref()).is_some_and(|job| !job.out.is_paused());
        match input {
            Input::Key { .. } if typing => None,
            Input::Held(held) if typing => Some(Cow::Owned(Input::Held(Held {
                buttons: held.buttons,
                ..Held::default()
            }))),
            _ => Some(Cow::Borrowed(input)),
        }
    }

    /// Begins a text; `None` where another one is being typed.
    pub(in crate::input::controls) fn type_text(&mut self, order: Order) -> Option<u32> {
        if self.typing.is_some() || self.end.is_some() {
            return None;
        }
        self.hands.release_all(&mut self.queue);
        let id = self.typed.map_or(0, |typed| typed.id) + 1;
        self.typing = Some(Job::new(id, order));
        Some(id)
    }

    pub(in crate::input::controls) fn pause_typing(&mut self) {
        if let Some(job) = &mut self.typing {
            job.out.pause();
        }
    }

    pub(in crate::input::controls) fn resume_typing(&mut self) {
        if let Some(job) = &mut self.typing {
            self.hands.release_all(&mut self.queue);
            job.out.resume();
        }
    }

    /// Ends the text, whatever of it waits, and releases its keys.
    pub(in crate::input::controls) fn stop_typing(&mut self, phase: TypingPhase) {
        if let Some(job) = self.typing.take() {
            self.typed = Some(job.progress(phase));
            if job.out.holds() {
                self.hands.restate_keyboard(&mut self.queue);
            }
        }
    }

    /// How far the text is that is being typed, or was typed last.
    pub(in crate::input::controls) fn typing(&self) -> Option<Typing> {
        let job = self.typing.as_ref();
        job.map(|job| job.progress(job.out.phase())).or(self.typed)
    }

    pub(super) fn types_for(&self, viewer: u32) -> bool {
        (self.typing.as_ref()).is_some_and(|job| job.viewer == Some(viewer))
    }

    /// What the text has to write, once nothing else waits.
    pub(super) fn type_on(&mut self, now: Instant) -> type_out::Next {
        let Some(job) = &mut self.typing else {
            return type_out::Next::Done;
        };
        let next = job.out.next(now, self.host.leds);
        if next == type_out::Next::Done {
            self.stop_typing(TypingPhase::Done);
        }
        next
    }
}
