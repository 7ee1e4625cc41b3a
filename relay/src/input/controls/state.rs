//! Who has the controls, what is held, and what is to be written next, as a state machine: it is told what happens and
//! what time it is, and says which report goes out.

mod gate;
mod meant;
mod run;
mod typing;

use std::time::{Duration, Instant};

use shared::{
    input::Input,
    message::{self, MacroPhase, Typing, TypingPhase, Usb},
};

use self::meant::Meant;
use super::{
    run::Running,
    typing::{Job, TypingRefused},
};
use crate::input::{
    Capabilities, Host, held::Hands, jiggler::Jiggler, queue::Queue, report::Report, type_out,
};

/// How long after the last input ordinary keys and buttons stay down: shorter than any auto-repeat delay.
pub(super) const ORDINARY_SILENCE: Duration = Duration::from_millis(250);

/// How long after the last input modifiers stay down.
pub(super) const MODIFIER_SILENCE: Duration = Duration::from_secs(1);

/// How long a device that failed is left alone, while its host is said to be there.
const RETRY: Duration = Duration::from_millis(100);

/// How long a host that has just come may still drop reports: Linux throws away what arrives in the first 50 ms after
/// it has opened a device, and takes its time to open it.
const SETTLING: Duration = Duration::from_secs(3);

/// How often it is told meanwhile what is held.
const REMIND: Duration = Duration::from_millis(500);

/// How long after the end was asked for what waits is still written.
const DRAIN: Duration = Duration::from_secs(1);

/// What the writer does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It writes this.
    Write(Report),
    /// It waits until something happens, or until then.
    Wait(Option<Instant>),
    /// It ends; everything is released and written.
    End,
}

/// The state behind [`super::Controls`].
#[derive(Debug)]
pub(super) struct State {
    controller: Option<u32>,
    hands: Hands,
    queue: Queue,
    host: Host,
    /// When the last input came.
    heard: Instant,
    /// When a device that failed is tried again.
    retry: Option<Instant>,
    /// When the host came.
    came: Option<Instant>,
    /// When a host that has just come is told again what is held.
    remind: Option<Instant>,
    /// Until when what waits is still written, once the end was asked for.
    end: Option<Instant>,
    /// Whether what waited then has been given up.
    cut_short: bool,
    /// The text that is being typed.
    typing: Option<Job>,
    /// What became of the last text.
    typed: Option<Typing>,
    /// What keeps the machine awake.
    jiggler: Jiggler,
    /// The macro that runs.
    running: Option<Running>,
    /// Whether the gate is closed.
    gated: bool,
    /// What the one in control holds, and for which machine.
    meant: Meant,
    /// Whether the device has not yet taken the report that it was given last.
    is_on_its_way: bool,
    /// The last run that has ended, and how.
    run_ended: Option<(u32, MacroPhase)>,
}

impl State {
    pub(super) fn new(has: Capabilities, host: Host, now: Instant) -> Self {
        Self {
            controller: None,
            hands: Hands::new(has),
            queue: Queue::default(),
            host,
            heard: now,
            retry: None,
            came: None,
            remind: None,
            end: None,
            cut_short: false,
            typing: None,
            typed: None,
            jiggler: Jiggler::new(now),
            running: None,
            gated: false,
            meant: Meant::default(),
            is_on_its_way: false,
            run_ended: None,
        }
    }

    /// What keeps the machine awake.
    pub(super) fn jiggler(&self) -> message::Jiggler {
        self.jiggler.setting()
    }

    pub(super) fn set_jiggler(&mut self, setting: message::Jiggler, now: Instant) {
        self.jiggler.set(setting, now);
    }

    pub(super) fn controller(&self) -> Option<u32> {
        self.controller
    }

