//! The one way to another machine: who moved the switch, one move at a time, and how it ended.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use shared::{
    list::List,
    message::Signal,
    power::{Power, Supply},
    switch::{self as wire, Moved, Moving, Outcome},
};
use thiserror::Error;
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{sleep, sleep_until},
};
use tracing::{info, warn};

use super::{
    Switch, SwitchError,
    port::{Looks, Wardrobe},
    settle::{Next, Settle},
};
use crate::{
    audit::{Audit, Event, Place},
    clock::unix_us,
    input::{Controls, Gate},
    power::machines::Powers,
};

/// How often a switch is asked which port it stands on.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// How soon it is asked again where it says another port than it was moved to.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How long it may take until what is held is released; see [`crate::input::Gate::released`].
const RELEASE_LIMIT: Duration = Duration::from_secs(1);

/// A switch with the machines behind it. Clones are handles to the same.
#[derive(Clone)]
pub struct SwitchControl(Arc<Shared>);

/// What a switch stands between, and how it is used.
pub struct Parts {
    /// The switch.
    pub switch: Box<dyn Switch>,
    /// The machines, in the order of the ports.
    pub machines: Vec<Machine>,
    /// The hands, which the switch leads to a machine.
    pub controls: Controls,
    /// What the capture side sees.
    pub signal: watch::Receiver<Signal>,
    /// The powers of the machines, in the order of the ports.
    pub powers: Powers,
    /// What the machine that is selected sees of the relay.
    pub wardrobe: Wardrobe,
    /// How long a picture is waited for.
    pub settle_limit: Duration,
    /// Whether pages may keep a small picture of each port.
    pub thumbnails: bool,
    /// Where moves are written down.
    pub audit: Audit,
    /// The port that was selected last, where that is remembered.
    pub believed: Option<usize>,
}

/// A machine behind a port.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its name.
    pub name: String,
    /// What people should know of it.
    pub notes: String,
    /// What it sees of the relay.
    pub looks: Looks,
}

struct Shared {
    switch: Box<dyn Switch>,
    /// A switch is asked for one thing at a time.
    asking: tokio::sync::Mutex<()>,
    machines: Vec<Machine>,
    controls: Controls,
    signal: watch::Receiver<Signal>,
    powers: Powers,
    wardrobe: Wardrobe,
    settle_limit: Duration,
    audit: Audit,
    state: watch::Sender<wire::Switch>,
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    last: u32,
    moving: Option<AbortHandle>,
    followers: Vec<AbortHandle>,
    stopped: bool,
}

/// Why nothing was moved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SwitchRefused {
    /// Another move goes on.
    #[error("{} is moving to another machine", .0.by)]
    Busy(Moving),
    /// There is no such port.
    #[error("the switch has {0} ports")]
    NoSuchPort(usize),
    /// The relay is ending.
    #[error("the relay is ending")]
    Ended,
}

impl SwitchControl {
    /// Takes the switch over, asks it which port it stands on, and keeps asking.
    ///
    /// Needs a Tokio runtime.
    #[must_use]
    pub fn start(parts: Parts) -> Self {
        let Parts {
            switch,
            machines,
            controls,
            signal,
            powers,
            wardrobe,
            settle_limit,
            thumbnails,
            audit,
            believed,
        } = parts;
        let port = |machine: &Machine| wire::Port {
            name: machine.name.clone(),
            notes: machine.notes.clone(),
            supply: Supply::Unknown,
        };
        let believed = believed.filter(|port| *port < machines.len());
        let state = watch::Sender::new(wire::Switch {
            ports: List::new(machines.iter().map(port)),
            selected: believed.map(place),
            thumbnails,
            ..wire::Switch::default()
        });
        powers.select(believed);
        let control = Self(Arc::new(Shared {
            switch,
            asking: tokio::sync::Mutex::default(),
            machines,
            controls,
            signal,
            powers,
            wardrobe,
            settle_limit,
            audit,
            state,
            desk: Mutex::default(),
        }));
        let shared = Arc::downgrade(&control.0);
        let mut followers = vec![tokio::spawn(look(shared.clone())).abort_handle()];
        for (at, power) in control.0.powers.all().iter().enumerate() {
            let follower = follow_supply(shared.clone(), at, power.state());
            followers.push(tokio::spawn(follower).abort_handle());
        }
        control.0.desk().followers = followers;
        control
    }

    /// The switch, now and from now on.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<wire::Switch> {
        self.0.state.subscribe()
    }

    /// The machine that is selected, where that is known.
    #[must_use]
    pub fn selected(&self) -> Option<Place> {
        self.0.place_of(self.0.selected()?)
    }

    /// Begins to move to a port, counted from 0, for the person of this name, and does not wait for the end.
    ///
    /// # Errors
    /// [`SwitchRefused`]; nothing was moved then.
    pub fn begin(&self, port: usize, by: &str) -> Result<Moving, SwitchRefused> {
        Shared::begin(&self.0, port, by, Ask::Yes)
    }

    /// Gives a move up that goes on, and begins no other.
    pub fn stop(&self) {
        let mut desk = self.0.desk();
        desk.stopped = true;
        desk.end();
    }
}

