//! The PC in real time: one lock, one clock, and whoever waits for something to happen.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{display::Display, pc::Pc};
use crate::input::Host;

/// What the devices, the control interface and the painter share.
pub struct Live {
    /// The picture that the PC last drew.
    pub display: Display,
    pc: Mutex<Running>,
    stirred: Condvar,
    start: Instant,
    host: watch::Sender<Host>,
    reports: watch::Sender<u64>,
    /// Who waits for the serial port to print.
    serial: Mutex<Option<Waker>>,
}

struct Running {
    pc: Pc,
    stopped: bool,
}

/// The PC, locked.
pub struct Access<'a> {
    live: &'a Live,
    running: MutexGuard<'a, Running>,
    /// The moment of the access, since the start.
    pub now: Duration,
}

impl Live {
    /// Runs a PC from now on. While the relay's cables lead to it, what its USB host tells is sent to `host`.
    #[must_use]
    pub fn new(pc: Pc, host: watch::Sender<Host>) -> Self {
        Self {
            display: Display::default(),
            host,
            reports: watch::Sender::new(0),
            serial: Mutex::default(),
            pc: Mutex::new(Running { pc, stopped: false }),
            stirred: Condvar::new(),
            start: Instant::now(),
        }
    }

    /// The PC as it is now.
    pub fn access(&self) -> Access<'_> {
        let running = self.pc.lock().unwrap_or_else(PoisonError::into_inner);
        Access::new(self, running)
    }

    /// How many reports have arrived.
    pub fn reports(&self) -> watch::Receiver<u64> {
        self.reports.subscribe()
    }

    /// Ends the painter.
    pub fn stop(&self) {
        self.pc
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stopped = true;
        self.stirred.notify_all();
    }

    fn tell(&self, pc: &Pc) {
        if pc.is_joined() {
            let host = pc.host();
            self.host
                .send_if_modified(|known| std::mem::replace(known, host) != host);
        }
        let count = pc.usb.count();
        self.reports
            .send_if_modified(|known| std::mem::replace(known, count) != count);
        if pc.machine.uart.has_output() {
            self.wake_serial();
        }
    }

    /// Wakes who waits for the serial port to print.
    pub fn wake_serial(&self) {
        if let Some(waker) = self.serial_waker().take() {
            waker.wake();
        }
    }

    /// Wakes who waits for this PC, though the relay's cables lead to another one.
    pub fn let_go(&self) {
        drop(self.display.lock());
        self.display.notify();
        self.wake_serial();
    }

    fn serial_waker(&self) -> MutexGuard<'_, Option<Waker>> {
        self.serial.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Access<'a> {
    fn new(live: &'a Live, running: MutexGuard<'a, Running>) -> Self {
        let mut access = Self {
            live,
            running,
            now: live.start.elapsed(),
        };
        access.running.pc.advance(access.now);
        access
    }

    /// The PC.
    pub fn pc(&mut self) -> &mut Pc {
        &mut self.running.pc
    }

    /// Has somebody woken once the serial port prints.
    pub fn wake_on_serial(&self, waker: &Waker) {
        *self.live.serial_waker() = Some(waker.clone());
    }

    /// Whether the PC is being taken away.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.running.stopped
    }

    /// Lets go of the PC until somebody else was at it or a moment has come; `None` is no moment.
    #[must_use]
    pub fn wait(self, until: Option<Duration>) -> Self {
        let Self { live, running, now } = self;
        live.tell(&running.pc);
        let running = match until {
            None => live
                .stirred
                .wait(running)
                .unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let span = until.saturating_sub(now);
                let (running, _) = live
                    .stirred
                    .wait_timeout(running, span)
                    .unwrap_or_else(PoisonError::into_inner);
                running
            }
        };
        Self::new(live, running)
    }

    /// Lets go of the PC, and wakes everybody who waits for it to change.
    pub fn stir(mut self) {
        self.running.pc.settle();
        self.live.tell(&self.running.pc);
        drop(self.running);
        self.live.stirred.notify_all();
    }

    /// Lets go of the PC, unchanged.
    pub fn leave(self) {
        self.live.tell(&self.running.pc);
    }
}
