//! The bounds of a macro.

use std::collections::HashSet;

use thiserror::Error;

use super::{Macro, STEPS_MAX, Step, Variable};
use crate::input::POINTER_MAX;

/// The longest value of a variable, in characters.
pub const VALUE_MAX: usize = 10_000;

/// The longest name of a macro or a variable's label, in characters.
pub const NAME_MAX: usize = 80;

/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 1_000;

/// The most variables.
pub const VARIABLES_MAX: usize = 20;

/// The longest name of a variable, in characters.
pub const VARIABLE_NAME_MAX: usize = 30;

/// The longest text of a step, in characters.
pub const TEXT_MAX: usize = 10_000;

const CHORD_MAX: usize = 8;
const BUTTONS_MAX: usize = 5;
const FIELD_MAX: usize = 200;
const TIME_MAX_MS: u32 = 60 * 60 * 1000;

/// What is wrong with a macro.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MacroFault {
    /// The name.
    #[error("a macro's name has 1 to {NAME_MAX} characters, and no line ends")]
    Name,
    /// The description.
    #[error("a macro's description has at most {DESCRIPTION_MAX} characters")]
    Description,
    /// The number of steps.
    #[error("a macro has at most {STEPS_MAX} steps, and this one has {0}")]
    Steps(usize),
    /// The number of variables.
    #[error("a macro has at most {VARIABLES_MAX} variables")]
    Variables,
    /// A variable's name.
    #[error(
        "the variable name {0:?} cannot be used: it has 1 to {VARIABLE_NAME_MAX} lower-case letters, digits and underscores"
    )]
    VariableName(String),
    /// Two variables of one name.
    #[error("there are two variables {0:?}")]
    VariableTwice(String),
    /// A variable's label or default.
    #[error("label or default of the variable {0:?} is too long")]
    VariableLength(String),
    /// A default that would be stored.
    #[error("the variable {0:?} is secret, so it has no default: that would be stored")]
    SecretDefault(String),
    /// A step.
    #[error("step {number}: {what}")]
    Step {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        what: StepFault,
    },
}

/// What is wrong with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StepFault {
    /// How long it takes, or waits.
    #[error("a time is at most an hour")]
    Time,
    /// The keys of a chord, or how long it is held.
    #[error("a chord has one to eight keys and is held for an hour at most")]
    Chord,
    /// Where the pointer goes.
    #[error("a place of the pointer is 0 to 32767 on each axis")]
    Place,
    /// The pointer's buttons.
    #[error("a pointer has five buttons")]
    Buttons,
    /// The length of a text.
    #[error("a text has 1 to 10,000 characters")]
    Text,
    /// The name of a drive or an image.
    #[error("the name of a drive or an image is too long")]
    Drive,
}

impl Macro {
    /// Whether everything is within its bounds.
    ///
    /// # Errors
    /// [`MacroFault`]: the first thing that is not.
    pub fn check(&self) -> Result<(), MacroFault> {
        if self.name.trim().is_empty()
            || longer(&self.name, NAME_MAX)
            || self.name.chars().any(char::is_control)
        {
            return Err(MacroFault::Name);
        }
        if longer(&self.description, DESCRIPTION_MAX) {
            return Err(MacroFault::Description);
        }
        check_variables(&self.variables)?;
        if self.steps.len() > STEPS_MAX {
            return Err(MacroFault::Steps(self.steps.len()));
        }
        for (index, step) in self.steps.iter().enumerate() {
            let number = index + 1;
            step.check()
                .map_err(|what| MacroFault::Step { number, what })?;
        }
        Ok(())
    }
}

fn check_variables(variables: &[Variable]) -> Result<(), MacroFault> {
    if variables.len() > VARIABLES_MAX {
        return Err(MacroFault::Variables);
    }
    let mut names = HashSet::new();
    for variable in variables {
        let name = || variable.name.clone();
        let sound = |character: char| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
        };
        if variable.name.is_empty()
            || variable.name.len() > VARIABLE_NAME_MAX
            || !variable.name.chars().all(sound)
        {
            return Err(MacroFault::VariableName(
                name().chars().take(FIELD_MAX).collect(),
            ));
        }
        if !names.insert(&variable.name) {
            return Err(MacroFault::VariableTwice(name()));
        }
        let default = variable.default.as_deref();
        if longer(&variable.label, NAME_MAX)
            || default.is_some_and(|default| longer(default, VALUE_MAX))
        {
            return Err(MacroFault::VariableLength(name()));
        }
        if variable.secret && default.is_some() {
            return Err(MacroFault::SecretDefault(name()));
        }
    }
    Ok(())
}

impl Step {
    fn check(&self) -> Result<(), StepFault> {
        let (sound, fault) = match self {
            Self::Tap { hold_ms: ms, .. }
            | Self::Click { hold_ms: ms, .. }
            | Self::Pause { ms }
            | Self::WaitFor { at_most_ms: ms, .. } => (*ms <= TIME_MAX_MS, StepFault::Time),
            Self::Chord { keys, hold_ms } => (
                (1..=CHORD_MAX).contains(&keys.len()) && *hold_ms <= TIME_MAX_MS,
                StepFault::Chord,
            ),
            Self::PointerTo { x, y } => (*x <= POINTER_MAX && *y <= POINTER_MAX, StepFault::Place),
            Self::Buttons { down } => (down.len() <= BUTTONS_MAX, StepFault::Buttons),
            Self::Text { text, layout, .. } => (
                !text.is_empty() && !longer(text, TEXT_MAX) && !longer(layout, FIELD_MAX),
                StepFault::Text,
            ),
            Self::Insert { slot, image, .. } => (
                !longer(slot, FIELD_MAX) && !longer(image, FIELD_MAX),
                StepFault::Drive,
            ),
            Self::Eject { slot } => (!longer(slot, FIELD_MAX), StepFault::Drive),
            Self::Press { .. }
            | Self::Release { .. }
            | Self::PointerBy { .. }
            | Self::Wheel { .. }
            | Self::Power { .. } => return Ok(()),
        };
        sound.then_some(()).ok_or(fault)
    }
}

fn longer(text: &str, limit: usize) -> bool {
    text.chars().nth(limit).is_some()
}
