//! Viewers: one task each joins a link to the machine's picture and to its keyboard and pointer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use shared::{
    ToBrowser, ToRelay,
    input::Input,
    message::{Change, Closing},
    version::SPOKEN,
    wire::{decode_to_relay, encode_to_browser},
};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::timeout,
};
use tracing::debug;

use crate::{
    audit::{Audit, Event},
    auth::{self, Auth, Role, User},
    clock::unix_us,
    input::Controls,
    macros::Macros,
    media::{Media, library::Library, slots::Slots},
    power::{control::PowerControl, machines::Powers},
    serial::Serial,
    shortcuts::Kept,
    stream::{Stream, Subscription},
    switch::control::SwitchControl,
    transport::{Link, LinkError, LinkReceiver, LinkSender},
};

pub mod changes;
pub mod pacing;
pub mod viewers;

use changes::{Changes, Sources};
use pacing::Pacing;
use viewers::{Seat, Viewers};

/// How long a page may take to say `Hello`.
const HELLO_LIMIT: Duration = Duration::from_secs(5);

/// How long a page may say nothing at all; it pings every two seconds.
const SILENCE_LIMIT: Duration = Duration::from_secs(10);

/// How long the last words to a page may take.
const FAREWELL_LIMIT: Duration = Duration::from_millis(500);

/// How often a session is renewed while its link is open.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// Inputs that have been read and not yet been applied.
const INPUTS_MAX: usize = 256;

/// Answers that wait for the network.
const ANSWERS_MAX: usize = 16;

/// Where viewers meet one machine. Clones are handles to the same one.
#[derive(Clone)]
pub struct Room(Arc<Shared>);

/// One machine, or several behind a switch, as viewers meet it.
pub struct Machine {
    /// Its name.
    pub name: String,
    /// Its picture.
    pub stream: Stream,
    /// Its keyboard and pointer.
    pub controls: Controls,
    /// Its drives and what can be put into them.
    pub media: Media,
    /// Its power.
    pub power: Powers,
    /// Its serial console, where it has one.
    pub serial: Option<Serial>,
    /// The switch to it and to others, where there is one.
    pub switch: Option<SwitchControl>,
    /// What is written down of what people do to it.
    pub audit: Audit,
}

struct Shared {
    machine: Machine,
    auth: Auth,
    macros: Macros,
    viewers: Viewers,
    shortcuts: watch::Receiver<u32>,
    closed: watch::Sender<bool>,
}

impl Room {
    /// Nobody is here yet.
    #[must_use]
    pub fn new(machine: Machine, auth: Auth, macros: Macros, shortcuts: &Kept) -> Self {
        Self(Arc::new(Shared {
            viewers: Viewers::new(machine.controls.clone()),
            machine,
            auth,
            macros,
            shortcuts: shortcuts.revision(),
            closed: watch::Sender::new(false),
        }))
    }

    /// The machine's serial console, where it has one.
    #[must_use]
    pub fn serial(&self) -> Option<&Serial> {
        self.0.machine.serial.as_ref()
    }

    /// The machine's keyboard and pointer.
    #[must_use]
    pub fn controls(&self) -> &Controls {
        &self.0.machine.controls
    }

    /// The macros that can be run at the machine.
    #[must_use]
    pub fn macros(&self) -> &Macros {
        &self.0.macros
    }

    /// The machine's drives and what can be put into them.
    #[must_use]
    pub fn media(&self) -> &Media {
        &self.0.machine.media
    }

