//! The fingers that are down.

use super::{Act, Finger, Point, between, distance};

/// A finger that is down: as it came, and as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Down {
    pub(super) first: Finger,
    pub(super) last: Finger,
}

impl Down {
    pub(super) fn strayed(&self) -> f64 {
        distance(self.first.at, self.last.at)
    }
}

/// In the order in which they came down.
#[derive(Clone, Debug, Default)]
pub(super) struct Fingers(Vec<Down>);

/// What two fingers span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) middle: Point,
    pub(super) width: f64,
}

impl Span {
    fn of(a: Point, b: Point) -> Self {
        Self {
            middle: ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0),
            width: distance(a, b),
        }
    }

    /// The picture follows the fingers from the span that was to this one.
    pub(super) fn follow(self, before: Self) -> [Act; 2] {
        let factor = if before.width > 0.0 && self.width > 0.0 {
            self.width / before.width
        } else {
            1.0
        };
        [
            Act::Zoom {
                about: before.middle,
                factor,
            },
            Act::Pan(between(before.middle, self.middle)),
        ]
    }
}

impl Fingers {
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn down(&mut self, finger: Finger) {
        self.lift(finger);
        self.0.push(Down {
            first: finger,
            last: finger,
        });
    }

    /// Takes a move in; the finger as it is now, and its way.
    pub(super) fn moved(&mut self, finger: Finger) -> Option<(Down, Point)> {
        let down = self.0.iter_mut().find(|down| down.last.id == finger.id)?;
        let way = between(down.last.at, finger.at);
        down.last = finger;
        Some((*down, way))
    }

    pub(super) fn lift(&mut self, finger: Finger) {
        self.0.retain(|down| down.last.id != finger.id);
    }

    pub(super) fn is_first(&self, finger: Finger) -> bool {
        self.0.first().is_some_and(|down| down.last.id == finger.id)
    }

    /// The first two fingers as they came down, and as they are.
    pub(super) fn pair(&self) -> Option<[Down; 2]> {
        Some([*self.0.first()?, *self.0.get(1)?])
    }

    /// What the first two fingers span.
    pub(super) fn span(&self) -> Option<Span> {
        let [a, b] = self.pair()?;
        Some(Span::of(a.last.at, b.last.at))
    }

    /// What the first two fingers spanned when they came down.
    pub(super) fn first_span(&self) -> Option<Span> {
        let [a, b] = self.pair()?;
        Some(Span::of(a.first.at, b.first.at))
    }
}
