//! The entry point of the worker that decodes and draws.

fn main() {
    #[cfg(target_arch = "wasm32")]
    frontend::video::worker::start();
}
