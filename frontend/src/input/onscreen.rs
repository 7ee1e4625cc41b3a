//! The keys that are held on the on-screen keyboard: fingers on keys, and modifiers that stick.
//!
//! A modifier that is tapped stays down for the next key; tapped twice it is locked until it is tapped again; held,
//! it is down while it is touched. All other keys are down while they are touched, so that the target repeats them.

use shared::input::{Input, Usage};

/// A touch that is longer is no tap, in milliseconds.
pub const TAP_MS: f64 = 400.0;

/// Two taps within this time lock a modifier, in milliseconds.
pub const DOUBLE_TAP_MS: f64 = 500.0;

/// How a modifier is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stick {
    /// While it is touched.
    Touched,
    /// For the next key.
    Next,
    /// Until it is tapped again.
    Locked,
}

#[derive(Clone, Copy, Debug)]
struct Modifier {
    usage: Usage,
    stick: Stick,
    /// What it becomes when the touch ends as a tap.
    after_tap: Option<Stick>,
    touched_ms: f64,
    tapped_ms: f64,
    used: bool,
}

/// The on-screen keyboard's held keys.
#[derive(Clone, Debug, Default)]
pub struct Onscreen {
    touches: Vec<(i32, Usage)>,
    modifiers: Vec<Modifier>,
    spent: bool,
}

impl Onscreen {
    /// A finger comes down on a key. `touch` tells it from other fingers.
    pub fn press(&mut self, touch: i32, usage: Usage, now_ms: f64) -> Vec<Input> {
        let mut inputs = self.spend();
        let is_down = self.is_down(usage);
        self.touches.push((touch, usage));
        if usage.is_modifier() {
            self.touch_modifier(usage, now_ms);
        } else {
            self.use_modifiers();
        }
        if !is_down {
            inputs.push(key(usage, true));
        }
        inputs
    }

    /// A finger is lifted.
    pub fn lift(&mut self, touch: i32, now_ms: f64) -> Vec<Input> {
        let Some(index) = self.touches.iter().position(|(known, _)| *known == touch) else {
            return Vec::new();
        };
        let (_, usage) = self.touches.remove(index);
        if usage.is_modifier() {
            self.lift_modifier(usage, now_ms);
        }
        let mut inputs = Vec::new();
        if !self.is_down(usage) {
            inputs.push(key(usage, false));
        }
        if !usage.is_modifier() {
            inputs.extend(self.spend());
        }
        inputs
    }

    /// A key was used elsewhere: modifiers for the next key have served. Call it after the key has gone down.
    pub fn used_elsewhere(&mut self) {
        self.use_modifiers();
    }

    /// Releases what was for a key that has been used.
    pub fn spend(&mut self) -> Vec<Input> {
        if !std::mem::take(&mut self.spent) {
            return Vec::new();
        }
        let over: Vec<Usage> = self
            .modifiers
            .iter()
            .filter(|modifier| modifier.stick == Stick::Next && modifier.used)
            .map(|modifier| modifier.usage)
            .collect();
        self.modifiers
            .retain(|modifier| !over.contains(&modifier.usage));
        over.into_iter()
            .rev()
            .map(|usage| key(usage, false))
            .collect()
    }

    /// How a modifier is down; `None` where it is up.
    #[must_use]
    pub fn stick(&self, usage: Usage) -> Option<Stick> {
        let modifier = self.modifiers.iter().find(|known| known.usage == usage)?;
        Some(modifier.stick)
    }

    /// All that is down, modifiers first, without repetition.
    #[must_use]
    pub fn down(&self) -> Vec<Usage> {
        let mut down: Vec<Usage> = self
            .modifiers
            .iter()
            .map(|modifier| modifier.usage)
            .collect();
        for (_, usage) in &self.touches {
            if !down.contains(usage) {
                down.push(*usage);
            }
        }
        down
    }

    /// Whether nothing is down.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.modifiers.is_empty() && self.touches.is_empty()
    }

    /// Forgets everything; the caller tells the machine.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn touch_modifier(&mut self, usage: Usage, now_ms: f64) {
        if let Some(modifier) = self.modifier(usage) {
            modifier.after_tap = match modifier.stick {
                Stick::Next if now_ms - modifier.tapped_ms <= DOUBLE_TAP_MS => Some(Stick::Locked),
                Stick::Next | Stick::Locked | Stick::Touched => None,
            };
            modifier.stick = Stick::Touched;
            modifier.touched_ms = now_ms;
            modifier.used = false;
        } else {
            self.modifiers.push(Modifier {
                usage,
                stick: Stick::Touched,
                after_tap: Some(Stick::Next),
                touched_ms: now_ms,
                tapped_ms: now_ms,
                used: false,
            });
        }
    }

    fn lift_modifier(&mut self, usage: Usage, now_ms: f64) {
        if self.touches.iter().any(|(_, touched)| *touched == usage) {
            return;
        }
        let Some(modifier) = self.modifier(usage) else {
            return;
        };
        let tapped = !modifier.used && now_ms - modifier.touched_ms <= TAP_MS;
        match modifier.after_tap.filter(|_| tapped) {
            Some(stick) => {
                modifier.stick = stick;
                modifier.tapped_ms = now_ms;
            }
            None => self.modifiers.retain(|known| known.usage != usage),
        }
    }

    fn use_modifiers(&mut self) {
        for modifier in &mut self.modifiers {
            modifier.used = true;
            self.spent |= modifier.stick == Stick::Next;
        }
    }

    fn modifier(&mut self, usage: Usage) -> Option<&mut Modifier> {
        self.modifiers.iter_mut().find(|known| known.usage == usage)
    }

    fn is_down(&self, usage: Usage) -> bool {
        self.touches.iter().any(|(_, touched)| *touched == usage) || self.stick(usage).is_some()
    }
}

fn key(usage: Usage, down: bool) -> Input {
    Input::Key { usage, down }
}

#[cfg(test)]
mod tests;
