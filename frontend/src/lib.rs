//! Armchair's page: a person sees the machine here and works on it.
//!
//! Policy is pure and compiles anywhere, so that it is tested on the host: [`input`]'s state machines, [`video`]'s
//! decisions, [`view`]'s geometry, [`link`]'s back-off, [`clock`], [`figures`]. What touches the browser compiles for Wasm only.
//!
//! Two programs come of it: the page, and the worker that decodes and draws ([`video`]).

pub mod board;
pub mod chords;
pub mod clock;
pub mod figures;
pub mod file_name;
pub mod fitting;
pub mod free_drive;
pub mod input;
pub mod invitation;
pub mod link;
pub mod recorder;
pub mod recording;
pub mod speed;
pub mod terminal;
pub mod text;
pub mod typing;
pub mod video;
pub mod view;

#[cfg(target_arch = "wasm32")]
pub mod api;
#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
mod awake;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod gathered;
#[cfg(target_arch = "wasm32")]
mod holding;
#[cfg(target_arch = "wasm32")]
mod launched;
#[cfg(target_arch = "wasm32")]
mod layouts;
#[cfg(target_arch = "wasm32")]
mod new_disk;
#[cfg(target_arch = "wasm32")]
mod offline;
#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "what Leptos makes of a component is public")]
mod page;
#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "what Leptos makes of a component is public")]
mod panel;
#[cfg(target_arch = "wasm32")]
mod preferences;
#[cfg(target_arch = "wasm32")]
mod save;
#[cfg(target_arch = "wasm32")]
mod screenshot;
#[cfg(target_arch = "wasm32")]
mod serial;
#[cfg(target_arch = "wasm32")]
mod shortcuts;
#[cfg(target_arch = "wasm32")]
mod still;
#[cfg(target_arch = "wasm32")]
mod store;
#[cfg(target_arch = "wasm32")]
mod typist;
#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "what Leptos makes of a component is public")]
mod ui;
#[cfg(target_arch = "wasm32")]
mod uploads;
