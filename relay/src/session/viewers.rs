//! Who is here, and who of them gets the controls without asking.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use shared::message::Viewer;
use tokio::sync::watch;
use tracing::info;

use crate::{
    auth::{self, Role},
    input::Controls,
};

/// The most viewers at a time.
pub const VIEWERS_MAX: usize = 32;

/// A page that has said nothing for this long has most likely lost its link: it pings every two seconds.
const LOST_AFTER: Duration = Duration::from_secs(3);

/// Everybody who watches. Clones are handles to the same list.
#[derive(Clone)]
pub struct Viewers(Arc<Shared>);

struct Shared {
    seats: Mutex<Seats>,
    present: watch::Sender<Vec<Viewer>>,
    controls: Controls,
}

#[derive(Default)]
struct Seats {
    last_id: u32,
    taken: Vec<Taken>,
}

/// What is known of somebody who is here.
struct Taken {
    id: u32,
    session: i64,
    user: i64,
    heard: Instant,
}

/// One viewer's place. Dropping it releases what the viewer holds, and its controls.
pub struct Seat {
    id: u32,
    shared: Arc<Shared>,
}

impl Viewers {
    /// Nobody is here yet.
    #[must_use]
    pub fn new(controls: Controls) -> Self {
        Self(Arc::new(Shared {
            seats: Mutex::default(),
            present: watch::Sender::new(Vec::new()),
            controls,
        }))
    }

    /// Takes a place; `None` where there is none left. An operator gets the controls if nobody has them, or if they have
    /// lost the link over which they had them.
    #[must_use]
    pub fn join(&self, now: Instant, session: &auth::Session) -> Option<Seat> {
        let mut seats = self.0.seats();
        if seats.taken.len() == VIEWERS_MAX {
            return None;
        }
        seats.last_id += 1;
        let id = seats.last_id;
        let controller = *self.0.controls.controller().borrow();
        let inherits =
            controller.is_none_or(|controller| seats.has_lost(now, controller, session.id));
        if inherits && session.user.role >= Role::Operator {
            self.0.controls.take(id);
        }
        seats.taken.push(Taken {
            id,
            session: session.id,
            user: session.user.id,
            heard: now,
        });
        let name = session.user.name.clone();
        info!(viewer = id, name, "a viewer came");
        self.0
            .present
            .send_modify(|present| present.push(Viewer { id, name }));
        Some(Seat {
            id,
            shared: self.0.clone(),
        })
    }

    /// Everybody, now and from now on.
    #[must_use]
    pub fn list(&self) -> watch::Receiver<Vec<Viewer>> {
        self.0.present.subscribe()
    }

    /// Whether this viewer is a page of that session.
    #[must_use]
    pub fn is_of_session(&self, viewer: u32, session: i64) -> bool {
        let of = |taken: &Taken| taken.id == viewer && taken.session == session;
        self.0.seats().taken.iter().any(of)
    }

    /// Whether this viewer is a page of that user.
    #[must_use]
    pub fn is_of_user(&self, viewer: u32, user: i64) -> bool {
        let of = |taken: &Taken| taken.id == viewer && taken.user == user;
        self.0.seats().taken.iter().any(of)
    }

    /// The name of a viewer who is here.
    #[must_use]
    pub fn name(&self, viewer: u32) -> Option<String> {
        let present = self.0.present.borrow();
        let found = present.iter().find(|present| present.id == viewer);
        found.map(|present| present.name.clone())
    }

    /// Waits until nobody is here.
    pub async fn all_gone(&self) {
        let _ = self.list().wait_for(Vec::is_empty).await;
    }
}

impl Shared {
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    /// Whether this viewer belongs to that session and has not been heard for long.
    fn has_lost(&self, now: Instant, viewer: u32, session: i64) -> bool {
        self.taken.iter().any(|taken| {
            taken.id == viewer
                && taken.session == session
                && now.duration_since(taken.heard) >= LOST_AFTER
        })
    }
}

impl Seat {
    /// The viewer's id, unique while the relay runs.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The viewer's page has said something.
    pub fn heard(&self, now: Instant) {
        let mut seats = self.shared.seats();
        if let Some(taken) = seats.taken.iter_mut().find(|taken| taken.id == self.id) {
            taken.heard = now;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.controls.leave(self.id);
        self.shared
            .seats()
            .taken
            .retain(|taken| taken.id != self.id);
        self.shared
            .present
            .send_modify(|present| present.retain(|viewer| viewer.id != self.id));
        info!(viewer = self.id, "a viewer left");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{auth::User, target::sim};

    fn viewers() -> (Viewers, sim::Control) {
        let (target, control) = sim::open(sim::Options::default(), &[]).unwrap();
        (Viewers::new(Controls::start(target.hid)), control)
    }

    fn session(id: i64, role: Role) -> auth::Session {
        let user = User {
            id,
            name: format!("user {id}"),
            role,
        };
        auth::Session { id, user }
    }

    fn controller(viewers: &Viewers) -> Option<u32> {
        *viewers.0.controls.controller().borrow()
    }

    #[tokio::test]
    async fn the_first_operator_gets_the_controls() {
        let (viewers, _control) = viewers();
        let now = Instant::now();
        let _watching = viewers.join(now, &session(1, Role::Viewer)).unwrap();
        assert_eq!(controller(&viewers), None);
        let first = viewers.join(now, &session(2, Role::Operator)).unwrap();
        let _second = viewers.join(now, &session(3, Role::Admin)).unwrap();
        assert_eq!(controller(&viewers), Some(first.id()));
        drop(first);
        assert_eq!(controller(&viewers), None);
    }

    #[tokio::test]
    async fn who_comes_back_over_a_lost_link_has_the_controls_again() {
        let (viewers, _control) = viewers();
        let (start, lost) = (Instant::now(), Instant::now() + LOST_AFTER);
        let before = viewers.join(start, &session(1, Role::Operator)).unwrap();
        let other = viewers.join(lost, &session(2, Role::Admin)).unwrap();
        assert_eq!(
            controller(&viewers),
            Some(before.id()),
            "not to somebody else"
        );
        let back = viewers.join(lost, &session(1, Role::Operator)).unwrap();
        assert_eq!(controller(&viewers), Some(back.id()));
        drop((before, other));
        assert_eq!(controller(&viewers), Some(back.id()));
    }

    #[tokio::test]
    async fn a_second_window_takes_nothing_from_the_first() {
        let (viewers, _control) = viewers();
        let (start, later) = (Instant::now(), Instant::now() + LOST_AFTER);
        let first = viewers.join(start, &session(1, Role::Operator)).unwrap();
        first.heard(later);
        let _second = viewers.join(later, &session(1, Role::Operator)).unwrap();
        assert_eq!(controller(&viewers), Some(first.id()));
    }

    #[tokio::test]
    async fn there_is_room_for_so_many_and_no_more() {
        let (viewers, _control) = viewers();
        let now = Instant::now();
        let mut seats: Vec<_> = (0..VIEWERS_MAX)
            .map(|_| viewers.join(now, &session(1, Role::Viewer)).unwrap())
            .collect();
        assert!(viewers.join(now, &session(1, Role::Viewer)).is_none());
        seats.pop();
        assert!(viewers.join(now, &session(1, Role::Viewer)).is_some());
    }
}
