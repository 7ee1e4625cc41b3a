//! The macros that the relay keeps for all its operators, and the one that runs.

pub mod document;
pub mod handling;
mod pikvm;
pub mod program;
pub mod runner;
mod shelf;

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use shared::{
    macros::Macro,
    message::{MacroPhase, MacroRun, TypingPhase},
};
use thiserror::Error;
use tokio::{
    sync::watch,
    time::{Instant as TokioInstant, sleep_until},
};
use tracing::{error, info};

use self::{
    handling::Stock,
    program::{NotReady, Program},
    runner::{Next, Runner},
};
use crate::{
    input::{Controls, Run, TypingRefused},
    media::Media,
    power::machines::Powers,
    store::{Store, StoreError},
};
pub use shelf::{Changed, Kept, MACROS_MAX};

/// How often it is told how far a run is.
const PROGRESS: Duration = Duration::from_millis(100);

/// All macros of a relay. Clones are handles to the same ones.
#[derive(Clone)]
pub struct Macros(Arc<Inner>);

struct Inner {
    store: Store,
    controls: Controls,
    media: Media,
    power: Powers,
    revision: watch::Sender<u32>,
    run: watch::Sender<Option<MacroRun>>,
}

/// How a macro is to be run.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// The values of its variables.
    pub values: HashMap<String, String>,
    /// How often; until somebody stops it where that is not said.
    pub rounds: Option<NonZeroU32>,
    /// The viewer whose page wants it.
    pub viewer: Option<u32>,
    /// The name of the person who wants it.
    pub by: String,
}

/// Why a macro is not run. Nothing has been done.
#[derive(Debug, Error)]
pub enum RunRefused {
    /// There is none.
    #[error("there is no such macro")]
    NotThere,
    /// It cannot be run as it is.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// It cannot be run now.
    #[error(transparent)]
    NotNow(#[from] TypingRefused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Macros {
    /// Those in the store, run by those controls, at those drives and that power.
    #[must_use]
    pub fn new(store: Store, controls: Controls, media: Media, power: Powers) -> Self {
        Self(Arc::new(Inner {
            store,
            controls,
            media,
            power,
            revision: watch::Sender::new(0),
            run: watch::Sender::new(None),
        }))
    }

    /// How often the macros have changed, now and from now on.
    #[must_use]
    pub fn revision(&self) -> watch::Receiver<u32> {
        self.0.revision.subscribe()
    }

    /// The run that goes on, or the last one, now and from now on.
    #[must_use]
    pub fn running(&self) -> watch::Receiver<Option<MacroRun>> {
        self.0.run.subscribe()
    }

    /// All of them, in the order of their names.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn all(&self) -> Result<Vec<Kept>, StoreError> {
        self.0.store.call(|store| shelf::all(store)).await
    }

    /// One of them.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn get(&self, id: u32) -> Result<Option<Kept>, StoreError> {
        self.0.store.call(move |store| shelf::get(store, id)).await
    }

    /// Keeps a new one, which has been checked. `None` where there are [`MACROS_MAX`].
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn add(&self, document: &Macro) -> Result<Option<u32>, StoreError> {
        let json = json(document);
        let id = self
            .0
            .store
            .call(move |store| shelf::add(store, &json))
            .await?;
        self.changed(id.is_some());
        Ok(id)
    }

    /// Replaces one, if it still has the given revision.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn replace(
        &self,
        id: u32,
        of: Option<u32>,
        document: &Macro,
    ) -> Result<Changed, StoreError> {
        let json = json(document);
        let changed = self
            .0
            .store
            .call(move |store| shelf::replace(store, id, of, &json))
            .await?;
        self.changed(matches!(changed, Changed::To(_)));
        Ok(changed)
    }

    /// Deletes one; whether there was one.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn delete(&self, id: u32) -> Result<bool, StoreError> {
        let deleted = self
            .0
            .store
            .call(move |store| shelf::delete(store, id))
            .await?;
        self.changed(deleted);
        Ok(deleted)
    }

    fn changed(&self, changed: bool) {
        if changed {
            self.0.revision.send_modify(|revision| *revision += 1);
        }
    }

    /// Begins a run, and gives its number.
    ///
    /// # Errors
    /// [`RunRefused`]; then nothing is done.
    pub async fn run(&self, id: u32, order: Order) -> Result<u32, RunRefused> {
        let kept = self.get(id).await?.ok_or(RunRefused::NotThere)?;
        let Order {
            values,
            rounds,
            viewer,
            by,
        } = order;
        let name = kept.document.name.clone();
        let (media, power) = (self.0.media.clone(), self.0.power.current().actions());
        let prepare = tokio::task::spawn_blocking(move || {
            Program::prepare(&kept.document, &values, &Stock::of(&media, power))
        });
        let program = prepare.await.map_err(|_| StoreError::Stopping)??;
        let hands = self.0.controls.begin_run(viewer)?;
        let number = hands.id();
        info!(name, by, "a macro runs");
        let runner = Runner::new(program, rounds, Instant::now());
        let progress = Progress {
            told: self.0.run.clone(),
            at: None,
            run: MacroRun {
                id: number,
                of: id,
                step: 1,
                steps: runner.steps(),
                round: 1,
                rounds: rounds.map_or(0, NonZeroU32::get),
                phase: MacroPhase::Running,
            },
        };
        let work = Work {
            macros: self.0.clone(),
            hands,
            by,
        };
        tokio::spawn(drive(runner, work, progress));
        Ok(number)
    }

    /// Ends the run that goes on, and releases everything.
    pub fn stop(&self) {
        self.0.controls.stop_run();
    }
}

