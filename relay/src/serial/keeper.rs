//! The task that has the port: opens it, carries bytes, and opens it again after it was lost.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use shared::serial::PortState;
use tokio::{
    io::ReadBuf,
    sync::{mpsc, oneshot},
    task::spawn_blocking,
    time::{sleep, sleep_until},
};
use tracing::{info, warn};

use super::{
    Command, Shared, Source, Unopened, Wire,
    outbox::{Outbox, Step},
};

/// How long until a port that cannot be opened is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// How much is read at a time.
const READ: usize = 4096;

pub(super) struct Keeper {
    shared: Arc<Shared>,
    source: Arc<dyn Source>,
    commands: mpsc::Receiver<Command>,
    /// Why the port could not be opened the last time: what has been said is not said again.
    said: Option<PortState>,
}

/// Why the keeper lets go of a line.
enum Left {
    Lost(io::Error),
    Stopped(Option<oneshot::Sender<()>>),
}

/// What the line did.
enum Event {
    Read(usize),
    Written(usize),
}

impl Keeper {
    pub(super) fn new(
        shared: Arc<Shared>,
        source: Arc<dyn Source>,
        commands: mpsc::Receiver<Command>,
    ) -> Self {
        Self {
            shared,
            source,
            commands,
            said: None,
        }
    }

    /// Until the port is to be closed, or nobody is left who could want it.
    pub(super) async fn run(mut self) {
        loop {
            match self.open().await {
                Ok(mut wire) => {
                    info!(port = self.source.name(), "the serial port is open");
                    self.said = None;
                    self.shared.set_state(PortState::Open);
                    let left = self.carry(&mut *wire).await;
                    self.shared.set_state(PortState::Opening);
                    *self.shared.outbox() = Outbox::default();
                    let closed = spawn_blocking(move || close(wire));
                    match left {
                        Left::Lost(error) => {
                            warn!(port = self.source.name(), %error, "the serial port is lost");
                        }
                        Left::Stopped(answer) => {
                            let _panicked = closed.await;
                            return said_so(answer);
                        }
                    }
                    let _panicked = closed.await;
                }
                Err(error) => self.not_opened(&error),
            }
            if let Some(stopped) = self.rest().await {
                return said_so(stopped);
            }
        }
    }

    async fn open(&self) -> Result<Box<dyn Wire>, Unopened> {
        let (source, speed) = (self.source.clone(), self.shared.port.borrow().speed);
        let opened = spawn_blocking(move || source.open(speed)).await;
        opened.unwrap_or_else(|error| Err(Unopened::Failed(error.to_string())))
    }

    fn not_opened(&mut self, error: &Unopened) {
        let state = error.state();
        if self.said.replace(state) != Some(state) {
            warn!(port = self.source.name(), %error, "the serial port cannot be opened");
        }
        self.shared.set_state(state);
    }

    /// Waits until the port is worth another try; gives who is to be told where that is never.
    async fn rest(&mut self) -> Option<Option<oneshot::Sender<()>>> {
        let again = sleep(TRY_AGAIN);
        tokio::pin!(again);
        loop {
            tokio::select! {
                () = &mut again => return None,
                command = self.commands.recv() => match command {
                    Some(Command::SetSpeed(speed, answer)) => {
                        self.has_speed(speed);
                        let _gone = answer.send(true);
                    }
                    Some(Command::Stop(answer)) => return Some(Some(answer)),
                    None => return Some(None),
                },
            }
        }
    }

    /// Carries bytes both ways until the line is lost.
    async fn carry(&mut self, wire: &mut dyn Wire) -> Left {
        let mut buffer = [0; READ];
        loop {
            let (write, wake) = match self.step(wire) {
                Ok(step) => step,
                Err(error) => return Left::Lost(error),
            };
            let wake_at = wake.unwrap_or_else(Instant::now).into();
            tokio::select! {
                event = poll_fn(|context| poll(wire, context, &write, &mut buffer)) => match event {
                    Ok(Event::Read(0)) => return Left::Lost(io::ErrorKind::UnexpectedEof.into()),
                    Ok(Event::Read(length)) => self.shared.printed(&buffer[..length]),
                    Ok(Event::Written(length)) => self.shared.outbox().written(length),
                    Err(error) => return Left::Lost(error),
                },
                () = self.shared.nudge.notified() => {}
                () = sleep_until(wake_at), if wake.is_some() => {}
                command = self.commands.recv() => match command {
                    Some(Command::SetSpeed(speed, answer)) => {
                        let _gone = answer.send(self.set_speed(wire, speed));
                    }
                    Some(Command::Stop(answer)) => return Left::Stopped(Some(answer)),
                    None => return Left::Stopped(None),
                },
            }
        }
    }

    /// Does what is due; gives the bytes that are to be written, and when to look again at the latest.
    fn step(&self, wire: &mut dyn Wire) -> io::Result<(Vec<u8>, Option<Instant>)> {
        loop {
            let mut outbox = self.shared.outbox();
            match outbox.next(Instant::now(), || wire.is_sent().unwrap_or(true)) {
                Step::Write(bytes) => return Ok((bytes, outbox.due())),
                Step::Begin { discard } => {
                    if discard {
                        wire.discard()?;
                    }
                    wire.set_break(true)?;
                }
                Step::End => wire.set_break(false)?,
                Step::Wait(until) => return Ok((Vec::new(), until)),
            }
        }
    }

    fn set_speed(&self, wire: &mut dyn Wire, speed: u32) -> bool {
        let set = wire.set_speed(speed);
        match &set {
            Ok(()) => self.has_speed(speed),
            Err(error) => {
                warn!(port = self.source.name(), speed, %error, "the serial port has no such speed");
            }
        }
        set.is_ok()
    }

    fn has_speed(&self, speed: u32) {
        self.shared
            .port
            .send_if_modified(|port| std::mem::replace(&mut port.speed, speed) != speed);
    }
}

/// What is typed goes first: there is little of it, and a machine that prints without end must not keep it back.
fn poll(
    wire: &mut dyn Wire,
    context: &mut Context<'_>,
    write: &[u8],
    buffer: &mut [u8],
) -> Poll<io::Result<Event>> {
    if !write.is_empty()
        && let Poll::Ready(written) = Pin::new(&mut *wire).poll_write(context, write)
    {
        return Poll::Ready(written.map(Event::Written));
    }
    let mut read = ReadBuf::new(buffer);
    let polled = Pin::new(wire).poll_read(context, &mut read);
    polled.map_ok(|()| Event::Read(read.filled().len()))
}

/// A kernel may wait in a close until all is sent: that is given up first.
fn close(mut wire: Box<dyn Wire>) {
    let _gone = wire.discard();
    drop(wire);
}

fn said_so(answer: Option<oneshot::Sender<()>>) {
    if let Some(answer) = answer {
        let _gone = answer.send(());
    }
}
