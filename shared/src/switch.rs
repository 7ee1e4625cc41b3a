//! A switch between the relay and several machines: its ports, which of them is shown, and who moved it.
//!
//! The same types go over the link (as a part of the state) and, as JSON, over `GET /api/v1/ports`.

use serde::{Deserialize, Serialize};

use crate::{list::List, power::Supply};

/// The most ports of a switch, or of a chain of them.
pub const PORTS_MAX: usize = 64;

/// The most characters of a port's name.
pub const PORT_NAME_MAX: usize = 64;

/// The most characters of the notes on a port.
pub const PORT_NOTES_MAX: usize = 500;

/// A switch, and what is being done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// Its ports, in order.
    pub ports: List<Port, PORTS_MAX>,
    /// The port that is shown, as its place in `ports`; `None` where that is not known.
    pub selected: Option<u8>,
    /// The move that goes on: one at a time.
    pub moving: Option<Moving>,
    /// The last move that is over.
    pub moved: Option<Moved>,
    /// Whether pages may keep a small picture of each port while they are open.
    pub thumbnails: bool,
}

/// A port of a switch, with the machine behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// The name of the machine, 1..=[`PORT_NAME_MAX`] characters.
    pub name: String,
    /// What people should know of it, at most [`PORT_NOTES_MAX`] characters.
    pub notes: String,
    /// What its power light says.
    pub supply: Supply,
}

/// A move to a port that goes on: until the picture of its machine is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    /// Counts the moves since the relay started.
    pub id: u32,
    /// The port, as its place in [`Switch::ports`].
    pub to: u8,
    /// The name of the person who wanted it.
    pub by: String,
    /// Since when, in microseconds of Unix time.
    pub since_us: u64,
}

/// A move that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// As in [`Moving`].
    pub id: u32,
    /// As in [`Moving`].
    pub to: u8,
    /// As in [`Moving`]; empty where somebody moved the switch by its own button.
    pub by: String,
    /// When it ended, in microseconds of Unix time.
    pub at_us: u64,
    /// How.
    pub outcome: Outcome,
}

/// How a move has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The port is selected, and its picture is there.
    Done,
    /// The port is selected; its machine gives no picture.
    NoSignal,
    /// The switch did not answer in time.
    NoAnswer,
    /// The switch answered that it did not do it, or stands on another port.
    Refused,
    /// The line or the connection to the switch cannot be used.
    Lost,
    /// The relay ended.
    Stopped,
}
