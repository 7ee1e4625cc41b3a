//! The kernel lab: the relay's release binary against real kernel drivers, in a virtual machine.

mod colours;
mod drives;
mod keyboard;
mod leaving;
mod picture;
mod pointer;
mod scratched;
mod signal;
mod stand;
mod typing;
