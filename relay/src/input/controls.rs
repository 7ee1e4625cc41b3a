//! The operator's hands on the machine: who has the controls, what is held, and the thread that writes the reports.

mod state;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use shared::input::Input;
use tokio::{
    sync::{Notify, oneshot, watch},
    task::AbortHandle,
    time::timeout,
};
use tracing::{debug, warn};

use self::state::{Next, State};
use super::{Hid, HidError, Host, Report};

/// How long [`Controls::stop`] waits for a device that hangs.
const STOP_LIMIT: Duration = Duration::from_millis(1500);

/// The one way of all input to a machine. Clones are the same controls; with the last one everything is released.
#[derive(Clone)]
pub struct Controls(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    host: watch::Receiver<Host>,
    follower: AbortHandle,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Controls {
    /// Starts the thread that writes to the device, and the task that follows its host.
    ///
    /// # Panics
    /// Outside of a tokio runtime, or where the system has no thread left.
    #[must_use]
    pub fn start(hid: Box<dyn Hid>) -> Self {
        let host = hid.host();
        let state = State::new(hid.capabilities(), *host.borrow(), Instant::now());
        let shared = Arc::new(Shared::new(state));
        let (end, ended) = oneshot::channel();
        let writer = shared.clone();
        thread::spawn(move || {
            write(&writer, hid);
            drop(end);
        });
        let follower = tokio::spawn(follow(shared.clone(), host.clone())).abort_handle();
        Self(Arc::new(Inner {
            shared,
            host,
            follower,
            ended: Mutex::new(Some(ended)),
        }))
    }

    /// Gives the controls to a viewer. What the one before holds is released first.
    pub fn take(&self, viewer: u32) {
        self.0.shared.with(|state, _| state.take(viewer));
    }

    /// Takes the controls back from a viewer, if it has them, and releases what it holds.
    pub fn give_up(&self, viewer: u32) {
        self.0.shared.with(|state, _| state.leave(viewer));
    }

    /// A viewer is gone, in whatever way: as [`Self::give_up`].
    pub fn leave(&self, viewer: u32) {
        self.give_up(viewer);
    }

    /// The viewer who has the controls, now and from now on.
    #[must_use]
    pub fn controller(&self) -> watch::Receiver<Option<u32>> {
        self.0.shared.controller.subscribe()
    }

    /// What the machine's USB host says, now and from now on.
    #[must_use]
    pub fn host(&self) -> watch::Receiver<Host> {
        self.0.host.clone()
    }

    /// Does what a viewer's hands do, in the order of the calls; ignored where it has not the controls. Waits while too
    /// much is still to be written.
    pub async fn apply(&self, viewer: u32, input: Input) {
        let shared = &self.0.shared;
        loop {
            let mut room = std::pin::pin!(shared.room.notified());
            room.as_mut().enable();
            if shared.with(|state, now| state.apply(viewer, &input, now)) {
                return;
            }
            room.await;
        }
    }

    /// Releases everything at once, whoever holds it; the controls stay where they are.
    pub fn release_all(&self) {
        self.0.shared.with(|state, _| state.release_all());
    }

    /// Releases everything, writes what waits, and ends. Takes two seconds at most, however slow the machine is.
    pub async fn stop(&self) {
        self.0.shared.with(State::end);
        let ended = lock(&self.0.ended).take();
        if let Some(ended) = ended
            && timeout(STOP_LIMIT, ended).await.is_err()
        {
            warn!("the keyboard and pointer hang; the last reports may not have arrived");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.with(State::end);
        self.follower.abort();
    }
}

/// What the handles, the follower and the writer have in common.
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    room: Notify,
    controller: watch::Sender<Option<u32>>,
}

impl Shared {
    fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            work: Condvar::new(),
            room: Notify::new(),
            controller: watch::Sender::new(None),
        }
    }

    /// Changes the state, and wakes whomever that concerns.
    fn with<R>(&self, change: impl FnOnce(&mut State, Instant) -> R) -> R {
        let mut state = lock(&self.state);
        let was_full = state.is_full();
        let result = change(&mut state, Instant::now());
        let handed_over = self.controller.send_if_modified(|controller| {
            std::mem::replace(controller, state.controller()) != state.controller()
        });
        if handed_over || (was_full && !state.is_full()) {
            self.room.notify_waiters();
        }
        drop(state);
        self.work.notify_one();
        result
    }

    /// Waits for the next report; `None` at the end.
    fn next(&self) -> Option<Report> {
        let mut state = lock(&self.state);
        loop {
            let now = Instant::now();
            let was_full = state.is_full();
            let next = state.next(now);
            if was_full && !state.is_full() {
                self.room.notify_waiters();
            }
            state = match next {
                Next::Write(report) => return Some(report),
                Next::End => return None,
                Next::Wait(None) => self
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Next::Wait(Some(until)) => {
                    let wait = until.saturating_duration_since(now);
                    self.work
                        .wait_timeout(state, wait)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(shared: &Shared, mut hid: Box<dyn Hid>) {
    let mut failing = false;
    while let Some(report) = shared.next() {
        let result = hid.write(&report);
        match &result {
            Ok(()) => {}
            Err(HidError::NotConnected) => debug!(?report, "no host takes reports"),
            Err(error) if !failing => warn!(%error, "a report was not sent; trying again"),
            Err(_) => {}
        }
        failing = result.is_err();
        if failing {
            shared.with(State::failed);
        }
    }
}

async fn follow(shared: Arc<Shared>, mut host: watch::Receiver<Host>) {
    loop {
        let now = *host.borrow_and_update();
        shared.with(|state, time| state.host(now, time));
        if host.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
