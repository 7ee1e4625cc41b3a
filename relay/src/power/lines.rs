//! The back end that presses the buttons of a front panel and sees its lights, on a thread of its own.

use std::{
    sync::{Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Instant,
};

use shared::power::{Actions, Outcome, PowerAction};
use tokio::sync::{oneshot, watch};
use tracing::warn;

use super::{
    Light, Lit, Panel,
    control::{Acting, Backend},
    policy::{Deed, Policy},
    settings::Times,
};

/// A panel that is served by its thread.
pub struct Lines {
    actions: Actions,
    sees: bool,
    events: mpsc::Sender<Event>,
    lit: watch::Receiver<Lit>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Event {
    Begin(PowerAction, oneshot::Sender<Outcome>),
    /// Whoever wanted the action does not any more.
    BreakOff,
    Saw(Light, Option<bool>),
    Stop,
}

impl Lines {
    /// Takes a panel over.
    ///
    /// # Errors
    /// Where no thread can be had.
    pub fn start(panel: Box<dyn Panel>, times: Times) -> std::io::Result<Self> {
        let parts = panel.parts();
        let (events, happened) = mpsc::channel();
        let (tell, lit) = watch::channel(Lit::default());
        let desk = Desk {
            policy: Policy::new(parts, times),
            panel,
            lit: tell,
            waiting: None,
        };
        let sees = events.clone();
        let told = move |light, lit| sees.send(Event::Saw(light, lit)).is_ok();
        let thread = std::thread::Builder::new().name("power".to_owned());
        let thread = thread.spawn(move || desk.run(&happened, Box::new(told)))?;
        Ok(Self {
            actions: Policy::actions(parts),
            sees: parts.power_light || parts.disk_light,
            events,
            lit,
            thread: Mutex::new(Some(thread)),
        })
    }
}

impl Backend for Lines {
    fn actions(&self) -> Actions {
        self.actions
    }

    fn lit(&self) -> Option<watch::Receiver<Lit>> {
        self.sees.then(|| self.lit.clone())
    }

    fn act(&self, action: PowerAction) -> Acting {
        let (reply, done) = oneshot::channel();
        let begun = self.events.send(Event::Begin(action, reply));
        let hands = BreakOff(self.events.clone());
        Box::pin(async move {
            let _hands = hands;
            match begun {
                Ok(()) => done.await.unwrap_or(Outcome::Stopped),
                Err(_) => Outcome::LineLost,
            }
        })
    }

    fn stop(&self) {
        let _ = self.events.send(Event::Stop);
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.take().is_some_and(|thread| thread.join().is_err()) {
            warn!("the thread of the power has failed");
        }
    }
}

/// Breaks an action off where nobody waits for its end any more.
struct BreakOff(mpsc::Sender<Event>);

impl Drop for BreakOff {
    fn drop(&mut self) {
        let _ = self.0.send(Event::BreakOff);
    }
}

/// What the thread has.
struct Desk {
    policy: Policy,
    panel: Box<dyn Panel>,
    lit: watch::Sender<Lit>,
    waiting: Option<oneshot::Sender<Outcome>>,
}

impl Desk {
    fn run(mut self, events: &mpsc::Receiver<Event>, told: super::Told) {
        if let Err(error) = self.panel.watch(told) {
            warn!(%error, "the lights of the machine are not seen");
        }
        loop {
            self.act();
            match self.wait(events) {
                Some(Event::Begin(action, reply)) => self.begin(action, reply),
                Some(Event::BreakOff) => self.policy.break_off(),
                Some(Event::Saw(light, lit)) => self.policy.saw(Instant::now(), light, lit),
                Some(Event::Stop) => break,
                None => {}
            }
        }
        self.policy.break_off();
        self.act();
    }

    /// The next event; `None` where it is time to act.
    fn wait(&self, events: &mpsc::Receiver<Event>) -> Option<Event> {
        let Some(until) = self.policy.next() else {
            return Some(events.recv().unwrap_or(Event::Stop));
        };
        let span = until.saturating_duration_since(Instant::now());
        match events.recv_timeout(span) {
            Ok(event) => Some(event),
            Err(mpsc::RecvTimeoutError::Timeout) => None,
            Err(mpsc::RecvTimeoutError::Disconnected) => Some(Event::Stop),
        }
    }

    fn begin(&mut self, action: PowerAction, reply: oneshot::Sender<Outcome>) {
        match self.policy.begin(Instant::now(), action) {
            true => self.waiting = Some(reply),
            false => drop(reply.send(Outcome::Refused)),
        }
    }

    /// Each deed is done before the time is looked at again, so that a press is never shorter than it is set.
    fn act(&mut self) {
        while let Some(deed) = self.policy.poll(Instant::now()) {
            match deed {
                Deed::Set(button, down) => {
                    if let Err(error) = self.panel.set(button, down) {
                        warn!(%error, down, "a button of the machine's power");
                        self.policy.failed(button, down);
                    }
                }
                Deed::End(outcome) => {
                    if let Some(reply) = self.waiting.take() {
                        let _ = reply.send(outcome);
                    }
                }
            }
        }
        let lit = self.policy.lit(Instant::now());
        self.lit
            .send_if_modified(|known| std::mem::replace(known, lit) != lit);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use shared::power::Supply;

    use super::*;
    use crate::power::{Button, PanelError, Parts, Told};

    /// What was done at a panel, and its end.
    #[derive(Clone, Default)]
    struct Record(Arc<Mutex<Vec<(Button, bool, Instant)>>>);

    struct Recorded {
        record: Record,
        breaks: bool,
        told: Arc<Mutex<Option<Told>>>,
    }

    impl Panel for Recorded {
        fn parts(&self) -> Parts {
            Parts {
                power_button: true,
                reset_button: true,
                power_light: true,
                disk_light: false,
            }
        }

        fn set(&mut self, button: Button, down: bool) -> Result<(), PanelError> {
            let mut record = self.record.0.lock().unwrap();
            record.push((button, down, Instant::now()));
            match self.breaks {
                false => Ok(()),
                true => Err(PanelError {
                    button,
                    problem: "gone".to_owned(),
                }),
            }
        }

        fn watch(&mut self, told: Told) -> std::io::Result<()> {
            told(Light::Power, Some(true));
            *self.told.lock().unwrap() = Some(told);
            Ok(())
        }
    }

    fn start(breaks: bool) -> (Lines, Record) {
        let record = Record::default();
        let panel = Recorded {
            record: record.clone(),
            breaks,
            told: Arc::default(),
        };
        let lines = Lines::start(Box::new(panel), Times::default()).unwrap();
        (lines, record)
    }

    #[tokio::test]
    async fn a_press_is_at_least_as_long_as_it_is_set() {
        let (lines, record) = start(false);
        assert_eq!(lines.act(PowerAction::Press).await, Outcome::Done);
        let done = record.0.lock().unwrap().clone();
        let [
            (Button::Power, true, pressed),
            (Button::Power, false, released),
        ] = done[..]
        else {
            panic!("{done:?}");
        };
        assert!(released - pressed >= Duration::from_millis(300));
    }

    #[tokio::test]
    async fn who_waits_no_longer_and_who_stops_leave_no_button_down() {
        for stops in [false, true] {
            let (lines, record) = start(false);
            let held = lines.act(PowerAction::Hold);
            let until_pressed = async {
                while record.0.lock().unwrap().is_empty() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                _ = held => panic!("over"),
                () = until_pressed => {}
            }
            if stops {
                lines.stop();
            } else {
                assert_eq!(lines.act(PowerAction::Reset).await, Outcome::Done);
            }
            let done = record.0.lock().unwrap().clone();
            assert!(matches!(
                done[..2],
                [(Button::Power, true, _), (Button::Power, false, _)]
            ));
        }
    }

    #[tokio::test]
    async fn a_line_that_fails_is_told_and_released() {
        let (lines, record) = start(true);
        assert_eq!(lines.act(PowerAction::Reset).await, Outcome::LineLost);
        let done = record.0.lock().unwrap().clone();
        assert!(matches!(
            done[..],
            [(Button::Reset, true, _), (Button::Reset, false, _)]
        ));
    }

    #[tokio::test]
    async fn lights_are_told() {
        let (lines, _) = start(false);
        let mut lit = lines.lit().unwrap();
        lit.wait_for(|lit| lit.supply == Supply::On).await.unwrap();
    }
}
