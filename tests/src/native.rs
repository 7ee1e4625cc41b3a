//! A viewer without a browser: speaks the wire, decodes what it gets, acknowledges it, and can misbehave.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, anyhow};
use shared::{
    ToRelay,
    input::{Buttons, Held, Input, Usage},
    list::List,
    media::{Activity, Drives},
    message::{Closing, State, Typing, Usb},
    power::Power,
    switch::Switch,
    version::{SPOKEN, Versions},
    video::Frame,
    wire::encode_to_relay,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    account::Account,
    picture::{Picture, TimeCode, Yuv},
    wait::DEADLINE,
};

mod decoder;
pub mod holder;
mod link;
pub mod terminal;
mod waits;

pub use link::{Refused, Upgrade};

/// How a viewer behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The versions that its `Hello` names; `None` sends no `Hello`.
    pub versions: Option<Versions>,
    /// Whether it acknowledges frames.
    pub acknowledges: bool,
    /// Whether it decodes frames. Without, frames are acknowledged as they arrive.
    pub decodes: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            versions: Some(SPOKEN),
            acknowledges: true,
            decodes: true,
        }
    }
}

/// A frame as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// The head.
    pub frame: Frame,
    /// When its last byte was read, in microseconds of Unix time.
    pub arrived_us: u64,
    /// The length of the whole message in bytes.
    pub bytes: usize,
    /// What became of it.
    pub decoded: Decoded,
}

/// What the decoder made of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// This viewer does not decode.
    Not,
    /// A picture of this size; with the time code in it, where there is one.
    Picture {
        /// In pixels.
        width: usize,
        /// In pixels.
        height: usize,
        /// See [`TimeCode`].
        time_code: Option<TimeCode>,
    },
    /// The decoder gave no picture, and why.
    Failed(String),
}

impl Received {
    /// The time code in the picture, where there is one.
    #[must_use]
    pub fn time_code(&self) -> Option<TimeCode> {
        match self.decoded {
            Decoded::Picture { time_code, .. } => time_code,
            _ => None,
        }
    }
}

/// How a link ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The relay's last message.
    pub closing: Option<Closing>,
    /// The WebSocket close code, where a close frame came.
    pub code: Option<u16>,
}

/// The answer to a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    /// When the ping was sent, by our clock, in microseconds of Unix time.
    pub sent_us: u64,
    /// The relay's clock in microseconds of Unix time.
    pub relay_us: u64,
    /// When the answer was here.
    pub arrived_us: u64,
}

/// A viewer. Dropping it cuts the connection without a word, as a lost network does.
pub struct Client {
    commands: mpsc::UnboundedSender<Command>,
    told: watch::Receiver<Told>,
    picture: watch::Receiver<Option<Arc<Yuv>>>,
    frames: mpsc::UnboundedReceiver<Received>,
    task: JoinHandle<()>,
}

/// What the relay has told besides frames.
#[derive(Clone, Debug, Default)]
struct Told {
    version: Option<u16>,
    state: Option<State>,
    typing: Option<Typing>,
    drives: Option<Drives>,
    power: Option<Power>,
    switch: Option<Switch>,
    activity: Vec<Activity>,
    pong: Option<Pong>,
    closed: Option<Closed>,
}

enum Command {
    Send(Vec<u8>),
    SendText(String),
    Read(bool),
    Close,
}

impl Client {
    /// Connects, and waits for the relay's state.
    ///
    /// # Errors
    /// Where the relay refuses the upgrade, or closes the link.
    pub async fn watch(account: &Account) -> Result<Self> {
        let mut client = Self::connect(account, Options::default()).await?;
        client.state().await?;
        Ok(client)
    }

    /// Connects, takes the controls and waits until the machine listens.
    ///
    /// # Errors
    /// Where the relay refuses the upgrade, or the machine does not listen within the deadline.
    pub async fn operate(account: &Account) -> Result<Self> {
        let mut client = Self::watch(account).await?;
        client.send(&ToRelay::TakeControl)?;
        let you = client.state().await?.you;
        client
            .state_where("in control of a machine that listens", |state| {
                state.controller == Some(you) && state.usb == Usb::Configured
            })
            .await?;
        Ok(client)
    }

    /// Connects.
    ///
    /// # Errors
    /// Where the relay refuses the upgrade.
    pub async fn connect(account: &Account, options: Options) -> Result<Self> {
        Self::upgrade(&Upgrade::of(account), options).await
    }

    /// Connects with an upgrade request of one's own.
    ///
    /// # Errors
    /// Where the relay refuses it; [`Refused`] has the status.
    pub async fn upgrade(upgrade: &Upgrade, options: Options) -> Result<Self> {
        let socket = link::open(upgrade).await?;
        let (commands, commanded) = mpsc::unbounded_channel();
        let (tell, told) = watch::channel(Told::default());
        let (show, picture) = watch::channel(None);
        let (report, frames) = mpsc::unbounded_channel();
        if let Some(versions) = options.versions {
            let hello = encode_to_relay(&ToRelay::Hello(versions));
            let _ = commands.send(Command::Send(hello));
        }
        let sink = decoder::Sink::start(options, commands.downgrade(), show, report);
        let task = tokio::spawn(link::run(socket, commanded, tell, sink));
        Ok(Self {
            commands,
            told,
            picture,
            frames,
            task,
        })
    }

