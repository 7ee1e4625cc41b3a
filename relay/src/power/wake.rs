//! The back end that wakes a machine: over USB where its host sleeps, and over the network where its card's address is
//! known.

use std::{sync::Arc, time::Duration};

use shared::{
    message::Usb,
    power::{Actions, Outcome, PowerAction},
};
use tokio::{sync::watch, time::timeout};
use tracing::warn;

use self::lan::WakeOnLan;
use super::control::{Acting, Backend};
use crate::input::{Host, Waker};

pub mod lan;
pub mod packet;

/// How long a host that sleeps may take to resume its USB link, after it was asked.
const RESUME_LIMIT: Duration = Duration::from_secs(10);

/// A machine that may sleep.
#[derive(Clone)]
pub struct Wake {
    /// Its USB link.
    pub usb: Arc<dyn Waker>,
    /// How that is.
    pub host: watch::Receiver<Host>,
    /// Its network card.
    pub lan: Option<WakeOnLan>,
}

impl Wake {
    async fn act(mut self) -> Outcome {
        let sent = match self.lan {
            Some(lan) => Some(in_its_own_time(move || lan.send()).await),
            None => None,
        };
        let usb = self.host.borrow_and_update().usb;
        match (usb, sent) {
            (Usb::Suspended, _) => {
                let waker = self.usb;
                let asked = in_its_own_time(move || waker.wake()).await;
                let resumed = self.host.wait_for(|host| host.usb != Usb::Suspended);
                match timeout(RESUME_LIMIT, resumed).await {
                    Ok(Ok(_)) => Outcome::Done,
                    _ if asked => Outcome::NotFollowed,
                    _ => Outcome::Refused,
                }
            }
            (_, Some(true)) | (Usb::Configured, None) => Outcome::Done,
            (_, Some(false)) => Outcome::Refused,
            (_, None) => {
                warn!(
                    "the machine cannot be woken: it does not sleep at the end of its USB link, and power.wake is not set"
                );
                Outcome::Refused
            }
        }
    }
}

/// Whether it went well, on a thread that may block.
async fn in_its_own_time<E: std::fmt::Display + Send + 'static>(
    act: impl FnOnce() -> Result<(), E> + Send + 'static,
) -> bool {
    match tokio::task::spawn_blocking(act).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            warn!(%error, "the machine cannot be asked to wake");
            false
        }
        Err(_) => false,
    }
}

impl Backend for Wake {
    fn actions(&self) -> Actions {
        Actions::default().with(PowerAction::Wake)
    }

    fn act(&self, _: PowerAction) -> Acting {
        Box::pin(Self::act(self.clone()))
    }
}

#[cfg(test)]
mod tests;
