//! The report descriptors of the HID interfaces (HID 1.11, section 6.2.2; HID Usage Tables 1.5).

use std::ops::RangeInclusive;

use super::report::Interface;

/// The report ID of consumer control.
pub const CONSUMER_REPORT: u8 = 1;

/// The report ID of system control.
pub const SYSTEM_REPORT: u8 = 2;

/// The ordinary keys that the keyboard can send.
pub const KEYS: RangeInclusive<u8> = 0x04..=0xDD;

/// The modifiers that the keyboard can send.
pub const MODIFIERS: RangeInclusive<u8> = 0xE0..=0xE7;

/// The consumer controls that can be sent.
pub const CONSUMERS: RangeInclusive<u16> = 0x01..=0x3FF;

/// The system controls that can be sent.
pub const SYSTEMS: RangeInclusive<u8> = 0x81..=0x83;

/// What an interface sends.
#[must_use]
pub fn report_descriptor(interface: Interface) -> &'static [u8] {
    match interface {
        Interface::Keyboard => KEYBOARD,
        Interface::Pointer => POINTER,
        Interface::Mouse => MOUSE,
        Interface::Control => CONTROL,
    }
}

/// The length of an interface's longest report in bytes, report ID included.
#[must_use]
pub fn report_length(interface: Interface) -> u8 {
    match interface {
        Interface::Keyboard => 8,
        Interface::Pointer => 9,
        Interface::Mouse => 5,
        Interface::Control => 3,
    }
}

/// An interface's HID subclass and protocol. The absolute pointer is no boot device: firmware would take its
/// position for motion.
#[must_use]
pub fn boot_class(interface: Interface) -> (u8, u8) {
    match interface {
        Interface::Keyboard => (1, 1),
        Interface::Mouse => (1, 2),
        Interface::Pointer | Interface::Control => (0, 0),
    }
}

#[rustfmt::skip]
const KEYBOARD: &[u8] = &[
    0x05, 0x01,             // Usage Page (Generic Desktop)
    0x09, 0x06,             // Usage (Keyboard)
    0xA1, 0x01,             // Collection (Application)
    0x05, 0x07,             //   Usage Page (Keyboard)
    0x19, 0xE0,             //   Usage Minimum (Left Control)
    0x29, 0xE7,             //   Usage Maximum (Right GUI)
    0x15, 0x00,             //   Logical Minimum (0)
    0x25, 0x01,             //   Logical Maximum (1)
    0x75, 0x01,             //   Report Size (1)
    0x95, 0x08,             //   Report Count (8)
    0x81, 0x02,             //   Input (Data, Variable, Absolute)
    0x75, 0x08,             //   Report Size (8)
    0x95, 0x01,             //   Report Count (1)
    0x81, 0x01,             //   Input (Constant)
    0x05, 0x08,             //   Usage Page (LEDs)
    0x19, 0x01,             //   Usage Minimum (Num Lock)
    0x29, 0x05,             //   Usage Maximum (Kana)
    0x75, 0x01,             //   Report Size (1)
    0x95, 0x05,             //   Report Count (5)
    0x91, 0x02,             //   Output (Data, Variable, Absolute)
    0x75, 0x03,             //   Report Size (3)
    0x95, 0x01,             //   Report Count (1)
    0x91, 0x01,             //   Output (Constant)
    0x05, 0x07,             //   Usage Page (Keyboard)
    0x19, 0x00,             //   Usage Minimum (0x00)
    0x29, 0xDD,             //   Usage Maximum (0xDD)
    0x15, 0x00,             //   Logical Minimum (0)
    0x26, 0xDD, 0x00,       //   Logical Maximum (221); in one byte it would be -35
    0x75, 0x08,             //   Report Size (8)
    0x95, 0x06,             //   Report Count (6)
    0x81, 0x00,             //   Input (Data, Array)
    0xC0,                   // End Collection
];

