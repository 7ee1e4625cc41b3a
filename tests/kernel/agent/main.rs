//! The lab agent: what the host needs done in the guest.

use std::{env, io, net::UdpSocket, process::ExitCode};

use tests::lab::{evdev, gpio, serve};

const USAGE: &str =
    "lab-agent serve | events | light CODE 0|1 | lines LABEL | take LABEL LINE | datagram PORT";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["serve"] => serve(),
        ["events"] => evdev::watch(),
        ["light", code, on] => light(code, on),
        ["lines", label] => gpio::watch(label),
        ["take", label, line] => take(label, line),
        ["datagram", port] => datagram(port),
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

fn take(label: &str, line: &str) -> io::Result<()> {
    gpio::take(label, line.parse().map_err(io::Error::other)?)
}

/// Prints the first datagram that comes to a UDP port, in hexadecimal digits.
fn datagram(port: &str) -> io::Result<()> {
    let port = port.parse().map_err(io::Error::other)?;
    let socket = UdpSocket::bind(("0.0.0.0", port))?;
    println!("listening");
    let mut bytes = [0; 2048];
    let length = socket.recv(&mut bytes)?;
    let digits = bytes[..length].iter().map(|byte| format!("{byte:02x}"));
    println!("{}", digits.collect::<String>());
    Ok(())
}
