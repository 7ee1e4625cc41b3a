use std::sync::Mutex as StdMutex;

use serde_json::{Value, json};
use shared::power::Supply;
use tokio::sync::Notify;

use super::*;
use crate::{audit::Place, store::Store};

/// A back end that does what it is told, when it is told.
struct Told {
    actions: Actions,
    lit: Option<watch::Receiver<Lit>>,
    /// The end of what is being done.
    ends: Arc<Notify>,
    asked: Arc<StdMutex<Vec<PowerAction>>>,
}

impl Told {
    fn new(actions: &[PowerAction]) -> Self {
        Self {
            actions: actions.iter().copied().collect(),
            lit: None,
            ends: Arc::default(),
            asked: Arc::default(),
        }
    }
}

impl Backend for Told {
    fn actions(&self) -> Actions {
        self.actions
    }

    fn lit(&self) -> Option<watch::Receiver<Lit>> {
        self.lit.clone()
    }

    fn act(&self, action: PowerAction) -> Acting {
        self.asked.lock().unwrap().push(action);
        let ends = self.ends.clone();
        Box::pin(async move {
            ends.notified().await;
            Outcome::Done
        })
    }
}

async fn over(control: &PowerControl) -> Ended {
    let mut state = control.state();
    let is_over = |power: &Power| power.running.is_none() && power.ended.is_some();
    let power = state.wait_for(is_over).await.unwrap();
    power.ended.clone().unwrap()
}

#[tokio::test]
async fn one_thing_at_a_time_and_who_is_at_it_is_said() {
    let backend = Told::new(&[PowerAction::Press, PowerAction::Hold]);
    let ends = backend.ends.clone();
    let control = PowerControl::start(vec![Box::new(backend)], Audit::default());
    let running = control.begin(PowerAction::Hold, "ada").unwrap();
    assert_eq!(control.state().borrow().running.as_ref(), Some(&running));
    let refused = control.begin(PowerAction::Press, "bob").unwrap_err();
    assert_eq!(refused, PowerRefused::Busy(running.clone()));
    ends.notify_one();
    let ended = over(&control).await;
    assert_eq!(
        (ended.id, ended.by.as_str(), ended.action, ended.outcome),
        (running.id, "ada", PowerAction::Hold, Outcome::Done)
    );
    let next = control.begin(PowerAction::Press, "bob").unwrap();
    assert_eq!(next.id, running.id + 1);
}

#[tokio::test]
async fn what_is_done_is_written_down_with_its_machine_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let log = Audit::start(Store::open(folder.path()).unwrap()).unwrap();
    let place = Place {
        port: 1,
        machine: "Mail".to_owned(),
    };
    let backend = Told::new(&[PowerAction::Hold]);
    let control = PowerControl::start(vec![Box::new(backend)], log.at(Some(place)));
    control.begin(PowerAction::Hold, "ada").unwrap();
    control.begin(PowerAction::Hold, "bob").unwrap_err();
    control.break_off();
    over(&control).await;
    let written = log.read(None, 9).await.unwrap().into_iter().rev();
    let written: Vec<_> = written.map(|entry| Value::Object(entry.act)).collect();
    let entry = |what: &str| json!({ "by": "ada", "what": what, "action": "hold", "port": 1, "machine": "Mail" });
    let mut ended = entry("power-ended");
    ended["outcome"] = json!("stopped");
    assert_eq!(written, [entry("power-begun"), ended]);
}

#[tokio::test]
async fn the_first_back_end_that_can_does_it() {
    let first = Told::new(&[PowerAction::Reset]);
    let second = Told::new(&[PowerAction::Reset, PowerAction::Wake]);
    let asked = [first.asked.clone(), second.asked.clone()];
    let ends = first.ends.clone();
    let control = PowerControl::start(vec![Box::new(first), Box::new(second)], Audit::default());
    assert_eq!(
        control.actions().iter().collect::<Vec<_>>(),
        [PowerAction::Reset, PowerAction::Wake]
    );
    ends.notify_one();
    let outcome = control.carry_out(PowerAction::Reset, "ada").await;
    assert_eq!(outcome, Ok(Outcome::Done));
    control.begin(PowerAction::Wake, "ada").unwrap();
    let asked = asked.map(|asked| asked.lock().unwrap().clone());
    assert_eq!(asked, [vec![PowerAction::Reset], vec![PowerAction::Wake]]);
    let refused = control.begin(PowerAction::Press, "ada").unwrap_err();
    assert!(matches!(refused, PowerRefused::Busy(_)));
    control.break_off();
    over(&control).await;
    let refused = control.begin(PowerAction::Press, "ada").unwrap_err();
    assert_eq!(refused, PowerRefused::NotPossible);
}

#[tokio::test]
async fn who_no_longer_waits_breaks_off_what_they_wanted_and_nothing_else() {
    let backend = Told::new(&[PowerAction::Hold]);
    let control = PowerControl::start(vec![Box::new(backend)], Audit::default());
    let mut state = control.state();
    tokio::select! {
        _ = control.carry_out(PowerAction::Hold, "ada") => panic!("over"),
        _ = state.wait_for(|power| power.running.is_some()) => {}
    }
    assert_eq!(over(&control).await.outcome, Outcome::Stopped);
    let running = control.begin(PowerAction::Hold, "bob").unwrap();
    let refused = control.carry_out(PowerAction::Hold, "ada").await;
    assert_eq!(refused, Err(PowerRefused::Busy(running.clone())));
    assert_eq!(control.state().borrow().running, Some(running));
    control.stop();
    assert_eq!(over(&control).await.outcome, Outcome::Stopped);
    let refused = control.begin(PowerAction::Hold, "ada").unwrap_err();
    assert_eq!(refused, PowerRefused::Ended);
}

#[tokio::test]
async fn lights_become_the_state() {
    let (light, lit) = watch::channel(Lit::default());
    let backend = Told {
        lit: Some(lit),
        ..Told::new(&[])
    };
    let control = PowerControl::start(vec![Box::new(backend)], Audit::default());
    let mut state = control.state();
    assert_eq!(state.borrow().supply, Supply::Unknown);
    light.send_replace(Lit {
        supply: Supply::Asleep,
        disk: Some(true),
    });
    let seen = |power: &Power| power.supply == Supply::Asleep && power.disk == Some(true);
    state.wait_for(seen).await.unwrap();
}
