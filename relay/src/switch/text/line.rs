//! The serial line or the TCP connection to a switch, one exchange at a time.

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    sync::Mutex,
    task::spawn_blocking,
    time::{sleep_until, timeout},
};
use tracing::debug;

use super::{
    Protocol,
    dialogue::{Aim, Dialogue, Step},
};
use crate::{
    serial::{Source, Unopened, Wire, device::Device},
    switch::{Asked, Switch, SwitchError},
};

/// How long it may take to connect.
const CONNECT_LIMIT: Duration = Duration::from_secs(4);

/// How long it may take to get rid of a command.
const WRITE_LIMIT: Duration = Duration::from_secs(2);

/// How much is read at a time.
const READ: usize = 512;

/// The most that is thrown away of what a switch has said before it is asked, in reads.
const STALE_MAX: usize = 128;

/// Where a switch is reached.
#[derive(Clone)]
pub enum Place {
    /// At a serial port, at so many bits a second.
    Serial(Arc<Device>, u32),
    /// At a network address with its port.
    Tcp(String),
}

/// A switch that is told over a line what to do.
pub struct TextSwitch {
    place: Place,
    protocol: Protocol,
    ports: usize,
    kept: Mutex<Kept>,
}

/// What is kept between two exchanges.
#[derive(Default)]
struct Kept {
    line: Option<Box<dyn Line>>,
    /// When the switch may be spoken to again.
    free_at: Option<Instant>,
}

/// An open line.
trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl Line for TcpStream {}
impl Line for SerialLine {}

/// How a line was lost in an exchange.
struct Lost {
    error: io::Error,
    /// Whether the switch had said anything by then.
    heard: bool,
}

impl TextSwitch {
    /// A switch with so many ports. Nothing is opened before it is asked for something.
    #[must_use]
    pub fn new(place: Place, protocol: Protocol, ports: usize) -> Self {
        Self {
            place,
            protocol,
            ports,
            kept: Mutex::default(),
        }
    }

    /// Opens the line to the switch, if it is not open.
    ///
    /// # Errors
    /// [`SwitchError::Lost`], with what to do.
    pub async fn reach(&self) -> Result<(), SwitchError> {
        let mut kept = self.kept.lock().await;
        if kept.line.is_none() {
            kept.line = Some(self.place.open().await?);
        }
        Ok(())
    }

    /// Whether it can say which port is selected.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.protocol.tells()
    }

    /// A line that was kept and is lost is opened again, once: a network switch that was restarted looks like that.
    async fn exchange(&self, aim: Aim) -> Result<Option<usize>, SwitchError> {
        let mut kept = self.kept.lock().await;
        loop {
            let from = kept
                .free_at
                .unwrap_or_else(Instant::now)
                .max(Instant::now());
            let mut dialogue = Dialogue::new(&self.protocol, self.ports, aim, from);
            if aim == Aim::Ask && !self.protocol.tells() {
                return Ok(None);
            }
            let (mut line, was_kept) = match kept.line.take() {
                Some(line) => (line, true),
                None => (self.place.open().await?, false),
            };
            let end = converse(&mut line, &mut dialogue).await;
            kept.free_at = dialogue
                .sent_at()
                .map(|sent_at| sent_at + self.protocol.pause);
            match end {
                Ok(end) => {
                    if !matches!(end, Err(SwitchError::NoAnswer(_) | SwitchError::Lost(_))) {
                        kept.line = Some(line);
                    }
                    return end.map_err(|error| self.place.says(error));
                }
                Err(lost) if was_kept && !lost.heard => {
                    debug!(error = %lost.error, switch = self.name(), "the line to the switch is opened again");
                }
                Err(lost) => return Err(self.place.lost(&lost.error)),
            }
        }
    }
}

impl Switch for TextSwitch {
    fn name(&self) -> String {
        self.place.name()
    }

    fn select(&self, port: usize) -> Asked<'_, ()> {
        Box::pin(async move { self.exchange(Aim::Select(port)).await.map(drop) })
    }

    fn selected(&self) -> Asked<'_, Option<usize>> {
        Box::pin(self.exchange(Aim::Ask))
    }
}