    /// The images that can be put into the machine's drives.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.0.machine.media.library
    }

    /// The machine's drives.
    #[must_use]
    pub fn slots(&self) -> &Slots {
        &self.0.machine.media.slots
    }

    /// The power of the machine that is selected.
    #[must_use]
    pub fn power(&self) -> &PowerControl {
        self.0.machine.power.current()
    }

    /// The power of the machine behind this port, as long as that is the one that is selected.
    #[must_use]
    pub fn power_of(&self, port: usize) -> Option<&PowerControl> {
        self.0.machine.power.of_selected(port)
    }

    /// The switch to the machine and to others, where there is one.
    #[must_use]
    pub fn switch(&self) -> Option<&SwitchControl> {
        self.0.machine.switch.as_ref()
    }

    /// What people did.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.0.machine.audit
    }

    /// Writes into the audit log what the person of this name does at the machine that is selected.
    pub fn record(&self, by: &str, event: &Event) {
        self.0.record(by, event);
    }

    /// The viewer through whose hands a request of this session acts: the page that it names, or the one of the same
    /// user that has the controls; `None` where nobody has them.
    ///
    /// # Errors
    /// The name of whoever else has the controls; none where the page is not one of this session.
    pub fn hands_of(
        &self,
        session: &auth::Session,
        viewer: Option<u32>,
    ) -> Result<Option<u32>, Option<String>> {
        let viewers = &self.0.viewers;
        let controller = *self.0.machine.controls.controller().borrow();
        match (viewer, controller) {
            (Some(viewer), _) if !viewers.is_of_session(viewer, session.id) => Err(None),
            (Some(viewer), Some(controller)) if viewer != controller => {
                Err(viewers.name(controller))
            }
            (Some(_), None) => Err(None),
            (None, Some(controller)) if !viewers.is_of_user(controller, session.user.id) => {
                Err(viewers.name(controller))
            }
            (_, controller) => Ok(controller),
        }
    }

    /// Serves one page until its link ends.
    pub async fn watch<L: Link>(&self, link: L, session: auth::Session) {
        let (mut sender, mut receiver) = link.split();
        let mut closed = self.0.closed.subscribe();
        let closing = tokio::select! {
            biased;
            _ = closed.wait_for(|closed| *closed) => Some(Closing::Restarting),
            () = self.signed_out(&session) => Some(Closing::SignedOut),
            closing = self.converse(&mut sender, &mut receiver, &session) => closing,
        };
        if let Some(closing) = closing {
            debug!(name = session.user.name, ?closing, "closing a link");
            let _ = timeout(
                FAREWELL_LIMIT,
                say_farewell(&mut sender, &mut receiver, closing),
            )
            .await;
        }
    }

    /// Tells all pages that the relay ends, and does not wait.
    pub fn begin_to_close(&self) {
        self.0.closed.send_replace(true);
    }

    /// Tells all pages that the relay ends, and waits until they are gone.
    pub async fn close(&self) {
        self.begin_to_close();
        self.0.viewers.all_gone().await;
        self.0.closed.closed().await;
    }

    /// Whether the relay ends. It waits until all receivers are gone.
    #[must_use]
    pub fn closed(&self) -> watch::Receiver<bool> {
        self.0.closed.subscribe()
    }

    /// Ends when the session has ended, or is no longer what it was.
    pub async fn signed_out(&self, session: &auth::Session) {
        let mut changes = self.0.auth.changes();
        loop {
            match self.0.auth.renew(session.id).await {
                Ok(Some(now)) if now == *session => {}
                Ok(_) => return,
                Err(error) => debug!(%error, "a session was not renewed"),
            }
            let _ = timeout(RENEW_EVERY, changes.changed()).await;
        }
    }

    /// From `Hello` to the end of the link; gives the reason where the relay ends it.
    async fn converse<S: LinkSender, R: LinkReceiver>(
        &self,
        sender: &mut S,
        receiver: &mut R,
        session: &auth::Session,
    ) -> Option<Closing> {
        let version = match greet(receiver).await {
            Ok(version) => version,
            Err(closing) => return closing,
        };
        let Some(seat) = self.0.viewers.join(Instant::now(), session) else {
            return Some(Closing::Full);
        };
        self.serve(sender, receiver, &seat, version, &session.user)
            .await
    }

    async fn serve<S: LinkSender, R: LinkReceiver>(
        &self,
        sender: &mut S,
        receiver: &mut R,
        seat: &Seat,
        version: u16,
        user: &User,
    ) -> Option<Closing> {
        let room = &*self.0;
        let (answers, waiting_answers) = mpsc::channel(ANSWERS_MAX);
        let (inputs, waiting_inputs) = mpsc::channel(INPUTS_MAX);
        let pacing = watch::Sender::new(Pacing::new(
            room.machine.stream.settings().borrow().frame_rate,
        ));
        let key_frame = Notify::new();
        let reader = Reader {
            room,
            seat,
            name: &user.name,
            is_operator: user.role >= Role::Operator,
            answers,
            inputs,
            pacing: &pacing,
            key_frame: &key_frame,
        };
        let writer = Writer {
            changes: room.changes(seat.id()),
            answers: waiting_answers,
            frames: room.machine.stream.subscribe(),
            pacing: &pacing,
            key_frame: &key_frame,
        };
        tokio::select! {
            closing = reader.run(receiver) => closing,
            error = writer.run(sender, version) => {
                debug!(%error, "a link broke");
                None
            }
            () = apply(&room.machine.controls, seat.id(), waiting_inputs) => None,
        }
    }
}

