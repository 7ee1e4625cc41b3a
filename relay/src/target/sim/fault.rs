//! What can be made to go wrong between the PC and the relay.

use std::time::Duration;

use serde::Deserialize;
use shared::message::Signal;

/// A fault as `/sim/fault` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// All faults end.
    None,
    /// The video cable is out.
    NoCable,
    /// The PC sends no picture.
    NoSignal,
    /// The capture device cannot lock on to the signal.
    NoLock,
    /// The capture device cannot take the timings.
    OutOfRange,
    /// The capture device is gone.
    DeviceGone,
    /// The USB cable is out.
    UsbGone,
    /// The endpoint takes no report.
    UsbBusy,
    /// The USB link sleeps until a report presses something.
    UsbSuspended,
    /// The host takes a report only every so many milliseconds.
    SlowHost,
    /// The lines of the front panel are gone.
    PanelGone,
}

/// What is wrong with the USB link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsbFault {
    /// Unplugged.
    Gone,
    /// Takes nothing for now.
    Busy,
    /// Asleep.
    Suspended,
}

/// The faults of now: at most one of the picture, one of USB, one of the panel, and a slow host.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    signal: Option<Timed<Signal>>,
    usb: Option<Timed<UsbFault>>,
    panel: Option<Timed<()>>,
    slow: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Timed<T> {
    what: T,
    until: Option<Duration>,
}

impl Faults {
    /// Starts a fault; with `ms` it ends by itself after as long. For [`Kind::SlowHost`] `ms` is the time a report takes.
    pub fn set(&mut self, now: Duration, kind: Kind, ms: Option<u32>) {
        let span = ms.map(|ms| Duration::from_millis(ms.into()));
        let until = span.map(|span| now + span);
        let signal = |what| Some(Timed { what, until });
        let usb = |what| Some(Timed { what, until });
        match kind {
            Kind::None => *self = Self::default(),
            Kind::NoCable => self.signal = signal(Signal::NoCable),
            Kind::NoSignal => self.signal = signal(Signal::NoSignal),
            Kind::NoLock => self.signal = signal(Signal::NoLock),
            Kind::OutOfRange => self.signal = signal(Signal::OutOfRange),
            Kind::DeviceGone => self.signal = signal(Signal::DeviceGone),
            Kind::UsbGone => self.usb = usb(UsbFault::Gone),
            Kind::UsbBusy => self.usb = usb(UsbFault::Busy),
            Kind::UsbSuspended => self.usb = usb(UsbFault::Suspended),
            Kind::SlowHost => self.slow = span,
            Kind::PanelGone => self.panel = Some(Timed { what: (), until }),
        }
    }

    /// Ends what is over.
    pub fn advance(&mut self, now: Duration) {
        self.signal
            .take_if(|fault| fault.until.is_some_and(|until| until <= now));
        self.usb
            .take_if(|fault| fault.until.is_some_and(|until| until <= now));
        self.panel
            .take_if(|fault| fault.until.is_some_and(|until| until <= now));
    }

    /// When the next fault ends by itself.
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        let signal = self.signal.and_then(|fault| fault.until);
        let usb = self.usb.and_then(|fault| fault.until);
        let panel = self.panel.and_then(|fault| fault.until);
        [signal, usb, panel].into_iter().flatten().min()
    }

    /// What the capture device sees instead of a picture.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        self.signal.map(|fault| fault.what)
    }

    /// What is wrong with USB.
    #[must_use]
    pub fn usb(&self) -> Option<UsbFault> {
        self.usb.map(|fault| fault.what)
    }

    /// Whether the panel's buttons and lights cannot be had.
    #[must_use]
    pub fn panel_gone(&self) -> bool {
        self.panel.is_some()
    }

    /// How long the host takes for a report.
    #[must_use]
    pub fn report_time(&self) -> Duration {
        self.slow.unwrap_or_default()
    }

    /// A report woke the USB link.
    pub fn wake(&mut self) {
        self.usb.take_if(|fault| fault.what == UsbFault::Suspended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_timed_fault_ends_by_itself_and_another_stays() {
        let mut faults = Faults::default();
        faults.set(at(0), Kind::NoLock, Some(100));
        faults.set(at(0), Kind::UsbBusy, Some(50));
        faults.set(at(0), Kind::SlowHost, Some(20));
        assert_eq!(faults.next_event(), Some(at(50)));
        faults.advance(at(50));
        assert_eq!(
            (faults.usb(), faults.signal()),
            (None, Some(Signal::NoLock))
        );
        faults.advance(at(100));
        assert_eq!((faults.signal(), faults.next_event()), (None, None));
        assert_eq!(faults.report_time(), at(20));
        faults.set(at(100), Kind::None, None);
        assert_eq!(faults.report_time(), at(0));
    }

    #[test]
    fn waking_ends_only_a_suspended_link() {
        let mut faults = Faults::default();
        faults.set(at(0), Kind::UsbGone, None);
        faults.wake();
        assert_eq!(faults.usb(), Some(UsbFault::Gone));
        faults.set(at(0), Kind::UsbSuspended, None);
        faults.wake();
        assert_eq!(faults.usb(), None);
    }
}
