//! From video messages to the canvas: a worker puts them in order and decodes, the page draws the newest.

pub mod annex_b;
pub mod order;
pub mod report;

#[cfg(target_arch = "wasm32")]
pub(crate) mod canvas;
#[cfg(target_arch = "wasm32")]
mod wall;
#[cfg(target_arch = "wasm32")]
mod webcodecs;
#[cfg(target_arch = "wasm32")]
pub mod worker;
