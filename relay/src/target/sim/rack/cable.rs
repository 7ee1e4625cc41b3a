//! The relay's end of the cable by which the rack's switch is told what to do.

use std::{sync::Arc, time::Duration};

use super::{Fault, Rack};
use crate::switch::{Asked, Switch, SwitchError};

/// How long an answer is waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// The cable.
pub struct Cable(pub Arc<Rack>);

impl Cable {
    /// Waits for the answer to a command.
    async fn answer(&self) -> Result<(), SwitchError> {
        if self.0.standing().fault == Fault::Silent {
            tokio::time::sleep(ANSWER_LIMIT).await;
            let problem = format!("no answer in {} s", ANSWER_LIMIT.as_secs());
            return Err(SwitchError::NoAnswer(problem));
        }
        Ok(())
    }

    async fn select(&self, port: usize) -> Result<(), SwitchError> {
        self.answer().await?;
        if self.0.standing().fault == Fault::Refuses || port >= self.0.pcs().len() {
            return Err(SwitchError::Refused("it answers ERR".to_owned()));
        }
        self.0.turn(port);
        match self.0.port() {
            now if now == port => Ok(()),
            now => {
                let problem = format!("it stays on port {}", now + 1);
                Err(SwitchError::Refused(problem))
            }
        }
    }
}

impl Switch for Cable {
    fn name(&self) -> String {
        "the simulated rack's switch".to_owned()
    }

    fn select(&self, port: usize) -> Asked<'_, ()> {
        Box::pin(self.select(port))
    }

    fn selected(&self) -> Asked<'_, Option<usize>> {
        Box::pin(async {
            self.answer().await?;
            Ok(Some(self.0.port()))
        })
    }
}
