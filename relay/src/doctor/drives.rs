//! The drives: whether the kernel can be one, and whether it takes media that are not plain files.

use std::path::Path;

use super::{
    Check,
    usb::{GADGETS, Trial},
};
use crate::{config::Usb, media::fuse};

/// Makes a gadget with a mass-storage function as a trial, which no machine sees, and removes it.
pub(super) fn storage(settings: &Usb) -> Check {
    const SUBJECT: &str = "drives";
    const WITHOUT: &str = "`modprobe usb_f_mass_storage`: without it (CONFIG_USB_CONFIGFS_MASS_STORAGE) the machine has keyboard and pointer, and no drives";
    let gadget = Path::new(GADGETS).join(&settings.gadget);
    if gadget.is_dir() {
        let functions = std::fs::read_dir(gadget.join("functions"));
        let has = functions.is_ok_and(|mut functions| {
            functions.any(|function| {
                function.is_ok_and(|function| {
                    function
                        .file_name()
                        .to_string_lossy()
                        .starts_with("mass_storage.")
                })
            })
        });
        return match has {
            true => Check::ok(SUBJECT, format!("\"{}\" has them", settings.gadget)),
            false => Check::warn(
                SUBJECT,
                format!("\"{}\" has none", settings.gadget),
                WITHOUT,
            ),
        };
    }
    match Trial::make("mass_storage") {
        Ok(_) => Check::ok(SUBJECT, "the kernel can be a USB drive"),
        Err(error) => Check::warn(
            SUBJECT,
            format!("the kernel cannot be a USB drive: {error}"),
            WITHOUT,
        ),
    }
}

/// Whether media can be served that are not plain files.
pub(super) fn fuse() -> Check {
    const SUBJECT: &str = "fuse";
    match fuse::probe() {
        Ok(()) => Check::ok(SUBJECT, "/dev/fuse can be opened"),
        Err(error) => Check::warn(
            SUBJECT,
            format!("/dev/fuse: {error}"),
            "`modprobe fuse`, and let the relay's user open it: without it, only images of the library can be inserted",
        ),
    }
}
