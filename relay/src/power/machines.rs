//! The powers of all machines behind a switch, of which people act on the one that is selected.

use std::sync::Arc;

use shared::power::Power;
use tokio::{sync::watch, task::AbortHandle};

use super::control::PowerControl;
use crate::audit::Audit;

/// The power of the machine, or of each machine behind a switch. Clones are handles to the same.
#[derive(Clone)]
pub struct Powers(Arc<Inner>);

struct Inner {
    all: Vec<PowerControl>,
    /// Which can do nothing.
    nobody: PowerControl,
    selected: watch::Sender<Option<usize>>,
    state: watch::Receiver<Power>,
    follower: AbortHandle,
}

impl Powers {
    /// Of one machine. Needs a Tokio runtime.
    #[must_use]
    pub fn one(power: PowerControl) -> Self {
        Self::start(vec![power], Some(0))
    }

    /// Of the machines behind a switch, of which none is selected yet. Needs a Tokio runtime.
    #[must_use]
    pub fn of(all: Vec<PowerControl>) -> Self {
        Self::start(all, None)
    }

    fn start(all: Vec<PowerControl>, selected: Option<usize>) -> Self {
        let nobody = PowerControl::start(Vec::new(), Audit::default());
        let selected = watch::Sender::new(selected);
        let of = |at: Option<usize>| pick(&all, &nobody, at).state();
        let told = watch::Sender::new(of(*selected.borrow()).borrow().clone());
        let state = told.subscribe();
        let states = all.iter().map(PowerControl::state).collect();
        let follower = follow(told, selected.subscribe(), states, nobody.state());
        Self(Arc::new(Inner {
            follower: tokio::spawn(follower).abort_handle(),
            all,
            nobody,
            selected,
            state,
        }))
    }

    /// From now on, people act on this one; what is being done to another one goes on.
    pub fn select(&self, machine: Option<usize>) {
        self.0
            .selected
            .send_if_modified(|selected| std::mem::replace(selected, machine) != machine);
    }

    /// The power of the machine that is selected; one at which nothing is possible where that is not known.
    #[must_use]
    pub fn current(&self) -> &PowerControl {
        pick(&self.0.all, &self.0.nobody, *self.0.selected.borrow())
    }

    /// That of the machine at this place, as long as it is the one that is selected.
    #[must_use]
    pub fn of_selected(&self, machine: usize) -> Option<&PowerControl> {
        let is_selected = *self.0.selected.borrow() == Some(machine);
        self.0.all.get(machine).filter(|_| is_selected)
    }

    /// All of them, in order.
    #[must_use]
    pub fn all(&self) -> &[PowerControl] {
        &self.0.all
    }

    /// The power of whatever machine is selected, now and from now on.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<Power> {
        self.0.state.clone()
    }

    /// Ends all of them; nothing stays pressed. Blocks for a moment.
    pub fn stop(&self) {
        std::thread::scope(|scope| {
            for power in &self.0.all {
                scope.spawn(|| power.stop());
            }
        });
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

fn pick<'a>(
    all: &'a [PowerControl],
    nobody: &'a PowerControl,
    at: Option<usize>,
) -> &'a PowerControl {
    at.and_then(|at| all.get(at)).unwrap_or(nobody)
}

/// Tells the state of the machine that is selected. Ends with the last handle.
async fn follow(
    tell: watch::Sender<Power>,
    mut selected: watch::Receiver<Option<usize>>,
    mut states: Vec<watch::Receiver<Power>>,
    mut nobody: watch::Receiver<Power>,
) {
    loop {
        let at = *selected.borrow_and_update();
        let state = match at.and_then(|at| states.get_mut(at)) {
            Some(state) => state,
            None => &mut nobody,
        };
        let power = state.borrow_and_update().clone();
        tell.send_if_modified(|told| {
            let changes = *told != power;
            *told = power;
            changes
        });
        tokio::select! {
            changed = selected.changed() => if changed.is_err() {
                return;
            },
            Ok(()) = state.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared::power::{Actions, Outcome, PowerAction};
    use tokio::time::timeout;

    use super::*;
    use crate::power::control::{Acting, Backend, PowerRefused};

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Does one action, and takes for ever.
    struct Slow(PowerAction);

    impl Backend for Slow {
        fn actions(&self) -> Actions {
            Actions::default().with(self.0)
        }

        fn act(&self, _: PowerAction) -> Acting {
            Box::pin(std::future::pending())
        }
    }

    fn machine(action: PowerAction) -> PowerControl {
        PowerControl::start(vec![Box::new(Slow(action))], Audit::default())
    }

    async fn told(powers: &Powers, is: impl FnMut(&Power) -> bool) -> Power {
        let mut state = powers.state();
        let found = timeout(PATIENCE, state.wait_for(is)).await;
        found.unwrap().unwrap().clone()
    }

    #[tokio::test]
    async fn people_act_on_the_machine_that_is_selected() {
        let powers = Powers::of(vec![
            machine(PowerAction::Hold),
            machine(PowerAction::Reset),
        ]);
        let refused = powers.current().begin(PowerAction::Hold, "ada");
        assert_eq!(refused, Err(PowerRefused::NotPossible), "none is selected");
        powers.select(Some(1));
        told(&powers, |power| power.actions.has(PowerAction::Reset)).await;
        let refused = powers.current().begin(PowerAction::Hold, "ada");
        assert_eq!(refused, Err(PowerRefused::NotPossible), "another machine's");
        powers.current().begin(PowerAction::Reset, "ada").unwrap();
        told(&powers, |power| power.running.is_some()).await;
        assert!(powers.of_selected(0).is_none() && powers.of_selected(1).is_some());
        powers.select(Some(7));
        assert!(powers.of_selected(7).is_none());
        told(&powers, |power| power.actions == Actions::default()).await;
    }

    #[tokio::test]
    async fn what_runs_goes_on_at_its_own_machine() {
        let powers = Powers::of(vec![machine(PowerAction::Hold), machine(PowerAction::Hold)]);
        powers.select(Some(0));
        powers.current().begin(PowerAction::Hold, "ada").unwrap();
        told(&powers, |power| power.running.is_some()).await;
        powers.select(Some(1));
        let there = told(&powers, |power| power.running.is_none()).await;
        assert_eq!(there.ended, None, "nothing was done to this one");
        powers.current().begin(PowerAction::Hold, "bo").unwrap();
        powers.select(Some(0));
        let by = |name: &'static str| {
            move |power: &Power| {
                let running = power.running.as_ref();
                running.is_some_and(|running| running.by == name)
            }
        };
        told(&powers, by("ada")).await;
        powers.current().break_off();
        let ended = told(&powers, |power| power.running.is_none()).await.ended;
        assert_eq!(ended.map(|ended| ended.outcome), Some(Outcome::Stopped));
        powers.select(Some(1));
        told(&powers, by("bo")).await;
    }
}
