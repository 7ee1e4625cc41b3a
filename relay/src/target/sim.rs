//! The simulated PC: a machine with a screen and a USB port, so that the relay can be tried and tested without hardware.
//!
//! [`machine`] is pure and knows neither clock nor thread; [`pc`] puts its USB host, cables and faults around it;
//! [`live`] runs it in real time; [`rack`] has one, or several behind a switch; [`screen`] and [`hid`] are the relay's ends
//! of the two cables.

use std::sync::Arc;

use self::{
    drive::{Drive, guest, tray::Tray},
    geometry::Size,
    hid::SimHid,
    panel::SimPanel,
    plug::SimPlug,
    rack::{Rack, cable::Cable as SwitchCable},
    screen::SimScreen,
    serial::Cable,
};
use super::Target;
use crate::{
    media::{self, slots::Slot},
    power::Panel,
    switch::Switch,
};

pub mod console;
pub mod control;
pub mod disk;
pub mod display;
pub mod drive;
pub mod edid;
pub mod editor;
pub mod fault;
pub mod firmware;
pub mod geometry;
pub mod hid;
pub mod keyboard;
pub mod layout;
pub mod live;
pub mod machine;
pub mod paint;
pub mod panel;
pub mod pattern;
pub mod pc;
pub mod plug;
pub mod rack;
pub mod screen;
pub mod serial;
pub mod shell;
pub mod text;
pub mod usb;

pub use control::Control;
pub use geometry::BadSize;

/// How the simulated PC is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The screen's width in pixels, 320..=3840.
    pub width: u16,
    /// The screen's height in pixels, 200..=2160.
    pub height: u16,
    /// Whether it is a rack of four PCs behind a switch.
    pub rack: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
            rack: false,
        }
    }
}

impl Options {
    /// One PC with a screen of this size.
    #[must_use]
    pub fn of_size(size: Size) -> Self {
        Self {
            width: size.width,
            height: size.height,
            ..Self::default()
        }
    }
}

/// Why there is no simulated PC.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It has no screen of this size.
    #[error(transparent)]
    Size(#[from] BadSize),
    /// No thread could be had for it.
    #[error("the simulated PC cannot start: {0}")]
    Thread(#[from] std::io::Error),
}

/// Switches a simulated PC on that has these drives, or a rack of them.
///
/// # Errors
/// [`OpenError`] where the size is beyond its limits, or no thread can be had.
pub fn open(options: Options, slots: &[Slot]) -> Result<(Target, Control), OpenError> {
    let size = Size::new(options.width, options.height)?;
    let rack = Arc::new(match options.rack {
        true => Rack::of_four(size),
        false => Rack::alone(size),
    });
    let painters: Result<_, _> = rack.pcs().iter().map(paint::start).collect();
    let panel = |live: &Arc<_>| Some(Box::new(SimPanel::new(Arc::clone(live))) as Box<dyn Panel>);
    let switch = || Box::new(SwitchCable(rack.clone())) as Box<dyn Switch>;
    let target = Target {
        machine: "Armchair PC".to_owned(),
        screen: Box::new(SimScreen::new(rack.clone(), painters?)),
        hid: Box::new(SimHid::new(rack.clone())),
        drives: plug(&rack, slots)?,
        panels: rack.pcs().iter().map(panel).collect(),
        switch: rack.has_switch().then(switch),
        plug: Some(Arc::new(SimPlug(rack.clone()))),
        serial: Some(Box::new(Cable(rack.clone()))),
    };
    Ok((target, Control::new(rack)))
}

/// Plugs drives in at each PC, each with its guest, and gives the relay's ends of them.
fn plug(rack: &Arc<Rack>, slots: &[Slot]) -> std::io::Result<Vec<Box<dyn media::Drive>>> {
    let mut trays: Vec<Box<dyn media::Drive>> = Vec::new();
    for (index, slot) in slots.iter().enumerate() {
        for live in rack.pcs() {
            let (sender, jobs) = guest::jobs();
            guest::Guest::new(slot.clone(), index, live).start(jobs)?;
            let drive = Drive::new(slot.clone(), sender);
            live.access().pc().drives.push(drive);
        }
        trays.push(Box::new(Tray::new(rack.clone(), index)));
    }
    Ok(trays)
}

#[cfg(test)]
mod tests;