#[rustfmt::skip]
const POINTER: &[u8] = &[
    0x05, 0x01,             // Usage Page (Generic Desktop)
    0x09, 0x02,             // Usage (Mouse)
    0xA1, 0x01,             // Collection (Application)
    0x09, 0x01,             //   Usage (Pointer)
    0xA1, 0x00,             //   Collection (Physical)
    0x05, 0x09,             //     Usage Page (Button)
    0x19, 0x01,             //     Usage Minimum (1)
    0x29, 0x08,             //     Usage Maximum (8)
    0x15, 0x00,             //     Logical Minimum (0)
    0x25, 0x01,             //     Logical Maximum (1)
    0x75, 0x01,             //     Report Size (1)
    0x95, 0x08,             //     Report Count (8)
    0x81, 0x02,             //     Input (Data, Variable, Absolute)
    0x05, 0x01,             //     Usage Page (Generic Desktop)
    0x09, 0x30,             //     Usage (X)
    0x09, 0x31,             //     Usage (Y)
    0x26, 0xFF, 0x7F,       //     Logical Maximum (32767)
    0x75, 0x10,             //     Report Size (16)
    0x95, 0x02,             //     Report Count (2)
    0x81, 0x02,             //     Input (Data, Variable, Absolute)
    0xA1, 0x02,             //     Collection (Logical)
    0x09, 0x48,             //       Usage (Resolution Multiplier)
    0x15, 0x00,             //       Logical Minimum (0)
    0x25, 0x01,             //       Logical Maximum (1)
    0x35, 0x01,             //       Physical Minimum (1)
    0x45, 0x78,             //       Physical Maximum (120)
    0x75, 0x02,             //       Report Size (2)
    0x95, 0x01,             //       Report Count (1)
    0xB1, 0x02,             //       Feature (Data, Variable, Absolute)
    0x09, 0x38,             //       Usage (Wheel)
    0x16, 0x01, 0x80,       //       Logical Minimum (-32767)
    0x26, 0xFF, 0x7F,       //       Logical Maximum (32767)
    0x35, 0x00,             //       Physical Minimum (0)
    0x45, 0x00,             //       Physical Maximum (0)
    0x75, 0x10,             //       Report Size (16)
    0x81, 0x06,             //       Input (Data, Variable, Relative)
    0xC0,                   //     End Collection
    0xA1, 0x02,             //     Collection (Logical)
    0x09, 0x48,             //       Usage (Resolution Multiplier)
    0x15, 0x00,             //       Logical Minimum (0)
    0x25, 0x01,             //       Logical Maximum (1)
    0x35, 0x01,             //       Physical Minimum (1)
    0x45, 0x78,             //       Physical Maximum (120)
    0x75, 0x02,             //       Report Size (2)
    0xB1, 0x02,             //       Feature (Data, Variable, Absolute)
    0x75, 0x04,             //       Report Size (4)
    0xB1, 0x01,             //       Feature (Constant)
    0x05, 0x0C,             //       Usage Page (Consumer)
    0x0A, 0x38, 0x02,       //       Usage (AC Pan)
    0x16, 0x01, 0x80,       //       Logical Minimum (-32767)
    0x26, 0xFF, 0x7F,       //       Logical Maximum (32767)
    0x35, 0x00,             //       Physical Minimum (0)
    0x45, 0x00,             //       Physical Maximum (0)
    0x75, 0x10,             //       Report Size (16)
    0x81, 0x06,             //       Input (Data, Variable, Relative)
    0xC0,                   //     End Collection
    0xC0,                   //   End Collection
    0xC0,                   // End Collection
];

#[rustfmt::skip]
const MOUSE: &[u8] = &[
    0x05, 0x01,             // Usage Page (Generic Desktop)
    0x09, 0x02,             // Usage (Mouse)
    0xA1, 0x01,             // Collection (Application)
    0x09, 0x01,             //   Usage (Pointer)
    0xA1, 0x00,             //   Collection (Physical)
    0x05, 0x09,             //     Usage Page (Button)
    0x19, 0x01,             //     Usage Minimum (1)
    0x29, 0x08,             //     Usage Maximum (8)
    0x15, 0x00,             //     Logical Minimum (0)
    0x25, 0x01,             //     Logical Maximum (1)
    0x75, 0x01,             //     Report Size (1)
    0x95, 0x08,             //     Report Count (8)
    0x81, 0x02,             //     Input (Data, Variable, Absolute)
    0x05, 0x01,             //     Usage Page (Generic Desktop)
    0x09, 0x30,             //     Usage (X)
    0x09, 0x31,             //     Usage (Y)
    0x09, 0x38,             //     Usage (Wheel)
    0x15, 0x81,             //     Logical Minimum (-127)
    0x25, 0x7F,             //     Logical Maximum (127)
    0x75, 0x08,             //     Report Size (8)
    0x95, 0x03,             //     Report Count (3)
    0x81, 0x06,             //     Input (Data, Variable, Relative)
    0x05, 0x0C,             //     Usage Page (Consumer)
    0x0A, 0x38, 0x02,       //     Usage (AC Pan)
    0x95, 0x01,             //     Report Count (1)
    0x81, 0x06,             //     Input (Data, Variable, Relative)
    0xC0,                   //   End Collection
    0xC0,                   // End Collection
];

#[rustfmt::skip]
const CONTROL: &[u8] = &[
    0x05, 0x0C,             // Usage Page (Consumer)
    0x09, 0x01,             // Usage (Consumer Control)
    0xA1, 0x01,             // Collection (Application)
    0x85, CONSUMER_REPORT,  //   Report ID
    0x19, 0x00,             //   Usage Minimum (0x000)
    0x2A, 0xFF, 0x03,       //   Usage Maximum (0x3FF)
    0x15, 0x00,             //   Logical Minimum (0)
    0x26, 0xFF, 0x03,       //   Logical Maximum (1023)
    0x75, 0x10,             //   Report Size (16)
    0x95, 0x01,             //   Report Count (1)
    0x81, 0x00,             //   Input (Data, Array)
    0xC0,                   // End Collection
    0x05, 0x01,             // Usage Page (Generic Desktop)
    0x09, 0x80,             // Usage (System Control)
    0xA1, 0x01,             // Collection (Application)
    0x85, SYSTEM_REPORT,    //   Report ID
    0x19, 0x81,             //   Usage Minimum (System Power Down)
    0x29, 0x83,             //   Usage Maximum (System Wake Up)
    0x16, 0x81, 0x00,       //   Logical Minimum (129); 0 is outside and means that none is down
    0x26, 0x83, 0x00,       //   Logical Maximum (131)
    0x75, 0x08,             //   Report Size (8)
    0x95, 0x01,             //   Report Count (1)
    0x81, 0x00,             //   Input (Data, Array)
    0xC0,                   // End Collection
];

#[cfg(test)]
mod tests;
