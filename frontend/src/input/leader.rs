//! The leader key: after it, keys that are typed one after the other become one chord, so that the browser and the
//! operator's own system never see that chord and cannot take it.
//!
//! The chord is sent by Enter once it has a key besides modifiers, by the leader key again, or when nothing more is
//! typed for a while. The leader key twice is the leader key itself.

use shared::{input::Usage, keys};

/// After this time without a key a chord is sent, in milliseconds...
pub const SEND_MS: u32 = 1_200;

/// ...and one of modifiers alone is given up.
pub const GIVE_UP_MS: u32 = 6_000;

/// The most keys of a chord.
pub const KEYS_MAX: usize = 8;

const ENTER: [Usage; 2] = [Usage::Keyboard(0x28), Usage::Keyboard(0x58)];

/// Which key is the leader key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeaderKey {
    /// None.
    #[default]
    Off,
    /// A key that is seldom used otherwise, by its `KeyboardEvent.code`.
    Key(&'static str),
}

impl LeaderKey {
    /// The keys that can be chosen.
    pub const CHOICES: [&'static str; 7] = [
        "ControlRight",
        "AltRight",
        "MetaRight",
        "ContextMenu",
        "Pause",
        "ScrollLock",
        "Insert",
    ];

    /// The key's `KeyboardEvent.code`; `off` for none.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Key(code) => code,
        }
    }

    /// From what [`Self::code`] gave.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        if code == "off" {
            return Some(Self::Off);
        }
        let known = Self::CHOICES.into_iter().find(|known| *known == code);
        known.map(Self::Key)
    }

    /// The key's usage.
    #[must_use]
    pub fn usage(self) -> Option<Usage> {
        keys::usage(self.code())
    }
}

/// What becomes of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It goes to the machine as ever.
    Pass,
    /// It is swallowed.
    Swallow,
    /// It is swallowed, and these keys are pressed in this order and released in the reverse one.
    Send(Vec<Usage>),
}

/// The state of the leader key.
#[derive(Clone, Debug, Default)]
pub struct Leader {
    collected: Option<Vec<Usage>>,
    swallowed: Vec<Usage>,
}

impl Leader {
    /// A key goes down. `leader` is the leader key, where there is one; `repeat` is whether the browser repeats it.
    pub fn down(&mut self, leader: Option<Usage>, usage: Usage, repeat: bool) -> Step {
        let Some(collected) = &mut self.collected else {
            if leader != Some(usage) {
                return Step::Pass;
            }
            if !repeat {
                self.collected = Some(Vec::new());
            }
            return self.swallow(usage);
        };
        if repeat {
            return Step::Swallow;
        }
        let complete = collected.iter().any(|key| !key.is_modifier());
        let keys = if leader == Some(usage) {
            if collected.is_empty() {
                collected.push(usage);
            }
            Some(std::mem::take(collected))
        } else if ENTER.contains(&usage) && complete {
            Some(std::mem::take(collected))
        } else {
            if !collected.contains(&usage) && collected.len() < KEYS_MAX {
                collected.push(usage);
            }
            None
        };
        self.swallow(usage);
        match keys {
            Some(keys) => {
                self.collected = None;
                Step::Send(keys)
            }
            None => Step::Swallow,
        }
    }

    /// A key goes up.
    pub fn up(&mut self, usage: Usage) -> Step {
        match self.swallowed.iter().position(|known| *known == usage) {
            Some(index) => {
                self.swallowed.remove(index);
                Step::Swallow
            }
            None => Step::Pass,
        }
    }

    /// Nothing was typed for [`Self::wait_ms`]: what is to be sent, if anything.
    pub fn quiet(&mut self) -> Option<Vec<Usage>> {
        let keys = self.collected.take()?;
        keys.iter().any(|key| !key.is_modifier()).then_some(keys)
    }

    /// How long to wait for the next key, in milliseconds; `None` where nothing is waited for.
    #[must_use]
    pub fn wait_ms(&self) -> Option<u32> {
        let complete = self
            .collected
            .as_ref()?
            .iter()
            .any(|key| !key.is_modifier());
        Some(if complete { SEND_MS } else { GIVE_UP_MS })
    }

