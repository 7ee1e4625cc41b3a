//! The protocol between the relay and the page, on one page.
//!
//! One link (a WebSocket at `/link`, subprotocol [`SUBPROTOCOL`]) carries everything. A message is one
//! binary frame: a postcard head, and for video a raw tail behind it (see [`wire`]).
//!
//! | channel | way | messages | ordering |
//! |---|---|---|---|
//! | control | both | `Hello`, `State`, `Change`, `Settings`, `TakeControl`, `Ping`, `Pong` | in order |
//! | input | to the relay | [`ToRelay::Input`] | in order, none lost |
//! | video | to the page | [`ToBrowser::Video`] | in order, newest wins; after a gap the next one is a key frame |
//!
//! What is large or rare goes by HTTP instead, under `/api/v1`: the tables of keyboard layouts (see [`layout`]),
//! macros (see [`macros`]), the operators' shortcuts (see [`shortcut`]), images (see [`media`]) and what is done to
//! the power (see [`power`]) and to a switch (see [`switch`]). Files that a browser gives block by block have links of their own (see [`held`]), and so
//! has the serial console (see [`serial`]).
//!
//! The first message each way is `Hello`. Enums are append-only: a variant is never moved, removed or
//! changed, and the golden bytes in this crate's tests are never edited.

pub mod held;
pub mod input;
pub mod keys;
pub mod layout;
pub mod list;
pub mod macros;
pub mod media;
pub mod message;
pub mod power;
pub mod serial;
pub mod shortcut;
pub mod switch;
pub mod version;
pub mod video;
pub mod volume;
pub mod wire;

pub use message::{ToBrowser, ToRelay};
pub use version::SUBPROTOCOL;
