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
    usb::{Composite, UsbError},
};

/// Opens the devices that the settings name. One that goes away later is a state, and comes back by itself; one that is
/// not there now is most likely a wrong setting.
///
/// # Errors
/// The setting whose device cannot be used, and why.
pub fn open(config: &Config) -> Result<Target, ConfigError> {
    let screen = open_screen(config)?;
    let (hid, drives) = open_gadget(config)?;
    Ok(Target {
        machine: config.machine.clone(),
        screen: Box::new(screen),
        hid: Box::new(hid),
        drives,
    })
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
    let shown = file.display();
    let bytes = fs::read(file).map_err(|error| format!("{shown}: {error}"))?;
    edid::validate(&bytes).map_err(|error| format!("{shown}: {error}"))?;
    screen.set_edid(&bytes).map_err(|error| error.to_string())
}

fn open_gadget(config: &Config) -> Result<(Gadget, Vec<Box<dyn Drive>>), ConfigError> {
    let slots = &config.drives.slot;
    let composite = Composite::bind(&config.usb, slots).map_err(|error| {
        let setting = match error {
            UsbError::Running(_) => "usb.gadget",
            _ => "usb.udc",
        };
        config.fault(setting, error)
    })?;
    let luns = composite.drives();
    if luns.len() < slots.len() {
        warn!("the USB controller or the kernel does not bear drives: there are none");
    }
    let drive = |(folder, slot): (PathBuf, &Slot)| -> Box<dyn Drive> {
        Box::new(Lun::new(folder, slot.kind))
    };
    let drives = luns.into_iter().zip(slots).map(drive).collect();
    let gadget = Gadget::start(composite).map_err(|error| {
        config.fault(
            "usb.gadget",
            format!("the gadget's devices cannot be opened: {error}"),
        )
    })?;
    Ok((gadget, drives))
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
