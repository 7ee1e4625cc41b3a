//! The keyboard and pointer of a USB gadget: reports go to `/dev/hidgN`, and a thread watches what the host does.

mod backlog;
mod endpoint;
mod monitor;
mod sys;

use std::{
    fs,
    io::{self, PipeWriter, Write},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use shared::message::Usb;
use tokio::sync::watch;

use self::{endpoint::Endpoint, monitor::Monitor};
use super::{Capabilities, Hid, HidError, Host, Interface, Report, Waker};
use crate::{config as settings, switch::port::Plug, usb::Composite};

/// How long the kernel may take to unplug the gadget and to plug it in again.
const PLUG_LIMIT: Duration = Duration::from_secs(3);

/// The HID functions of a composite gadget. When it is dropped, the gadget is removed.
#[derive(Debug)]
pub struct Gadget {
    /// Before `composite`, so that the devices are closed when the gadget is removed.
    link: Arc<Link>,
    composite: Option<Composite>,
    monitor: Option<JoinHandle<Composite>>,
}

/// What the writer and the monitor share.
#[derive(Debug)]
struct Link {
    endpoints: Vec<Endpoint>,
    host: watch::Sender<Host>,
    /// When the host last refused a report.
    refused: Mutex<Option<Instant>>,
    ending: AtomicBool,
    /// The controller's folder in sysfs.
    controller: PathBuf,
    /// The ids that the gadget is to have, and who waits for that. The monitor has the gadget.
    wanted: Mutex<Option<(settings::Usb, mpsc::Sender<io::Result<()>>)>>,
    nudge: PipeWriter,
}

impl Gadget {
    /// Opens the devices of a gadget that is bound, and starts to watch its host.
    ///
    /// # Errors
    /// Where a device cannot be opened.
    pub fn start(composite: Composite) -> io::Result<Self> {
        let endpoints = composite
            .devices()?
            .into_iter()
            .map(|(interface, path)| Endpoint::open(interface, path))
            .collect::<io::Result<_>>()?;
        let (nudged, nudge) = io::pipe()?;
        let link = Arc::new(Link {
            endpoints,
            host: watch::Sender::new(Host {
                usb: Usb::NotConnected,
                leds: None,
                fine_wheel: false,
            }),
            refused: Mutex::new(None),
            ending: AtomicBool::new(false),
            controller: composite.controller(),
            wanted: Mutex::default(),
            nudge,
        });
        let monitor = Monitor::new(link.clone(), composite, nudged);
        Ok(Self {
            link,
            composite: None,
            monitor: Some(thread::spawn(move || monitor.run())),
        })
    }

    /// What gives the device other ids.
    #[must_use]
    pub fn plug(&self) -> Arc<dyn Plug> {
        self.link.clone()
    }

    fn send(&mut self, report: &Report) -> Result<(), HidError> {
        let endpoint = self
            .link
            .endpoint(report.interface())
            .ok_or(HidError::NotConnected)?;
        let result = endpoint.send(report, || self.link.listens());
        let backlog = endpoint.has_backlog();
        if result.is_err() {
            *lock(&self.link.refused) = Some(Instant::now());
        }
        if backlog || result.is_err() {
            self.link.nudge();
        }
        result
    }
}

impl Hid for Gadget {
    fn write(&mut self, report: &Report) -> Result<(), HidError> {
        let usb = self.link.host.borrow().usb;
        match usb {
            Usb::Configured => self.send(report),
            Usb::Suspended if report.presses() => {
                if let Err(error) = self.link.wake() {
                    tracing::warn!(%error, "the machine cannot be woken by USB");
                }
                Err(HidError::NotConnected)
            }
            Usb::Suspended | Usb::NotConnected | Usb::DeviceGone => Err(HidError::NotConnected),
        }
    }

    fn host(&self) -> watch::Receiver<Host> {
        self.link.host.subscribe()
    }

    fn capabilities(&self) -> Capabilities {
        let has = |interface| self.link.endpoint(interface).is_some();
        Capabilities {
            pointer: has(Interface::Pointer),
            mouse: has(Interface::Mouse),
            consumer: has(Interface::Control),
        }
    }

    fn waker(&self) -> Arc<dyn Waker> {
        self.link.clone()
    }
}

/// By the kernel's "session request", which on a bus in suspension is a remote wakeup (USB 2.0, 7.1.7.7). A report alone
/// is none.
impl Waker for Link {
    fn wake(&self) -> io::Result<()> {
        fs::write(self.controller.join("srp"), "1")
    }
}

impl Plug for Link {
    fn set_ids(&self, usb: &settings::Usb) -> io::Result<()> {
        let (set, done) = mpsc::channel();
        *lock(&self.wanted) = Some((usb.clone(), set));
        self.nudge();
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        done.recv_timeout(PLUG_LIMIT).map_err(late)?
    }
}

impl Drop for Gadget {
    fn drop(&mut self) {
        self.link.ending.store(true, Ordering::Release);
        self.link.nudge();
        self.composite = self.monitor.take().and_then(|monitor| monitor.join().ok());
    }
}

impl Link {
    fn nudge(&self) {
        if let Err(error) = (&self.nudge).write_all(&[0]) {
            tracing::warn!(%error, "the USB host is not watched any more");
        }
    }

    fn endpoint(&self, interface: Interface) -> Option<&Endpoint> {
        self.endpoints
            .iter()
            .find(|endpoint| endpoint.interface() == interface)
    }

    fn listens(&self) -> bool {
        self.host.borrow().usb == Usb::Configured && !self.ending.load(Ordering::Acquire)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
