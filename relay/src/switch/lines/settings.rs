//! `[switch.driver.lines]`: which lines go to a switch.

use serde::Deserialize;

use crate::power::settings::{Drive, Line, Which};

/// The lines to a switch: one of `pulse`, `level` and `next`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The lines that press a button a port, in the order of the ports.
    pub pulse: Vec<Line>,
    /// The lines of which the active one selects its port, in the order of the ports.
    pub level: Vec<Line>,
    /// The line that presses a button that steps to the next port.
    pub next: Option<Line>,
    /// The lines of which the active one says which port is selected, in the order of the ports.
    pub read_back: Vec<Line>,
    /// How long a button is pressed, in milliseconds: 20..=2,000.
    pub pulse_ms: u32,
    /// How long the switch may take until `read_back` says that it has moved, in milliseconds: 100..=30,000.
    pub limit_ms: u32,
}

/// How a port is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By a button a port.
    Pulse,
    /// By a level.
    Level,
    /// By a button that steps.
    Next,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pulse: Vec::new(),
            level: Vec::new(),
            next: None,
            read_back: Vec::new(),
            pulse_ms: 200,
            limit_ms: 3_000,
        }
    }
}

impl Settings {
    /// How a port is selected.
    #[must_use]
    pub fn how(&self) -> How {
        match (&self.next, &self.level[..]) {
            (Some(_), _) => How::Next,
            (None, [_, ..]) => How::Level,
            (None, []) => How::Pulse,
        }
    }

    /// The lines that select a port, each with the dotted name of its setting.
    #[must_use]
    pub fn outputs(&self) -> Vec<(String, &Line)> {
        let next = self.next.iter().map(|line| ("next".to_owned(), line));
        named("pulse", &self.pulse)
            .chain(named("level", &self.level))
            .chain(next)
            .collect()
    }

    /// All lines, each with the dotted name of its setting.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, &Line)> {
        let mut lines = self.outputs();
        lines.extend(named("read_back", &self.read_back));
        lines
    }

    /// Whether all of it goes together, for a switch with so many ports.
    ///
    /// # Errors
    /// The dotted name of the first setting that does not, and why.
    pub fn check(&self, ports: usize) -> Result<(), (String, String)> {
        let fault = |setting: &str, problem: &str| Err((setting.to_owned(), problem.to_owned()));
        let ways = [
            !self.pulse.is_empty(),
            !self.level.is_empty(),
            self.next.is_some(),
        ];
        if ways.into_iter().filter(|is_named| *is_named).count() != 1 {
            return fault("pulse", "name the lines of one of pulse, level and next");
        }
        for (setting, lines) in [
            ("pulse", &self.pulse),
            ("level", &self.level),
            ("read_back", &self.read_back),
        ] {
            if !lines.is_empty() && lines.len() != ports {
                let problem = format!(
                    "one line a port, in their order: {ports}, and here are {}",
                    lines.len()
                );
                return Err((setting.to_owned(), problem));
            }
        }
        if self.next.is_some() && self.read_back.is_empty() {
            return fault(
                "next",
                "a button that steps needs read_back, or nobody knows how often to press it",
            );
        }
        for (setting, value, range) in [
            ("pulse_ms", self.pulse_ms, 20..=2_000),
            ("limit_ms", self.limit_ms, 100..=30_000),
        ] {
            if !range.contains(&value) {
                return Err((
                    setting.to_owned(),
                    format!("{} to {}", range.start(), range.end()),
                ));
            }
        }
        let lines = self.lines();
        for (at, (setting, line)) in lines.iter().enumerate() {
            if line.chip.is_none() && matches!(line.line, Which::Number(_)) {
                return fault(
                    setting,
                    "a line that is given by its number needs its chip, too",
                );
            }
            if let Some((other, _)) = lines[..at].iter().find(|(_, other)| other.is_same(line)) {
                return Err((setting.clone(), format!("{line} is that of {other}, too")));
            }
            if setting.starts_with("read_back") && line.drive != Drive::PushPull {
                return fault(setting, "a line that is looked at is not driven");
            }
        }
        Ok(())
    }
}

fn named<'a>(setting: &'a str, lines: &'a [Line]) -> impl Iterator<Item = (String, &'a Line)> {
    (0..)
        .zip(lines)
        .map(move |(at, line): (usize, _)| (format!("{setting}.{at}"), line))
}
