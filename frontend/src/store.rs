//! All that the page shows, in one place. Copied freely: it is a handful of signals.

use leptos::prelude::*;
use shared::{
    held::Holders,
    input::{Input, Usage},
    macros::Step,
    media::{Activity, DRIVES_MAX, Drives, Transfers},
    message::{Closing, Jiggler, MacroRun, Signal, State, Typing, Usb},
    power::Power,
    serial::Port,
    switch::Switch,
};

use crate::{
    api::Access,
    browser::window,
    figures::Summary,
    input::{onscreen::Stick, place::Size},
    preferences::Preferences,
    recorder::Recorder,
    view::shown::Shown,
};

/// For how long a disk light that has blinked may mean that something is being written.
const DISK_LATELY_MS: f64 = 5_000.0;

impl LinkPhase {
    /// Whether there is a connection, if only a silent one.
    pub(crate) fn stands(self) -> bool {
        matches!(self, Self::Connected | Self::Stalled)
    }
}

/// What the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Nothing is known yet.
    Loading,
    /// The relay did not answer.
    Unreachable,
    /// The relay belongs to nobody.
    Claim,
    /// The relay wants to know who is there.
    SignIn,
    /// The machine.
    Console,
}

/// How the link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkPhase {
    /// The first try.
    Connecting,
    /// It stands, and the state is here.
    Connected,
    /// It stands, and nothing comes through it.
    Stalled,
    /// It was lost; the next try comes by itself.
    Lost(Option<Closing>),
    /// It was closed, and another try would end in the same way.
    Closed(Closing),
}

/// Which panel is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    /// The machines behind the switch.
    Machines,
    /// Text that the relay types.
    TypeText,
    /// Keys that are pressed together.
    Shortcuts,
    /// What the relay does step by step.
    Macros,
    /// The machine's drives, and what can be put into them.
    Drives,
    /// The machine's power.
    Power,
    /// The machine's serial port.
    Serial,
    /// Latency, rate, bits.
    Statistics,
    /// What can be set.
    Settings,
}

/// The keys that are held through this page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeldKeys {
    /// All of them.
    pub(crate) down: Vec<Usage>,
    /// The modifiers among them that the on-screen keyboard holds.
    pub(crate) sticks: Vec<(Usage, Stick)>,
}

/// The page's state.
#[derive(Clone, Copy)]
pub(crate) struct Store {
    /// What the window shows.
    pub(crate) page: RwSignal<Page>,
    /// How the link is.
    pub(crate) link: RwSignal<LinkPhase>,
    /// What the relay says; kept while the link is lost.
    pub(crate) state: RwSignal<Option<State>>,
    /// What keeps the machine awake.
    pub(crate) jiggler: RwSignal<Jiggler>,
    /// The size of the picture on the canvas; `None` before the first one.
    pub(crate) picture: RwSignal<Option<Size>>,
    /// Where that picture is.
    pub(crate) shown: Shown,
    /// Whether the device's own keyboard is in use.
    pub(crate) device_keyboard: RwSignal<bool>,
    /// What of its text the machine's layout cannot make.
    pub(crate) not_typed: RwSignal<String>,
    /// Whether the controls of the view are wanted.
    pub(crate) view_bar: RwSignal<bool>,
    /// Whether the browser refuses to decode.
    pub(crate) cannot_decode: RwSignal<bool>,
    /// How the picture does.
    pub(crate) figures: RwSignal<Summary>,
    /// The text that the relay types, or the last one.
    pub(crate) typing: RwSignal<Option<Typing>>,
    /// The text that is to be typed next.
    pub(crate) draft: RwSignal<String>,
    /// The macro that runs, or the last one that has run.
    pub(crate) run: RwSignal<Option<MacroRun>>,
    /// How often the relay's macros have changed.
    pub(crate) macros: RwSignal<u32>,
    /// The machine's drives.
    pub(crate) drives: RwSignal<Drives>,
    /// What the machine does with them, in their order.
    pub(crate) drive_activity: [RwSignal<Activity>; DRIVES_MAX],
    /// The revision of the relay's library of images; `None` before the relay has said it.
    pub(crate) images: RwSignal<Option<u32>>,
    /// What is on its way into that library.
    pub(crate) transfers: RwSignal<Transfers>,
    /// Who holds files that are in drives.
    pub(crate) holders: RwSignal<Holders>,
    /// The machine's power.
    pub(crate) power: RwSignal<Power>,
    /// When the machine's disk light was seen lit last, by [`now_ms`].
    disk_lit_ms: RwSignal<Option<f64>>,
    /// Whether whoever is signed in may do more than watch.
    pub(crate) may_operate: RwSignal<bool>,
    /// Whether the machine has a serial console; told before its state is.
    pub(crate) has_serial: RwSignal<bool>,
    /// The machine's serial port, where it has one.
    pub(crate) serial: RwSignal<Option<Port>>,
    /// Whether there is a switch to several machines; told before its state is.
    pub(crate) has_switch: RwSignal<bool>,
    /// The switch between the relay and its machines, where there is one.
    pub(crate) switch: RwSignal<Option<Switch>>,
    /// The macro that is being recorded.
    pub(crate) recording: Recording,
    /// Which panel is open.
    pub(crate) panel: RwSignal<Option<Panel>>,
    /// Whether the on-screen keyboard is there.
    pub(crate) keyboard: RwSignal<bool>,
    /// What is held.
    pub(crate) held: RwSignal<HeldKeys>,
    /// The revision of the operators' shortcuts; `None` before the relay has said it.
    pub(crate) shortcuts: RwSignal<Option<u32>>,
    /// The chord after the leader key, as far as it has been typed.
    pub(crate) leader: RwSignal<Option<Vec<Usage>>>,
    /// Whether the browser leaves the page all keys.
    pub(crate) keyboard_locked: RwSignal<bool>,
    /// Whether keys go to the machine.
    pub(crate) focused: RwSignal<bool>,
    /// Whether the pointer is locked to the picture.
    pub(crate) pointer_locked: RwSignal<bool>,
    /// Whether the console fills the display.
    pub(crate) full_screen: RwSignal<bool>,
    /// For how many seconds the picture has been recorded; `None` while it is not.
    pub(crate) filmed: RwSignal<Option<u32>>,
    /// Whether the relay has a newer page.
    pub(crate) update_ready: RwSignal<bool>,
    /// What has just happened, in words.
    pub(crate) said: RwSignal<Option<String>>,
    /// What this browser remembers.
    pub(crate) preferences: Preferences,
}

