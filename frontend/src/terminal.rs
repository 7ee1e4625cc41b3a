//! A text terminal: bytes of a serial line become rows of text, and keys become bytes.
//!
//! What comes over the line is hostile. A terminal here has no title, no clipboard and no size that the machine could
//! set, and what it answers goes out only where the page lets it.

pub mod answers;
pub mod decode;
pub mod keys;
pub mod rows;
pub mod screen;
