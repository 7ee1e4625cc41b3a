//! A serial console without a browser.

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use shared::serial::{
    End, FromTerminal, PATH, Place, Refused, SUBPROTOCOL, ToTerminal, decode_to_terminal,
    encode_from_terminal,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::link::{self, Socket, Upgrade};
use crate::{account::Account, wait::DEADLINE};

/// A serial console. Dropping it cuts the connection without a word, as a lost network does.
pub struct Terminal {
    commands: mpsc::UnboundedSender<Command>,
    told: watch::Receiver<Told>,
    task: JoinHandle<()>,
}

enum Command {
    Send(Vec<u8>),
    Read(bool),
}

/// What the relay has said.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The number of the log, where the output began, and where the present did.
    pub opened: Option<(u64, u64, u64)>,
    /// All output.
    pub output: Vec<u8>,
    /// Where it goes on.
    pub end: u64,
    /// How many bytes were left out.
    pub skipped: u64,
    /// What was refused.
    pub refused: Vec<Refused>,
    closed: Option<Option<u16>>,
}

impl Told {
    /// The output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }

    /// Where a console that comes back goes on.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.opened.map(|(log, ..)| Place {
            log,
            offset: self.end,
        })
    }
}

impl Upgrade {
    /// The request for a serial console that the page of this account makes.
    #[must_use]
    pub fn serial(account: &Account) -> Self {
        Self {
            path: PATH,
            subprotocol: Some(SUBPROTOCOL.to_owned()),
            ..Self::of(account)
        }
    }
}

impl Terminal {
    /// Connects and says nothing.
    ///
    /// # Errors
    /// Where the relay refuses it; [`super::Refused`] has the status.
    pub async fn connect(upgrade: &Upgrade) -> Result<Self> {
        let socket = link::open(upgrade).await?;
        let (commands, commanded) = mpsc::unbounded_channel();
        let (tell, told) = watch::channel(Told::default());
        let task = tokio::spawn(run(socket, commanded, tell));
        Ok(Self {
            commands,
            told,
            task,
        })
    }

    /// Connects and begins; `resumes` is where it goes on.
    ///
    /// # Errors
    /// Where the relay refuses the connection.
    pub async fn open(account: &Account, resumes: Option<Place>) -> Result<Self> {
        let terminal = Self::connect(&Upgrade::serial(account)).await?;
        terminal.send(&FromTerminal::Open { resumes }, &[])?;
        Ok(terminal)
    }

    /// Types as this viewer.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn types(&self, viewer: u32, text: &str) -> Result<()> {
        self.send(&FromTerminal::Type { viewer }, text.as_bytes())
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn send(&self, message: &FromTerminal, tail: &[u8]) -> Result<()> {
        self.send_bytes(encode_from_terminal(message, tail))
    }

    /// Sends whatever.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn send_bytes(&self, bytes: Vec<u8>) -> Result<()> {
        Ok(self.commands.send(Command::Send(bytes))?)
    }

    /// Whether it reads what comes.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn reads(&self, on: bool) -> Result<()> {
        Ok(self.commands.send(Command::Read(on))?)
    }

    /// All that was said, once it is so.
    ///
    /// # Errors
    /// Where it does not come to that.
    pub async fn told_where(&mut self, what: &str, is_so: impl Fn(&Told) -> bool) -> Result<Told> {
        let over = |told: &Told| is_so(told) || told.closed.is_some();
        let told = tokio::time::timeout(DEADLINE, self.told.wait_for(over)).await;
        let told = told.map(|told| told.map(|told| told.clone()));
        let Ok(told) = told else {
            let so_far = self.told.borrow().text();
            anyhow::bail!("after {DEADLINE:?} still not: {what}; so far {so_far:?}");
        };
        let told = told.context(what.to_owned())?;
        anyhow::ensure!(is_so(&told), "closed before: {what}");
        Ok(told)
    }

    /// All that was said, once the machine has printed this.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn prints(&mut self, text: &str) -> Result<Told> {
        self.told_where(text, |told| told.text().contains(text))
            .await
    }

    /// Why the relay closes the link.
    ///
    /// # Errors
    /// Where it does not, or says no reason.
    pub async fn end(&mut self) -> Result<End> {
        let told = self
            .told_where("the end", |told| told.closed.is_some())
            .await?;
        let code = told.closed.flatten().context("closed without a code")?;
        End::from_code(code).with_context(|| format!("the code {code}"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    Socket(mut socket): Socket,
    mut commands: mpsc::UnboundedReceiver<Command>,
    told: watch::Sender<Told>,
) {
    let mut reads = true;
    let code = loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(Command::Send(bytes)) => {
                    let _: Result<(), Error> = socket.send(Message::binary(bytes)).await;
                }
                Some(Command::Read(on)) => reads = on,
                None => return,
            },
            message = socket.next(), if reads => match message {
                Some(Ok(Message::Binary(message))) => match decode_to_terminal(&message) {
                    Ok((message, tail)) => told.send_modify(|told| take(told, message, tail)),
                    Err(_) => break None,
                },
                Some(Ok(Message::Close(frame))) => break frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break None,
            },
        }
    };
    told.send_modify(|told| told.closed = Some(code));
}

fn take(told: &mut Told, message: ToTerminal, tail: &[u8]) {
    match message {
        ToTerminal::Opened { log, from, now } => {
            told.opened = Some((log, from, now));
            told.end = from;
        }
        ToTerminal::Output { offset } => {
            told.skipped += offset - told.end;
            told.end = offset + tail.len() as u64;
            told.output.extend(tail);
        }
        ToTerminal::Refused(refused) => told.refused.push(refused),
    }
}
