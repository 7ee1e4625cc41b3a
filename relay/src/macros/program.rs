//! A macro made ready to run: all that can be wrong with it is found before anything is done.

use std::{collections::HashMap, time::Duration};

use shared::{
    input::{Buttons, Input},
    layout::{LineEnd, Options, TabStop, Untypable},
    macros::{Awaited, Macro, Step, VALUE_MAX, Variable, fill},
    power::PowerAction,
};
use thiserror::Error;

use super::handling::{Handling, Stock, Unfit};
use crate::{input::type_out::Text, layouts};

/// How many of the characters that cannot be typed an error names.
const NAMED_MAX: usize = 20;

/// What is done, act by act.
#[derive(Debug, Default)]
pub struct Program {
    acts: Vec<(u32, Act)>,
    steps: u32,
    buttons: Buttons,
}

/// One act.
#[derive(Debug)]
pub enum Act {
    /// The hands do this.
    Do(Input),
    /// Nothing is done for so long.
    Pause(Duration),
    /// A text is typed.
    Type(Text),
    /// The machine is waited for, so long at most.
    Await(Awaited, Duration),
    /// A drive gets or gives an image, or something is done to the power.
    Handle(Handling),
}

/// Why a macro cannot be run as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotReady {
    /// It does nothing.
    #[error("it has no steps")]
    Empty,
    /// A value is missing.
    #[error("{0:?} is asked for, and nothing was said")]
    NoValue(String),
    /// A value for a variable that it does not have.
    #[error("there is no variable {0:?}")]
    NoVariable(String),
    /// A value is too long.
    #[error("the value of {0:?} has more than {VALUE_MAX} characters")]
    LongValue(String),
    /// A step of a kind that this relay cannot do.
    #[error("step {number} needs {what}, which this relay does not have")]
    NotHere {
        /// Which, counted from 1.
        number: u32,
        /// What is missing.
        what: &'static str,
    },
    /// A drive or an image that is not here, or do not fit together.
    #[error("step {number}: {what}")]
    Unfit {
        /// Which, counted from 1.
        number: u32,
        /// What is wrong.
        what: Unfit,
    },
    /// A layout that is not here.
    #[error("step {number}: there is no keyboard layout {layout:?}")]
    NoLayout {
        /// Which, counted from 1.
        number: u32,
        /// The layout.
        layout: String,
    },
    /// Characters that the layout cannot make.
    #[error("step {number}: the layout {layout} cannot make {characters}")]
    Untypable {
        /// Which, counted from 1.
        number: u32,
        /// The layout, for people.
        layout: String,
        /// Which, for people.
        characters: String,
    },
}

impl Program {
    /// Makes a macro ready with the values of its variables, for a machine with these drives, images and power.
    ///
    /// # Errors
    /// [`NotReady`]: the first thing that is in the way.
    pub fn prepare(
        document: &Macro,
        values: &HashMap<String, String>,
        stock: &Stock,
    ) -> Result<Self, NotReady> {
        if document.steps.is_empty() {
            return Err(NotReady::Empty);
        }
        let values = Values::new(&document.variables, values)?;
        let mut program = Self::default();
        for step in &document.steps {
            program.steps += 1;
            program.add(step, &values, stock)?;
        }
        Ok(program)
    }

    /// The acts, each with the number of its step, counted from 1.
    #[must_use]
    pub fn acts(&self) -> &[(u32, Act)] {
        &self.acts
    }

