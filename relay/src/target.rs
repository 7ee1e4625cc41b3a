//! The machine that the relay serves, as a set of devices behind traits.

use crate::{capture::Screen, input::Hid, media::Drive};

pub mod hardware;
pub mod sim;

/// What the relay has of one machine.
pub struct Target {
    /// The name that people see.
    pub machine: String,
    /// Its picture.
    pub screen: Box<dyn Screen>,
    /// Its keyboard and pointer.
    pub hid: Box<dyn Hid>,
    /// Its drives, in the order of the slots; fewer, where it cannot have as many.
    pub drives: Vec<Box<dyn Drive>>,
}