impl Panel {
    /// The panel of a name in an address (`?open=settings`).
    pub(crate) fn of_address(name: &str) -> Option<Self> {
        match name {
            "machines" => Some(Self::Machines),
            "type-text" => Some(Self::TypeText),
            "drives" => Some(Self::Drives),
            "power" => Some(Self::Power),
            "serial" => Some(Self::Serial),
            "statistics" => Some(Self::Statistics),
            "settings" => Some(Self::Settings),
            _ => None,
        }
    }
}

impl Store {
    /// Before anything is known.
    pub(crate) fn new() -> Self {
        let picture = RwSignal::new(None);
        let preferences = Preferences::load();
        Self {
            page: RwSignal::new(Page::Loading),
            link: RwSignal::new(LinkPhase::Connecting),
            state: RwSignal::new(None),
            jiggler: RwSignal::new(Jiggler::default()),
            picture,
            shown: Shown::new(picture, preferences.turn),
            device_keyboard: RwSignal::new(false),
            not_typed: RwSignal::new(String::new()),
            view_bar: RwSignal::new(false),
            cannot_decode: RwSignal::new(false),
            figures: RwSignal::new(Summary::default()),
            typing: RwSignal::new(None),
            draft: RwSignal::new(String::new()),
            run: RwSignal::new(None),
            macros: RwSignal::new(0),
            drives: RwSignal::default(),
            drive_activity: Default::default(),
            images: RwSignal::new(None),
            transfers: RwSignal::default(),
            holders: RwSignal::default(),
            power: RwSignal::default(),
            disk_lit_ms: RwSignal::new(None),
            may_operate: RwSignal::new(false),
            has_serial: RwSignal::new(false),
            serial: RwSignal::new(None),
            has_switch: RwSignal::new(false),
            switch: RwSignal::new(None),
            recording: Recording::default(),
            panel: RwSignal::new(None),
            keyboard: RwSignal::new(false),
            held: RwSignal::new(HeldKeys::default()),
            shortcuts: RwSignal::new(None),
            leader: RwSignal::new(None),
            keyboard_locked: RwSignal::new(false),
            focused: RwSignal::new(false),
            pointer_locked: RwSignal::new(false),
            full_screen: RwSignal::new(false),
            filmed: RwSignal::new(None),
            update_ready: RwSignal::new(false),
            said: RwSignal::new(None),
            preferences,
        }
    }

