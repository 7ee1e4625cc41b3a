//! The kernel lab: the relay's release binary against real kernel drivers, in a virtual machine.

mod colours;
mod keyboard;
mod leaving;
mod picture;
mod pointer;
mod signal;
mod stand;
mod typing;
