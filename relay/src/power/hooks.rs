//! The back end that leaves the power to programs and web servers of the owner's: a smart plug, a power strip, a script.

use std::{sync::Arc, time::Duration};

use shared::power::{Actions, Outcome, PowerAction, Supply};
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use self::settings::{Hook, Hooks, Status, What};
use super::{
    Lit,
    control::{Acting, Backend},
};

mod http;
mod program;
pub mod settings;

/// The most of an output or an answer that is read and logged, in bytes.
const OUTPUT_MAX: usize = 4 * 1024;

/// How a hook has ended, and what it has said.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    end: End,
    /// As much as fits of what it printed or answered.
    output: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// A program's exit status, or an answer's: 0 is success for both.
    Exit(i32),
    /// It could not be begun, or was broken off by the other side.
    Failed,
    /// Its time was over.
    TimedOut,
}

/// The hooks of one machine. When it is dropped, nothing of them runs any more.
pub struct HookPower {
    hooks: Arc<Hooks>,
    lit: Option<watch::Receiver<Lit>>,
    look: Arc<Notify>,
    looking: Option<AbortHandle>,
}

impl HookPower {
    /// Begins to ask for the state, where there is a hook for that.
    ///
    /// Needs a Tokio runtime.
    #[must_use]
    pub fn start(hooks: Hooks) -> Self {
        let look = Arc::new(Notify::new());
        let mut lit = None;
        let looking = hooks.status.clone().map(|status| {
            let (tell, told) = watch::channel(Lit::default());
            lit = Some(told);
            tokio::spawn(follow(status, tell, look.clone())).abort_handle()
        });
        Self {
            hooks: Arc::new(hooks),
            lit,
            look,
            looking,
        }
    }
}

impl Backend for HookPower {
    fn actions(&self) -> Actions {
        let possible = |action: &PowerAction| !steps(&self.hooks, *action).is_empty();
        PowerAction::ALL.into_iter().filter(possible).collect()
    }

    fn lit(&self) -> Option<watch::Receiver<Lit>> {
        self.lit.clone()
    }

    fn act(&self, action: PowerAction) -> Acting {
        let (hooks, look) = (self.hooks.clone(), self.look.clone());
        Box::pin(async move {
            let mut outcome = Outcome::Refused;
            for (at, (name, hook)) in steps(&hooks, action).into_iter().enumerate() {
                if at > 0 {
                    sleep(Duration::from_secs(hooks.pause_s.into())).await;
                }
                outcome = carry_out(name, hook).await;
                look.notify_one();
                if outcome != Outcome::Done {
                    break;
                }
            }
            outcome
        })
    }

    fn stop(&self) {
        if let Some(looking) = &self.looking {
            looking.abort();
        }
    }
}

impl Drop for HookPower {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The hooks that an action takes, one after the other; none where it cannot be done.
fn steps(hooks: &Hooks, action: PowerAction) -> Vec<(&'static str, &Hook)> {
    let Hooks {
        on,
        off,
        reset,
        cycle,
        ..
    } = hooks;
    match (action, on, off, reset, cycle) {
        (PowerAction::On, Some(on), ..) => vec![("on", on)],
        (PowerAction::Hold, _, Some(off), ..) => vec![("off", off)],
        (PowerAction::Reset, _, _, Some(reset), _) => vec![("reset", reset)],
        (PowerAction::Cycle, .., Some(cycle)) => vec![("cycle", cycle)],
        (PowerAction::Cycle, Some(on), Some(off), ..) => vec![("off", off), ("on", on)],
        _ => Vec::new(),
    }
}

async fn carry_out(name: &str, hook: &Hook) -> Outcome {
    let answer = run(hook).await;
    let output = &answer.output;
    match answer.end {
        End::Exit(0) => {
            info!(hook = name, output, "a hook of the power: done");
            Outcome::Done
        }
        End::Exit(status) => {
            warn!(hook = name, status, output, "a hook of the power refuses");
            Outcome::Refused
        }
        End::Failed => {
            warn!(hook = name, output, "a hook of the power has failed");
            Outcome::Refused
        }
        End::TimedOut => {
            warn!(
                hook = name,
                limit_s = hook.limit_s,
                output,
                "a hook of the power has not ended in time"
            );
            Outcome::TimedOut
        }
    }
}

/// Runs a hook to its end or to its time limit; whatever it has begun is over then.
async fn run(hook: &Hook) -> Answer {
    let limit = Duration::from_secs(hook.limit_s.into());
    match hook.what() {
        Ok(What::Program(arguments)) => program::run(arguments, limit).await,
        Ok(What::Request(request)) => {
            let over = Answer {
                end: End::TimedOut,
                output: String::new(),
            };
            timeout(limit, http::ask(&request)).await.unwrap_or(over)
        }
        Err(problem) => Answer {
            end: End::Failed,
            output: problem,
        },
    }
}

/// Asks a hook for the state once, and gives whether the machine is on.
///
/// # Errors
/// Where that cannot be told, in words.
pub async fn ask(status: &Status) -> Result<bool, String> {
    let answer = run(&status.hook()).await;
    match (judge(status, &answer), answer.end) {
        (Supply::On, _) => Ok(true),
        (Supply::Off, _) => Ok(false),
        (_, End::Exit(end)) => Err(format!("it ends with {end} and says {:?}", answer.output)),
        (_, End::Failed) => Err(answer.output),
        (_, End::TimedOut) => Err(format!("it has not ended within {} s", status.limit_s)),
    }
}

/// Asks for the state from time to time, and after each action. Never ends by itself.
async fn follow(status: Status, tell: watch::Sender<Lit>, look: Arc<Notify>) {
    let mut known = None;
    loop {
        let answer = run(&status.hook()).await;
        let supply = judge(&status, &answer);
        if supply == Supply::Unknown && known != Some(Supply::Unknown) {
            warn!(
                ?answer,
                "the hook \"status\" of the power does not tell the state"
            );
        }
        known = Some(supply);
        tell.send_if_modified(|lit| {
            let changed = lit.supply != supply;
            lit.supply = supply;
            changed
        });
        let pause = sleep(Duration::from_secs(status.every_s.into()));
        tokio::select! {
            () = pause => {}
            () = look.notified() => {}
            () = tell.closed() => return,
        }
    }
}

/// What an answer says of the machine: by its words where the settings name them, or by its exit status, 0 for on and 1
/// for off.
fn judge(status: &Status, answer: &Answer) -> Supply {
    let End::Exit(exit) = answer.end else {
        return Supply::Unknown;
    };
    let says = |word: &Option<String>| {
        let word = word.as_ref();
        word.is_some_and(|word| answer.output.contains(word.as_str()))
    };
    match (&status.on, &status.off) {
        (None, None) if exit == 0 => Supply::On,
        (None, None) if exit == 1 => Supply::Off,
        (None, None) => Supply::Unknown,
        _ if exit != 0 => Supply::Unknown,
        _ => match (says(&status.on), says(&status.off)) {
            (true, false) => Supply::On,
            (false, true) => Supply::Off,
            (false, false) if status.off.is_none() => Supply::Off,
            (false, false) if status.on.is_none() => Supply::On,
            _ => Supply::Unknown,
        },
    }
}

#[cfg(test)]
mod tests;
