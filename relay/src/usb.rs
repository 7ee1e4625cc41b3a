//! The one composite USB gadget that the machine is plugged into.

use std::{
    fs, io,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener},
    },
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use thiserror::Error;
use tracing::{info, warn};
use usb_gadget::{
    Class, Config, Gadget, Id, RegGadget, Strings, Udc,
    function::{
        Handle,
        hid::Hid,
        msd::{Lun, Msd},
        serial::{Serial, SerialClass},
    },
};

use shared::media::DriveKind;

use crate::{
    config::Usb,
    input::{
        Interface,
        descriptor::{boot_class, report_descriptor, report_length},
    },
    media::slots::Slot,
};

pub mod guard;

/// Where the kernel lists USB device controllers.
const CONTROLLERS: &str = "/sys/class/udc";

/// What the gadget may draw, in mA. The relay has a supply of its own.
const MAX_POWER: u16 = 100;

/// What the device has besides drives, from the whole to the least that is of use: controllers differ in how many
/// functions they bear. Drives are dearer than media keys and a relative mouse; they are tried without at last.
const CHOICES: [&[Interface]; 3] = [
    &Interface::ALL,
    &[Interface::Keyboard, Interface::Pointer, Interface::Mouse],
    &[Interface::Keyboard, Interface::Pointer],
];

/// The class of a device with functions of several interfaces, as a serial port has two (USB Interface Association
/// Descriptor Device Class Code and Use Model, 1.0): Windows finds such functions only by it.
const ASSOCIATED: Class = Class {
    class: 0xEF,
    sub_class: 0x02,
    protocol: 0x01,
};

/// The length of a name in a drive's answer to INQUIRY: 8 of the vendor, 16 of the product (SPC-4, 6.4.2).
const VENDOR_LENGTH: usize = 8;
const PRODUCT_LENGTH: usize = 16;

/// A gadget that is bound to a controller. It is removed when this is dropped.
#[derive(Debug)]
pub struct Composite {
    gadget: RegGadget,
    controller: Udc,
    functions: Vec<(Interface, Hid)>,
    storage: Option<(Msd, usize)>,
    serial: Option<Serial>,
    /// Behind `gadget`, so that it is given up once the gadget is removed.
    _claim: Claim,
}

