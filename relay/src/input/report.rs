//! HID reports as they go over USB, and the descriptors that describe them.

use shared::input::Buttons;

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

/// A boot keyboard's state (HID 1.11, appendix B).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyboard {
    /// Bit n is usage 0xE0 + n.
    pub modifiers: u8,
    /// Usages in the order in which they went down, 0 where there is none; all 0x01 (rollover) past six.
    pub keys: [u8; 6],
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
    /// Wheel, positive is away from the user.
    pub wheel: i16,
    /// Horizontal wheel, positive is to the right.
    pub pan: i16,
}

/// A relative mouse's state and motion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mouse {
    /// The buttons that are down.
    pub buttons: Buttons,
    /// To the right.
    pub dx: i8,
    /// Downwards.
    pub dy: i8,
    /// Wheel detents, positive is away from the user.
    pub wheel: i8,
    /// Horizontal wheel detents, positive is to the right.
    pub pan: i8,
}