    /// The relay's state as it is known now; waits for the first one.
    ///
    /// # Errors
    /// Where the link ends before it comes.
    pub async fn state(&mut self) -> Result<State> {
        self.state_where("the first state", |_| true).await
    }

    /// The protocol version that the relay has agreed to.
    ///
    /// # Errors
    /// Where the link ends before it is known.
    pub async fn version(&mut self) -> Result<u16> {
        let told = self
            .told_where("the version", |told| told.version.is_some())
            .await?;
        told.version.context("a version")
    }

    /// Asks the relay for its clock and waits for the answer. All that was sent before is with the relay then.
    ///
    /// # Errors
    /// Where the link ends before it comes.
    pub async fn ping(&mut self) -> Result<Pong> {
        let sent_us = now_us();
        self.send(&ToRelay::Ping { sent_us })?;
        let told = self
            .told_where("a pong", |told| {
                told.pong.is_some_and(|pong| pong.sent_us >= sent_us)
            })
            .await?;
        told.pong.context("a pong")
    }

    /// Waits for the end of the link.
    ///
    /// # Errors
    /// Where it goes on past the deadline.
    pub async fn closed(&mut self) -> Result<Closed> {
        let wait = self.told.wait_for(|told| told.closed.is_some());
        let told = tokio::time::timeout(DEADLINE, wait)
            .await
            .context("the link goes on")??
            .clone();
        told.closed.context("an end")
    }

    /// Whether the link has not ended.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.told.borrow().closed.is_none()
    }

    async fn told_where(&mut self, what: &str, condition: impl Fn(&Told) -> bool) -> Result<Told> {
        let wait = self
            .told
            .wait_for(|told| condition(told) || told.closed.is_some());
        let told = tokio::time::timeout(DEADLINE, wait)
            .await
            .with_context(|| format!("after {DEADLINE:?} still not: {what}"))??
            .clone();
        if condition(&told) {
            return Ok(told);
        }
        Err(anyhow!("instead of {what}: {:?}", told.closed))
    }

    /// The next frame that arrived, in order, none left out.
    ///
    /// # Errors
    /// Where the link ends or the deadline passes before it comes.
    pub async fn next_frame(&mut self) -> Result<Received> {
        tokio::time::timeout(DEADLINE, self.frames.recv())
            .await
            .with_context(|| format!("no frame in {DEADLINE:?}"))?
            .with_context(|| format!("the link ended: {:?}", self.told.borrow().closed))
    }

    /// All frames that have arrived and were not yet asked for.
    pub fn frames_so_far(&mut self) -> Vec<Received> {
        std::iter::from_fn(|| self.frames.try_recv().ok()).collect()
    }

    /// The newest decoded picture.
    #[must_use]
    pub fn picture(&self) -> Option<Picture> {
        let newest = self.picture.borrow().clone();
        newest.map(|yuv| yuv.to_picture())
    }

    /// Sends a message; gives the time, in microseconds of Unix time.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn send(&self, message: &ToRelay) -> Result<u64> {
        self.send_bytes(encode_to_relay(message))
    }

    /// Sends a binary message of any bytes.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn send_bytes(&self, bytes: Vec<u8>) -> Result<u64> {
        self.command(Command::Send(bytes))?;
        Ok(now_us())
    }

    /// Sends a text message, which the protocol does not have.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn send_text(&self, text: &str) -> Result<()> {
        self.command(Command::SendText(text.to_owned()))
    }

    /// Sends an input.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn input(&self, input: Input) -> Result<u64> {
        self.send(&ToRelay::Input(input))
    }

    /// Presses or releases a key.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn key(&self, usage: Usage, down: bool) -> Result<u64> {
        self.input(Input::Key { usage, down })
    }

    /// Presses and releases a key.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn tap(&self, usage: Usage) -> Result<()> {
        self.key(usage, true)?;
        self.key(usage, false)?;
        Ok(())
    }

    /// Tells what is held.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn held(&self, keys: &[Usage], buttons: Buttons) -> Result<u64> {
        let keys = List::new(keys.iter().copied());
        self.input(Input::Held(Held { keys, buttons }))
    }

    /// Reads nothing from the connection, acknowledges nothing and pings nobody until [`Client::resume`], as a page
    /// in a suspended browser does.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn pause(&self) -> Result<()> {
        self.command(Command::Read(false))
    }

    /// Reads again; gives the time, in microseconds of Unix time.
    ///
    /// # Errors
    /// Where the link has ended.
    pub fn resume(&self) -> Result<u64> {
        let now = now_us();
        self.command(Command::Read(true))?;
        Ok(now)
    }

    /// Stalls for a time; gives when it ended, in microseconds of Unix time.
    ///
    /// # Errors
    /// Where the link has ended.
    pub async fn stall_for(&self, time: Duration) -> Result<u64> {
        self.pause()?;
        tokio::time::sleep(time).await;
        self.resume()
    }

    /// Closes the link in the orderly way.
    ///
    /// # Errors
    /// Where the link has ended before.
    pub fn close(&self) -> Result<()> {
        self.command(Command::Close)
    }

    fn command(&self, command: Command) -> Result<()> {
        self.commands
            .send(command)
            .map_err(|_| anyhow!("the link has ended: {:?}", self.told.borrow().closed))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Now, in microseconds of Unix time.
#[must_use]
pub fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as u64)
}
