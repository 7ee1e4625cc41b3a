//! Quarter turns.

use super::Point;

/// Which side of the picture is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// As the machine draws it.
    #[default]
    Upright,
    /// A quarter turn clockwise.
    Right,
    /// Upside down.
    Half,
    /// A quarter turn counter-clockwise.
    Left,
}

impl Turn {
    /// A quarter turn further, clockwise.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Upright => Self::Right,
            Self::Right => Self::Half,
            Self::Half => Self::Left,
            Self::Left => Self::Upright,
        }
    }

    /// Clockwise: 0, 90, 180 or 270.
    #[must_use]
    pub fn degrees(self) -> u16 {
        match self {
            Self::Upright => 0,
            Self::Right => 90,
            Self::Half => 180,
            Self::Left => 270,
        }
    }

    pub(super) fn apply(self, (x, y): Point) -> Point {
        match self {
            Self::Upright => (x, y),
            Self::Right => (-y, x),
            Self::Half => (-x, -y),
            Self::Left => (y, -x),
        }
    }

    pub(super) fn undo(self, point: Point) -> Point {
        match self {
            Self::Right => Self::Left.apply(point),
            Self::Left => Self::Right.apply(point),
            Self::Upright | Self::Half => self.apply(point),
        }
    }

    /// What a width and a height become.
    pub(super) fn extent(self, (width, height): Point) -> Point {
        match self {
            Self::Upright | Self::Half => (width, height),
            Self::Right | Self::Left => (height, width),
        }
    }
}
