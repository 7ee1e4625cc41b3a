//! What a page is told besides pictures: the whole state once, then each part that changes.

use shared::{
    held::Holders,
    list::List,
    media::{Activity, Drives, Transfers},
    message::{Change, Jiggler, MacroRun, Signal, State, Typing, VideoSettings, Viewer},
    power::Power,
    serial::Port,
    switch::Switch,
};
use tokio::sync::watch;

use crate::{
    input::{Controls, Host},
    macros::Macros,
    media::{held::Held, library::Library, slots::Slots},
    power::machines::Powers,
    serial::Serial,
    stream::Stream,
    switch::control::SwitchControl,
};

/// Follows the state of one machine for one viewer.
pub struct Changes {
    told: State,
    typing_told: Option<Typing>,
    jiggler_told: Jiggler,
    run_told: Option<MacroRun>,
    macros_told: u32,
    viewers: watch::Receiver<Vec<Viewer>>,
    controller: watch::Receiver<Option<u32>>,
    signal: watch::Receiver<Signal>,
    host: watch::Receiver<Host>,
    video: watch::Receiver<VideoSettings>,
    typing: watch::Receiver<Option<Typing>>,
    jiggler: watch::Receiver<Jiggler>,
    run: watch::Receiver<Option<MacroRun>>,
    macros: watch::Receiver<u32>,
    drives_told: Option<Drives>,
    drives: watch::Receiver<Drives>,
    activity_told: Vec<Activity>,
    activity: watch::Receiver<Vec<Activity>>,
    shortcuts_told: Option<u32>,
    shortcuts: watch::Receiver<u32>,
    images_told: Option<u32>,
    images: watch::Receiver<u32>,
    transfers_told: Transfers,
    transfers: watch::Receiver<Transfers>,
    holders_told: Holders,
    holders: watch::Receiver<Holders>,
    power_told: Option<Power>,
    power: watch::Receiver<Power>,
    port_told: Option<Port>,
    port: Option<watch::Receiver<Port>>,
    switch_told: Option<Switch>,
    switch: Option<watch::Receiver<Switch>>,
}

/// What is followed, besides the viewers.
pub struct Sources<'a> {
    /// The picture.
    pub stream: &'a Stream,
    /// The hands.
    pub controls: &'a Controls,
    /// The macros.
    pub macros: &'a Macros,
    /// The images.
    pub library: &'a Library,
    /// The drives.
    pub slots: &'a Slots,
    /// The files that browsers hold.
    pub held: &'a Held,
    /// The power.
    pub power: &'a Powers,
    /// The revision of the shortcuts.
    pub shortcuts: watch::Receiver<u32>,
    /// The serial console.
    pub serial: Option<&'a Serial>,
    /// The switch.
    pub switch: Option<&'a SwitchControl>,
}

impl Changes {
    /// From now on.
    #[must_use]
    pub fn new(
        machine: &str,
        you: u32,
        mut viewers: watch::Receiver<Vec<Viewer>>,
        sources: Sources<'_>,
    ) -> Self {
        let Sources {
            stream,
            controls,
            macros,
            library,
            slots,
            held,
            power,
            shortcuts,
            serial,
            switch,
        } = sources;
        let mut controller = controls.controller();
        let mut signal = stream.signal();
        let mut host = controls.host();
        let mut video = stream.settings();
        let Host { usb, leds, .. } = *host.borrow_and_update();
        let told = State {
            machine: machine.to_owned(),
            relay: env!("CARGO_PKG_VERSION").to_owned(),
            you,
            viewers: List::new(viewers.borrow_and_update().iter().cloned()),
            controller: *controller.borrow_and_update(),
            signal: *signal.borrow_and_update(),
            leds,
            usb,
            video: *video.borrow_and_update(),
        };
        Self {
            told,
            typing_told: None,
            jiggler_told: Jiggler::default(),
            run_told: None,
            macros_told: *macros.revision().borrow(),
            viewers,
            controller,
            signal,
            host,
            video,
            typing: controls.typing(),
            drives_told: None,
            drives: slots.drives(),
            activity_told: idle(&slots.activity().borrow()),
            activity: slots.activity(),
            shortcuts_told: None,
            shortcuts,
            jiggler: controls.jiggler(),
            run: macros.running(),
            macros: macros.revision(),
            images_told: None,
            images: library.revision(),
            transfers_told: Transfers::default(),
            transfers: library.transfers(),
            holders_told: Holders::default(),
            holders: held.holders(),
            power_told: None,
            power: power.state(),
            port_told: None,
            port: serial.map(Serial::port),
            switch_told: None,
            switch: switch.map(SwitchControl::state),
        }
    }