    /// Gives the controls to `viewer`; what the former one holds is released.
    pub(super) fn take(&mut self, viewer: u32) {
        if self.controller != Some(viewer) {
            if self.controller.is_some_and(|former| self.types_for(former)) {
                self.stop_typing(TypingPhase::TakenOver);
            }
            if self.controller.is_some_and(|former| self.runs_for(former)) {
                self.end_run(MacroPhase::TakenOver);
            }
            self.release_hands();
            self.meant = Meant::default();
            self.controller = Some(viewer);
        }
    }

    /// A viewer is gone. The text that it wanted typed is typed to its end only if it wished so.
    pub(super) fn leave(&mut self, viewer: u32) {
        if self.runs_for(viewer) {
            self.end_run(MacroPhase::LinkLost);
        }
        if self.types_for(viewer) && !self.typing.as_ref().is_some_and(|job| job.finish) {
            self.stop_typing(TypingPhase::LinkLost);
        }
        self.give_up(viewer);
    }

    /// Takes the controls from `viewer`, if it has them, and releases what it holds.
    pub(super) fn give_up(&mut self, viewer: u32) {
        if self.runs_for(viewer) {
            self.end_run(MacroPhase::Stopped);
        }
        if self.controller == Some(viewer) {
            self.release_hands();
            self.meant = Meant::default();
            self.controller = None;
        }
    }

    /// Whether a text may be typed or a macro run for this viewer, as far as others are concerned.
    pub(super) fn may_act(&self, viewer: Option<u32>) -> Result<(), TypingRefused> {
        if self.gated {
            return Err(TypingRefused::Switching);
        }
        if self.running.is_some() {
            return Err(TypingRefused::MacroRuns);
        }
        match viewer == self.controller {
            true => Ok(()),
            false => Err(TypingRefused::NotInControl),
        }
    }

    /// Takes an input in; `false` where there is no room for it yet.
    pub(super) fn apply(&mut self, viewer: u32, input: &Input, now: Instant) -> bool {
        let is_in_control = self.controller == Some(viewer);
        let counts = is_in_control && self.running.is_none() && !self.gated && self.end.is_none();
        if counts && self.queue.is_full() {
            return false;
        }
        if is_in_control {
            self.meant.hear(input);
        }
        if !counts {
            return true;
        }
        self.silence(now);
        self.heard = now;
        self.jiggler.used(now);
        let input = self.meant.of(input);
        if let Some(input) = self.beside_typing(&input) {
            self.hands
                .apply(&input, self.host.fine_wheel, &mut self.queue);
        }
        self.forget_unless_listening();
        true
    }

    /// Releases what a viewer holds; while the gate is closed, only the switch's keys are down.
    fn release_hands(&mut self) {
        if !self.gated {
            self.release_all();
        }
    }

    pub(super) fn release_all(&mut self) {
        self.hands.release_all(&mut self.queue);
        self.forget_unless_listening();
    }

    /// Takes in what the host says. One that comes back is told everything anew.
    pub(super) fn host(&mut self, host: Host, now: Instant) {
        let before = std::mem::replace(&mut self.host, host);
        if before.usb == host.usb {
            return;
        }
        if !self.queue.is_empty() || self.typing.is_some() {
            self.end_run(MacroPhase::MachineGone);
        }
        self.stop_typing(TypingPhase::MachineGone);
        self.queue.clear();
        self.retry = None;
        self.came = None;
        self.remind = None;
        if host.usb == Usb::Configured {
            self.came = Some(now);
            self.remind = Some(now + REMIND);
            self.hands.restate(&mut self.queue);
        }
    }

    /// The last report was not sent: what waits is forgotten, and the host is told everything once it can be.
    pub(super) fn failed(&mut self, now: Instant) {
        self.end_run(MacroPhase::MachineGone);
        self.stop_typing(TypingPhase::MachineGone);
        self.queue.clear();
        if self.host.usb == Usb::Configured {
            self.retry = Some(now + RETRY);
        }
    }

    /// Asks for the end: everything is released, and what waits is written for as long as that may take.
    pub(super) fn end(&mut self, now: Instant) {
        self.end_run(MacroPhase::Stopped);
        self.stop_typing(TypingPhase::Cancelled);
        self.controller = None;
        self.release_all();
        self.end = Some(now + DRAIN);
    }

