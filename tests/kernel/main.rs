//! The kernel lab: the relay's release binary against real kernel drivers, in a virtual machine.

mod chip;
mod colours;
mod drives;
mod firmware;
mod held;
mod hooks;
mod in_place;
mod keyboard;
mod leaving;
mod letters;
mod picture;
mod pointer;
mod power;
mod replugged;
mod scratched;
mod serial;
mod signal;
mod stand;
mod switching;
mod typing;
mod volumes;
mod waking;
