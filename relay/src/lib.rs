//! The relay: a machine's picture out, an operator's hands in.

pub mod auth;
pub mod capture;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod encode;
pub mod http;
pub mod input;
pub mod layouts;
pub mod macros;
pub mod media;
pub mod memory;
pub mod relay;
pub mod session;
pub mod shortcuts;
pub mod store;
pub mod stream;
pub mod target;
pub mod tls;
pub mod transport;
pub mod usb;