    pub(super) fn next(&mut self, now: Instant) -> Next {
        let next = self.what_next(now);
        self.is_on_its_way = matches!(next, Next::Write(_));
        next
    }

    fn what_next(&mut self, now: Instant) -> Next {
        self.silence(now);
        self.try_again(now);
        self.remind(now);
        self.cut_short(now);
        let was_full = self.queue.is_full();
        if let Some(report) = self.queue.take() {
            if was_full {
                self.heard = now;
            }
            return Next::Write(report);
        }
        let typing = match self.type_on(now) {
            type_out::Next::Write(report) => {
                self.jiggler.used(now);
                return Next::Write(Report::Keyboard(report));
            }
            type_out::Next::Wait(until) => until,
            type_out::Next::Done => None,
        };
        if self.running.is_some() || self.gated {
            self.jiggler.used(now);
        }
        if self.end.is_none() && self.retry.is_none() && self.jiggler.take(self.host.usb, now) {
            self.hands.jiggle(&mut self.queue);
            if let Some(report) = self.queue.take() {
                return Next::Write(report);
            }
        }
        match self.end {
            Some(until) if self.retry.is_none() || now >= until => Next::End,
            _ => Next::Wait([self.deadline(), typing].into_iter().flatten().min()),
        }
    }

    /// Releases what was held for too long without a word. Whoever waits for room is not silent, and neither is a macro.
    fn silence(&mut self, now: Instant) {
        if self.queue.is_full() || self.running.is_some() || self.gated {
            return;
        }
        let silent = now.saturating_duration_since(self.heard);
        if silent >= MODIFIER_SILENCE {
            self.hands.release_all(&mut self.queue);
        } else if silent >= ORDINARY_SILENCE {
            self.hands.release_ordinary(&mut self.queue);
        }
        self.forget_unless_listening();
    }

    fn try_again(&mut self, now: Instant) {
        if self.retry.is_some_and(|at| now >= at) {
            self.retry = None;
            self.hands.restate(&mut self.queue);
        }
    }

    /// Tells a host that has just come once more what is held. One that knows it already sees no change.
    fn remind(&mut self, now: Instant) {
        if self.remind.is_none_or(|at| now < at) {
            return;
        }
        let settling = self.came.is_some_and(|came| now < came + SETTLING);
        self.remind = settling.then_some(now + REMIND);
        if self.retry.is_none() {
            self.hands.remind(&mut self.queue);
        }
    }

    fn holds_something(&self) -> bool {
        self.hands.any_ordinary() || self.hands.any_modifier()
    }

    /// At the end of the time to write what waits, only the releases count.
    fn cut_short(&mut self, now: Instant) {
        let late = self.end.is_some_and(|at| now >= at);
        if late && !self.cut_short && !self.queue.is_empty() {
            self.cut_short = true;
            self.queue.clear();
            self.hands.restate(&mut self.queue);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let silence = if self.running.is_some() || self.gated {
            None
        } else if self.hands.any_ordinary() {
            Some(self.heard + ORDINARY_SILENCE)
        } else if self.hands.any_modifier() {
            Some(self.heard + MODIFIER_SILENCE)
        } else {
            None
        };
        let remind = self.remind.filter(|_| self.holds_something());
        let jiggle = self.jiggler.due(self.host.usb);
        [silence, self.retry, remind, self.end, jiggle]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn is_configured(&self) -> bool {
        self.host.usb == Usb::Configured
    }

    /// A host that sleeps listens, too: it may be asked to wake.
    fn forget_unless_listening(&mut self) {
        if !self.is_listening() {
            self.queue.clear();
        }
    }

    fn is_listening(&self) -> bool {
        matches!(self.host.usb, Usb::Configured | Usb::Suspended) && self.retry.is_none()
    }

    pub(super) fn is_full(&self) -> bool {
        self.queue.is_full()
    }
}

#[cfg(test)]
mod tests;
