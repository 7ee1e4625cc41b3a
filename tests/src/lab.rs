//! The kernel lab: a virtual machine with a real kernel whose HDMI input (vivid) and USB link (`dummy_hcd`) meet the
//! relay's real code.

use std::time::Duration;

mod agent;
pub mod evdev;
mod events;
pub mod gpio;
mod guest;
pub mod hdmi;
mod machine;

pub use agent::serve;
pub use events::Events;
pub use guest::{Guest, Process};
pub use machine::Machine;

/// How long an emulated processor may take for what a real one does at once.
const DEADLINE: Duration = Duration::from_secs(60);

/// The port in the guest where the agent listens.
const AGENT_PORT: u16 = 4000;

/// The port in the guest where a relay can be reached from the host.
pub const RELAY_PORT: u16 = 8443;

/// What the agent prints on the console when it can be reached.
const READY: &str = "lab: ready";
