//! The stories: a person sits at a machine.

mod auth;
mod command;
mod input;
mod languages;
mod look;
mod protocol;
mod reconnect;
mod release;
mod toolbar;
mod typing;
mod video;
