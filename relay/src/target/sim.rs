//! The simulated PC: a machine with a screen and a USB port, so that the relay can be tried and tested without hardware.
//!
//! [`machine`] is pure and knows neither clock nor thread; [`pc`] puts its USB host, cables and faults around it;
//! [`live`] runs it in real time; [`screen`] and [`hid`] are the relay's ends of the two cables.

use std::sync::Arc;

use self::{
    drive::{Drive, guest, tray::Tray},
    geometry::Size,
    hid::SimHid,
    live::Live,
    screen::SimScreen,
};
use super::Target;
use crate::media::{self, slots::Slot};

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
pub mod pattern;
pub mod pc;
pub mod screen;
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
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
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

/// Switches a simulated PC on that has these drives.
///
/// # Errors
/// [`OpenError`] where the size is beyond its limits, or no thread can be had.
pub fn open(options: Options, slots: &[Slot]) -> Result<(Target, Control), OpenError> {
    let live = Arc::new(Live::new(Size::new(options.width, options.height)?));
    let painter = paint::start(&live)?;
    let target = Target {
        machine: "Armchair PC".to_owned(),
        screen: Box::new(SimScreen::new(Arc::clone(&live), painter)),
        hid: Box::new(SimHid::new(Arc::clone(&live))),
        drives: plug(&live, slots)?,
    };
    Ok((target, Control::new(live)))
}

/// Plugs drives in, each with its guest, and gives the relay's ends of them.
fn plug(live: &Arc<Live>, slots: &[Slot]) -> std::io::Result<Vec<Box<dyn media::Drive>>> {
    let mut trays: Vec<Box<dyn media::Drive>> = Vec::new();
    for (index, slot) in slots.iter().enumerate() {
        let (sender, jobs) = guest::jobs();
        guest::Guest::new(slot.clone(), index, live).start(jobs)?;
        live.access()
            .pc()
            .drives
            .push(Drive::new(slot.clone(), sender));
        trays.push(Box::new(Tray::new(live.clone(), index)));
    }
    Ok(trays)
}

#[cfg(test)]
mod tests;