fn json(document: &Macro) -> String {
    serde_json::to_string(document).unwrap_or_else(|error| {
        error!(%error, "a macro cannot be written down");
        String::new()
    })
}

/// Tells how far a run is.
struct Progress {
    told: watch::Sender<Option<MacroRun>>,
    at: Option<Instant>,
    run: MacroRun,
}

impl Progress {
    /// `rests`: whether nothing more will be told for a while.
    fn tell(&mut self, runner: &Runner, now: Instant, rests: bool) {
        self.run.step = runner.step();
        self.run.round = runner.round();
        if rests || self.at.is_none_or(|at| now >= at + PROGRESS) {
            self.at = Some(now);
            self.told.send_replace(Some(self.run));
        }
    }

    fn end(mut self, phase: MacroPhase) {
        self.run.phase = phase;
        self.told.send_replace(Some(self.run));
    }
}

/// What a run works with, and for whom.
struct Work {
    macros: Arc<Inner>,
    hands: Run,
    by: String,
}

/// Does what the runner says until it ends, or something ends it.
async fn drive(mut runner: Runner, work: Work, mut progress: Progress) {
    let phase = tokio::select! {
        biased;
        phase = work.hands.ended() => phase,
        phase = acts(&mut runner, &work, &mut progress) => phase,
    };
    work.hands.end(phase);
    progress.tell(&runner, Instant::now(), true);
    progress.end(phase);
}

async fn acts(runner: &mut Runner, work: &Work, progress: &mut Progress) -> MacroPhase {
    let Work { macros, hands, by } = work;
    let mut host = macros.controls.host();
    let mut typing = macros.controls.typing();
    loop {
        let now = Instant::now();
        let said = *host.borrow_and_update();
        progress.tell(runner, now, false);
        match runner.next(now, &said) {
            Next::End(phase) => return phase,
            Next::Do(input) => hands.apply(input).await,
            Next::Type(text) => {
                let Some(id) = hands.type_text(text.clone()) else {
                    return hands.ended().await;
                };
                progress.tell(runner, now, true);
                let over = typing.wait_for(|typing| {
                    typing.is_some_and(|typing| typing.id == id && typing.phase.is_over())
                });
                let phase = over.await.ok().and_then(|typing| *typing);
                match phase.map(|typing| typing.phase) {
                    Some(TypingPhase::Done) => runner.is_done(Instant::now()),
                    Some(TypingPhase::TakenOver) => return MacroPhase::TakenOver,
                    Some(TypingPhase::LinkLost) => return MacroPhase::LinkLost,
                    Some(TypingPhase::MachineGone) => return MacroPhase::MachineGone,
                    Some(TypingPhase::Switched) => return MacroPhase::Switched,
                    _ => return MacroPhase::Stopped,
                }
            }
            Next::Handle(handling) => {
                let handling = handling.clone();
                progress.tell(runner, now, true);
                let power = macros.power.current();
                match handling.carry_out(&macros.media, power, by).await {
                    Ok(()) => runner.is_done(Instant::now()),
                    Err(phase) => return phase,
                }
            }
            Next::Wait(until) => {
                let long = until.is_none_or(|until| until > now + PROGRESS);
                progress.tell(runner, now, long);
                let until =
                    until.map_or_else(|| TokioInstant::now() + PROGRESS, TokioInstant::from_std);
                tokio::select! {
                    () = sleep_until(until) => {}
                    Ok(()) = host.changed() => {}
                }
            }
        }
        tokio::task::yield_now().await;
    }
}
