//! Switches that are told over a line what to do, in a protocol that the settings describe.
//!
//! [`pattern`] reads and writes its texts, [`dialogue`] says what is sent when and what an answer means, [`ready`] has the
//! protocols of known devices; all of them are pure. [`line`] has the serial line or the connection.

use std::time::Duration;

use serde::Deserialize;

use self::pattern::{Pattern, Template};

pub mod dialogue;
pub mod line;
pub mod pattern;
pub mod ready;

pub use ready::Model;

/// A protocol in the settings. What is left out is as the model has it; an empty text takes away what that has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What selects a port.
    pub select: Option<String>,
    /// What the switch says once a port is selected, if it says it in another way than when it is asked.
    pub select_answer: Option<String>,
    /// What asks which port is selected; without it, a switch that says so at all says it by itself.
    pub status: Option<String>,
    /// How the switch says which port is selected.
    pub status_answer: Option<String>,
    /// What the switch says where it does not do something.
    pub refusal: Option<String>,
    /// What ends each command.
    pub ending: Option<String>,
    /// Whether the switch sends back what it is sent.
    pub echo: Option<bool>,
    /// Whether it is waited for until the switch says that the port is selected.
    pub confirms: Option<bool>,
    /// See [`Protocol::limit`], in milliseconds: 100..=30,000.
    pub limit_ms: Option<u32>,
    /// See [`Protocol::pause`], in milliseconds: 0..=5,000.
    pub pause_ms: Option<u32>,
}

/// A protocol, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// What selects a port.
    pub select: Template,
    /// What the switch says once a port is selected.
    pub select_answer: Option<Pattern>,
    /// What asks which port is selected; empty where nothing has to.
    pub status: Template,
    /// How the switch says which port is selected.
    pub status_answer: Option<Pattern>,
    /// What the switch says where it does not do something.
    pub refusal: Option<Pattern>,
    /// Whether the switch sends back what it is sent.
    pub echo: bool,
    /// Whether it is waited for until the switch says that the port is selected.
    pub confirms: bool,
    /// How long an answer may take.
    pub limit: Duration,
    /// How long the switch is left alone after a command.
    pub pause: Duration,
}

/// How long an answer may take where nobody says otherwise, in milliseconds.
const LIMIT_MS: u32 = 3_000;

/// How long a switch is left alone after a command where nobody says otherwise, in milliseconds.
const PAUSE_MS: u32 = 100;

/// The name of a setting, and what is wrong with it.
pub type Problem = (&'static str, String);

impl Settings {
    /// These settings, and those of a model where they say nothing, for a switch with so many ports.
    ///
    /// # Errors
    /// The first setting that cannot be used, and why.
    pub fn protocol(&self, model: Option<Model>, ports: usize) -> Result<Protocol, Problem> {
        let usual = model.map(Model::protocol).unwrap_or_default();
        let text = |own: &Option<String>, usual: Option<String>| own.clone().or(usual);
        let ending = template("ending", text(&self.ending, usual.ending))?;
        let command = |key, own, usual| -> Result<Template, Problem> {
            let command = template(key, text(own, usual))?;
            Ok(match command.is_empty() {
                true => command,
                false => command.followed_by(&ending),
            })
        };
        let protocol = Protocol {
            select: command("select", &self.select, usual.select)?,
            select_answer: pattern(
                "select_answer",
                text(&self.select_answer, usual.select_answer),
            )?,
            status: command("status", &self.status, usual.status)?,
            status_answer: pattern(
                "status_answer",
                text(&self.status_answer, usual.status_answer),
            )?,
            refusal: pattern("refusal", text(&self.refusal, usual.refusal))?,
            echo: self.echo.or(usual.echo).unwrap_or(false),
            confirms: self.confirms.or(usual.confirms).unwrap_or(true),
            limit: millis(
                "limit_ms",
                self.limit_ms.or(usual.limit_ms),
                LIMIT_MS,
                100,
                30_000,
            )?,
            pause: millis(
                "pause_ms",
                self.pause_ms.or(usual.pause_ms),
                PAUSE_MS,
                0,
                5_000,
            )?,
        };
        protocol.check(model, ports)?;
        Ok(protocol)
    }
}

impl Protocol {
    fn check(&self, model: Option<Model>, ports: usize) -> Result<(), Problem> {
        let fault = |key, problem: &str| Err((key, problem.to_owned()));
        if self.select.is_empty() {
            return fault(
                "select",
                "say what selects a port, or name a model that is known",
            );
        }
        if !self.select.names_port() {
            return fault(
                "select",
                "say where the port stands, as in 'sw {port}\\r\\n'",
            );
        }
        if self
            .status_answer
            .as_ref()
            .is_some_and(|answer| !answer.names_port())
        {
            return fault(
                "status_answer",
                "say where the port stands, as in 'in {port}'",
            );
        }
        if !self.status.is_empty() && self.status_answer.is_none() {
            return fault("status_answer", "say what is answered to status");
        }
        match model {
            Some(model) if ports > model.ports_max() => Err((
                "select",
                format!(
                    "a switch of this kind has at most {} ports, and here are {ports}",
                    model.ports_max()
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Whether it can be known which port is selected.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.status_answer.is_some()
    }
}

fn template(key: &'static str, text: Option<String>) -> Result<Template, Problem> {
    let text = text.unwrap_or_default();
    text.parse().map_err(|problem| (key, problem))
}

fn pattern(key: &'static str, text: Option<String>) -> Result<Option<Pattern>, Problem> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse())
        .transpose()
        .map_err(|problem| (key, problem))
}

fn millis(
    key: &'static str,
    own: Option<u32>,
    usual: u32,
    least: u32,
    most: u32,
) -> Result<Duration, Problem> {
    let value = own.unwrap_or(usual);
    match (least..=most).contains(&value) {
        true => Ok(Duration::from_millis(value.into())),
        false => Err((key, format!("{least} to {most}"))),
    }
}

#[cfg(test)]
mod tests;
