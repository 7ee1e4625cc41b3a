//! Which key is beside another: the way of arrow keys over the on-screen keyboard.

/// Where an arrow key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Upwards.
    Up,
    /// Downwards.
    Down,
}

impl Way {
    /// From `KeyboardEvent.key`.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "ArrowLeft" => Some(Self::Left),
            "ArrowRight" => Some(Self::Right),
            "ArrowUp" => Some(Self::Up),
            "ArrowDown" => Some(Self::Down),
            _ => None,
        }
    }
}

/// The nearest of `centres` in a direction; `None` at the edge. Sideways it stays in the row, where there is one.
#[must_use]
pub fn next(from: (f64, f64), centres: &[(f64, f64)], way: Way) -> Option<usize> {
    let ahead = |(x, y): (f64, f64)| match way {
        Way::Left => (from.0 - x, (from.1 - y).abs()),
        Way::Right => (x - from.0, (from.1 - y).abs()),
        Way::Up => (from.1 - y, (from.0 - x).abs()),
        Way::Down => (y - from.1, (from.0 - x).abs()),
    };
    let sideways = matches!(way, Way::Left | Way::Right);
    let cost = |(along, across): (f64, f64)| along + across * if sideways { 8.0 } else { 0.8 };
    centres
        .iter()
        .enumerate()
        .map(|(index, centre)| (index, ahead(*centre)))
        .filter(|(_, (along, _))| *along > 4.0)
        .min_by(|(_, one), (_, other)| cost(*one).total_cmp(&cost(*other)))
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::{Way, next};

    /// Two rows, the lower one moved by half a key.
    const CENTRES: [(f64, f64); 5] = [
        (20.0, 20.0),
        (60.0, 20.0),
        (100.0, 20.0),
        (40.0, 60.0),
        (80.0, 60.0),
    ];

    #[test]
    fn it_goes_to_the_neighbour() {
        assert_eq!(next(CENTRES[0], &CENTRES, Way::Right), Some(1));
        assert_eq!(next(CENTRES[2], &CENTRES, Way::Left), Some(1));
        assert_eq!(next(CENTRES[4], &CENTRES, Way::Left), Some(3));
        assert!(matches!(next(CENTRES[1], &CENTRES, Way::Down), Some(3 | 4)));
        assert!(matches!(next(CENTRES[3], &CENTRES, Way::Up), Some(0 | 1)));
    }

    #[test]
    fn it_stops_at_the_edge() {
        assert_eq!(next(CENTRES[0], &CENTRES, Way::Left), None);
        assert_eq!(next(CENTRES[0], &CENTRES, Way::Up), None);
        assert_eq!(next(CENTRES[4], &CENTRES, Way::Down), None);
    }
}
