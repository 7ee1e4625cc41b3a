//! The serial console: whether its port can be opened, or be made.

use std::{io, path::Path};

use super::{
    Check,
    usb::{GADGETS, Trial},
};
use crate::{
    config::{Usb, serial::Serial},
    serial::{Source, Unopened, device::Device},
};

const SUBJECT: &str = "serial port";

/// Opens the console's port for a moment.
pub(super) fn device(path: &Path, settings: &Serial) -> Check {
    let device = Device::new(path, settings.frame());
    port(SUBJECT, &device, settings.speed, "serial")
}

/// Opens a port of these settings for a moment.
pub(super) fn port(subject: &'static str, device: &Device, speed: u32, settings: &str) -> Check {
    let shown = device.name();
    match device.probe(speed) {
        Ok(()) => Check::ok(subject, format!("{shown} can be opened")),
        Err(Unopened::Missing) => Check::fail(
            subject,
            format!("{shown} is not there"),
            format!("plug the adapter in, or name another device ({settings}.device)"),
        ),
        Err(Unopened::NotPermitted) => Check::fail(
            subject,
            format!("no permission for {shown}"),
            "add the relay's user to the group of the device, often \"dialout\"",
        ),
        Err(Unopened::Held) => Check::warn(
            subject,
            format!("another program has {shown}"),
            "it is well where that is a relay that runs; otherwise end it, often a getty or ModemManager",
        ),
        Err(Unopened::Failed(error)) => Check::fail(
            subject,
            format!("{shown} cannot be used: {error}"),
            "name a serial port, and a speed and a format that it can have",
        ),
    }
}

/// Makes a gadget with a serial function as a trial, which no machine sees, and removes it.
pub(super) fn gadget(settings: &Usb) -> Check {
    let functions = Path::new(GADGETS).join(&settings.gadget).join("functions");
    let is_serial = |entry: io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("acm."))
    };
    let has_one = std::fs::read_dir(&functions).map(|mut functions| functions.any(is_serial));
    match has_one {
        Ok(true) => return Check::ok(SUBJECT, format!("\"{}\" has one", settings.gadget)),
        Ok(false) => {
            return Check::warn(
                SUBJECT,
                format!("\"{}\" has none", settings.gadget),
                "start the relay again; where it has none then, the controller does not bear it",
            );
        }
        Err(_) => {}
    }
    match Trial::make("acm") {
        Ok(_) => Check::ok(SUBJECT, "the kernel can be a USB serial port"),
        Err(error) => Check::warn(
            SUBJECT,
            format!("the kernel cannot be a USB serial port: {error}"),
            "`modprobe usb_f_acm`: the kernel needs CONFIG_USB_CONFIGFS_ACM",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio_serial::{SerialPort, SerialStream};

    use super::device;
    use crate::config::serial::Serial;

    fn check(path: &str) -> String {
        device(Path::new(path), &Serial::default()).to_string()
    }

    #[tokio::test]
    async fn a_port_is_there_held_missing_or_none() {
        let (_machine, line) = SerialStream::pair().unwrap();
        let path = line.name().unwrap();
        drop(line);
        assert_eq!(
            check(&path),
            format!("ok    serial port: {path} can be opened")
        );
        let settings = Serial::default();
        let held = crate::serial::Serial::start(
            Box::new(super::Device::new(Path::new(&path), settings.frame())),
            settings.speed,
            1024,
        );
        let mut port = held.port();
        let open = |port: &shared::serial::Port| port.state == shared::serial::PortState::Open;
        port.wait_for(open).await.unwrap();
        assert!(
            check(&path).starts_with(&format!("warn  serial port: another program has {path}; "))
        );
        assert!(
            check("/dev/ttyNowhere")
                .starts_with("fail  serial port: /dev/ttyNowhere is not there; plug")
        );
        assert!(check("/dev/null").starts_with("fail  serial port: /dev/null cannot be used"));
    }
}
