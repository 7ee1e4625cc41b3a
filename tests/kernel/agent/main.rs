//! The lab agent: what the host needs done in the guest.

use std::{env, io, process::ExitCode};

use tests::lab::{evdev, serve};

const USAGE: &str = "lab-agent serve | events | light CODE 0|1";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["serve"] => serve(),
        ["events"] => evdev::watch(),
        ["light", code, on] => light(code, on),
        _ => Err(io::Error::other(USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lab-agent: {error}");
            ExitCode::FAILURE
        }
    }
}

fn light(code: &str, on: &str) -> io::Result<()> {
    let code = code.parse().map_err(io::Error::other)?;
    evdev::set_light(code, on == "1")
}
