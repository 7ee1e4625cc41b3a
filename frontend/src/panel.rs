//! The tools around the picture.

pub(crate) mod device_keyboard;
pub(crate) mod drives;
pub(crate) mod edge;
pub(crate) mod keyboard;
pub(crate) mod machine;
pub(crate) mod machines;
pub(crate) mod macros;
pub(crate) mod power;
pub(crate) mod serial;
pub(crate) mod settings;
pub(crate) mod shortcuts;
pub(crate) mod statistics;
pub(crate) mod status;
pub(crate) mod toolbar;
pub(crate) mod type_text;
pub(crate) mod view;
