//! The PC's palette: the dark ground and the lamp light of the page's tokens, in sRGB.

use crate::target::sim::text::Ink;

/// Behind everything.
pub const GROUND: u32 = 0x0B_0F13;
/// Bars and panels.
pub const SURFACE: u32 = 0x15_191E;
/// Keys and fields.
pub const RAISED: u32 = 0x20_262D;
/// Thin lines.
pub const LINE: u32 = 0x33_3A42;
/// Ordinary text.
pub const TEXT: u32 = 0xD9_DEE4;
/// Text of less weight.
pub const MUTED: u32 = 0x8B_949E;
/// Lamp light.
pub const ACCENT: u32 = 0xF0_B254;
/// Text on lamp light.
pub const ON_ACCENT: u32 = 0x2A_1E0A;
/// Well.
pub const GOOD: u32 = 0x7F_E08F;
/// Names.
pub const NAME: u32 = 0x8F_BCE8;

/// The colour of an ink.
#[must_use]
pub fn of(ink: Ink) -> u32 {
    match ink {
        Ink::Plain => TEXT,
        Ink::Muted => MUTED,
        Ink::Accent => ACCENT,
        Ink::Good => GOOD,
        Ink::Warn => 0xF2_CC66,
        Ink::Bad => 0xF2_8B7D,
        Ink::Name => NAME,
    }
}

/// `over` on `under` with a weight of 0..=256.
#[must_use]
pub fn mix(under: u32, over: u32, weight: u32) -> u32 {
    let weight = weight.min(256);
    let channel = |shift: u32| {
        let (under, over) = (under >> shift & 0xFF, over >> shift & 0xFF);
        (under * (256 - weight) + over * weight) >> 8 << shift
    };
    channel(16) | channel(8) | channel(0)
}

/// A colour of its channels.
#[must_use]
pub fn rgb(red: u8, green: u8, blue: u8) -> u32 {
    u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue)
}