async fn converse(
    line: &mut Box<dyn Line>,
    dialogue: &mut Dialogue<'_>,
) -> Result<Result<Option<usize>, SwitchError>, Lost> {
    let mut buffer = [0; READ];
    let went = forget_stale(line, &mut buffer).await;
    went.map_err(|error| Lost {
        error,
        heard: false,
    })?;
    loop {
        match dialogue.step(Instant::now()) {
            Step::End(end) => return Ok(end),
            Step::Send(bytes) => {
                let sent = timeout(WRITE_LIMIT, line.write_all(&bytes)).await;
                let sent = sent.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()));
                sent.map_err(|error| Lost {
                    error,
                    heard: dialogue.has_heard(),
                })?;
            }
            Step::Listen(until) => tokio::select! {
                () = sleep_until(until.into()) => {}
                read = line.read(&mut buffer) => match read {
                    Ok(length @ 1..) => dialogue.hear(&buffer[..length], Instant::now()),
                    Ok(0) => return Err(Lost { error: ErrorKind::UnexpectedEof.into(), heard: dialogue.has_heard() }),
                    Err(error) => return Err(Lost { error, heard: dialogue.has_heard() }),
                },
            },
        }
    }
}

/// Throws away what the switch has said before it is asked.
async fn forget_stale(line: &mut Box<dyn Line>, buffer: &mut [u8]) -> io::Result<()> {
    for _ in 0..STALE_MAX {
        let read = poll_fn(|context| {
            let mut read = ReadBuf::new(buffer);
            Poll::Ready(match Pin::new(&mut *line).poll_read(context, &mut read) {
                Poll::Pending => None,
                Poll::Ready(result) => Some(result.map(|()| read.filled().len())),
            })
        });
        match read.await {
            None => return Ok(()),
            Some(Ok(0)) => return Err(ErrorKind::UnexpectedEof.into()),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
        }
    }
    Ok(())
}

impl Place {
    fn name(&self) -> String {
        match self {
            Self::Serial(device, _) => device.name(),
            Self::Tcp(address) => address.clone(),
        }
    }

    async fn open(&self) -> Result<Box<dyn Line>, SwitchError> {
        match self {
            Self::Serial(device, speed) => {
                let (device, speed) = (device.clone(), *speed);
                let opened = spawn_blocking(move || device.open(speed)).await;
                let opened =
                    opened.unwrap_or_else(|error| Err(Unopened::Failed(error.to_string())));
                let wire = opened.map_err(|error| self.unopened(&error))?;
                Ok(Box::new(SerialLine(wire)))
            }
            Self::Tcp(address) => {
                let connected = timeout(CONNECT_LIMIT, TcpStream::connect(address)).await;
                let connected = connected.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()));
                let stream = connected.map_err(|error| self.lost(&error))?;
                stream
                    .set_nodelay(true)
                    .map_err(|error| self.lost(&error))?;
                Ok(Box::new(stream))
            }
        }
    }

    fn unopened(&self, error: &Unopened) -> SwitchError {
        let what_to_do = match error {
            Unopened::Missing => "plug the adapter in, or name another device",
            Unopened::NotPermitted => {
                "add the relay's user to the group of the device, often \"dialout\""
            }
            Unopened::Held => {
                "end that program, often a getty or ModemManager, or name another device"
            }
            Unopened::Failed(_) => "name a serial port, and a speed and a format that it can have",
        };
        SwitchError::Lost(format!("{}: {error}; {what_to_do}", self.name()))
    }

    fn lost(&self, error: &io::Error) -> SwitchError {
        let why = match (error.kind(), self) {
            (ErrorKind::ConnectionRefused, _) => {
                "nobody listens there; is it the switch's address and port?".to_owned()
            }
            (ErrorKind::TimedOut, Self::Tcp(_)) => {
                "nobody answers there; is it the switch's address, and is it on?".to_owned()
            }
            (ErrorKind::TimedOut, Self::Serial(..)) => {
                "the line takes nothing; look at its flow control".to_owned()
            }
            (ErrorKind::UnexpectedEof, Self::Tcp(_)) => {
                "it ended the connection; is another program connected to it?".to_owned()
            }
            (ErrorKind::UnexpectedEof, Self::Serial(..)) => {
                "the line is gone; is the adapter plugged in?".to_owned()
            }
            _ => error.to_string(),
        };
        SwitchError::Lost(format!("{}: {why}", self.name()))
    }

    /// An error of the switch, with where it is.
    fn says(&self, error: SwitchError) -> SwitchError {
        let place = match self {
            Self::Serial(device, speed) => format!("{} at {speed} bit/s", device.name()),
            Self::Tcp(address) => address.clone(),
        };
        match error {
            SwitchError::NoAnswer(problem) => SwitchError::NoAnswer(format!("{place}: {problem}")),
            error => error,
        }
    }
}

/// A serial line, which is closed without waiting for what it does not take.
struct SerialLine(Box<dyn Wire>);

impl Drop for SerialLine {
    fn drop(&mut self) {
        let _gone = self.0.discard();
    }
}

impl AsyncRead for SerialLine {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for SerialLine {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
