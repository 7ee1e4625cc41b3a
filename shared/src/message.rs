//! The messages, both ways. Append-only.

use serde::{Deserialize, Serialize};

use crate::{
    held::Holders,
    input::Input,
    list::List,
    media::{Activity, Drives, Transfers},
    power::Power,
    serial::Port,
    switch::Switch,
    version::Versions,
    video::{Ack, Frame},
};

/// The most viewers that a state can name.
pub const VIEWERS_MAX: usize = 64;

/// From the page to the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToRelay {
    /// The first message.
    Hello(Versions),
    /// What the operator's hands do; ignored from a viewer without control.
    Input(Input),
    /// The decoder cannot go on: the next frame must be one that it can start at.
    RequestKeyFrame,
    /// What became of a frame.
    Ack(Ack),
    /// Answered by [`ToBrowser::Pong`] at once. Sent at least every two seconds.
    Ping {
        /// The page's clock, given back unchanged.
        sent_us: u64,
    },
    /// Changes how the picture is encoded, for all viewers of the stream.
    SetVideo(VideoSettings),
    /// Takes the controls from whoever has them.
    TakeControl,
    /// Gives the controls up.
    GiveUpControl,
    /// Pauses what the relay types; what is down is released, and the operator's own keys count meanwhile.
    PauseTyping,
    /// Goes on with what was paused, or waits for the machine's answer no longer.
    ResumeTyping,
    /// Ends what the relay types; what is down is released at once.
    CancelTyping,
    /// Changes when the relay moves the pointer by itself, for everybody.
    SetJiggler(Jiggler),
    /// Ends the macro that runs; what is down is released at once.
    StopMacro,
}

/// From the relay to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToBrowser {
    /// The first message: the version spoken from now on.
    Hello {
        /// The agreed version.
        version: u16,
    },
    /// Everything, once, after `Hello`.
    State(State),
    /// One part of the state has changed.
    Change(Change),
    /// A picture. The access unit is the message's raw tail.
    Video(Frame),
    /// The answer to [`ToRelay::Ping`].
    Pong {
        /// The page's clock as it was sent.
        sent_us: u64,
        /// The relay's clock in microseconds of Unix time.
        relay_us: u64,
    },
    /// The last message before the relay closes the link.
    Closing(Closing),
}

/// All that a page shows besides the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The name of the machine.
    pub machine: String,
    /// The relay's version, for people.
    pub relay: String,
    /// Which of `viewers` this page is.
    pub you: u32,
    /// Everybody who watches. Nobody watches unseen.
    pub viewers: List<Viewer, VIEWERS_MAX>,
    /// The viewer who has the controls.
    pub controller: Option<u32>,
    /// What the capture side sees.
    pub signal: Signal,
    /// The lock lights as the machine last set them; `None` until it has.
    pub leds: Option<Leds>,
    /// The USB link to the machine.
    pub usb: Usb,
    /// How the picture is encoded.
    pub video: VideoSettings,
}

/// A part of [`State`] that has changed, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// See [`State::viewers`].
    Viewers(List<Viewer, VIEWERS_MAX>),
    /// See [`State::controller`].
    Controller(Option<u32>),
    /// See [`State::signal`].
    Signal(Signal),
    /// See [`State::leds`].
    Leds(Option<Leds>),
    /// See [`State::usb`].
    Usb(Usb),
    /// See [`State::video`].
    Video(VideoSettings),
    /// The text that the relay types, or the last one that it has typed. Said after [`ToBrowser::State`] where there
    /// is one.
    Typing(Typing),
    /// What keeps the machine awake. Said after [`ToBrowser::State`] where it is on.
    Jiggler(Jiggler),
    /// The macro that runs, or the last one that has run. Said after [`ToBrowser::State`] where there is one.
    Macro(MacroRun),
    /// The macros on the relay have changed: how often they have since it started.
    Macros(u32),
    /// The operators' shortcuts are of this revision (see [`crate::shortcut`]). Said after [`ToBrowser::State`], too.
    Shortcuts {
        /// What `GET /api/v1/shortcuts` answers.
        revision: u32,
    },
    /// The machine's drives. Said after [`ToBrowser::State`], too.
    Drives(Drives),
    /// The machine has read or written; said a few times a second at most.
    DriveActivity(Activity),
    /// The library of images is of this revision (see [`crate::media::Library`]). Said after [`ToBrowser::State`], too.
    Images(u32),
    /// What is on its way into the library. Said after [`ToBrowser::State`] where there is anything.
    Transfers(Transfers),
    /// Who holds the files that are in drives from a browser. Said after [`ToBrowser::State`] where there are any.
    Holders(Holders),
    /// The machine's power. Said after [`ToBrowser::State`], too.
    Power(Power),
    /// The machine's serial port. Said after [`ToBrowser::State`] where there is one.
    Serial(Port),
    /// The switch between the relay and its machines. Said after [`ToBrowser::State`] where there is one.
    Switch(Switch),
}

