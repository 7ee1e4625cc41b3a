//! For which machine something is held: what an operator has held since before a move was meant for the machine before,
//! and counts again only once it was released.

use std::borrow::Cow;

use shared::{
    input::{Buttons, Held, Input, Usage},
    list::List,
};

/// What an operator holds by their own word, and what of it was meant for another machine.
#[derive(Debug, Default)]
pub(super) struct Meant {
    keys: Vec<Usage>,
    buttons: Buttons,
    /// Of the keys, those that do not count.
    stale_keys: Vec<Usage>,
    /// Of the buttons, those that do not count.
    stale_buttons: Buttons,
}

impl Meant {
    /// Hears an input, whatever becomes of it.
    pub(super) fn hear(&mut self, input: &Input) {
        match input {
            Input::Key { usage, down } => {
                self.keys.retain(|known| known != usage);
                self.stale_keys.retain(|known| known != usage);
                if *down {
                    self.keys.push(*usage);
                }
            }
            Input::Buttons(buttons) => self.buttons = *buttons,
            Input::Held(held) => {
                self.keys = held.keys.to_vec();
                self.buttons = held.buttons;
            }
            Input::ReleaseAll => (self.keys, self.buttons) = Default::default(),
            Input::PointerTo { .. } | Input::PointerBy { .. } | Input::Wheel { .. } => {}
        }
        let keys = &self.keys;
        self.stale_keys.retain(|stale| keys.contains(stale));
        self.stale_buttons.0 &= self.buttons.0;
    }

    /// The hands are at another machine from now on.
    pub(super) fn moved(&mut self) {
        self.stale_keys.clone_from(&self.keys);
        self.stale_buttons = self.buttons;
    }

    /// What of an input that was heard counts for this machine.
    pub(super) fn of<'a>(&self, input: &'a Input) -> Cow<'a, Input> {
        let counts = |buttons: Buttons| Buttons(buttons.0 & !self.stale_buttons.0);
        match input {
            _ if self.stale_keys.is_empty() && self.stale_buttons.0 == 0 => Cow::Borrowed(input),
            Input::Buttons(buttons) => Cow::Owned(Input::Buttons(counts(*buttons))),
            Input::Held(held) => {
                let keys = held.keys.iter().copied();
                let keys = keys.filter(|key| !self.stale_keys.contains(key));
                Cow::Owned(Input::Held(Held {
                    keys: List::new(keys),
                    buttons: counts(held.buttons),
                }))
            }
            _ => Cow::Borrowed(input),
        }
    }
}
