//! What a browser says of the keyboard, made into what the keyboard did.
//!
//! Browsers and operating systems differ from the keyboard in known ways: under Cmd, macOS never says that a key
//! went up; Windows says AltGr as Ctrl and Alt; Caps Lock on macOS only goes down when it goes on and only up when it
//! goes off; Print Screen on Windows only goes up.

use shared::{
    input::{Input, Usage},
    keys,
};

/// How long a left Ctrl on Windows waits for the right Alt that would show it to be half of AltGr, in milliseconds.
pub const ALT_GR_WAIT_MS: u32 = 10;

const CONTROL: [Usage; 2] = [Usage::Keyboard(0xE0), Usage::Keyboard(0xE4)];
const SHIFT: [Usage; 2] = [Usage::Keyboard(0xE1), Usage::Keyboard(0xE5)];
const ALT: [Usage; 2] = [Usage::Keyboard(0xE2), Usage::Keyboard(0xE6)];
const META: [Usage; 2] = [Usage::Keyboard(0xE3), Usage::Keyboard(0xE7)];
const CAPS_LOCK: Usage = Usage::Keyboard(0x39);
const PRINT_SCREEN: Usage = Usage::Keyboard(0x46);

/// The operator's own system, as far as keyboards differ by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum System {
    /// macOS and iPadOS.
    Apple,
    /// Windows.
    Windows,
    /// Linux, `ChromeOS`, Android.
    #[default]
    Other,
}

impl System {
    /// From `navigator.platform`.
    #[must_use]
    pub fn from_platform(platform: &str) -> Self {
        if ["Mac", "iPhone", "iPad"]
            .iter()
            .any(|apple| platform.starts_with(apple))
        {
            Self::Apple
        } else if platform.starts_with("Win") {
            Self::Windows
        } else {
            Self::Other
        }
    }
}

/// The parts of a `KeyboardEvent` that matter.
#[derive(Clone, Copy, Debug)]
pub struct KeyEvent<'a> {
    /// `KeyboardEvent.code`: the physical key.
    pub code: &'a str,
    /// `keydown`, or `keyup`.
    pub down: bool,
    /// Whether the browser repeats a held key.
    pub repeat: bool,
    /// Whether a Shift is down after this event.
    pub shift: bool,
    /// `Event.timeStamp`, in milliseconds.
    pub at_ms: f64,
}

/// What follows from an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// To be sent, in this order.
    pub inputs: Vec<Input>,
    /// Whether [`Keyboard::settle`] is to be called after [`ALT_GR_WAIT_MS`].
    pub wait: bool,
    /// Whether the operator asked for the keyboard back: Ctrl, Alt and Shift together, and let go.
    pub leave: bool,
}

/// The keys that are down on the machine through this page.
#[derive(Clone, Debug, Default)]
pub struct Keyboard {
    system: System,
    down: Vec<Usage>,
    maybe_alt_gr: Option<(Usage, f64)>,
    way_out: bool,
}

impl Keyboard {
    /// A keyboard with nothing down.
    #[must_use]
    pub fn new(system: System) -> Self {
        Self {
            system,
            ..Self::default()
        }
    }

    /// The keys that are down, in the order in which they went down.
    #[must_use]
    pub fn down(&self) -> &[Usage] {
        &self.down
    }

    /// Takes an event in.
    pub fn event(&mut self, event: KeyEvent<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(usage) = keys::usage(event.code) else {
            return outcome;
        };
        self.resolve_alt_gr(usage, event, &mut outcome);
        if event.down {
            self.went_down(usage, event, &mut outcome);
        } else {
            self.went_up(usage, event, &mut outcome);
        }
        outcome
    }

    /// The wait for AltGr is over: the left Ctrl was meant.
    pub fn settle(&mut self) -> Vec<Input> {
        let mut outcome = Outcome::default();
        if let Some((control, _)) = self.maybe_alt_gr.take() {
            self.press(control, &mut outcome);
        }
        outcome.inputs
    }

    /// Forgets everything; the caller tells the machine.
    pub fn clear(&mut self) {
        self.down.clear();
        self.maybe_alt_gr = None;
        self.way_out = false;
    }

    fn resolve_alt_gr(&mut self, usage: Usage, event: KeyEvent<'_>, outcome: &mut Outcome) {
        let Some((control, since_ms)) = self.maybe_alt_gr.take() else {
            return;
        };
        let together = event.at_ms - since_ms <= f64::from(ALT_GR_WAIT_MS);
        let alt_gr = event.down && usage == ALT[1] && together;
        if !alt_gr {
            self.press(control, outcome);
        }
    }

    fn went_down(&mut self, usage: Usage, event: KeyEvent<'_>, outcome: &mut Outcome) {
        if self.system == System::Apple && self.is_tapped(usage) {
            return self.tap(usage, outcome);
        }
        if event.repeat {
            return;
        }
        if self.system == System::Windows && usage == CONTROL[0] && !self.is_down(usage) {
            self.maybe_alt_gr = Some((usage, event.at_ms));
            outcome.wait = true;
            return;
        }
        if self.is_down(usage) {
            self.release(usage, outcome);
        }
        self.press(usage, outcome);
    }

    fn went_up(&mut self, usage: Usage, event: KeyEvent<'_>, outcome: &mut Outcome) {
        let only_ever_goes_up = match self.system {
            System::Apple => usage == CAPS_LOCK,
            System::Windows | System::Other => usage == PRINT_SCREEN && !self.is_down(usage),
        };
        if only_ever_goes_up {
            return self.tap(usage, outcome);
        }
        outcome.leave = self.way_out && self.is_down(usage);
        self.way_out = false;
        self.release(usage, outcome);
        if SHIFT.contains(&usage) && !event.shift {
            self.release_all_of(|key| SHIFT.contains(&key), outcome);
        }
        if self.system == System::Apple && META.contains(&usage) {
            self.release_all_of(|key| !key.is_modifier(), outcome);
        }
    }

    /// Whether macOS will never say that this key went up.
    fn is_tapped(&self, usage: Usage) -> bool {
        usage == CAPS_LOCK || (!usage.is_modifier() && self.any_down(META))
    }

    fn press(&mut self, usage: Usage, outcome: &mut Outcome) {
        self.down.push(usage);
        self.way_out = self.down.iter().all(|key| key.is_modifier())
            && [CONTROL, SHIFT, ALT]
                .into_iter()
                .all(|pair| self.any_down(pair));
        outcome.inputs.push(Input::Key { usage, down: true });
    }

    fn release(&mut self, usage: Usage, outcome: &mut Outcome) {
        if let Some(index) = self.down.iter().position(|key| *key == usage) {
            self.down.remove(index);
            outcome.inputs.push(Input::Key { usage, down: false });
        }
    }

    fn release_all_of(&mut self, which: impl Fn(Usage) -> bool, outcome: &mut Outcome) {
        for usage in self.down.clone() {
            if which(usage) {
                self.release(usage, outcome);
            }
        }
    }

    fn tap(&mut self, usage: Usage, outcome: &mut Outcome) {
        self.release(usage, outcome);
        self.press(usage, outcome);
        self.release(usage, outcome);
    }

    fn is_down(&self, usage: Usage) -> bool {
        self.down.contains(&usage)
    }

    fn any_down(&self, pair: [Usage; 2]) -> bool {
        pair.into_iter().any(|usage| self.is_down(usage))
    }
}

#[cfg(test)]
mod tests;