impl State {
    /// Takes a change of one of its parts in; others are kept elsewhere.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Viewers(viewers) => self.viewers = viewers,
            Change::Controller(controller) => self.controller = controller,
            Change::Signal(signal) => self.signal = signal,
            Change::Leds(leds) => self.leds = leds,
            Change::Usb(usb) => self.usb = usb,
            Change::Video(video) => self.video = video,
            Change::Typing(_)
            | Change::Jiggler(_)
            | Change::Macro(_)
            | Change::Macros(_)
            | Change::Shortcuts { .. }
            | Change::Drives(_)
            | Change::DriveActivity(_)
            | Change::Images(_)
            | Change::Transfers(_)
            | Change::Holders(_)
            | Change::Power(_)
            | Change::Serial(_)
            | Change::Switch(_) => {}
        }
    }
}

/// Somebody who watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Unique while the relay runs.
    pub id: u32,
    /// The name that they signed in with.
    pub name: String,
}

/// What the capture side sees. Everything but `Picture` is a reason why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signal {
    /// Pictures of this size arrive.
    Picture {
        /// In pixels.
        width: u16,
        /// In pixels.
        height: u16,
        /// Frames in 100 seconds, so 59.94 Hz is 5994; 0 where it is not known.
        centihertz: u16,
    },
    /// Not yet known.
    Starting,
    /// Nothing is plugged in.
    NoCable,
    /// A cable, but no signal on it: asleep, or another output is in use.
    NoSignal,
    /// A signal that the capture device cannot lock on to.
    NoLock,
    /// A picture that the capture device cannot take: too large or too fast.
    OutOfRange,
    /// Another program has the capture device.
    Busy,
    /// The capture device is not there.
    DeviceGone,
    /// The machine is off.
    TargetOff,
}

/// The USB link to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Usb {
    /// Keys arrive.
    Configured,
    /// The machine does not listen: off, unplugged or restarting.
    NotConnected,
    /// The machine sleeps; a key press asks it to wake.
    Suspended,
    /// The relay's USB controller is not there.
    DeviceGone,
}

/// The keyboard's lock lights as the machine sets them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leds {
    /// Num Lock.
    pub num_lock: bool,
    /// Caps Lock.
    pub caps_lock: bool,
    /// Scroll Lock.
    pub scroll_lock: bool,
    /// Compose.
    pub compose: bool,
    /// Kana.
    pub kana: bool,
}

impl Leds {
    /// From the output report of a boot keyboard (HID 1.11, appendix B).
    #[must_use]
    pub fn from_report(byte: u8) -> Self {
        Self {
            num_lock: byte & 1 != 0,
            caps_lock: byte & 2 != 0,
            scroll_lock: byte & 4 != 0,
            compose: byte & 8 != 0,
            kana: byte & 16 != 0,
        }
    }
}

/// A text that the relay types, and how far it is. Characters are those of the composed text (Unicode's form NFC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// Counts the texts since the relay started.
    pub id: u32,
    /// How many characters the machine has taken, all their keys released again.
    pub typed: u32,
    /// How many there are.
    pub total: u32,
    /// What goes on.
    pub phase: TypingPhase,
}