    /// All that the page has been told.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.told
    }

    /// The next part that differs from what the page has been told. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Change {
        loop {
            if let Some(change) = self.difference() {
                match &change {
                    Change::Typing(typing) => self.typing_told = Some(*typing),
                    Change::Jiggler(jiggler) => self.jiggler_told = *jiggler,
                    Change::Macro(run) => self.run_told = Some(*run),
                    Change::Macros(revision) => self.macros_told = *revision,
                    Change::Shortcuts { revision } => self.shortcuts_told = Some(*revision),
                    Change::Images(revision) => self.images_told = Some(*revision),
                    Change::Transfers(transfers) => self.transfers_told = transfers.clone(),
                    Change::Holders(holders) => self.holders_told = holders.clone(),
                    Change::Power(power) => self.power_told = Some(power.clone()),
                    Change::Serial(port) => self.port_told = Some(port.clone()),
                    Change::Switch(switch) => self.switch_told = Some(switch.clone()),
                    Change::Drives(drives) => self.drives_told = Some(drives.clone()),
                    Change::DriveActivity(activity) => self.tell_activity(*activity),
                    _ => {}
                }
                self.told.apply(change.clone());
                return change;
            }
            self.something().await;
        }
    }

    async fn something(&mut self) {
        tokio::select! {
            Ok(()) = self.viewers.changed() => {}
            Ok(()) = self.controller.changed() => {}
            Ok(()) = self.signal.changed() => {}
            Ok(()) = self.host.changed() => {}
            Ok(()) = self.video.changed() => {}
            Ok(()) = self.typing.changed() => {}
            Ok(()) = self.shortcuts.changed() => {}
            Ok(()) = self.jiggler.changed() => {}
            Ok(()) = self.run.changed() => {}
            Ok(()) = self.macros.changed() => {}
            Ok(()) = self.images.changed() => {}
            Ok(()) = self.transfers.changed() => {}
            Ok(()) = self.holders.changed() => {}
            Ok(()) = self.power.changed() => {}
            Ok(()) = self.drives.changed() => {}
            Ok(()) = self.activity.changed() => {}
            Ok(()) = changed(self.port.as_mut()) => {}
            Ok(()) = changed(self.switch.as_mut()) => {}
            else => std::future::pending().await,
        }
    }

    fn difference(&self) -> Option<Change> {
        let told = &self.told;
        let Host { usb, leds, .. } = *self.host.borrow();
        let viewers = List::new(self.viewers.borrow().iter().cloned());
        if viewers != told.viewers {
            return Some(Change::Viewers(viewers));
        }
        let controller = *self.controller.borrow();
        if controller != told.controller {
            return Some(Change::Controller(controller));
        }
        let signal = *self.signal.borrow();
        if signal != told.signal {
            return Some(Change::Signal(signal));
        }
        if leds != told.leds {
            return Some(Change::Leds(leds));
        }
        if usb != told.usb {
            return Some(Change::Usb(usb));
        }
        let video = *self.video.borrow();
        if video != told.video {
            return Some(Change::Video(video));
        }
        let jiggler = *self.jiggler.borrow();
        if jiggler != self.jiggler_told {
            return Some(Change::Jiggler(jiggler));
        }
        let revision = *self.shortcuts.borrow();
        if self.shortcuts_told != Some(revision) {
            return Some(Change::Shortcuts { revision });
        }
        let typing = *self.typing.borrow();
        if let Some(typing) = typing.filter(|_| typing != self.typing_told) {
            return Some(Change::Typing(typing));
        }
        let run = *self.run.borrow();
        if let Some(run) = run.filter(|_| run != self.run_told) {
            return Some(Change::Macro(run));
        }
        let revision = *self.macros.borrow();
        if self.macros_told != revision {
            return Some(Change::Macros(revision));
        }
        let revision = *self.images.borrow();
        if self.images_told != Some(revision) {
            return Some(Change::Images(revision));
        }
        let transfers = self.transfers.borrow();
        if *transfers != self.transfers_told {
            return Some(Change::Transfers(transfers.clone()));
        }
        let holders = self.holders.borrow();
        if *holders != self.holders_told {
            return Some(Change::Holders(holders.clone()));
        }
        let switch = self.switch.as_ref().map(watch::Receiver::borrow);
        if let Some(switch) = switch.filter(|switch| self.switch_told.as_ref() != Some(&**switch)) {
            return Some(Change::Switch(switch.clone()));
        }
        let power = self.power.borrow();
        if self.power_told.as_ref() != Some(&*power) {
            return Some(Change::Power(power.clone()));
        }
        let port = self.port.as_ref().map(watch::Receiver::borrow);
        if let Some(port) = port.filter(|port| self.port_told.as_ref() != Some(&**port)) {
            return Some(Change::Serial(port.clone()));
        }
        let drives = self.drives.borrow();
        if self.drives_told.as_ref() != Some(&*drives) {
            return Some(Change::Drives(drives.clone()));
        }
        let activity = self.activity.borrow();
        let fresh = activity
            .iter()
            .find(|activity| !self.activity_told.contains(activity));
        fresh.copied().map(Change::DriveActivity)
    }

    fn tell_activity(&mut self, activity: Activity) {
        self.activity_told
            .retain(|told| told.drive != activity.drive);
        self.activity_told.push(activity);
    }
}

async fn changed<T>(what: Option<&mut watch::Receiver<T>>) -> Result<(), watch::error::RecvError> {
    match what {
        Some(what) => what.changed().await,
        None => std::future::pending().await,
    }
}

/// What a page takes for known: nothing has been read or written.
fn idle(activity: &[Activity]) -> Vec<Activity> {
    let idle = |known: &Activity| Activity {
        drive: known.drive,
        ..Activity::default()
    };
    activity.iter().map(idle).collect()
}
