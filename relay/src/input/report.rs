//! HID reports as they go over USB.

use shared::input::Buttons;

use super::descriptor::{CONSUMER_REPORT, SYSTEM_REPORT};

/// One report to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The boot keyboard's.
    Keyboard(Keyboard),
    /// The absolute pointer's.
    Pointer(Pointer),
    /// The relative boot mouse's.
    Mouse(Mouse),
    /// The consumer control's: the usage that is down, or 0.
    Consumer(u16),
    /// The system control's: the usage that is down, or 0.
    System(u8),
}

/// A HID interface of the composite device, in the order in which the host sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Interface {
    /// The boot keyboard. First, since some firmware takes only the first interface.
    Keyboard,
    /// The absolute pointer.
    Pointer,
    /// The relative boot mouse.
    Mouse,
    /// Consumer and system control, told apart by report IDs.
    Control,
}

impl Interface {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Keyboard, Self::Pointer, Self::Mouse, Self::Control];
}

impl Report {
    /// The interface that sends this report.
    #[must_use]
    pub fn interface(&self) -> Interface {
        match self {
            Self::Keyboard(_) => Interface::Keyboard,
            Self::Pointer(_) => Interface::Pointer,
            Self::Mouse(_) => Interface::Mouse,
            Self::Consumer(_) | Self::System(_) => Interface::Control,
        }
    }

    /// Whether a key or button is down in it.
    #[must_use]
    pub fn presses(&self) -> bool {
        match self {
            Self::Keyboard(keyboard) => *keyboard != Keyboard::default(),
            Self::Pointer(Pointer { buttons, .. }) | Self::Mouse(Mouse { buttons, .. }) => {
                !buttons.is_empty()
            }
            Self::Consumer(usage) => *usage != 0,
            Self::System(usage) => *usage != 0,
        }
    }

    /// The bytes on the wire, as [`super::descriptor::report_descriptor`] describes them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Keyboard(keyboard) => keyboard.to_bytes(),
            Self::Pointer(pointer) => pointer.to_bytes(),
            Self::Mouse(mouse) => mouse.to_bytes(),
            Self::Consumer(usage) => {
                let [low, high] = usage.to_le_bytes();
                vec![CONSUMER_REPORT, low, high]
            }
            Self::System(usage) => vec![SYSTEM_REPORT, *usage],
        }
    }
}

/// A boot keyboard's state (HID 1.11, appendix B).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyboard {
    /// Bit n is usage 0xE0 + n.
    pub modifiers: u8,
    /// Usages in the order in which they went down, 0 where there is none; all 0x01 (rollover) past six.
    pub keys: [u8; 6],
}

impl Keyboard {
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![self.modifiers, 0];
        bytes.extend(self.keys);
        bytes
    }
}

/// An absolute pointer's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pointer {
    /// The buttons that are down.
    pub buttons: Buttons,
    /// 0..=[`shared::input::POINTER_MAX`].
    pub x: u16,
    /// 0..=[`shared::input::POINTER_MAX`].
    pub y: u16,
    /// Wheel, positive is away from the user; in detents, or in 1/120 of one where [`super::Host::fine_wheel`].
    pub wheel: i16,
    /// Horizontal wheel, positive is to the right; in the same unit.
    pub pan: i16,
}

impl Pointer {
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![self.buttons.0];
        bytes.extend(self.x.to_le_bytes());
        bytes.extend(self.y.to_le_bytes());
        bytes.extend(self.wheel.to_le_bytes());
        bytes.extend(self.pan.to_le_bytes());
        bytes
    }
}

/// A relative mouse's state and motion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mouse {
    /// The buttons that are down.
    pub buttons: Buttons,
    /// To the right, -127..=127.
    pub dx: i8,
    /// Downwards, -127..=127.
    pub dy: i8,
    /// Wheel detents, positive is away from the user, -127..=127.
    pub wheel: i8,
    /// Horizontal wheel detents, positive is to the right, -127..=127.
    pub pan: i8,
}

impl Mouse {
    fn to_bytes(self) -> Vec<u8> {
        let signed = [self.dx, self.dy, self.wheel, self.pan].map(i8::cast_unsigned);
        let mut bytes = vec![self.buttons.0];
        bytes.extend(signed);
        bytes
    }
}