/// Why there is no gadget.
#[derive(Debug, Error)]
pub enum UsbError {
    /// The kernel has no configurable gadgets.
    #[error(
        "the kernel has no USB gadgets: load the module libcomposite and mount configfs on /sys/kernel/config ({0})"
    )]
    NoGadgets(io::Error),
    /// No controller at all.
    #[error(
        "no USB device controller in {CONTROLLERS}: is the port in device mode (dr_mode = \"peripheral\" or \"otg\"), and its driver loaded?"
    )]
    NoController,
    /// Not the controller of the settings.
    #[error("no USB device controller \"{name}\" in {CONTROLLERS}; there is {}", known.join(", "))]
    UnknownController {
        /// The name in the settings.
        name: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// Somebody else has the controller.
    #[error(
        "the USB device controller {controller} is in use by the gadget \"{by}\": stop what made it, or remove it"
    )]
    Busy {
        /// The controller's name.
        controller: String,
        /// The other gadget's name.
        by: String,
    },
    /// Another relay is at work.
    #[error(
        "another relay has the USB gadget \"{0}\": stop it, or give this one another name (usb.gadget)"
    )]
    Running(String),
    /// Not allowed.
    #[error("no permission to make a USB gadget: the relay has to set it up as root")]
    NotPermitted,
    /// A system call failed.
    #[error("the USB gadget cannot be made on {controller}: {source}")]
    Io {
        /// The controller's name.
        controller: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl Composite {
    /// Makes the gadget and binds it to its controller, with as many functions as that bears. What a former run has left
    /// under the same name is removed.
    ///
    /// # Errors
    /// Any [`UsbError`].
    pub fn bind(settings: &Usb, slots: &[Slot], serial: bool) -> Result<Self, UsbError> {
        let claim = Claim::new(&settings.gadget)?;
        remove_leftover(&settings.gadget)?;
        let controller = controller(settings.udc.as_deref())?;
        let name = controller.name().to_string_lossy().into_owned();
        if let Some(by) = bound_to(&name) {
            return Err(UsbError::Busy {
                controller: name,
                by,
            });
        }
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for choice in choices(slots, serial) {
            let Choice {
                interfaces,
                slots,
                serial,
            } = choice;
            let drives = slots.len();
            match bind(settings, &controller, choice) {
                Ok(bound) => {
                    info!(
                        controller = name,
                        ?interfaces,
                        drives,
                        serial,
                        "the USB gadget is bound"
                    );
                    return Ok(Self {
                        gadget: bound.gadget,
                        controller,
                        functions: bound.functions,
                        storage: bound.storage.map(|storage| (storage, drives)),
                        serial: bound.serial,
                        _claim: claim,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    return Err(UsbError::NotPermitted);
                }
                Err(error) => {
                    warn!(controller = name, ?interfaces, drives, serial, %error, "the controller does not bear these");
                    failure = error;
                }
            }
        }
        Err(UsbError::Io {
            controller: name,
            source: failure,
        })
    }

    /// Binds the gadget once more, after its controller was away.
    ///
    /// # Errors
    /// Where the controller does not take it.
    pub fn bind_again(&self) -> io::Result<()> {
        if self.gadget.udc()?.is_some() {
            self.gadget.bind(None)?;
        }
        self.gadget.bind(Some(&self.controller))
    }

    /// Unplugs the gadget, gives it these ids, names and serial number, and binds it once more. Its functions stay.
    ///
    /// # Errors
    /// Where the kernel does not take them.
    pub fn set_ids(&self, settings: &Usb) -> io::Result<()> {
        self.gadget.bind(None)?;
        let written = write_ids(self.gadget.path(), settings);
        let bound = self.gadget.bind(Some(&self.controller));
        written.and(bound)
    }

    /// The functions' devices, in the order of the interfaces.
    ///
    /// # Errors
    /// Where one is not in `/dev`.
    pub fn devices(&self) -> io::Result<Vec<(Interface, PathBuf)>> {
        self.functions
            .iter()
            .map(|(interface, hid)| Ok((*interface, hid.device_path()?)))
            .collect()
    }

    /// The folders of the drives' logical units, in the order of the slots; none where the controller does not bear
    /// them.
    #[must_use]
    pub fn drives(&self) -> Vec<PathBuf> {
        let Some((storage, count)) = &self.storage else {
            return Vec::new();
        };
        let folder = storage.status().path().unwrap_or_default();
        (0..*count)
            .map(|number| folder.join(format!("lun.{number}")))
            .collect()
    }

    /// The device of the relay's end of the serial port; none where the controller does not bear one.
    #[must_use]
    pub fn serial(&self) -> Option<PathBuf> {
        self.serial.as_ref()?.tty().ok()
    }

    /// The controller's folder in sysfs.
    #[must_use]
    pub fn controller(&self) -> PathBuf {
        Path::new(CONTROLLERS).join(self.controller.name())
    }
}

/// Says that a relay that is alive has the gadget of a name; the kernel forgets it with the process.
#[derive(Debug)]
struct Claim(#[expect(dead_code, reason = "it is held, not used")] UnixListener);

impl Claim {
    fn new(gadget: &str) -> Result<Self, UsbError> {
        let name = format!("armchair/usb_gadget/{gadget}");
        SocketAddr::from_abstract_name(name)
            .and_then(|address| UnixListener::bind_addr(&address))
            .map(Self)
            .map_err(|_| UsbError::Running(gadget.to_owned()))
    }
}

/// The gadget that has the controller of this name.
#[must_use]
pub fn bound_to(controller: &str) -> Option<String> {
    let gadgets = usb_gadget::registered().ok()?;
    gadgets
        .iter()
        .find(|gadget| {
            gadget
                .udc()
                .is_ok_and(|udc| udc.is_some_and(|udc| udc == controller))
        })
        .map(|gadget| gadget.name().to_string_lossy().into_owned())
}

/// The names of the controllers, in order.
#[must_use]
pub fn controllers() -> Vec<String> {
    let mut names: Vec<String> = usb_gadget::udcs()
        .unwrap_or_default()
        .iter()
        .map(|controller| controller.name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// What a gadget may consist of.
#[derive(Clone, Copy)]
struct Choice<'a> {
    interfaces: &'static [Interface],
    slots: &'a [Slot],
    serial: bool,
}

/// All choices: those with drives first, and of these the ones with a serial port, where they are wanted.
fn choices(slots: &[Slot], serial: bool) -> impl Iterator<Item = Choice<'_>> {
    let kinds = [(true, true), (true, false), (false, true), (false, false)];
    let wanted = move |(with_drives, with_serial): &(bool, bool)| {
        (!*with_drives || !slots.is_empty()) && (!*with_serial || serial)
    };
    kinds
        .into_iter()
        .filter(wanted)
        .flat_map(move |(with_drives, serial)| {
            CHOICES.iter().map(move |interfaces| Choice {
                interfaces,
                slots: if with_drives { slots } else { &[] },
                serial,
            })
        })
}

struct Bound {
    gadget: RegGadget,
    functions: Vec<(Interface, Hid)>,
    storage: Option<Msd>,
    serial: Option<Serial>,
}

fn bind(settings: &Usb, controller: &Udc, choice: Choice<'_>) -> io::Result<Bound> {
    let Choice {
        interfaces, slots, ..
    } = choice;
    let (functions, mut handles): (Vec<_>, Vec<_>) = interfaces
        .iter()
        .map(|interface| {
            let (hid, handle) = function(*interface);
            ((*interface, hid), handle)
        })
        .unzip();
    let storage = (!slots.is_empty()).then(|| {
        let (storage, handle) = storage(settings, slots);
        handles.push(handle);
        storage
    });
    let serial = choice.serial.then(|| {
        let (serial, handle) = Serial::new(SerialClass::Acm);
        handles.push(handle);
        serial
    });
    let class = match serial {
        Some(_) => ASSOCIATED,
        None => Class::INTERFACE_SPECIFIC,
    };
    Ok(Bound {
        gadget: gadget(settings, class, handles).bind(controller)?,
        functions,
        storage,
        serial,
    })
}

/// Behind the keyboard, which some firmware takes only where it comes first.
fn storage(settings: &Usb, slots: &[Slot]) -> (Msd, Handle) {
    let mut builder = Msd::builder();
    for slot in slots {
        let is_cd = slot.kind == DriveKind::Cd;
        let mut lun = Lun::empty();
        lun.cdrom = is_cd;
        lun.read_only = is_cd;
        lun.removable = true;
        lun.inquiry_string = inquiry(&settings.manufacturer, slot.kind);
        builder.add_lun(lun);
    }
    builder.build()
}

/// Vendor, product and revision as a drive tells them.
fn inquiry(vendor: &str, kind: DriveKind) -> String {
    let vendor: String = vendor
        .chars()
        .filter(char::is_ascii_graphic)
        .take(VENDOR_LENGTH)
        .collect();
    let product = match kind {
        DriveKind::Cd => "CD/DVD",
        DriveKind::Disk => "USB disk",
    };
    format!("{vendor:VENDOR_LENGTH$}{product:PRODUCT_LENGTH$}0100")
}

fn gadget(settings: &Usb, class: Class, handles: Vec<Handle>) -> Gadget {
    let mut config = Config::new("Keyboard, pointer and drives");
    config.max_power = MAX_POWER;
    config.remote_wakeup = true;
    config.functions = handles;
    let id = Id::new(settings.vendor_id, settings.product_id);
    let serial = serial_number(settings);
    let strings = Strings::new(&settings.manufacturer, &settings.product, serial);
    let mut gadget = Gadget::new(class, id, strings).with_config(config);
    gadget.name = Some(settings.gadget.clone());
    gadget
}

/// Lock lights come by SET_REPORT, as with any boot keyboard: firmware knows no other way, and it spares an endpoint.
fn function(interface: Interface) -> (Hid, Handle) {
    let (sub_class, protocol) = boot_class(interface);
    let mut builder = Hid::builder();
    builder.sub_class = sub_class;
    builder.protocol = protocol;
    builder.report_desc = report_descriptor(interface).to_vec();
    builder.report_len = report_length(interface);
    builder.no_out_endpoint = true;
    builder.build()
}

/// Into the files of configfs that a gadget is described by, with its texts in whatever language it has them.
fn write_ids(gadget: &Path, settings: &Usb) -> io::Result<()> {
    let id = |value: u16| format!("{value:#06x}");
    fs::write(gadget.join("idVendor"), id(settings.vendor_id))?;
    fs::write(gadget.join("idProduct"), id(settings.product_id))?;
    for language in fs::read_dir(gadget.join("strings"))? {
        let texts = language?.path();
        fs::write(texts.join("manufacturer"), &settings.manufacturer)?;
        fs::write(texts.join("product"), &settings.product)?;
        fs::write(texts.join("serialnumber"), serial_number(settings))?;
    }
    Ok(())
}

fn serial_number(settings: &Usb) -> String {
    match settings.serial.as_str() {
        "" => serial_of_this_relay(),
        serial => serial.to_owned(),
    }
}

/// The same at every start, another one on another relay, and telling nothing: machines remember devices by it.
fn serial_of_this_relay() -> String {
    let machine = fs::read("/etc/machine-id").unwrap_or_default();
    Sha256::new_with_prefix(b"armchair usb serial")
        .chain_update(machine)
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

fn remove_leftover(name: &str) -> Result<(), UsbError> {
    let registered = usb_gadget::registered().map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => UsbError::NotPermitted,
        _ => UsbError::NoGadgets(error),
    })?;
    for gadget in registered {
        if gadget.name() == name {
            warn!(name, "removing the USB gadget that a former run has left");
            gadget.remove().map_err(|source| UsbError::Io {
                controller: name.to_owned(),
                source,
            })?;
        }
    }
    Ok(())
}

fn controller(wanted: Option<&str>) -> Result<Udc, UsbError> {
    let mut controllers = usb_gadget::udcs().unwrap_or_default();
    controllers.sort_by_key(|controller| controller.name().to_owned());
    let Some(name) = wanted else {
        return controllers.into_iter().next().ok_or(UsbError::NoController);
    };
    controllers
        .into_iter()
        .find(|controller| controller.name() == name)
        .ok_or_else(|| match self::controllers() {
            known if known.is_empty() => UsbError::NoController,
            known => UsbError::UnknownController {
                name: name.to_owned(),
                known,
            },
        })
}
