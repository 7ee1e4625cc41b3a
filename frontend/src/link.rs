//! The link to the relay: one WebSocket that carries everything, and comes back by itself.

pub mod backoff;
#[cfg(target_arch = "wasm32")]
pub(crate) mod connection;
#[cfg(target_arch = "wasm32")]
pub(crate) mod socket;
