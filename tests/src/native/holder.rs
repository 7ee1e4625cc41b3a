//! A page without a browser that holds a file: gives the relay the parts that it asks for, keeps silent, or misbehaves.

use std::{collections::VecDeque, sync::Arc};

use anyhow::{Context, Result, ensure};
use futures_util::{SinkExt, StreamExt};
use sha2::{Digest, Sha256};
use shared::held::{
    Ask, End, File, FromHolder, Offer, PATH, SUBPROTOCOL, ToHolder, decode_to_holder,
    encode_from_holder, samples,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::link::{self, Socket, Upgrade};
use crate::{account::Account, wait::DEADLINE};

/// A page with a file. Dropping it cuts the connection without a word, as a lost network does.
pub struct Holder {
    commands: mpsc::UnboundedSender<Command>,
    told: watch::Receiver<Told>,
    task: JoinHandle<()>,
}

enum Command {
    Answer(bool),
    Send(Vec<u8>),
}

/// What the relay has said.
#[derive(Clone, Debug, Default)]
struct Told {
    held: Option<u32>,
    asked: Vec<Ask>,
    closed: Option<Option<u16>>,
}

impl Upgrade {
    /// The request for a held file that the page of this account makes.
    #[must_use]
    pub fn held(account: &Account) -> Self {
        Self {
            path: PATH,
            subprotocol: Some(SUBPROTOCOL.to_owned()),
            ..Self::of(account)
        }
    }
}

/// What a file of these bytes is known by.
#[must_use]
pub fn file(name: &str, bytes: &[u8]) -> File {
    let mut hash = Sha256::new();
    for (offset, length) in samples(bytes.len() as u64) {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let length = usize::try_from(length).unwrap_or(0);
        hash.update(&bytes[from..from + length]);
    }
    File {
        name: name.to_owned(),
        bytes: bytes.len() as u64,
        modified_ms: 1_700_000_000_000,
        samples: hash.finalize().into(),
    }
}

impl Holder {
    /// Connects and says nothing.
    ///
    /// # Errors
    /// Where the relay refuses it; [`super::Refused`] has the status.
    pub async fn connect(upgrade: &Upgrade, bytes: Arc<Vec<u8>>) -> Result<Self> {
        let socket = link::open(upgrade).await?;
        let (commands, commanded) = mpsc::unbounded_channel();
        let (tell, told) = watch::channel(Told::default());
        let task = tokio::spawn(run(socket, commanded, tell, bytes));
        Ok(Self {
            commands,
            told,
            task,
        })
    }

    /// Connects, and offers a file of these bytes; `resumes` is the number of the one that it goes on for.
    ///
    /// # Errors
    /// Where the relay refuses the connection.
    pub async fn offer(
        account: &Account,
        name: &str,
        bytes: &Arc<Vec<u8>>,
        resumes: Option<u32>,
    ) -> Result<Self> {
        let holder = Self::connect(&Upgrade::held(account), bytes.clone()).await?;
        let file = file(name, bytes);
        holder.send(&FromHolder::Offer(Offer { file, resumes }), &[])?;
        Ok(holder)
    }

    /// The file's number, once the relay has taken it.
    ///
    /// # Errors
    /// Where the relay closes the link instead.
    pub async fn number(&mut self) -> Result<u32> {
        let told = self
            .told_where("a number", |told| told.held.is_some())
            .await?;
        told.held.context("closed")
    }

    /// Whether it answers; what was asked meanwhile is answered then.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn answers(&self, on: bool) -> Result<()> {
        Ok(self.commands.send(Command::Answer(on))?)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn send(&self, message: &FromHolder, tail: &[u8]) -> Result<()> {
        self.send_bytes(encode_from_holder(message, tail))
    }

    /// Sends whatever.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn send_bytes(&self, bytes: Vec<u8>) -> Result<()> {
        Ok(self.commands.send(Command::Send(bytes))?)
    }

    /// All that was asked for, once there is anything.
    ///
    /// # Errors
    /// Where the link ends before.
    pub async fn asked(&mut self) -> Result<Vec<Ask>> {
        self.asked_more_than(0).await
    }

    /// All that was asked for, once it is more than so many parts.
    ///
    /// # Errors
    /// Where the link ends before.
    pub async fn asked_more_than(&mut self, parts: usize) -> Result<Vec<Ask>> {
        let told = self
            .told_where("a part", |told| told.asked.len() > parts)
            .await?;
        ensure!(told.asked.len() > parts, "closed: {:?}", told.closed);
        Ok(told.asked)
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

    async fn told_where(&mut self, what: &str, is_it: impl Fn(&Told) -> bool) -> Result<Told> {
        let over = |told: &Told| is_it(told) || told.closed.is_some();
        let told = tokio::time::timeout(DEADLINE, self.told.wait_for(over)).await;
        let told = told.with_context(|| format!("after {DEADLINE:?} still not: {what}"))?;
        Ok(told.context(what.to_owned())?.clone())
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    Socket(mut socket): Socket,
    mut commands: mpsc::UnboundedReceiver<Command>,
    told: watch::Sender<Told>,
    bytes: Arc<Vec<u8>>,
) {
    let mut waiting = VecDeque::new();
    let mut answers = true;
    let code = loop {
        if answers && let Some(ask) = waiting.pop_front() {
            let _: Result<(), Error> = socket.send(Message::binary(part(ask, &bytes))).await;
            continue;
        }
        tokio::select! {
            command = commands.recv() => match command {
                Some(Command::Answer(on)) => answers = on,
                Some(Command::Send(bytes)) => {
                    let _: Result<(), Error> = socket.send(Message::binary(bytes)).await;
                }
                None => return,
            },
            message = socket.next() => match message {
                Some(Ok(Message::Binary(message))) => match decode_to_holder(&message) {
                    Ok(ToHolder::Taken { held }) => told.send_modify(|told| told.held = Some(held)),
                    Ok(ToHolder::Ask(ask)) => {
                        waiting.push_back(ask);
                        told.send_modify(|told| told.asked.push(ask));
                    }
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

fn part(ask: Ask, bytes: &[u8]) -> Vec<u8> {
    let from = usize::try_from(ask.offset).unwrap_or(usize::MAX);
    let part = &bytes[from..from + ask.length as usize];
    encode_from_holder(&FromHolder::Part { number: ask.number }, part)
}
