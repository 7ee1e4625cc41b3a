//! The relay: a machine's picture out, an operator's hands in.

pub mod capture;
pub mod encode;
pub mod input;
pub mod stream;
pub mod target;
pub mod usb;
