//! A stream with a screen that a test controls.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use shared::{
    message::{Signal, ToBrowser, VideoSettings},
    wire::decode_to_browser,
};

use crate::{
    capture::{CaptureError, Event, Picture, PixelFormat, Screen},
    stream::{Encoded, Stream, Subscription},
};

/// What a test lets the screen do next.
pub(super) enum Step {
    Signal(Signal),
    Show(Shown),
    Fail,
}

#[derive(Clone)]
pub(super) struct Shown {
    pub(super) format: PixelFormat,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) stride: usize,
    pub(super) data: Vec<u8>,
}

struct Fake {
    steps: mpsc::Receiver<Step>,
    shown: Option<Shown>,
}

impl Screen for Fake {
    fn next(&mut self, wait: Duration) -> Result<Event, CaptureError> {
        match self.steps.recv_timeout(wait) {
            Ok(Step::Signal(signal)) => {
                self.shown = None;
                Ok(Event::Signal(signal))
            }
            Ok(Step::Show(shown)) => {
                self.shown = Some(shown);
                Ok(Event::Changed)
            }
            Ok(Step::Fail) => Err(CaptureError::Unsupported {
                device: "fake".to_owned(),
                what: "told to fail".to_owned(),
            }),
            Err(mpsc::RecvTimeoutError::Timeout) => Ok(Event::Unchanged),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                std::thread::park_timeout(wait);
                Ok(Event::Unchanged)
            }
        }
    }

    fn picture(&self) -> Option<Picture<'_>> {
        self.shown.as_ref().map(|shown| Picture {
            format: shown.format,
            width: shown.width,
            height: shown.height,
            stride: shown.stride,
            data: &shown.data,
            captured_us: 1_000_000,
        })
    }

    fn edid(&mut self) -> Result<Vec<u8>, CaptureError> {
        Ok(Vec::new())
    }

    fn set_edid(&mut self, _: &[u8]) -> Result<(), CaptureError> {
        Ok(())
    }
}

/// A stream, and the hand that moves its screen.
pub(super) struct Bench {
    pub(super) stream: Stream,
    pub(super) steps: mpsc::Sender<Step>,
}

impl Bench {
    pub(super) fn start(settings: VideoSettings) -> Self {
        let (steps, receiver) = mpsc::channel();
        let screen = Fake {
            steps: receiver,
            shown: None,
        };
        Self {
            stream: Stream::start(Box::new(screen), settings),
            steps,
        }
    }

    pub(super) fn show(&self, shown: Shown) {
        self.steps.send(Step::Show(shown)).unwrap();
    }

    /// A signal of this size, and a first picture.
    pub(super) fn plug_in(&self, shown: Shown) {
        let signal = Signal::Picture {
            width: shown.width as u16,
            height: shown.height as u16,
            centihertz: 6000,
        };
        self.steps.send(Step::Signal(signal)).unwrap();
        self.show(shown);
    }

    pub(super) async fn signal(&self, expected: Signal) {
        let mut signal = self.stream.signal();
        let wait = signal.wait_for(|signal| *signal == expected);
        tokio::time::timeout(DEADLINE, wait)
            .await
            .expect("the signal in time")
            .unwrap();
    }
}

const DEADLINE: Duration = Duration::from_secs(20);

pub(super) async fn next(subscription: &mut Subscription) -> Arc<Encoded> {
    tokio::time::timeout(DEADLINE, subscription.next())
        .await
        .expect("a frame in time")
}

pub(super) fn access_unit(encoded: &Encoded) -> Vec<u8> {
    let (message, tail) = decode_to_browser(&encoded.message).unwrap();
    assert_eq!(message, ToBrowser::Video(encoded.frame));
    tail.to_vec()
}
