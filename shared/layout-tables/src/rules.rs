//! The compose rules: what dead keys make of the keys after them.

use anyhow::{Result, bail};
use xkbcommon::xkb::{
    CONTEXT_NO_FLAGS, Context, Keysym,
    compose::{COMPILE_NO_FLAGS, STATE_NO_FLAGS, State, Status, Table},
    keysyms,
};

/// Those that most Linux desktops have, whatever their language.
const LOCALE: &str = "en_US.UTF-8";

/// Where an accent cannot be shown by itself: a dotted circle, as charts have it.
const NO_ACCENT: char = '\u{25CC}';

pub(crate) struct Rules(Table);

/// What becomes of some keysyms.
pub(crate) enum Outcome {
    /// The rules do not speak of them.
    Unknown,
    /// More keysyms have to follow.
    Incomplete,
    /// This text.
    Text(String),
}

impl Rules {
    pub(crate) fn load() -> Result<Self> {
        let context = Context::new(CONTEXT_NO_FLAGS);
        match Table::new_from_locale(&context, LOCALE.as_ref(), COMPILE_NO_FLAGS) {
            Ok(table) => Ok(Self(table)),
            Err(()) => bail!("there are no compose rules of {LOCALE} (Debian's libx11-data)"),
        }
    }

    pub(crate) fn outcome(&self, sequence: &[Keysym]) -> Outcome {
        let mut state = State::new(&self.0, STATE_NO_FLAGS);
        for (number, keysym) in sequence.iter().enumerate() {
            state.feed(*keysym);
            let is_last = number + 1 == sequence.len();
            if !is_last && state.status() != Status::Composing {
                return Outcome::Unknown;
            }
        }
        match state.status() {
            Status::Composing => Outcome::Incomplete,
            Status::Composed => Outcome::Text(state.utf8().unwrap_or_default()),
            Status::Nothing | Status::Cancelled => Outcome::Unknown,
        }
    }

    /// The only character that some keysyms give.
    pub(crate) fn character(&self, sequence: &[Keysym]) -> Option<char> {
        let Outcome::Text(text) = self.outcome(sequence) else {
            return None;
        };
        let mut characters = text.chars();
        let first = characters.next()?;
        characters.next().is_none().then_some(first)
    }

    /// Whether a keysym is a dead key of these rules.
    pub(crate) fn is_dead(&self, keysym: Keysym) -> bool {
        keysym.raw() != keysyms::KEY_Multi_key
            && matches!(self.outcome(&[keysym]), Outcome::Incomplete)
    }

    /// The accent of a dead key.
    pub(crate) fn accent(&self, dead: Keysym) -> char {
        let space = Keysym::new(keysyms::KEY_space);
        self.character(&[dead, space])
            .or_else(|| self.character(&[dead, dead]))
            .unwrap_or(NO_ACCENT)
    }
}