    /// How many steps it has.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    fn add(&mut self, step: &Step, values: &Values, stock: &Stock) -> Result<(), NotReady> {
        match step {
            Step::Tap { key, hold_ms } => self.chord(&[key.usage()], *hold_ms),
            Step::Chord { keys, hold_ms } => {
                let keys: Vec<_> = keys.iter().map(|key| key.usage()).collect();
                self.chord(&keys, *hold_ms);
            }
            Step::Press { key } => self.act(Input::Key {
                usage: key.usage(),
                down: true,
            }),
            Step::Release { key } => self.act(Input::Key {
                usage: key.usage(),
                down: false,
            }),
            Step::PointerTo { x, y } => self.act(Input::PointerTo { x: *x, y: *y }),
            Step::PointerBy { dx, dy } => self.act(Input::PointerBy { dx: *dx, dy: *dy }),
            Step::Click { button, hold_ms } => {
                let before = self.buttons;
                self.act(Input::Buttons(before.with(button.bit())));
                self.pause(*hold_ms);
                self.act(Input::Buttons(before.without(button.bit())));
                self.buttons = before.without(button.bit());
            }
            Step::Buttons { down } => {
                let bits = down.iter().map(|button| button.bit());
                self.buttons = bits.fold(Buttons::default(), Buttons::with);
                self.act(Input::Buttons(self.buttons));
            }
            Step::Wheel {
                vertical,
                horizontal,
            } => self.act(Input::Wheel {
                vertical: *vertical,
                horizontal: *horizontal,
            }),
            Step::Pause { ms } => self.pause(*ms),
            Step::WaitFor { what, at_most_ms } => {
                let at_most = Duration::from_millis((*at_most_ms).into());
                self.push(Act::Await(*what, at_most));
            }
            Step::Text {
                text,
                layout,
                line_end,
                tab,
                untypable,
            } => self.text(text, layout, (*line_end, *tab, *untypable), values)?,
            Step::Power { action } => match stock.power.has(*action) {
                true => self.push(Act::Handle(Handling::Power(*action))),
                false => return Err(self.not_here(needed(*action))),
            },
            Step::Insert {
                slot,
                image,
                writable,
            } => self.handle(stock.insert(slot, image, *writable))?,
            Step::Eject { slot } => self.handle(stock.eject(slot))?,
        }
        Ok(())
    }

    fn text(
        &mut self,
        text: &str,
        layout: &str,
        (line_end, tab, untypable): (LineEnd, TabStop, Untypable),
        values: &Values,
    ) -> Result<(), NotReady> {
        let number = self.steps;
        let known = layouts::named(layout).ok_or_else(|| NotReady::NoLayout {
            number,
            layout: layout.chars().take(40).collect(),
        })?;
        let options = Options {
            caps_lock: false,
            line_end,
            tab,
            untypable,
        };
        let compiled = Text::compile(&values.fill(text), &known, &options);
        if untypable == Untypable::Refuse && !compiled.plain.cannot.is_empty() {
            return Err(NotReady::Untypable {
                number,
                layout: known.label().to_owned(),
                characters: match values.has_secret(text) {
                    true => "some characters of a text with a secret".to_owned(),
                    false => named(&compiled.plain.cannot),
                },
            });
        }
        self.push(Act::Type(compiled));
        Ok(())
    }

    fn handle(&mut self, handling: Result<Handling, Unfit>) -> Result<(), NotReady> {
        let number = self.steps;
        let handling = handling.map_err(|what| NotReady::Unfit { number, what })?;
        self.push(Act::Handle(handling));
        Ok(())
    }

    fn chord(&mut self, keys: &[shared::input::Usage], hold_ms: u32) {
        for &usage in keys {
            self.act(Input::Key { usage, down: true });
        }
        self.pause(hold_ms);
        for &usage in keys.iter().rev() {
            self.act(Input::Key { usage, down: false });
        }
    }

    fn pause(&mut self, ms: u32) {
        if ms > 0 {
            self.push(Act::Pause(Duration::from_millis(ms.into())));
        }
    }

    fn act(&mut self, input: Input) {
        self.push(Act::Do(input));
    }

    fn push(&mut self, act: Act) {
        self.acts.push((self.steps, act));
    }

    fn not_here(&self, what: &'static str) -> NotReady {
        NotReady::NotHere {
            number: self.steps,
            what,
        }
    }
}

/// What a relay needs to do something to the power.
fn needed(action: PowerAction) -> &'static str {
    match action {
        PowerAction::Press | PowerAction::Hold | PowerAction::Cycle => "a line to the power button",
        PowerAction::Reset => "a line to the reset button",
        PowerAction::Wake => "a way to wake the machine",
        PowerAction::On | PowerAction::ShutDown => {
            "lines to the power button and to the power light"
        }
    }
}

fn named(cannot: &[(char, usize)]) -> String {
    let named: Vec<_> = cannot
        .iter()
        .take(NAMED_MAX)
        .map(|(character, _)| format!("{character:?} (U+{:04X})", u32::from(*character)))
        .collect();
    let more = match cannot.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", named.join(", "))
}

/// The variables with their values.
struct Values<'a>(Vec<(&'a Variable, &'a str)>);

impl<'a> Values<'a> {
    fn new(
        variables: &'a [Variable],
        given: &'a HashMap<String, String>,
    ) -> Result<Self, NotReady> {
        let known = |name: &str| variables.iter().any(|variable| variable.name == name);
        if let Some(other) = given.keys().find(|name| !known(name)) {
            return Err(NotReady::NoVariable(other.chars().take(40).collect()));
        }
        let value = |variable: &'a Variable| {
            let value = given.get(&variable.name).or(variable.default.as_ref());
            let value = value.ok_or_else(|| NotReady::NoValue(variable.label().to_owned()))?;
            match value.chars().nth(VALUE_MAX) {
                Some(_) => Err(NotReady::LongValue(variable.label().to_owned())),
                None => Ok((variable, value.as_str())),
            }
        };
        variables
            .iter()
            .map(value)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn fill(&self, text: &str) -> String {
        fill(text, |name| {
            let named = self.0.iter().find(|(variable, _)| variable.name == name);
            named.map(|(_, value)| *value)
        })
    }

    fn has_secret(&self, text: &str) -> bool {
        self.0.iter().any(|(variable, _)| {
            variable.secret && text.contains(&format!("{{{{{}}}}}", variable.name))
        })
    }
}