    /// The chord as far as it has been typed; `None` where the leader key was not pressed.
    #[must_use]
    pub fn collected(&self) -> Option<&[Usage]> {
        self.collected.as_deref()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn swallow(&mut self, usage: Usage) -> Step {
        if !self.swallowed.contains(&usage) {
            self.swallowed.push(usage);
        }
        Step::Swallow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEADER: Option<Usage> = Some(Usage::Keyboard(0xE4));
    const RIGHT_CONTROL: Usage = Usage::Keyboard(0xE4);
    const CONTROL: Usage = Usage::Keyboard(0xE0);
    const ALT: Usage = Usage::Keyboard(0xE2);
    const META: Usage = Usage::Keyboard(0xE3);
    const W: Usage = Usage::Keyboard(0x1A);

    fn tap(leader: &mut Leader, usage: Usage) -> Step {
        let step = leader.down(LEADER, usage, false);
        assert_eq!(leader.up(usage), Step::Swallow);
        step
    }

    #[test]
    fn every_choice_is_a_key() {
        for code in LeaderKey::CHOICES {
            let key = LeaderKey::from_code(code).unwrap();
            assert!(key.usage().is_some() && key.code() == code, "{code}");
        }
        assert_eq!(LeaderKey::from_code("off"), Some(LeaderKey::Off));
        assert_eq!(LeaderKey::Off.usage(), None);
        assert_eq!(LeaderKey::from_code("KeyA"), None);
    }

    #[test]
    fn without_it_every_key_passes() {
        let mut leader = Leader::default();
        assert_eq!(leader.down(LEADER, W, false), Step::Pass);
        assert_eq!(leader.up(W), Step::Pass);
        assert_eq!(leader.down(None, RIGHT_CONTROL, false), Step::Pass);
        assert_eq!(leader.wait_ms(), None);
    }

    #[test]
    fn keys_one_after_the_other_become_a_chord_at_enter() {
        let mut leader = Leader::default();
        assert_eq!(tap(&mut leader, RIGHT_CONTROL), Step::Swallow);
        assert_eq!(tap(&mut leader, CONTROL), Step::Swallow);
        assert_eq!(tap(&mut leader, W), Step::Swallow);
        assert_eq!(leader.collected(), Some(&[CONTROL, W][..]));
        assert_eq!(tap(&mut leader, ENTER[0]), Step::Send(vec![CONTROL, W]));
        assert_eq!(leader.down(LEADER, W, false), Step::Pass);
    }

    #[test]
    fn a_pause_sends_it() {
        let mut leader = Leader::default();
        tap(&mut leader, RIGHT_CONTROL);
        tap(&mut leader, CONTROL);
        assert_eq!(leader.wait_ms(), Some(GIVE_UP_MS));
        tap(&mut leader, W);
        assert_eq!(leader.wait_ms(), Some(SEND_MS));
        assert_eq!(leader.quiet(), Some(vec![CONTROL, W]));
        assert_eq!(leader.collected(), None);
    }

    #[test]
    fn modifiers_alone_are_given_up_after_a_pause() {
        let mut leader = Leader::default();
        tap(&mut leader, RIGHT_CONTROL);
        tap(&mut leader, CONTROL);
        assert_eq!(leader.quiet(), None);
        assert_eq!(leader.down(LEADER, W, false), Step::Pass);
    }

    #[test]
    fn enter_after_modifiers_is_a_part_of_the_chord() {
        let mut leader = Leader::default();
        tap(&mut leader, RIGHT_CONTROL);
        tap(&mut leader, ALT);
        assert_eq!(tap(&mut leader, ENTER[0]), Step::Swallow);
        assert_eq!(tap(&mut leader, ENTER[0]), Step::Send(vec![ALT, ENTER[0]]));
    }

    #[test]
    fn the_leader_again_sends_what_there_is_or_itself() {
        let mut leader = Leader::default();
        tap(&mut leader, RIGHT_CONTROL);
        tap(&mut leader, META);
        assert_eq!(tap(&mut leader, RIGHT_CONTROL), Step::Send(vec![META]));
        tap(&mut leader, RIGHT_CONTROL);
        assert_eq!(
            tap(&mut leader, RIGHT_CONTROL),
            Step::Send(vec![RIGHT_CONTROL])
        );
    }

    #[test]
    fn keys_pressed_together_are_a_chord_too_and_repeats_are_none() {
        let mut leader = Leader::default();
        tap(&mut leader, RIGHT_CONTROL);
        leader.down(LEADER, CONTROL, false);
        leader.down(LEADER, W, false);
        leader.down(LEADER, W, true);
        assert_eq!(leader.up(W), Step::Swallow);
        assert_eq!(leader.up(CONTROL), Step::Swallow);
        assert_eq!(leader.quiet(), Some(vec![CONTROL, W]));
    }
}
