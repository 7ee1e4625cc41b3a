//! The running stream as an MP4 file, without encoding anything again: [`mux`] says which bytes go into the file, and
//! the rest gets them there.
//!
//! When the picture's size changes, the file goes on with another sample description, so that a recording is always
//! one file.

pub mod avc;
pub mod mp4;
pub mod mux;
pub mod timeline;

#[cfg(target_arch = "wasm32")]
pub(crate) mod recorder;
#[cfg(target_arch = "wasm32")]
mod sink;
