//! The machine that the relay serves, as a set of devices behind traits.

use std::sync::Arc;

use crate::{
    capture::Screen,
    input::Hid,
    media::Drive,
    power::Panel,
    serial::Source,
    switch::{Switch, port::Plug},
};

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
    /// The front panels, where there are lines to them: of the machine or, behind a switch, of each port's.
    pub panels: Vec<Option<Box<dyn Panel>>>,
    /// The switch that comes with the rest. One that the settings name goes before it.
    pub switch: Option<Box<dyn Switch>>,
    /// The USB cable, where its device can be given other ids.
    pub plug: Option<Arc<dyn Plug>>,
    /// Its serial port, where it has one that comes with the rest.
    pub serial: Option<Box<dyn Source>>,
}
