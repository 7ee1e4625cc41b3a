//! PCs in a rack, and the switch between them and the relay's cables. A PC that stands alone is a rack of one.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use self::hotkeys::Hotkeys;
use super::{geometry::Size, live::Live, machine::Nameplate, pc::Pc};
use crate::{clock::unix_us, input::Host};

pub mod cable;
pub mod hotkeys;

/// How long neither picture nor USB link is there while the switch goes from one PC to another.
pub const TURN_TIME: Duration = Duration::from_millis(300);

/// The PCs of a rack in the order of the ports.
const PLACES: [Place; 4] = [
    Place::new("Oak", "oak", None, true),
    Place::new("Birch", "birch", Some((1024, 768)), true),
    Place::new("Cedar", "cedar", Some((800, 600)), true),
    Place::new("Maple", "maple", Some((1280, 800)), false),
];

struct Place {
    name: Nameplate,
    /// Of its screen, where it is not the one that is asked for.
    size: Option<(u16, u16)>,
    is_on: bool,
}

impl Place {
    const fn new(
        title: &'static str,
        host: &'static str,
        size: Option<(u16, u16)>,
        is_on: bool,
    ) -> Self {
        Self {
            name: Nameplate { title, host },
            size,
            is_on,
        }
    }
}

/// The names of a rack's PCs, in the order of the ports.
#[must_use]
pub fn names() -> [&'static str; PLACES.len()] {
    PLACES.map(|place| place.name.title)
}

/// What is wrong with the switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// It answers nothing on its cable, and does nothing that it is told there.
    Silent,
    /// It answers on its cable that it does not do it.
    Refuses,
    /// It stays where it stands, whatever it is told and by whom.
    Stuck,
}

/// The PCs, and where the relay's cables lead.
pub struct Rack {
    pcs: Vec<Arc<Live>>,
    host: watch::Sender<Host>,
    port: AtomicUsize,
    switch: Mutex<Switch>,
    start: Instant,
}

#[derive(Default)]
struct Switch {
    fault: Fault,
    moves: u64,
    hotkeys: Hotkeys,
}

/// How the switch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The port that is selected.
    pub port: usize,
    /// What is wrong with it.
    pub fault: Fault,
    /// How often it went to another port.
    pub moves: u64,
}

impl Rack {
    /// A PC that stands alone, switched on now.
    #[must_use]
    pub fn alone(size: Size) -> Self {
        Self::new(vec![Pc::new(size, unix_us())])
    }

    /// Four PCs behind a switch, the last of them off. The first has a screen of this size, the others sizes of their own.
    #[must_use]
    pub fn of_four(size: Size) -> Self {
        let pcs = PLACES.iter().map(|place| {
            let own = place.size.map(|(width, height)| Size { width, height });
            let mut pc = Pc::named(place.name, own.unwrap_or(size), unix_us());
            if !place.is_on {
                pc.machine.cut_power();
            }
            pc
        });
        Self::new(pcs.collect())
    }

    fn new(mut pcs: Vec<Pc>) -> Self {
        for pc in pcs.iter_mut().skip(1) {
            pc.part();
        }
        let host = watch::Sender::new(pcs[0].host());
        let live = |pc| Arc::new(Live::new(pc, host.clone()));
        Self {
            pcs: pcs.into_iter().map(live).collect(),
            host,
            port: AtomicUsize::new(0),
            switch: Mutex::default(),
            start: Instant::now(),
        }
    }

    /// The PCs, in the order of the ports.
    #[must_use]
    pub fn pcs(&self) -> &[Arc<Live>] {
        &self.pcs
    }

    /// Whether there is a switch.
    #[must_use]
    pub fn has_switch(&self) -> bool {
        self.pcs.len() > 1
    }

    /// The port that is selected.
    #[must_use]
    pub fn port(&self) -> usize {
        self.port.load(Ordering::SeqCst)
    }

    /// The PC that is selected.
    #[must_use]
    pub fn live(&self) -> Arc<Live> {
        self.pcs[self.port()].clone()
    }

    /// Does something with the PC that is selected, which stays selected meanwhile.
    pub fn with<T>(&self, act: impl FnOnce(&Live) -> T) -> T {
        let _stays = self.switch();
        act(&self.pcs[self.port()])
    }

    /// What the USB host tells of the PC that is selected.
    #[must_use]
    pub fn host(&self) -> watch::Receiver<Host> {
        self.host.subscribe()
    }

    /// Ends the painters.
    pub fn stop(&self) {
        for pc in &self.pcs {
            pc.stop();
        }
    }

    /// How the switch stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let switch = self.switch();
        Standing {
            port: self.port(),
            fault: switch.fault,
            moves: switch.moves,
        }
    }

    /// Has something go wrong with the switch, or nothing any more.
    pub fn set_fault(&self, fault: Fault) {
        self.switch().fault = fault;
    }

    /// Leads the cables to another PC; nothing happens where the switch is stuck, or has no such port.
    pub fn turn(&self, port: usize) {
        let mut switch = self.switch();
        let last = self.port();
        if switch.fault == Fault::Stuck || port == last || port >= self.pcs.len() {
            return;
        }
        switch.moves += 1;
        let (last, next) = (&self.pcs[last], &self.pcs[port]);
        let mut access = last.access();
        let cables = access.pc().part();
        access.stir();
        self.port.store(port, Ordering::SeqCst);
        last.let_go();
        let mut access = next.access();
        let from = access.now + TURN_TIME;
        access.pc().join(from, cables);
        access.stir();
    }

    /// The switch listens to the keyboard, and turns by its hotkeys. Gives whether it keeps this report for itself.
    pub fn hears(&self, report: &[u8]) -> bool {
        if !self.has_switch() {
            return false;
        }
        let heard = self.switch().hotkeys.hear(self.start.elapsed(), report);
        if let Some(port) = heard.port {
            self.turn(port);
        }
        heard.is_kept
    }

    fn switch(&self) -> MutexGuard<'_, Switch> {
        self.switch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
