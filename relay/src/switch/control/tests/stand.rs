//! A switch, a machine and a capture device that write down what is done to them, in one list.

use std::{
    io,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use shared::{
    input::{Input, Usage},
    message::{Signal, Usb, VideoSettings},
    power::{Actions, PowerAction, Supply},
    switch::{Moved, Switch as Told},
};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use super::super::{Machine, Parts, SwitchControl};
use crate::{
    audit::Audit,
    capture::{self, CaptureError, Picture, Screen},
    config::Usb as Ids,
    input::{Capabilities, Controls, Hid, HidError, Host, Report, Waker, report::Keyboard},
    power::{
        Lit,
        control::{Acting, Backend, PowerControl},
        machines::Powers,
    },
    stream::Stream,
    switch::{
        Asked, Switch, SwitchError,
        port::{Looks, Plug, Wardrobe},
    },
};

const PATIENCE: Duration = Duration::from_secs(20);

/// The picture of the machine that is selected at first, and of every other one.
pub(super) const OLD: Signal = Signal::Picture {
    width: 640,
    height: 480,
    centihertz: 6000,
};

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The machine has got it.
    Report(Report),
    /// The switch was asked for this port.
    Asked(usize),
    /// The capture side got an EDID of this length.
    Edid(usize),
    /// The USB device has these ids: the vendor.
    Ids(u16),
}

/// This key alone is down; none for 0.
pub(super) fn down(key: u8) -> Report {
    Report::Keyboard(Keyboard {
        modifiers: 0,
        keys: [key, 0, 0, 0, 0, 0],
    })
}

type Stands = Result<Option<usize>, SwitchError>;

/// Three machines: the second has USB ids of its own, the third an EDID.
pub(super) struct Stand {
    pub(super) switch: SwitchControl,
    pub(super) signal: watch::Sender<Signal>,
    pub(super) powers: Powers,
    controls: Controls,
    world: Arc<World>,
    answers: mpsc::UnboundedSender<Result<(), SwitchError>>,
    lights: Vec<watch::Sender<Lit>>,
}

struct World {
    events: watch::Sender<Vec<Event>>,
    stands: Mutex<Stands>,
    asked_where: watch::Sender<u32>,
    host: watch::Sender<Host>,
    busy: Mutex<bool>,
    free: Condvar,
    refuses_ids: Mutex<bool>,
}

impl World {
    fn note(&self, event: Event) {
        self.events.send_modify(|events| events.push(event));
    }
}

impl Stand {
    /// At the first port, for viewer 1.
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut Parts)) -> Self {
        let stand = Self::bare(Ok(Some(0)), change);
        stand.told(|switch| switch.selected == Some(0)).await;
        stand
    }

    /// With a switch that says this when it is asked where it stands.
    pub(super) fn bare(stands: Stands, change: impl FnOnce(&mut Parts)) -> Self {
        let world = Arc::new(World {
            events: watch::Sender::default(),
            stands: Mutex::new(stands),
            asked_where: watch::Sender::default(),
            host: watch::Sender::new(host(Usb::Configured)),
            busy: Mutex::default(),
            free: Condvar::new(),
            refuses_ids: Mutex::default(),
        });
        let (answers, waiting) = mpsc::unbounded_channel();
        let controls = Controls::start(Box::new(Keys(world.clone())));
        controls.take(1);
        let (lights, powers): (Vec<_>, Vec<_>) = (0..3).map(|_| power()).unzip();
        let powers = Powers::of(powers);
        let signal = watch::Sender::new(OLD);
        let screen = Box::new(Receiver(world.clone()));
        let stream = Stream::start(screen, VideoSettings::default());
        let usual = looks(&[0; 128], 1);
        let plug: Arc<dyn Plug> = world.clone();
        let mut parts = Parts {
            switch: Box::new(Fake {
                world: world.clone(),
                answers: tokio::sync::Mutex::new(waiting),
            }),
            machines: vec![
                machine("db", usual.clone()),
                machine("web", looks(&[0; 128], 0x1234)),
                machine("old", looks(&[0; 256], 1)),
            ],
            controls: controls.clone(),
            signal: signal.subscribe(),
            powers: powers.clone(),
            wardrobe: Wardrobe::new(stream, Some(plug), usual),
            settle_limit: Duration::from_secs(60),
            thumbnails: true,
            audit: Audit::default(),
            believed: None,
        };
        change(&mut parts);
        Self {
            switch: SwitchControl::start(parts),
            signal,
            powers,
            controls,
            world,
            answers,
            lights,
        }
    }

    pub(super) async fn key(&self, usage: u8, down: bool) {
        let usage = Usage::Keyboard(usage);
        self.controls.apply(1, Input::Key { usage, down }).await;
    }

    /// What the switch says to what it is, or will be, asked for.
    pub(super) fn answer(&self, answer: Result<(), SwitchError>) {
        self.answers.send(answer).unwrap();
    }

    /// What it says when it is asked where it stands.
    pub(super) fn stands_on(&self, stands: Stands) {
        *self.world.stands.lock().unwrap() = stands;
    }

    pub(super) async fn was_asked_where(&self) {
        let mut asked = self.world.asked_where.subscribe();
        timeout(PATIENCE, asked.wait_for(|times| *times > 0))
            .await
            .unwrap()
            .unwrap();
    }

    pub(super) fn set_busy(&self, busy: bool) {
        *self.world.busy.lock().unwrap() = busy;
        self.world.free.notify_all();
    }

    pub(super) fn set_host(&self, usb: Usb) {
        self.world.host.send_replace(host(usb));
    }

    pub(super) fn refuse_ids(&self, refuse: bool) {
        *self.world.refuses_ids.lock().unwrap() = refuse;
    }

    pub(super) fn light(&self, port: usize, supply: Supply) {
        self.lights[port].send_modify(|lit| lit.supply = supply);
    }

    pub(super) fn state(&self) -> Told {
        self.switch.state().borrow().clone()
    }

    pub(super) async fn told(&self, is: impl Fn(&Told) -> bool) -> Told {
        let mut state = self.switch.state();
        let found = timeout(PATIENCE, state.wait_for(is)).await;
        match found {
            Ok(found) => found.unwrap().clone(),
            Err(_) => panic!("{:?}", self.state()),
        }
    }

    /// Waits for the end of this move.
    pub(super) async fn moved(&self, id: u32) -> Moved {
        let is_over = |told: &Told| told.moved.as_ref().is_some_and(|moved| moved.id == id);
        self.told(is_over).await.moved.unwrap()
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.world.events.borrow().clone()
    }

    pub(super) fn forget(&self) {
        self.world.events.send_modify(Vec::clear);
    }

    /// Waits until these are the last things that were done.
    pub(super) async fn ends_with(&self, expected: &[Event]) {
        let mut events = self.world.events.subscribe();
        let found = timeout(
            PATIENCE,
            events.wait_for(|events| events.ends_with(expected)),
        );
        let found = found.await.is_ok();
        assert!(
            found,
            "{expected:?} is not at the end of {:?}",
            self.events()
        );
    }
}

