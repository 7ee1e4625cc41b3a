//! The relay: a machine's picture out, an operator's hands in.

pub mod capture;
pub mod input;
pub mod target;
