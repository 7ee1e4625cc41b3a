//! The on-screen keyboard's keys: where they are, and what is written on them.

pub mod floating;
pub mod geometry;
pub mod name;