fn host(usb: Usb) -> Host {
    Host {
        usb,
        leds: None,
        fine_wheel: false,
    }
}

fn looks(edid: &[u8], vendor_id: u16) -> Looks {
    Looks {
        edid: Some(edid.into()),
        usb: Ids {
            vendor_id,
            ..Ids::default()
        },
    }
}

fn machine(name: &str, looks: Looks) -> Machine {
    Machine {
        name: name.to_owned(),
        notes: String::new(),
        looks,
    }
}

/// A machine's power, and its light.
fn power() -> (watch::Sender<Lit>, PowerControl) {
    let light = watch::Sender::new(Lit::default());
    let backend = Light(light.subscribe());
    (
        light,
        PowerControl::start(vec![Box::new(backend)], Audit::default()),
    )
}

struct Light(watch::Receiver<Lit>);

impl Backend for Light {
    fn actions(&self) -> Actions {
        Actions::default().with(PowerAction::Press)
    }

    fn lit(&self) -> Option<watch::Receiver<Lit>> {
        Some(self.0.clone())
    }

    fn act(&self, _: PowerAction) -> Acting {
        Box::pin(std::future::pending())
    }
}

struct Fake {
    world: Arc<World>,
    answers: tokio::sync::Mutex<mpsc::UnboundedReceiver<Result<(), SwitchError>>>,
}

impl Switch for Fake {
    fn name(&self) -> String {
        "a switch of a test".to_owned()
    }

    fn select(&self, port: usize) -> Asked<'_, ()> {
        Box::pin(async move {
            self.world.note(Event::Asked(port));
            let answer = self.answers.lock().await.recv().await.unwrap();
            let mut stands = self.world.stands.lock().unwrap();
            if answer.is_ok() && matches!(*stands, Ok(Some(_))) {
                *stands = Ok(Some(port));
            }
            answer
        })
    }

    fn selected(&self) -> Asked<'_, Option<usize>> {
        Box::pin(async {
            let stands = self.world.stands.lock().unwrap().clone();
            self.world.asked_where.send_modify(|times| *times += 1);
            stands
        })
    }
}

struct Keys(Arc<World>);

impl Hid for Keys {
    fn write(&mut self, report: &Report) -> Result<(), HidError> {
        let mut busy = self.0.busy.lock().unwrap();
        while *busy {
            busy = self.0.free.wait(busy).unwrap();
        }
        if self.0.host.borrow().usb != Usb::Configured {
            return Err(HidError::NotConnected);
        }
        self.0.note(Event::Report(*report));
        Ok(())
    }

    fn host(&self) -> watch::Receiver<Host> {
        self.0.host.subscribe()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            pointer: false,
            mouse: false,
            consumer: false,
        }
    }

    fn waker(&self) -> Arc<dyn Waker> {
        self.0.clone()
    }
}

impl Waker for World {
    fn wake(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Plug for World {
    fn set_ids(&self, usb: &Ids) -> io::Result<()> {
        if *self.refuses_ids.lock().unwrap() {
            return Err(io::Error::other("the kernel does not take them"));
        }
        self.note(Event::Ids(usb.vendor_id));
        Ok(())
    }
}

/// A capture device without a picture, which takes any EDID.
struct Receiver(Arc<World>);

impl Screen for Receiver {
    fn next(&mut self, wait: Duration) -> Result<capture::Event, CaptureError> {
        std::thread::sleep(wait.min(Duration::from_millis(2)));
        Ok(capture::Event::Unchanged)
    }

    fn picture(&self) -> Option<Picture<'_>> {
        None
    }

    fn edid(&mut self) -> Result<Vec<u8>, CaptureError> {
        Ok(vec![0; 128])
    }

    fn set_edid(&mut self, edid: &[u8]) -> Result<(), CaptureError> {
        self.0.note(Event::Edid(edid.len()));
        Ok(())
    }
}
