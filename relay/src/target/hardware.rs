//! A real machine: its picture from a V4L2 device, its keyboard and pointer by a USB gadget.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tracing::warn;

use super::Target;
use crate::{
    capture::{Screen, edid, v4l2::V4l2Screen},
    config::{Config, ConfigError},
    input::gadget::Gadget,
    media::{Drive, gadget::Lun, slots::Slot},
    power::{
        Panel,
        gpio::{self, GpioPanel},
    },
    serial::{Source, device::Device},
    usb::{Composite, UsbError, guard},
};

/// The kernel's first serial port of a gadget.
const SERIAL: &str = "/dev/ttyGS0";

/// Opens the devices that the settings name. One that goes away later is a state, and comes back by itself; one that is
/// not there now is most likely a wrong setting.
///
/// # Errors
/// The setting whose device cannot be used, and why.
pub fn open(config: &Config) -> Result<Target, ConfigError> {
    let screen = open_screen(config)?;
    let panels = open_panels(config)?;
    let Plugged {
        hid,
        drives,
        serial,
    } = open_gadget(config)?;
    let plug = hid.plug();
    Ok(Target {
        machine: config.machine.clone(),
        screen: Box::new(screen),
        hid: Box::new(hid),
        drives,
        panels,
        switch: None,
        plug: Some(plug),
        serial,
    })
}

/// What the USB cable brings.
struct Plugged {
    hid: Gadget,
    drives: Vec<Box<dyn Drive>>,
    serial: Option<Box<dyn Source>>,
}

fn open_screen(config: &Config) -> Result<V4l2Screen, ConfigError> {
    let device = &config.video.device;
    check_device(device).map_err(|problem| config.fault("video.device", problem))?;
    let mut screen = V4l2Screen::new(device).only(config.video.format);
    if let Some(file) = &config.video.edid {
        set_edid(&mut screen, file).map_err(|problem| config.fault("video.edid", problem))?;
    }
    Ok(screen)
}

fn check_device(device: &Path) -> Result<(), String> {
    let shown = device.display();
    match fs::OpenOptions::new().read(true).write(true).open(device) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(format!(
            "{shown} is not there: connect the capture device, or name another one"
        )),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(format!(
            "no permission for {shown}: add the relay's user to the group \"video\""
        )),
        _ => Ok(()),
    }
}

fn set_edid(screen: &mut impl Screen, file: &Path) -> Result<(), String> {
    let bytes = edid::read(file)?;
    screen.set_edid(&bytes).map_err(|error| error.to_string())
}

/// The lines of all front panels, at rest, and a second process that sees to it that they stay so.
fn open_panels(config: &Config) -> Result<Vec<Option<Box<dyn Panel>>>, ConfigError> {
    let mut panels: Vec<Option<Box<dyn Panel>>> = Vec::new();
    let powers = config.powers();
    for (key, power) in &powers {
        if power.lines().is_empty() {
            panels.push(None);
            continue;
        }
        let panel = GpioPanel::open(power)
            .map_err(|(setting, fault)| config.fault(&format!("{key}.{setting}"), fault))?;
        panels.push(Some(Box::new(panel)));
    }
    if let Err(error) = gpio::guard::start(powers.iter().flat_map(|(_, power)| power.buttons())) {
        warn!(%error, "nobody releases the power buttons if the relay is killed");
    }
    Ok(panels)
}

fn open_gadget(config: &Config) -> Result<Plugged, ConfigError> {
    let slots = &config.drives.slot;
    let composite = Composite::bind(&config.usb, slots, config.serial.usb).map_err(|error| {
        let setting = match error {
            UsbError::Running(_) => "usb.gadget",
            _ => "usb.udc",
        };
        config.fault(setting, error)
    })?;
    if let Err(error) = guard::start(&config.usb.gadget) {
        warn!(%error, "nobody unplugs the machine if the relay is killed");
    }
    let luns = composite.drives();
    if luns.len() < slots.len() {
        warn!("the USB controller or the kernel does not bear drives: there are none");
    }
    let drive = |(folder, slot): (PathBuf, &Slot)| -> Box<dyn Drive> {
        Box::new(Lun::new(folder, slot.kind))
    };
    let drives = luns.into_iter().zip(slots).map(drive).collect();
    let serial = config.serial.usb.then(|| serial(&composite, config));
    let hid = Gadget::start(composite).map_err(|error| {
        config.fault(
            "usb.gadget",
            format!("the gadget's devices cannot be opened: {error}"),
        )
    })?;
    Ok(Plugged {
        hid,
        drives,
        serial,
    })
}

/// The relay's end of the gadget's serial port. Where there is none, its device is missing, and people are told so.
fn serial(composite: &Composite, config: &Config) -> Box<dyn Source> {
    let device = composite.serial().unwrap_or_else(|| {
        warn!("the USB controller or the kernel does not bear a serial port: there is none");
        PathBuf::from(SERIAL)
    });
    Box::new(Device::new(&device, config.serial.frame()))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{open, set_edid};
    use crate::{
        capture::{CaptureError, Event, Picture, Screen},
        config::Config,
    };

    /// A capture device that keeps the EDID that it is given.
    #[derive(Default)]
    struct Receiver(Vec<u8>);

    impl Screen for Receiver {
        fn next(&mut self, _: std::time::Duration) -> Result<Event, CaptureError> {
            Ok(Event::Unchanged)
        }

        fn picture(&self) -> Option<Picture<'_>> {
            None
        }

        fn edid(&mut self) -> Result<Vec<u8>, CaptureError> {
            Ok(self.0.clone())
        }

        fn set_edid(&mut self, edid: &[u8]) -> Result<(), CaptureError> {
            self.0 = edid.to_vec();
            Ok(())
        }
    }

    fn valid_edid() -> Vec<u8> {
        let mut edid = vec![0; 128];
        edid[1..7].fill(0xFF);
        edid[127] = 0u8.wrapping_sub(edid.iter().fold(0, |sum, byte| sum.wrapping_add(*byte)));
        edid
    }

    #[test]
    fn a_capture_device_that_is_not_there_is_named_with_its_line() {
        let text = "machine = \"Rack 3\"\n\n[video]\ndevice = \"/dev/video-nowhere\"\n";
        let config = Config::parse(Path::new("armchair.toml"), text.to_owned()).unwrap();
        let Err(error) = open(&config) else {
            panic!("there is no /dev/video-nowhere")
        };
        let line = error.to_string();
        assert!(
            line.starts_with("armchair.toml:4: video.device: "),
            "{line}"
        );
        assert!(line.contains("/dev/video-nowhere is not there"), "{line}");
    }

    #[test]
    fn an_edid_is_written_only_when_it_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("edid.bin");
        let mut receiver = Receiver::default();
        fs::write(&file, valid_edid()).unwrap();
        assert_eq!(set_edid(&mut receiver, &file), Ok(()));
        assert_eq!(receiver.0, valid_edid());

        fs::write(&file, [0; 128]).unwrap();
        let refused = set_edid(&mut receiver, &file).unwrap_err();
        assert!(refused.contains("edid.bin"), "{refused}");
        assert_eq!(receiver.0, valid_edid());
    }
}
