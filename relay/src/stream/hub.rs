//! Who watches, and what each has not yet taken.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::{
    Encoded, Shared, lock,
    slot::{Place, Slot},
};

/// All viewers.
#[derive(Default)]
pub(super) struct Hub {
    viewers: Mutex<Vec<Arc<Viewer>>>,
}

/// One viewer's side that the stream sees.
#[derive(Default)]
struct Viewer {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Default)]
struct State {
    slot: Slot<Arc<Encoded>>,
    /// Whether it waits for a frame now.
    waiting: bool,
    /// Whether it has ever had a frame.
    served: bool,
}

/// What the viewers who wait for a frame can use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Demand {
    /// Somebody is here, waiting or not.
    pub(super) viewers: bool,
    /// Somebody waits for the frame that follows on the last one.
    pub(super) next: bool,
    /// Somebody waits for a key frame, having lost frames.
    pub(super) recovery: bool,
    /// Somebody waits for a key frame who has never had one.
    pub(super) start: bool,
}

impl Hub {
    /// What the viewers want now.
    pub(super) fn demand(&self) -> Demand {
        let mut demand = Demand::default();
        for viewer in lock(&self.viewers).iter() {
            demand.viewers = true;
            let state = lock(&viewer.state);
            match (
                state.waiting && !state.slot.is_full(),
                state.slot.needs_key(),
            ) {
                (false, _) => {}
                (true, false) => demand.next = true,
                (true, true) if state.served => demand.recovery = true,
                (true, true) => demand.start = true,
            }
        }
        demand
    }

    /// Gives everybody the newest frame.
    pub(super) fn put(&self, encoded: &Arc<Encoded>) {
        let place = Place {
            stream: encoded.frame.stream,
            sequence: encoded.frame.sequence,
            key: encoded.frame.key,
        };
        for viewer in lock(&self.viewers).iter() {
            let mut state = lock(&viewer.state);
            state.slot.put(place, Arc::clone(encoded));
            if state.slot.is_full() {
                viewer.arrived.notify_one();
            }
        }
    }
}

/// One viewer's place in a [`super::Stream`]. Dropping it ends the viewing.
pub struct Subscription {
    shared: Arc<Shared>,
    viewer: Arc<Viewer>,
}

impl Subscription {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let viewer = Arc::new(Viewer::default());
        lock(&shared.hub.viewers).push(Arc::clone(&viewer));
        Self { shared, viewer }
    }

    /// The newest frame that this viewer's decoder can use. After frames were lost it is a key frame, which is asked for
    /// here, when the viewer is ready for it. Waits as long as there is nothing new; dropping the future loses nothing.
    pub async fn next(&mut self) -> Arc<Encoded> {
        let waiting = Waiting::new(&self.viewer);
        loop {
            let arrived = waiting.0.arrived.notified();
            if let Some(encoded) = lock(&waiting.0.state).take() {
                return encoded;
            }
            arrived.await;
        }
    }

    /// Asks for a key frame: the viewer's decoder cannot go on, and no other frame is given from now on.
    pub fn request_key_frame(&mut self) {
        lock(&self.viewer.state).slot.restart();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        lock(&self.shared.hub.viewers).retain(|viewer| !Arc::ptr_eq(viewer, &self.viewer));
    }
}

impl State {
    fn take(&mut self) -> Option<Arc<Encoded>> {
        let encoded = self.slot.take()?;
        self.served = true;
        Some(encoded)
    }
}

/// Marks a viewer as waiting for as long as it lives.
struct Waiting<'a>(&'a Viewer);

impl<'a> Waiting<'a> {
    fn new(viewer: &'a Viewer) -> Self {
        lock(&viewer.state).waiting = true;
        Self(viewer)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).waiting = false;
    }
}
