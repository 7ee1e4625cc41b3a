//! A machine's power: what its lights say, and what can be done to it.
//!
//! The same types go over the link (as a part of the state) and, as JSON, over `GET /api/v1/power`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A machine's power, and what is being done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Power {
    /// What its power light says.
    pub supply: Supply,
    /// Whether its disk light is on; `None` where there is none. A few changes a second at most.
    pub disk: Option<bool>,
    /// What can be done to it.
    pub actions: Actions,
    /// What is being done to it: one thing at a time.
    pub running: Option<Running>,
    /// What was done to it last.
    pub ended: Option<Ended>,
}

/// What a machine's power light says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Supply {
    /// Nothing: there is no light, or it is not yet known.
    #[default]
    Unknown,
    /// Dark.
    Off,
    /// Lit.
    On,
    /// It blinks.
    Asleep,
}

/// What can be done to a machine's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PowerAction {
    /// The power button is pressed shortly.
    Press,
    /// The power button is held until the machine is off.
    Hold,
    /// The reset button is pressed.
    Reset,
    /// The machine is woken over the network, or over USB.
    Wake,
    /// The power button is pressed, unless the machine is on.
    On,
    /// The machine is switched off by force, and on again.
    Cycle,
    /// The machine is asked to shut down, and has done so when its light is off.
    ShutDown,
}

impl PowerAction {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Press,
        Self::Hold,
        Self::Reset,
        Self::Wake,
        Self::On,
        Self::Cycle,
        Self::ShutDown,
    ];

    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Press => "press",
            Self::Hold => "hold",
            Self::Reset => "reset",
            Self::Wake => "wake",
            Self::On => "on",
            Self::Cycle => "cycle",
            Self::ShutDown => "shut-down",
        }
    }
}

/// A set of [`PowerAction`]s: on the link a bit each, in JSON a list of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions(pub u16);

impl Actions {
    /// This set with `action` added.
    #[must_use]
    pub fn with(self, action: PowerAction) -> Self {
        Self(self.0 | Self::bit(action))
    }

    /// This set and those of `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `action` is among them.
    #[must_use]
    pub fn has(self, action: PowerAction) -> bool {
        self.0 & Self::bit(action) != 0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = PowerAction> {
        PowerAction::ALL
            .into_iter()
            .filter(move |action| self.has(*action))
    }

    fn bit(action: PowerAction) -> u16 {
        1 << action as u16
    }
}

impl FromIterator<PowerAction> for Actions {
    fn from_iter<I: IntoIterator<Item = PowerAction>>(actions: I) -> Self {
        actions.into_iter().fold(Self::default(), Self::with)
    }
}

impl Serialize for Actions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_seq(self.iter()),
            false => serializer.serialize_u16(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Actions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => Ok(Vec::<PowerAction>::deserialize(deserializer)?
                .into_iter()
                .collect()),
            false => u16::deserialize(deserializer).map(Self),
        }
    }
}

/// What is being done to a machine's power.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Counts what was done since the relay started.
    pub id: u32,
    /// What.
    pub action: PowerAction,
    /// The name of the person who wanted it.
    pub by: String,
    /// Since when, in microseconds of Unix time.
    pub since_us: u64,
}

/// What was done to a machine's power.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// As in [`Running`].
    pub id: u32,
    /// What.
    pub action: PowerAction,
    /// The name of the person who wanted it.
    pub by: String,
    /// When it ended, in microseconds of Unix time.
    pub at_us: u64,
    /// How.
    pub outcome: Outcome,
}

/// How something that was done to a machine's power has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is done.
    Done,
    /// The machine did not go on or off in time.
    NotFollowed,
    /// A line to the machine could not be driven.
    LineLost,
    /// What was to do it has refused, or failed.
    Refused,
    /// What was to do it has not answered in time.
    TimedOut,
    /// It was broken off, and the buttons are released.
    Stopped,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Actions, Power, PowerAction, Supply};

    #[test]
    fn every_action_is_called_what_json_calls_it() {
        for action in PowerAction::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), json!(action.name()));
        }
    }

    #[test]
    fn in_json_a_set_is_a_list_of_names() {
        let power = Power {
            supply: Supply::Asleep,
            actions: Actions::from_iter([PowerAction::ShutDown, PowerAction::Press]),
            ..Power::default()
        };
        let written = json!({"supply": "asleep", "disk": null, "actions": ["press", "shut-down"], "running": null, "ended": null});
        assert_eq!(serde_json::to_value(&power).unwrap(), written);
        assert_eq!(serde_json::from_value::<Power>(written).unwrap(), power);
    }
}
