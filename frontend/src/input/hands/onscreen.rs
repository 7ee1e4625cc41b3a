//! The keys of the on-screen keyboard, and the modifiers that were tapped there for what is done elsewhere.

use shared::input::{Input, Usage};

use super::Hands;

/// What stands for a finger where a key is chosen without one.
const NO_TOUCH: i32 = i32::MIN;

impl Hands {
    /// A finger comes down on a key of the on-screen keyboard. `touch` tells it from other fingers.
    pub(crate) fn press(&self, touch: i32, usage: Usage, at_ms: f64) {
        if !self.may_act() {
            return;
        }
        self.take_free_control();
        let inputs = self.0.onscreen.borrow_mut().press(touch, usage, at_ms);
        self.send_as_is(inputs);
    }

    /// A finger is lifted from the on-screen keyboard.
    pub(crate) fn lift(&self, touch: i32, at_ms: f64) {
        let inputs = self.0.onscreen.borrow_mut().lift(touch, at_ms);
        self.send_as_is(inputs);
    }

    /// A key of the on-screen keyboard is chosen without a finger: by a keyboard, or by assistive technology.
    pub(crate) fn choose(&self, usage: Usage, at_ms: f64) {
        self.press(NO_TOUCH, usage, at_ms);
        self.lift(NO_TOUCH, at_ms);
    }

    /// Sends what is complete in itself, so that no tapped modifier is for it.
    pub(super) fn send_as_is(&self, inputs: impl IntoIterator<Item = Input>) {
        for input in inputs {
            self.send(input);
        }
        self.sent();
    }

    /// Sends what another hand did. The modifiers that were tapped are for it, if it is a key or a click, and are
    /// released when it is over.
    pub(super) fn with_tapped_modifiers(&self, input: Input) {
        let (begins, ends) = (begins(&input), ends(&input));
        if begins {
            self.send_spent();
        }
        self.send(input);
        if begins {
            self.0.onscreen.borrow_mut().used_elsewhere();
        }
        if ends {
            self.send_spent();
        }
    }

    fn send_spent(&self) {
        let spent = self.0.onscreen.borrow_mut().spend();
        for input in spent {
            self.send(input);
        }
    }
}

fn begins(input: &Input) -> bool {
    match input {
        Input::Key { usage, down } => *down && !usage.is_modifier(),
        Input::Buttons(buttons) => !buttons.is_empty(),
        _ => false,
    }
}

fn ends(input: &Input) -> bool {
    match input {
        Input::Key { usage, down } => !*down && !usage.is_modifier(),
        Input::Buttons(buttons) => buttons.is_empty(),
        _ => false,
    }
}