impl Shared {
    fn record(&self, by: &str, event: &Event) {
        let switch = self.machine.switch.as_ref();
        let place = switch.and_then(SwitchControl::selected);
        self.machine.audit.at(place).record(by, event);
    }

    fn changes(&self, viewer: u32) -> Changes {
        Changes::new(
            &self.machine.name,
            viewer,
            self.viewers.list(),
            Sources {
                stream: &self.machine.stream,
                controls: &self.machine.controls,
                macros: &self.macros,
                library: &self.machine.media.library,
                slots: &self.machine.media.slots,
                held: &self.machine.media.held,
                power: &self.machine.power,
                shortcuts: self.shortcuts.clone(),
                serial: self.machine.serial.as_ref(),
                switch: self.machine.switch.as_ref(),
            },
        )
    }
}

/// The agreed version, or why there is none: the reason that the page is told, or nothing where it is gone.
async fn greet(receiver: &mut impl LinkReceiver) -> Result<u16, Option<Closing>> {
    let message = match timeout(HELLO_LIMIT, receiver.receive()).await {
        Err(_) => return Err(Some(Closing::Silent)),
        Ok(Err(_)) => return Err(Some(Closing::BadMessage)),
        Ok(Ok(None)) => return Err(None),
        Ok(Ok(Some(message))) => message,
    };
    match decode_to_relay(&message) {
        Ok(ToRelay::Hello(versions)) => SPOKEN.agree(versions).ok_or(Some(Closing::ReloadPage)),
        _ => Err(Some(Closing::BadMessage)),
    }
}

/// Says why, and keeps the connection until the page has read it: closing over unread messages would cut it off.
async fn say_farewell(
    sender: &mut impl LinkSender,
    receiver: &mut impl LinkReceiver,
    closing: Closing,
) {
    if sender.close(closing).await.is_err() {
        return;
    }
    loop {
        match receiver.receive().await {
            Ok(Some(_)) => {}
            Ok(None) => return,
            Err(_) => std::future::pending().await,
        }
    }
}

/// Applies inputs in their order, so that a slow machine delays nothing else.
async fn apply(controls: &Controls, viewer: u32, mut inputs: mpsc::Receiver<Input>) {
    while let Some(input) = inputs.recv().await {
        controls.apply(viewer, input).await;
    }
}

/// From the page.
struct Reader<'a> {
    room: &'a Shared,
    seat: &'a Seat,
    name: &'a str,
    is_operator: bool,
    answers: mpsc::Sender<ToBrowser>,
    inputs: mpsc::Sender<Input>,
    pacing: &'a watch::Sender<Pacing>,
    key_frame: &'a Notify,
}

