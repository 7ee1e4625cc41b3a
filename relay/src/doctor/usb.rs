//! The USB side: whether gadgets can be made, and whether there is a controller to bind one to.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Check;
use crate::{
    config::Usb,
    usb::{bound_to, controllers},
};

pub(super) const GADGETS: &str = "/sys/kernel/config/usb_gadget";

/// Makes a gadget with a HID function as a trial, which no machine sees, and removes it. Not beside a relay that runs: the
/// kernel has no more functions to give.
pub(super) fn gadgets(settings: &Usb) -> Check {
    const SUBJECT: &str = "gadgets";
    if !Path::new(GADGETS).is_dir() {
        return Check::fail(
            SUBJECT,
            format!("{GADGETS} is not there"),
            "`modprobe libcomposite`, and `mount -t configfs none /sys/kernel/config`",
        );
    }
    if Path::new(GADGETS).join(&settings.gadget).is_dir() {
        return Check::ok(SUBJECT, format!("\"{}\" is made", settings.gadget));
    }
    match Trial::make("hid") {
        Ok(_) => Check::ok(SUBJECT, "a HID gadget can be made"),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Check::fail(
            SUBJECT,
            format!("no permission in {GADGETS}"),
            "run the relay as root: it makes the USB gadget",
        ),
        Err(error) => Check::fail(
            SUBJECT,
            format!("a HID gadget cannot be made: {error}"),
            "`modprobe usb_f_hid`: the kernel needs CONFIG_USB_CONFIGFS_F_HID, and four HID functions at most in all",
        ),
    }
}

/// A gadget for trial; its folders go in the order in which configfs takes them back.
pub(super) struct Trial {
    gadget: PathBuf,
    function: PathBuf,
}

impl Trial {
    /// Makes one with a function of this kind.
    pub(super) fn make(kind: &str) -> io::Result<Self> {
        let gadget = Path::new(GADGETS).join(format!("armchair-doctor-{}", std::process::id()));
        let trial = Self {
            function: gadget.join(format!("functions/{kind}.trial")),
            gadget,
        };
        fs::create_dir(&trial.gadget)?;
        fs::create_dir(&trial.function)?;
        Ok(trial)
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        for folder in [&self.function, &self.gadget] {
            if folder.exists()
                && let Err(error) = fs::remove_dir(folder)
            {
                tracing::warn!(%error, folder = %folder.display(), "a gadget for trial is left");
            }
        }
    }
}

pub(super) fn controller(settings: &Usb) -> Check {
    let known = controllers();
    let owner = |controller: &str| bound_to(controller);
    judge(settings, &known, owner)
}

fn judge(settings: &Usb, known: &[String], owner: impl Fn(&str) -> Option<String>) -> Check {
    const SUBJECT: &str = "usb";
    let chosen = match &settings.udc {
        Some(wanted) => known.iter().find(|name| *name == wanted),
        None => known.first(),
    };
    let Some(controller) = chosen else {
        return match (&settings.udc, known) {
            (Some(wanted), [_, ..]) => Check::fail(
                SUBJECT,
                format!("there is no controller {wanted}"),
                format!("name one of these in usb.udc: {}", known.join(", ")),
            ),
            _ => Check::fail(
                SUBJECT,
                "no USB device controller",
                "the board needs a USB port in device mode (Raspberry Pi: dtoverlay=dwc2,dr_mode=peripheral)",
            ),
        };
    };
    match owner(controller) {
        None => Check::ok(SUBJECT, format!("{controller} is free")),
        Some(gadget) if gadget == settings.gadget => {
            Check::ok(SUBJECT, format!("{controller} has the relay's gadget"))
        }
        Some(gadget) => Check::fail(
            SUBJECT,
            format!("{controller} is in use by the gadget \"{gadget}\""),
            "stop what made it, or remove it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::{config::Usb, doctor::Verdict};

    fn settings(udc: Option<&str>) -> Usb {
        Usb {
            udc: udc.map(str::to_owned),
            ..Usb::default()
        }
    }

    #[test]
    fn a_controller_is_free_ours_or_somebody_elses() {
        let known = ["fe980000.usb".to_owned()];
        let check = judge(&settings(None), &known, |_| None);
        assert_eq!(check.verdict, Verdict::Ok);
        let check = judge(&settings(None), &known, |_| Some("armchair".to_owned()));
        assert_eq!(check.verdict, Verdict::Ok);
        let check = judge(&settings(None), &known, |_| Some("serial".to_owned()));
        assert_eq!(check.verdict, Verdict::Fail);
        assert!(check.found.contains("serial"));
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_right_ones() {
        let known = ["fe980000.usb".to_owned()];
        let check = judge(&settings(Some("dummy_udc.0")), &known, |_| None);
        assert_eq!(check.verdict, Verdict::Fail);
        assert!(check.advice.contains("fe980000.usb"));
    }

    #[test]
    fn no_controller_at_all_fails() {
        assert_eq!(judge(&settings(None), &[], |_| None).verdict, Verdict::Fail);
    }
}
