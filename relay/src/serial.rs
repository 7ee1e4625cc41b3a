//! The serial console: one port, kept open; what it prints, kept for all who watch.
//!
//! [`scrollback`] and [`outbox`] are pure; [`keeper`] is the task that has the port; [`device`] is the port of the
//! relay's system, and the simulated PC has another one.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use shared::serial::{Port, PortState, Refused, SPEEDS};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Notify, mpsc, oneshot, watch},
};

use self::{keeper::Keeper, outbox::Outbox, scrollback::Scrollback};

pub mod device;
mod keeper;
pub mod outbox;
pub mod scrollback;

/// How many changes of speed wait.
const COMMANDS_MAX: usize = 4;

/// An open serial line. Reading no byte is its end.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {
    /// Sets the speed, in bits a second.
    ///
    /// # Errors
    /// Where the line cannot have it.
    fn set_speed(&mut self, speed: u32) -> io::Result<()>;

    /// Begins or ends the break signal.
    ///
    /// # Errors
    /// Where the line is gone.
    fn set_break(&mut self, on: bool) -> io::Result<()>;

    /// Whether all that was written has been sent.
    ///
    /// # Errors
    /// Where the line is gone.
    fn is_sent(&self) -> io::Result<bool>;

    /// Throws away what was written and has not been sent.
    ///
    /// # Errors
    /// Where the line is gone.
    fn discard(&mut self) -> io::Result<()>;
}

/// Where a line comes from, and comes from again after it was lost.
pub trait Source: Send + Sync {
    /// Its name for people.
    fn name(&self) -> String;

    /// Opens it with this speed. May block.
    ///
    /// # Errors
    /// Why it cannot be opened.
    fn open(&self, speed: u32) -> Result<Box<dyn Wire>, Unopened>;
}

/// Why a line cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// The device is not there.
    #[error("it is not there")]
    Missing,
    /// The relay may not open it.
    #[error("no permission")]
    NotPermitted,
    /// Another program has it.
    #[error("another program has it")]
    Held,
    /// Something else.
    #[error("{0}")]
    Failed(String),
}

impl Unopened {
    fn state(&self) -> PortState {
        match self {
            Self::Missing => PortState::Missing,
            Self::NotPermitted => PortState::NotPermitted,
            Self::Held => PortState::Held,
            Self::Failed(_) => PortState::Failed,
        }
    }
}

/// The serial console of one machine. Clones are handles to the same one.
#[derive(Clone)]
pub struct Serial {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
}

/// What the handles and the keeper share.
struct Shared {
    /// Tells this log from that of another run of the relay.
    log: u64,
    port: watch::Sender<Port>,
    scrollback: Mutex<Scrollback>,
    end: watch::Sender<u64>,
    outbox: Mutex<Outbox>,
    nudge: Notify,
}

enum Command {
    SetSpeed(u32, oneshot::Sender<bool>),
    Stop(oneshot::Sender<()>),
}

impl Serial {
    /// Opens the port, and keeps it open from now on. `kept` is how many bytes of what it prints are kept. To be called
    /// within the runtime.
    #[must_use]
    pub fn start(source: Box<dyn Source>, speed: u32, kept: usize) -> Self {
        let shared = Arc::new(Shared {
            log: getrandom::u64().unwrap_or_default(),
            port: watch::Sender::new(Port {
                name: source.name(),
                speed,
                state: PortState::Opening,
            }),
            scrollback: Mutex::new(Scrollback::new(kept)),
            end: watch::Sender::new(0),
            outbox: Mutex::default(),
            nudge: Notify::new(),
        });
        let (commands, commanded) = mpsc::channel(COMMANDS_MAX);
        let keeper = Keeper::new(shared.clone(), source.into(), commanded);
        tokio::spawn(keeper.run());
        Self { shared, commands }
    }

    /// The port as it is, now and from now on.
    #[must_use]
    pub fn port(&self) -> watch::Receiver<Port> {
        self.shared.port.subscribe()
    }

    /// The number of the log.
    #[must_use]
    pub fn log(&self) -> u64 {
        self.shared.log
    }

    /// The place behind the newest byte, now and from now on.
    #[must_use]
    pub fn end(&self) -> watch::Receiver<u64> {
        self.shared.end.subscribe()
    }

    /// The place of the oldest byte that is kept.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.shared.scrollback().oldest()
    }

    /// See [`Scrollback::read`].
    #[must_use]
    pub fn read(&self, from: u64, most: usize) -> (u64, Vec<u8>) {
        self.shared.scrollback().read(from, most)
    }

    /// Gives the machine bytes.
    ///
    /// # Errors
    /// Where the port is not open, or the machine takes none.
    pub fn send(&self, bytes: &[u8]) -> Result<(), Refused> {
        self.must_be_open()?;
        if !self.shared.outbox().add(bytes) {
            return Err(Refused::Full);
        }
        self.shared.nudge.notify_one();
        Ok(())
    }

    /// Gives the machine the break signal.
    ///
    /// # Errors
    /// Where the port is not open.
    pub fn send_break(&self) -> Result<(), Refused> {
        self.must_be_open()?;
        self.shared.outbox().add_break(Instant::now());
        self.shared.nudge.notify_one();
        Ok(())
    }

    /// Gives the port another speed, in bits a second.
    ///
    /// # Errors
    /// Where it cannot have it.
    pub async fn set_speed(&self, speed: u32) -> Result<(), Refused> {
        let (slowest, fastest) = SPEEDS;
        if !(slowest..=fastest).contains(&speed) {
            return Err(Refused::Speed);
        }
        let (answer, answered) = oneshot::channel();
        let command = Command::SetSpeed(speed, answer);
        let sent = self.commands.send(command).await;
        sent.map_err(|_| Refused::Closed)?;
        match answered.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refused::Speed),
            Err(_) => Err(Refused::Closed),
        }
    }

    /// Closes the port for good.
    pub async fn stop(&self) {
        let (answer, answered) = oneshot::channel();
        if self.commands.send(Command::Stop(answer)).await.is_ok() {
            let _gone = answered.await;
        }
    }

    fn must_be_open(&self) -> Result<(), Refused> {
        match self.shared.port.borrow().state {
            PortState::Open => Ok(()),
            _ => Err(Refused::Closed),
        }
    }
}

impl Shared {
    fn scrollback(&self) -> MutexGuard<'_, Scrollback> {
        self.scrollback
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The port has printed something.
    fn printed(&self, bytes: &[u8]) {
        let mut scrollback = self.scrollback();
        scrollback.push(bytes);
        self.end.send_replace(scrollback.end());
    }

    fn set_state(&self, state: PortState) {
        self.port
            .send_if_modified(|port| std::mem::replace(&mut port.state, state) != state);
    }
}

#[cfg(test)]
mod tests;
