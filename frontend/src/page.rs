//! What fills the window.

pub(crate) mod claim;
pub(crate) mod console;
mod entrance;
mod notice;
pub(crate) mod obstacle;
mod said;
mod screen;
pub(crate) mod sign_in;
pub(crate) mod waiting;