    /// A part of what the relay says; `None` before it has said it.
    pub(crate) fn part<T: PartialEq + Send + Sync + 'static>(
        &self,
        of: impl Fn(&State) -> T + Send + Sync + 'static,
    ) -> Memo<Option<T>> {
        let state = self.state;
        Memo::new(move |_| state.with(|state| state.as_ref().map(&of)))
    }

    /// What the machine on the screen is called: as its port of the switch, where there is one. What reads it here
    /// follows it, as with the next three.
    pub(crate) fn machine(&self) -> Option<String> {
        self.port().or_else(|| self.relay_name())
    }

    /// The port of the switch that is shown, as its place among the ports.
    pub(crate) fn port_place(&self) -> Option<u8> {
        self.switch.with(|switch| switch.as_ref()?.selected)
    }

    /// The port of the switch that is shown, by its name.
    pub(crate) fn port(&self) -> Option<String> {
        self.switch.with(|switch| {
            let switch = switch.as_ref()?;
            let port = switch.ports.get(usize::from(switch.selected?))?;
            Some(port.name.clone())
        })
    }

    /// What the relay calls its machine, or all of its machines.
    pub(crate) fn relay_name(&self) -> Option<String> {
        self.state
            .with(|state| state.as_ref().map(|state| state.machine.clone()))
    }

    /// Says what has just happened, quietly and for a while.
    pub(crate) fn say(&self, words: String) {
        self.said.set(Some(words));
    }

    /// The relay says what the machine's power is.
    pub(crate) fn told_power(&self, power: Power) {
        if power.disk == Some(true) {
            self.disk_lit_ms.set(Some(now_ms()));
        }
        self.power.set(power);
    }

    /// Whether the machine's disk light has blinked in the last few seconds.
    pub(crate) fn disk_blinked_lately(&self) -> bool {
        let lit = self.disk_lit_ms.get_untracked();
        let is_lit = self.power.with_untracked(|power| power.disk == Some(true));
        is_lit || lit.is_some_and(|lit| now_ms() - lit < DISK_LATELY_MS)
    }

    /// Whether the picture on the canvas is what the machine shows now.
    pub(crate) fn is_current(&self) -> bool {
        let has_signal = matches!(self.signal(), Some(Signal::Picture { .. }));
        let connected = self.link.get() == LinkPhase::Connected;
        let shows = has_signal && connected && !self.switching();
        shows && self.picture.get().is_some() && !self.cannot_decode.get()
    }

    /// Whether the switch moves to another machine.
    pub(crate) fn switching(&self) -> bool {
        let switch = self.switch;
        switch.with(|switch| {
            switch
                .as_ref()
                .is_some_and(|switch| switch.moving.is_some())
        })
    }

    /// What the capture side sees; what reads it here follows it, as with the next two.
    pub(crate) fn signal(&self) -> Option<Signal> {
        self.state
            .with(|state| state.as_ref().map(|state| state.signal))
    }

    /// The USB link to the machine.
    pub(crate) fn usb(&self) -> Option<Usb> {
        self.state
            .with(|state| state.as_ref().map(|state| state.usb))
    }

    /// Who has the controls.
    pub(crate) fn control(&self) -> Control {
        self.state
            .with(|state| state.as_ref().map_or(Control::Nobody, Control::of))
    }
}

/// A macro that is being recorded, or has been. Copied freely.
#[derive(Clone, Copy, Default)]
pub(crate) struct Recording {
    recorder: RwSignal<Option<Recorder>>,
    /// What was recorded last, until it is kept or discarded.
    pub(crate) recorded: RwSignal<Option<Vec<Step>>>,
}

impl Recording {
    /// Begins anew.
    pub(crate) fn begin(&self) {
        self.recorder.set(Some(Recorder::default()));
    }

    /// Ends: all that was done is in [`Self::recorded`].
    pub(crate) fn end(&self) {
        let recorder = self.recorder.try_update(Option::take).flatten();
        let recorded = recorder.map(|recorder| recorder.finish(now_ms()));
        self.recorded.set(recorded);
    }

    /// Something is done with keys or pointer.
    pub(crate) fn input(&self, input: &Input) {
        self.write(|recorder| recorder.input(input, now_ms()));
    }

    /// The relay does something for this operator.
    pub(crate) fn step(&self, step: Step) {
        self.write(|recorder| recorder.step(step, now_ms()));
    }

    /// How much is written down, and whether there is room for more; `None` where nothing is being recorded. What
    /// reads it follows it.
    pub(crate) fn progress(&self) -> Option<(usize, bool)> {
        self.recorder.with(|recorder| {
            let recorder = recorder.as_ref()?;
            Some((recorder.len(), !recorder.is_full()))
        })
    }

    fn write(&self, write: impl FnOnce(&mut Recorder)) {
        if self.recorder.with_untracked(Option::is_some) {
            self.recorder.update(|recorder| {
                if let Some(recorder) = recorder {
                    write(recorder);
                }
            });
        }
    }
}

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Who has the controls, as this page sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// This page.
    Mine,
    /// Somebody else, by name.
    Theirs(String),
    /// Nobody.
    Nobody,
}

impl Control {
    /// As a state says.
    pub(crate) fn of(state: &State) -> Self {
        match state.controller {
            None => Self::Nobody,
            Some(id) if id == state.you => Self::Mine,
            Some(id) => Self::Theirs(
                state
                    .viewers
                    .iter()
                    .find(|viewer| viewer.id == id)
                    .map_or_else(String::new, |viewer| viewer.name.clone()),
            ),
        }
    }
}

impl Page {
    /// Where somebody with this access belongs.
    pub(crate) fn for_access(access: &Access) -> Self {
        if !access.claimed {
            Self::Claim
        } else if access.signed_in.is_none() {
            Self::SignIn
        } else {
            Self::Console
        }
    }
}