/// Whether the switch has to be asked, or has moved already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Yes,
    No,
}

impl Desk {
    fn end(&mut self) {
        self.moving.iter().for_each(AbortHandle::abort);
        self.followers.iter().for_each(AbortHandle::abort);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.desk().end();
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(self: &Arc<Self>, port: usize, by: &str, ask: Ask) -> Result<Moving, SwitchRefused> {
        let mut desk = self.desk();
        if desk.stopped {
            return Err(SwitchRefused::Ended);
        }
        let Some(machine) = self.machines.get(port) else {
            return Err(SwitchRefused::NoSuchPort(self.machines.len()));
        };
        if let Some(moving) = &self.state.borrow().moving {
            return Err(SwitchRefused::Busy(moving.clone()));
        }
        desk.last += 1;
        let moving = Moving {
            id: desk.last,
            to: place(port),
            by: by.to_owned(),
            since_us: unix_us(),
        };
        let (id, name) = (moving.id, machine.name.as_str());
        match ask {
            Ask::Yes => info!(by, id, port, machine = name, "moving to another machine"),
            Ask::No => info!(id, port, machine = name, "the switch was moved by hand"),
        }
        if ask == Ask::Yes {
            self.record(port, by, &Event::MoveBegun);
        }
        let gate = self.controls.close_gate();
        self.state
            .send_modify(|state| state.moving = Some(moving.clone()));
        let end = End {
            shared: self.clone(),
            moving: moving.clone(),
            outcome: Outcome::Stopped,
        };
        desk.moving = Some(tokio::spawn(run(end, gate, ask)).abort_handle());
        Ok(moving)
    }

    fn place_of(&self, port: usize) -> Option<Place> {
        let machine = self.machines.get(port)?;
        Some(Place {
            port: place(port),
            machine: machine.name.clone(),
        })
    }

    /// Writes down what becomes of a port.
    fn record(&self, port: usize, by: &str, event: &Event) {
        self.audit.at(self.place_of(port)).record(by, event);
    }

    /// Moves there, in the order that keeps each key at the machine that it was meant for.
    async fn carry_out(&self, port: usize, gate: Gate, ask: Ask) -> Result<Outcome, SwitchError> {
        if !gate.released(RELEASE_LIMIT).await {
            warn!("what was held may not be released: the machine does not take it");
        }
        let mut signal = self.signal.clone();
        let mut settle = Settle::new(*signal.borrow_and_update(), self.settle_limit);
        if self.selected() == Some(port) {
            settle = settle.in_place();
        }
        if self.is_dark(port) {
            settle = settle.to_the_dark();
        }
        if ask == Ask::Yes {
            let _turn = self.asking.lock().await;
            watching(self.switch.select(port), &mut signal, &mut settle).await?;
        }
        self.select(Some(port));
        watching(self.dress(), &mut signal, &mut settle).await;
        settle.told(Instant::now());
        loop {
            match settle.next(Instant::now()) {
                Next::Over(outcome) => return Ok(outcome),
                Next::Wait(until) => {
                    let over = until.map(|until| sleep_until(until.into()));
                    tokio::select! {
                        Ok(()) = signal.changed() => settle.signal(*signal.borrow_and_update()),
                        Some(()) = maybe(over) => {}
                    }
                }
            }
        }
    }

    fn is_dark(&self, port: usize) -> bool {
        let state = self.state.borrow();
        let port = state.ports.get(port);
        port.is_some_and(|port| port.supply == Supply::Off)
    }

    fn selected(&self) -> Option<usize> {
        self.state.borrow().selected.map(usize::from)
    }

    fn select(&self, port: Option<usize>) {
        self.powers.select(port);
        let selected = port.map(place);
        self.state
            .send_if_modified(|state| std::mem::replace(&mut state.selected, selected) != selected);
    }

    /// The port that the switch says it stands on, where that is another one than is known.
    async fn differs(&self, looks: &mut Looking) -> Option<usize> {
        let said = {
            let _turn = self.asking.lock().await;
            self.switch.selected().await
        };
        let port = match said {
            Ok(port) => port?,
            Err(error) => {
                if !std::mem::replace(&mut looks.complained, true) {
                    let switch = self.switch.name();
                    warn!(switch, %error, "the switch does not say where it stands");
                }
                return None;
            }
        };
        looks.complained = false;
        let is_moving = self.state.borrow().moving.is_some();
        if is_moving || self.selected() == Some(port) {
            looks.has_told = true;
            return None;
        }
        Some(port)
    }

    /// Asks the switch where it stands, and follows it there if somebody has moved it. One that has just moved may still
    /// say where it was: it is asked twice.
    async fn look(self: &Arc<Self>, looks: &mut Looking) {
        let Some(port) = self.differs(looks).await else {
            return;
        };
        let is_first = !std::mem::replace(&mut looks.has_told, true);
        if !is_first {
            sleep(LOOK_AGAIN).await;
            if self.differs(looks).await != Some(port) {
                return;
            }
        }
        match self.machines.get(port) {
            None => {
                if self.selected().is_some() || is_first {
                    warn!(port, "the switch stands on a port that has no name");
                }
                self.select(None);
            }
            Some(_) if is_first => self.select(Some(port)),
            Some(_) => {
                if let Err(refused) = Self::begin(self, port, "", Ask::No) {
                    info!(%refused, "the switch was moved by hand");
                }
            }
        }
    }

    /// Shows the machine that is selected its looks.
    async fn dress(&self) {
        loop {
            let port = self.selected();
            if let Some(machine) = port.and_then(|port| self.machines.get(port)) {
                self.wardrobe.put_on(&machine.name, &machine.looks).await;
            }
            if self.selected() == port {
                return;
            }
        }
    }
}

/// Waits for something, and does not miss meanwhile what the signal does.
async fn watching<T>(
    something: impl Future<Output = T>,
    signal: &mut watch::Receiver<Signal>,
    settle: &mut Settle,
) -> T {
    let mut something = std::pin::pin!(something);
    loop {
        tokio::select! {
            biased;
            Ok(()) = signal.changed() => settle.signal(*signal.borrow_and_update()),
            done = &mut something => return done,
        }
    }
}

async fn maybe(future: Option<impl Future<Output = ()>>) -> Option<()> {
    future?.await;
    Some(())
}

async fn run(mut end: End, gate: Gate, ask: Ask) {
    let port = usize::from(end.moving.to);
    end.outcome = match end.shared.carry_out(port, gate, ask).await {
        Ok(outcome) => outcome,
        Err(error) => {
            let switch = end.shared.switch.name();
            warn!(id = end.moving.id, switch, %error, "the switch did not move");
            match error {
                SwitchError::NoAnswer(_) => Outcome::NoAnswer,
                SwitchError::Refused(_) => Outcome::Refused,
                SwitchError::Lost(_) => Outcome::Lost,
            }
        }
    };
}

/// Says how a move has ended, also where it was given up.
struct End {
    shared: Arc<Shared>,
    moving: Moving,
    outcome: Outcome,
}

impl Drop for End {
    fn drop(&mut self) {
        let Moving { id, to, by, .. } = self.moving.clone();
        let outcome = self.outcome;
        let machine = self.shared.machines.get(usize::from(to));
        let machine = machine.map_or("", |machine| machine.name.as_str());
        info!(by, id, port = to, machine, ?outcome, "the move is over");
        self.shared
            .record(usize::from(to), &by, &Event::Moved { outcome });
        self.shared.state.send_modify(|state| {
            state.moving = None;
            state.moved = Some(Moved {
                id,
                to,
                by,
                at_us: unix_us(),
                outcome,
            });
        });
    }
}

/// What is known of a switch that is asked again and again.
#[derive(Default)]
struct Looking {
    /// Whether it has ever told.
    has_told: bool,
    /// Whether it is known that it does not answer.
    complained: bool,
}

/// Asks where the switch stands, at the start and from time to time.
async fn look(shared: Weak<Shared>) {
    let mut looks = Looking::default();
    let mut is_dressed = false;
    loop {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let had_told = looks.has_told;
        shared.look(&mut looks).await;
        if !is_dressed || looks.has_told != had_told {
            shared.dress().await;
            is_dressed = true;
        }
        drop(shared);
        sleep(LOOK_EVERY).await;
    }
}

async fn follow_supply(shared: Weak<Shared>, port: usize, mut power: watch::Receiver<Power>) {
    loop {
        let supply = power.borrow_and_update().supply;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        shared.state.send_if_modified(|state| {
            let ports = state.ports.iter().cloned();
            let known = state.ports.get(port).map(|port| port.supply);
            let changes = known.is_some_and(|known| known != supply);
            if changes {
                let told = ports.enumerate().map(|(at, mut told)| {
                    if at == port {
                        told.supply = supply;
                    }
                    told
                });
                state.ports = List::new(told);
            }
            changes
        });
        drop(shared);
        if power.changed().await.is_err() {
            return;
        }
    }
}

/// A port's place in what pages are told. There are never more than fit.
fn place(port: usize) -> u8 {
    u8::try_from(port).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
