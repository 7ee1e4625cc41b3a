//! The settings of the power: where the lines of a front panel are, and how long buttons are pressed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{hooks::settings::Hooks, wake::lan::WakeOnLan};

/// `[power]` in the settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The line of the power button.
    pub power_button: Option<Line>,
    /// The line of the reset button.
    pub reset_button: Option<Line>,
    /// The line of the power light.
    pub power_light: Option<Line>,
    /// The line of the light of the disk.
    pub disk_light: Option<Line>,
    /// See [`Times::press_ms`].
    pub press_ms: u32,
    /// See [`Times::hold_ms`].
    pub hold_ms: u32,
    /// See [`Times::reset_ms`].
    pub reset_ms: u32,
    /// See [`Times::on_limit_s`].
    pub on_limit_s: u32,
    /// See [`Times::off_limit_s`].
    pub off_limit_s: u32,
    /// See [`Times::pause_ms`].
    pub pause_ms: u32,
    /// How the machine is woken over the network.
    pub wake: Option<WakeOnLan>,
    /// What is run or asked to switch the machine.
    pub hooks: Hooks,
}

/// How long buttons are pressed, and machines waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// A short press of the power button, in milliseconds: 50..=2,000.
    pub press_ms: u32,
    /// A long one, at which a machine switches off at once, in milliseconds: 4,100..=20,000. ATX machines take 4 s.
    pub hold_ms: u32,
    /// A press of the reset button, in milliseconds: 50..=2,000.
    pub reset_ms: u32,
    /// How long a machine may take to go on, or to go off by force, in seconds: 4..=120.
    pub on_limit_s: u32,
    /// How long it may take to shut down, in seconds: 4..=1,800.
    pub off_limit_s: u32,
    /// How long it stays off before it is switched on again, in milliseconds: 500..=60,000.
    pub pause_ms: u32,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            press_ms: 300,
            hold_ms: 5_500,
            reset_ms: 300,
            on_limit_s: 10,
            off_limit_s: 90,
            pause_ms: 5_000,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let Times {
            press_ms,
            hold_ms,
            reset_ms,
            on_limit_s,
            off_limit_s,
            pause_ms,
        } = Times::default();
        Self {
            power_button: None,
            reset_button: None,
            power_light: None,
            disk_light: None,
            press_ms,
            hold_ms,
            reset_ms,
            on_limit_s,
            off_limit_s,
            pause_ms,
            wake: None,
            hooks: Hooks::default(),
        }
    }
}

/// One line of a GPIO chip.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The chip: its name (`gpiochip0`), its label (`pinctrl-bcm2711`) or its device (`/dev/gpiochip0`). A line that is
    /// named is looked for on all chips without it.
    pub chip: Option<String>,
    /// Which of the chip's lines.
    pub line: Which,
    /// Whether it is active (pressed, lit) when its level is low.
    #[serde(default)]
    pub active_low: bool,
    /// How an output is driven.
    #[serde(default)]
    pub drive: Drive,
    /// Which pull it has; without it, the one that it has anyway.
    pub bias: Option<Bias>,
}

/// A line by its number on the chip, or by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged, expecting = "the number of a line, or its name in quotes")]
pub enum Which {
    /// Counted from 0.
    Number(u32),
    /// As the board names it.
    Name(String),
}

/// How an output is driven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drive {
    /// To both levels.
    #[default]
    PushPull,
    /// To the low level only.
    OpenDrain,
    /// To the high level only.
    OpenSource,
}

/// Which pull a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bias {
    /// None.
    Disabled,
    /// To the low level.
    PullDown,
    /// To the high level.
    PullUp,
}

impl Line {
    /// Whether both are given as the same line, however it is used.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.chip, &self.line) == (&other.chip, &other.line)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.line {
            Which::Number(number) => write!(formatter, "line {number}")?,
            Which::Name(name) => write!(formatter, "line \"{name}\"")?,
        }
        match &self.chip {
            Some(chip) => write!(formatter, " of {chip}"),
            None => Ok(()),
        }
    }
}

impl Settings {
    /// How long buttons are pressed, and machines waited for.
    #[must_use]
    pub fn times(&self) -> Times {
        Times {
            press_ms: self.press_ms,
            hold_ms: self.hold_ms,
            reset_ms: self.reset_ms,
            on_limit_s: self.on_limit_s,
            off_limit_s: self.off_limit_s,
            pause_ms: self.pause_ms,
        }
    }

    /// All lines that are named, each with the name of its setting.
    #[must_use]
    pub fn lines(&self) -> Vec<(&'static str, &Line)> {
        [
            ("power_button", &self.power_button),
            ("reset_button", &self.reset_button),
            ("power_light", &self.power_light),
            ("disk_light", &self.disk_light),
        ]
        .into_iter()
        .filter_map(|(setting, line)| Some((setting, line.as_ref()?)))
        .collect()
    }

    /// The lines that press buttons.
    pub fn buttons(&self) -> impl Iterator<Item = &Line> {
        [&self.power_button, &self.reset_button]
            .into_iter()
            .flatten()
    }

    /// As [`Self::check`], with the hooks.
    ///
    /// # Errors
    /// The dotted name of the first setting that is not, and why.
    pub fn check_all(&self) -> Result<(), (String, String)> {
        self.check()
            .map_err(|(setting, problem)| (setting.to_owned(), problem))?;
        self.hooks
            .check()
            .map_err(|(setting, problem)| (format!("hooks.{setting}"), problem))
    }

    /// Whether all of them but the hooks are in their ranges and go together.
    ///
    /// # Errors
    /// The name of the first setting that is not, and why.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (setting, value, range) in [
            ("press_ms", self.press_ms, 50..=2_000),
            ("hold_ms", self.hold_ms, 4_100..=20_000),
            ("reset_ms", self.reset_ms, 50..=2_000),
            ("on_limit_s", self.on_limit_s, 4..=120),
            ("off_limit_s", self.off_limit_s, 4..=1_800),
            ("pause_ms", self.pause_ms, 500..=60_000),
        ] {
            if !range.contains(&value) {
                return Err((setting, format!("{} to {}", range.start(), range.end())));
            }
        }
        let lines = self.lines();
        for (at, (setting, line)) in lines.iter().enumerate() {
            if line.chip.is_none() && matches!(line.line, Which::Number(_)) {
                let problem = "a line that is given by its number needs its chip, too";
                return Err((setting, problem.to_owned()));
            }
            let same = |(_, other): &&(_, &Line)| other.is_same(line);
            if let Some((other, _)) = lines[..at].iter().find(same) {
                return Err((setting, format!("{line} is that of {other}, too")));
            }
            let is_light = setting.ends_with("_light");
            if is_light && line.drive != Drive::PushPull {
                return Err((setting, "a light is not driven".to_owned()));
            }
        }
        Ok(())
    }
}
