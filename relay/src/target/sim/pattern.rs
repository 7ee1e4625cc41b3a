//! Test pictures, shown instead of the machine's own.

use std::time::Duration;

use serde::Deserialize;

/// What is on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The PC's own picture.
    #[default]
    Console,
    /// A detailed picture that stands still.
    Still,
    /// A screenful of text that scrolls a line a frame.
    Text,
    /// Everything moves.
    Motion,
    /// Colour bars, greys and ramps.
    Colours,
}

/// The most frames a second.
pub const FPS_MAX: u32 = 60;

/// How a screen is driven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// The picture.
    pub kind: Kind,
    /// Frames a second of what moves, 1..=60.
    pub fps: Option<u32>,
    /// Whether a time code is drawn over it.
    pub timecode: bool,
    /// Counts the patterns, so that each starts at its first frame.
    pub turn: u64,
}

impl Pattern {
    /// How many frames a second are drawn whether or not anything happened; `None` where only changes are drawn.
    #[must_use]
    pub fn frame_rate(&self, machine_moves: bool) -> Option<u32> {
        let moves = match self.kind {
            Kind::Console => machine_moves,
            Kind::Text | Kind::Motion => true,
            Kind::Still | Kind::Colours => false,
        };
        (moves || self.timecode).then_some(self.fps.unwrap_or(FPS_MAX).clamp(1, FPS_MAX))
    }
}

/// The time code's cells: Unix time in microseconds and the frame number, most significant bit first.
pub fn timecode_bits(unix_us: u64, frame: u32) -> impl Iterator<Item = bool> {
    let time = (0..64).rev().map(move |bit| unix_us >> bit & 1 == 1);
    let number = (0..32).rev().map(move |bit| frame >> bit & 1 == 1);
    time.chain(number)
}

/// The next moment of a frame rate's grid after `now`, where the last frame was due at `last`.
#[must_use]
pub fn next_frame(last: Duration, now: Duration, fps: u32) -> Duration {
    let interval = Duration::from_secs(1) / fps.max(1);
    let next = last + interval;
    if next >= now {
        return next;
    }
    let missed = now.saturating_sub(next).as_nanos() / interval.as_nanos().max(1);
    next + interval * u32::try_from(missed).unwrap_or(0)
}
