//! From video messages to the canvas: a worker decodes and draws, so that nothing the page does makes a picture wait.

pub mod annex_b;
pub mod order;
pub mod report;

#[cfg(target_arch = "wasm32")]
mod bitmap;
#[cfg(target_arch = "wasm32")]
pub(crate) mod canvas;
#[cfg(target_arch = "wasm32")]
mod webcodecs;
#[cfg(target_arch = "wasm32")]
pub mod worker;
