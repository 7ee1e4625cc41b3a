//! The one way to a machine's power: who asked for what, one thing at a time, and how it ended.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use shared::power::{Actions, Ended, Outcome, Power, PowerAction, Running};
use thiserror::Error;
use tokio::{sync::watch, task::AbortHandle};
use tracing::{info, warn};

use super::Lit;
use crate::{
    audit::{Audit, Event},
    clock::unix_us,
};

/// An action on its way. Dropping it breaks it off, and nothing stays pressed.
pub type Acting = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Something that can do things to a machine's power.
pub trait Backend: Send + Sync {
    /// What it can do. It never changes.
    fn actions(&self) -> Actions;

    /// What it sees of the machine, now and from now on; `None` where it sees nothing.
    fn lit(&self) -> Option<watch::Receiver<Lit>> {
        None
    }

    /// Does one of its actions, within time limits of its own. It is asked for one at a time.
    fn act(&self, action: PowerAction) -> Acting;

    /// Ends; nothing stays pressed. May block for a moment.
    fn stop(&self) {}
}

/// A machine's power. Clones are handles to the same.
#[derive(Clone)]
pub struct PowerControl(Arc<Shared>);

struct Shared {
    audit: Audit,
    /// The first that can do an action does it.
    backends: Vec<Box<dyn Backend>>,
    state: watch::Sender<Power>,
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    last: u32,
    acting: Option<AbortHandle>,
    stopped: bool,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PowerRefused {
    /// Something else is being done.
    #[error("{} is at the machine's power", .0.by)]
    Busy(Running),
    /// Nothing here can do it.
    #[error("this relay cannot do that to the machine's power")]
    NotPossible,
    /// The relay is ending.
    #[error("the relay is ending")]
    Ended,
}

impl PowerControl {
    /// Takes these over. The first that can do an action does it, and the first that sees lights is believed. What is done
    /// is written down.
    ///
    /// Needs a Tokio runtime.
    #[must_use]
    pub fn start(backends: Vec<Box<dyn Backend>>, audit: Audit) -> Self {
        let actions = backends.iter().map(|backend| backend.actions());
        let state = watch::Sender::new(Power {
            actions: actions.fold(Actions::default(), Actions::and),
            ..Power::default()
        });
        let lit = backends.iter().find_map(|backend| backend.lit());
        let control = Self(Arc::new(Shared {
            audit,
            backends,
            state,
            desk: Mutex::default(),
        }));
        if let Some(lit) = lit {
            tokio::spawn(follow(lit, Arc::downgrade(&control.0)));
        }
        control
    }

    /// The machine's power, now and from now on.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<Power> {
        self.0.state.subscribe()
    }

    /// What can be done to it.
    #[must_use]
    pub fn actions(&self) -> Actions {
        self.0.state.borrow().actions
    }

    /// Begins something for the person of this name, and does not wait for its end.
    ///
    /// # Errors
    /// [`PowerRefused`]; nothing was done then.
    pub fn begin(&self, action: PowerAction, by: &str) -> Result<Running, PowerRefused> {
        let mut desk = self.0.desk();
        if desk.stopped {
            return Err(PowerRefused::Ended);
        }
        if let Some(running) = &self.0.state.borrow().running {
            return Err(PowerRefused::Busy(running.clone()));
        }
        let mut backends = self.0.backends.iter();
        let backend = backends
            .find(|backend| backend.actions().has(action))
            .ok_or(PowerRefused::NotPossible)?;
        desk.last += 1;
        let running = Running {
            id: desk.last,
            action,
            by: by.to_owned(),
            since_us: unix_us(),
        };
        info!(
            action = action.name(),
            by,
            id = running.id,
            "the machine's power"
        );
        self.0
            .state
            .send_modify(|power| power.running = Some(running.clone()));
        self.0.audit.record(by, &Event::PowerBegun { action });
        let end = End {
            shared: self.0.clone(),
            running: running.clone(),
            outcome: Outcome::Stopped,
        };
        let acting = tokio::spawn(run(backend.act(action), end));
        desk.acting = Some(acting.abort_handle());
        Ok(running)
    }

    /// Does something, and waits for its end. Dropping the future breaks it off.
    ///
    /// # Errors
    /// [`PowerRefused`]; nothing was done then.
    pub async fn carry_out(&self, action: PowerAction, by: &str) -> Result<Outcome, PowerRefused> {
        let mut state = self.state();
        let Running { id, .. } = self.begin(action, by)?;
        let _hands = BreakOff { control: self, id };
        let is_over = |power: &Power| power.running.as_ref().is_none_or(|other| other.id != id);
        let ended = match state.wait_for(is_over).await {
            Ok(power) => power.ended.clone(),
            Err(_) => None,
        };
        let ended = ended.filter(|ended| ended.id == id);
        Ok(ended.map_or(Outcome::Stopped, |ended| ended.outcome))
    }

    /// Breaks off what is being done, if anything; its buttons are released.
    pub fn break_off(&self) {
        if let Some(acting) = self.0.desk().acting.take() {
            acting.abort();
        }
    }

    /// Breaks off what is being done, and ends. Blocks for a moment.
    pub fn stop(&self) {
        self.0.desk().stopped = true;
        self.break_off();
        for backend in &self.0.backends {
            backend.stop();
        }
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Breaks one action off, and no later one.
struct BreakOff<'a> {
    control: &'a PowerControl,
    id: u32,
}

impl Drop for BreakOff<'_> {
    fn drop(&mut self) {
        let running = self
            .control
            .0
            .state
            .borrow()
            .running
            .as_ref()
            .map(|running| running.id);
        if running == Some(self.id) {
            self.control.break_off();
        }
    }
}

async fn run(acting: Acting, mut end: End) {
    end.outcome = acting.await;
}

/// Says how an action has ended, also where it was broken off.
struct End {
    shared: Arc<Shared>,
    running: Running,
    outcome: Outcome,
}

impl Drop for End {
    fn drop(&mut self) {
        let Running { id, action, by, .. } = self.running.clone();
        let outcome = self.outcome;
        match outcome {
            Outcome::Done => info!(action = action.name(), by, id, "the machine's power: done"),
            _ => warn!(
                action = action.name(),
                by,
                id,
                ?outcome,
                "the machine's power"
            ),
        }
        let over = Event::PowerEnded { action, outcome };
        self.shared.audit.record(&by, &over);
        self.shared.state.send_modify(|power| {
            power.running = None;
            power.ended = Some(Ended {
                id,
                action,
                by,
                at_us: unix_us(),
                outcome,
            });
        });
    }
}

async fn follow(mut lit: watch::Receiver<Lit>, shared: Weak<Shared>) {
    loop {
        let Lit { supply, disk } = *lit.borrow_and_update();
        let Some(shared) = shared.upgrade() else {
            return;
        };
        shared.state.send_if_modified(|power| {
            let changed = (power.supply, power.disk) != (supply, disk);
            (power.supply, power.disk) = (supply, disk);
            changed
        });
        drop(shared);
        if lit.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
