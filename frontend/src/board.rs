//! The on-screen keyboard's keys: where they are, and what is written on them.

pub mod face;
pub mod floating;
pub mod geometry;
pub mod guess;
pub mod name;
pub mod walk;
