//! The stories: a person sits at a machine.

mod access;
mod app;
mod auth;
mod command;
mod drives;
mod images;
mod input;
mod inserting;
mod languages;
mod library;
mod look;
mod macros;
mod onscreen;
mod pointer;
mod protocol;
mod reconnect;
mod recording;
mod release;
mod shortcuts;
mod toolbar;
mod touch;
mod typing;
mod video;
mod view;
