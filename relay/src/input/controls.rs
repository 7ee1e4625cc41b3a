//! The operator's hands on the machine: who has the controls, what is held, and the thread that writes the reports.

mod gate;
mod run;
mod state;
mod typing;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use shared::{
    input::Input,
    message::{Jiggler, MacroPhase, Typing, TypingPhase},
};
use tokio::{
    sync::{Notify, oneshot, watch},
    task::AbortHandle,
    time::timeout,
};
use tracing::{debug, warn};

use self::state::{Next, State};
use super::{Hid, HidError, Host, Report};
pub use gate::{Gate, Hotkey, NobodyListens};
pub use run::Run;
pub use typing::{Order, TypingRefused};

/// How long [`Controls::stop`] waits for a device that hangs.
const STOP_LIMIT: Duration = Duration::from_millis(1500);

/// How often it is told how far a text is.
const PROGRESS: Duration = Duration::from_millis(100);

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
        self.0.shared.with(|state, _| state.give_up(viewer));
    }

    /// A viewer is gone, in whatever way: as [`Self::give_up`], and its text ends unless it is to be finished.
    pub fn leave(&self, viewer: u32) {
        self.0.shared.with(|state, _| state.leave(viewer));
    }

    /// Begins to type a text, for a viewer who has the controls or, without one, while nobody has them. Gives its number.
    ///
    /// # Errors
    /// [`TypingRefused`]; then nothing is typed.
    pub fn type_text(&self, order: Order) -> Result<u32, TypingRefused> {
        self.with_host(|state, _| {
            state.may_act(order.viewer)?;
            if !state.is_configured() {
                return Err(TypingRefused::NotListening);
            }
            state.type_text(order).ok_or(TypingRefused::Busy)
        })
    }

    /// Begins a run of a macro, for a viewer who has the controls or, without one, while nobody has them. Nobody else's
    /// keys, buttons and motion count until it ends.
    ///
    /// # Errors
    /// [`TypingRefused`]; then nothing is done.
    pub fn begin_run(&self, viewer: Option<u32>) -> Result<Run, TypingRefused> {
        self.with_host(|state, _| {
            state.may_act(viewer)?;
            state.begin_run(viewer).ok_or(TypingRefused::Busy)
        })
        .map(|id| Run::new(self.clone(), id))
    }

    /// Changes the state, which knows of the host what is known by now: whoever was told of a host must not lose what
    /// it does next because the follower has not run yet.
    fn with_host<R>(&self, change: impl FnOnce(&mut State, Instant) -> R) -> R {
        self.0.shared.with(|state, now| {
            state.host(*self.0.host.borrow(), now);
            change(state, now)
        })
    }

    /// Ends the run of a macro, forgets what of it is not yet written, and releases everything.
    pub fn stop_run(&self) {
        self.0
            .shared
            .with(|state, _| state.end_run(MacroPhase::Stopped));
    }

    /// Pauses the text that is being typed.
    pub fn pause_typing(&self) {
        self.0.shared.with(|state, _| state.pause_typing());
    }

    /// Goes on with it.
    pub fn resume_typing(&self) {
        self.0.shared.with(|state, _| state.resume_typing());
    }

    /// Ends it and releases its keys.
    pub fn cancel_typing(&self) {
        self.0
            .shared
            .with(|state, _| state.stop_typing(TypingPhase::Cancelled));
    }

    /// Changes when the pointer is moved over nobody's hands.
    pub fn set_jiggler(&self, setting: Jiggler) {
        self.0
            .shared
            .with(|state, now| state.set_jiggler(setting, now));
    }

    /// When it is, now and from now on.
    #[must_use]
    pub fn jiggler(&self) -> watch::Receiver<Jiggler> {
        self.0.shared.jiggler.subscribe()
    }

    /// How far the text is that is being typed, or was typed last, now and from now on.
    #[must_use]
    pub fn typing(&self) -> watch::Receiver<Option<Typing>> {
        self.0.shared.typing.subscribe()
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
            if self.with_host(|state, now| state.apply(viewer, &input, now)) {
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
    /// Told whenever the writer has nothing to write.
    idle: Notify,
    controller: watch::Sender<Option<u32>>,
    typing: watch::Sender<Option<Typing>>,
    jiggler: watch::Sender<Jiggler>,
    told: Mutex<Instant>,
    /// The last run that has ended, and how.
    ended: watch::Sender<Option<(u32, MacroPhase)>>,
}

impl Shared {
    fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            work: Condvar::new(),
            room: Notify::new(),
            idle: Notify::new(),
            controller: watch::Sender::new(None),
            typing: watch::Sender::new(None),
            jiggler: watch::Sender::default(),
            told: Mutex::new(Instant::now()),
            ended: watch::Sender::new(None),
        }
    }

    /// Tells how far a text is: what goes on at once, the count now and then.
    fn tell(&self, typing: Option<Typing>, now: Instant) {
        let mut told = lock(&self.told);
        self.typing.send_if_modified(|current| {
            let of = |typing: Option<Typing>| typing.map(|typing| (typing.id, typing.phase));
            let due = of(typing) != of(*current) || now >= *told + PROGRESS;
            let changes = due && *current != typing;
            if changes {
                *current = typing;
                *told = now;
            }
            changes
        });
    }

    /// Changes the state, and wakes whomever that concerns.
    fn with<R>(&self, change: impl FnOnce(&mut State, Instant) -> R) -> R {
        let mut state = lock(&self.state);
        let was_full = state.is_full();
        let now = Instant::now();
        let result = change(&mut state, now);
        self.tell(state.typing(), now);
        self.jiggler.send_if_modified(|jiggler| {
            std::mem::replace(jiggler, state.jiggler()) != state.jiggler()
        });
        let handed_over = self.controller.send_if_modified(|controller| {
            std::mem::replace(controller, state.controller()) != state.controller()
        });
        self.ended.send_if_modified(|ended| {
            std::mem::replace(ended, state.run_ended()) != state.run_ended()
        });
        if handed_over || (was_full && !state.is_full()) {
            self.room.notify_waiters();
        }
        drop(state);
        self.work.notify_one();
        result
    }

    /// Waits until everything is written. It may wait for ever where a device hangs or fails.
    async fn written(&self) {
        loop {
            let mut idle = std::pin::pin!(self.idle.notified());
            idle.as_mut().enable();
            if lock(&self.state).is_written() {
                return;
            }
            idle.await;
        }
    }

    /// Waits for the next report; `None` at the end.
    fn next(&self) -> Option<Report> {
        let mut state = lock(&self.state);
        loop {
            let now = Instant::now();
            let was_full = state.is_full();
            let next = state.next(now);
            self.tell(state.typing(), now);
            if was_full && !state.is_full() {
                self.room.notify_waiters();
            }
            if !matches!(next, Next::Write(_)) {
                self.idle.notify_waiters();
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
        shared.with(|state, now| state.host(*host.borrow_and_update(), now));
        if host.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