/// Whether a text is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypingPhase {
    /// It is.
    Typing,
    /// Somebody has paused it.
    Paused,
    /// The machine took keys and did not answer to the lock key behind them: it is slow, or has stopped listening.
    Waiting,
    /// All of it is typed.
    Done,
    /// Somebody has cancelled it.
    Cancelled,
    /// Somebody else has taken the controls.
    TakenOver,
    /// The page that wanted it is gone.
    LinkLost,
    /// The machine's USB host is gone, or did not take a key.
    MachineGone,
    /// Somebody has moved to another machine.
    Switched,
}

impl TypingPhase {
    /// Whether nothing more will be typed.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Typing | Self::Paused | Self::Waiting)
    }
}

/// What keeps the machine awake: the relay moves the pointer by a pixel and back when nobody has done anything for so
/// long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jiggler {
    /// In seconds, 10..=3600; 0 where it is off.
    pub interval_s: u16,
}

impl Jiggler {
    /// Whether it ever moves anything.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.interval_s != 0
    }

    /// This, brought into its range.
    #[must_use]
    pub fn clamped(self) -> Self {
        let interval_s = match self.interval_s {
            0 => 0,
            on => on.clamp(10, 3600),
        };
        Self { interval_s }
    }
}

/// A run of a macro, and how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MacroRun {
    /// Counts the runs since the relay started.
    pub id: u32,
    /// Which macro.
    pub of: u32,
    /// The step that it is at, counted from 1.
    pub step: u32,
    /// How many there are.
    pub steps: u32,
    /// The round that it is in, counted from 1.
    pub round: u32,
    /// How many there are; 0: until it is stopped.
    pub rounds: u32,
    /// Whether it goes on.
    pub phase: MacroPhase,
}

/// Whether a macro runs, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MacroPhase {
    /// It runs.
    Running,
    /// All of it is done.
    Done,
    /// Somebody has stopped it.
    Stopped,
    /// Somebody else has taken the controls.
    TakenOver,
    /// The page that wanted it is gone.
    LinkLost,
    /// The machine does not listen to a key, to the pointer or to a text.
    MachineGone,
    /// What it waited for did not come.
    TimedOut,
    /// The machine keeps the disc in that was to be taken out.
    DriveLocked,
    /// A drive did not take an image or did not let go of one, for any other reason.
    DriveFailed,
    /// What was to be done to the power was not done, or the machine did not follow.
    PowerFailed,
    /// Somebody has moved to another machine.
    Switched,
}

/// How the picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoSettings {
    /// The most that a viewer's link shall carry, in kbit/s: 250..=50,000.
    pub bitrate_kbps: u32,
    /// The most frames a second: 1..=60.
    pub frame_rate: u8,
}

impl VideoSettings {
    /// These settings brought into their ranges.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            bitrate_kbps: self.bitrate_kbps.clamp(250, 50_000),
            frame_rate: self.frame_rate.clamp(1, 60),
        }
    }
}

impl Default for VideoSettings {
    fn default() -> Self {
        Self {
            bitrate_kbps: 8_000,
            frame_rate: 60,
        }
    }
}

/// Why the relay closes a link. Its number is the WebSocket close code, too: 4000 + the variant's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closing {
    /// No version in common: the page must be loaded anew.
    ReloadPage,
    /// The session has ended: sign in again.
    SignedOut,
    /// A message was cut off, oversized or unknown.
    BadMessage,
    /// The relay stops or restarts.
    Restarting,
    /// Nothing was heard from the page for too long.
    Silent,
    /// As many viewers as the relay takes are here.
    Full,
}

impl Closing {
    /// The WebSocket close code.
    #[must_use]
    pub fn code(self) -> u16 {
        4000 + self as u16
    }

    /// The reason of a WebSocket close code, where the relay gave one.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        [
            Self::ReloadPage,
            Self::SignedOut,
            Self::BadMessage,
            Self::Restarting,
            Self::Silent,
            Self::Full,
        ]
        .into_iter()
        .find(|closing| closing.code() == code)
    }
}