impl Reader<'_> {
    /// Reads until the link ends; gives the reason where the relay ends it.
    async fn run(self, receiver: &mut impl LinkReceiver) -> Option<Closing> {
        loop {
            let message = match timeout(SILENCE_LIMIT, receiver.receive()).await {
                Err(_) => return Some(Closing::Silent),
                Ok(Err(error)) => {
                    debug!(viewer = self.seat.id(), %error, "unreadable");
                    return Some(Closing::BadMessage);
                }
                Ok(Ok(None)) => return None,
                Ok(Ok(Some(message))) => message,
            };
            self.seat.heard(Instant::now());
            match decode_to_relay(&message) {
                Ok(ToRelay::Hello(_)) => return Some(Closing::BadMessage),
                Ok(message) => self.take(message).await,
                Err(error) => {
                    debug!(viewer = self.seat.id(), %error, "a bad message");
                    return Some(Closing::BadMessage);
                }
            }
        }
    }

    async fn take(&self, message: ToRelay) {
        match message {
            ToRelay::Hello(_) => {}
            ToRelay::Input(input) => {
                let _ = self.inputs.send(input).await;
            }
            ToRelay::RequestKeyFrame => self.key_frame.notify_one(),
            ToRelay::Ack(ack) => self
                .pacing
                .send_modify(|pacing| pacing.acknowledged(Instant::now(), &ack)),
            ToRelay::Ping { sent_us } => {
                // A page that does not read its answers needs no more of them.
                let _ = self.answers.try_send(ToBrowser::Pong {
                    sent_us,
                    relay_us: unix_us(),
                });
            }
            ToRelay::SetVideo(settings) if self.is_operator => {
                self.room.machine.stream.set(settings);
            }
            ToRelay::TakeControl if self.is_operator => {
                self.room.machine.controls.take(self.seat.id());
                self.room.record(self.name, &Event::ControlsTaken);
            }
            ToRelay::GiveUpControl => self.room.machine.controls.give_up(self.seat.id()),
            ToRelay::PauseTyping if self.is_operator => self.room.machine.controls.pause_typing(),
            ToRelay::ResumeTyping if self.is_operator => self.room.machine.controls.resume_typing(),
            ToRelay::CancelTyping if self.is_operator => self.room.machine.controls.cancel_typing(),
            ToRelay::SetJiggler(jiggler) if self.is_operator => {
                self.room.machine.controls.set_jiggler(jiggler);
                let on = jiggler.is_on();
                self.room.record(self.name, &Event::JigglerSet { on });
            }
            ToRelay::StopMacro if self.is_operator => self.room.macros.stop(),
            ToRelay::SetVideo(_)
            | ToRelay::SetJiggler(_)
            | ToRelay::StopMacro
            | ToRelay::TakeControl
            | ToRelay::PauseTyping
            | ToRelay::ResumeTyping
            | ToRelay::CancelTyping => {}
        }
    }
}

/// To the page.
struct Writer<'a> {
    changes: Changes,
    answers: mpsc::Receiver<ToBrowser>,
    frames: Subscription,
    pacing: &'a watch::Sender<Pacing>,
    key_frame: &'a Notify,
}

impl Writer<'_> {
    /// Writes until the link breaks. One message is on its way at a time, so that the next is chosen as late as can be.
    async fn run(mut self, sender: &mut impl LinkSender, version: u16) -> LinkError {
        let mut next = self.greeting(version);
        let mut window = self.pacing.subscribe();
        loop {
            for message in next.drain(..) {
                if let Err(error) = sender.send(message).await {
                    return error;
                }
            }
            let may_send = window.borrow_and_update().may_send();
            tokio::select! {
                biased;
                Some(answer) = self.answers.recv() => next.push(bytes(&answer)),
                change = self.changes.next() => next.push(self.changed(change)),
                () = self.key_frame.notified() => self.frames.request_key_frame(),
                frame = self.frames.next(), if may_send => {
                    self.pacing.send_modify(|pacing| pacing.sent(Instant::now(), &frame.frame));
                    next.push(frame.message.clone());
                }
                _ = window.changed() => {}
            }
        }
    }

    fn greeting(&self, version: u16) -> Vec<Bytes> {
        vec![
            bytes(&ToBrowser::Hello { version }),
            bytes(&ToBrowser::State(self.changes.state().clone())),
        ]
    }

    fn changed(&self, change: Change) -> Bytes {
        if let Change::Video(settings) = &change {
            self.pacing
                .send_modify(|pacing| pacing.set_frame_rate(settings.frame_rate));
        }
        bytes(&ToBrowser::Change(change))
    }
}

fn bytes(message: &ToBrowser) -> Bytes {
    encode_to_browser(message, &[]).into()
}

#[cfg(test)]
mod tests;
