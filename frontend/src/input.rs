//! The operator's hands: DOM events in, [`shared::input::Input`] out, and everything released when they go away.

pub mod device_text;
pub mod keyboard;
pub mod leader;
pub mod onscreen;
pub mod paste;
pub mod place;
pub mod pointer;
pub mod speed;
pub mod squash;
pub mod strokes;
pub mod touch;
pub mod wheel;

#[cfg(target_arch = "wasm32")]
pub(crate) mod hands;
#[cfg(target_arch = "wasm32")]
pub(crate) mod listen;
#[cfg(target_arch = "wasm32")]
pub(crate) mod lock;
