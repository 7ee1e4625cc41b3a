//! One capture and encode thread, and any number of viewers.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use bytes::Bytes;
use shared::{
    message::{Signal, VideoSettings},
    video::Frame,
};
use tokio::sync::{oneshot, watch};

use crate::capture::{CaptureError, Screen};

mod hub;
mod pace;
mod slot;
#[cfg(test)]
mod tests;
mod worker;

pub use hub::Subscription;

/// A machine's picture, encoded once for everybody who watches. Clones share it.
#[derive(Clone)]
pub struct Stream {
    shared: Arc<Shared>,
    thread: Arc<Thread>,
}

/// The thread, which ends with its last handle.
struct Thread {
    shared: Arc<Shared>,
    handle: Mutex<Option<JoinHandle<()>>>,
}

/// One encoded frame, shared by all its viewers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The head.
    pub frame: Frame,
    /// The whole wire message, head and tail.
    pub message: Bytes,
}

/// What the handles and the thread share.
struct Shared {
    hub: hub::Hub,
    signal: watch::Sender<Signal>,
    settings: watch::Sender<VideoSettings>,
    /// What the screen is to be given next.
    edid: Mutex<Option<WantedEdid>>,
    stopping: AtomicBool,
}

/// An EDID for the screen, and who waits for it.
struct WantedEdid {
    edid: Arc<[u8]>,
    set: oneshot::Sender<Result<(), CaptureError>>,
}

impl Stream {
    /// Starts the thread, which owns the screen from now on.
    #[must_use]
    pub fn start(screen: Box<dyn Screen>, settings: VideoSettings) -> Self {
        let shared = Arc::new(Shared {
            hub: hub::Hub::default(),
            signal: watch::Sender::new(Signal::Starting),
            settings: watch::Sender::new(settings.clamped()),
            edid: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let worker = worker::Worker::new(screen, Arc::clone(&shared));
        #[expect(clippy::expect_used, reason = "without threads there is no relay")]
        let handle = std::thread::Builder::new()
            .name("video".to_owned())
            .spawn(move || worker.run())
            .expect("a thread starts");
        let thread = Thread {
            shared: Arc::clone(&shared),
            handle: Mutex::new(Some(handle)),
        };
        Self {
            shared,
            thread: Arc::new(thread),
        }
    }

    /// What the capture side sees, now and from now on.
    #[must_use]
    pub fn signal(&self) -> watch::Receiver<Signal> {
        self.shared.signal.subscribe()
    }

    /// How the picture is encoded, now and from now on.
    #[must_use]
    pub fn settings(&self) -> watch::Receiver<VideoSettings> {
        self.shared.settings.subscribe()
    }

    /// Changes how the picture is encoded, for all viewers and without interrupting them. Values out of range are brought
    /// into it.
    pub fn set(&self, settings: VideoSettings) {
        let settings = settings.clamped();
        self.shared.settings.send_if_modified(|current| {
            let changed = *current != settings;
            *current = settings;
            changed
        });
    }

    /// Writes the EDID that the machine reads; it sees the monitor being plugged in anew. Of two that are written at
    /// once, the later one counts.
    ///
    /// # Errors
    /// Where the device cannot take it, or the thread has ended.
    pub async fn set_edid(&self, edid: Arc<[u8]>) -> Result<(), CaptureError> {
        let (set, done) = oneshot::channel();
        *lock(&self.shared.edid) = Some(WantedEdid { edid, set });
        done.await.unwrap_or_else(|_| {
            Err(CaptureError::Unsupported {
                device: "the capture side".to_owned(),
                what: "it took another EDID instead, or has ended".to_owned(),
            })
        })
    }

    /// A new viewer. Its first frame is a key frame, which comes at once, on a still screen too.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription::new(Arc::clone(&self.shared))
    }

    /// Ends the thread and waits for it, which takes a few frames' time at most. The screen is closed then. Dropping the last
    /// handle does the same.
    pub fn stop(&self) {
        self.thread.stop();
    }
}

impl Thread {
    fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        let Some(handle) = lock(&self.handle).take() else {
            return;
        };
        handle.thread().unpark();
        if handle.join().is_err() {
            tracing::error!("the video thread panicked");
        }
        lock(&self.shared.edid).take();
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A lock whose holders never leave it half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
