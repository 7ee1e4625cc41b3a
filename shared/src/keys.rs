//! `KeyboardEvent.code` to HID usage and back.
//!
//! Sources: UI Events KeyboardEvent code Values (W3C) for the names; HID Usage Tables 1.5, pages 0x07 and 0x0C and
//! 0x01, for the numbers. Positions are physical: `KeyQ` is the key right of Tab, whatever it types.

use crate::input::Usage::{self, Consumer, Keyboard, System};

/// The usage of a `KeyboardEvent.code`, or `None` where no HID usage stands for it.
#[must_use]
pub fn usage(code: &str) -> Option<Usage> {
    let code = match code {
        "OSLeft" => "MetaLeft",
        "OSRight" => "MetaRight",
        "VolumeMute" => "AudioVolumeMute",
        "VolumeUp" => "AudioVolumeUp",
        "VolumeDown" => "AudioVolumeDown",
        code => code,
    };
    CODES
        .iter()
        .find(|(name, _)| *name == code)
        .map(|(_, usage)| *usage)
}

/// The `KeyboardEvent.code` of a usage.
#[must_use]
pub fn code(usage: Usage) -> Option<&'static str> {
    CODES
        .iter()
        .find(|(_, known)| *known == usage)
        .map(|(name, _)| *name)
}

/// Every code with its usage.
pub const CODES: &[(&str, Usage)] = &[
    ("KeyA", Keyboard(0x04)),
    ("KeyB", Keyboard(0x05)),
    ("KeyC", Keyboard(0x06)),
    ("KeyD", Keyboard(0x07)),
    ("KeyE", Keyboard(0x08)),
    ("KeyF", Keyboard(0x09)),
    ("KeyG", Keyboard(0x0A)),
    ("KeyH", Keyboard(0x0B)),
    ("KeyI", Keyboard(0x0C)),
    ("KeyJ", Keyboard(0x0D)),
    ("KeyK", Keyboard(0x0E)),
    ("KeyL", Keyboard(0x0F)),
    ("KeyM", Keyboard(0x10)),
    ("KeyN", Keyboard(0x11)),
    ("KeyO", Keyboard(0x12)),
    ("KeyP", Keyboard(0x13)),
    ("KeyQ", Keyboard(0x14)),
    ("KeyR", Keyboard(0x15)),
    ("KeyS", Keyboard(0x16)),
    ("KeyT", Keyboard(0x17)),
    ("KeyU", Keyboard(0x18)),
    ("KeyV", Keyboard(0x19)),
    ("KeyW", Keyboard(0x1A)),
    ("KeyX", Keyboard(0x1B)),
    ("KeyY", Keyboard(0x1C)),
    ("KeyZ", Keyboard(0x1D)),
    ("Digit1", Keyboard(0x1E)),
    ("Digit2", Keyboard(0x1F)),
    ("Digit3", Keyboard(0x20)),
    ("Digit4", Keyboard(0x21)),
    ("Digit5", Keyboard(0x22)),
    ("Digit6", Keyboard(0x23)),
    ("Digit7", Keyboard(0x24)),
    ("Digit8", Keyboard(0x25)),
    ("Digit9", Keyboard(0x26)),
    ("Digit0", Keyboard(0x27)),
    ("Enter", Keyboard(0x28)),
    ("Escape", Keyboard(0x29)),
    ("Backspace", Keyboard(0x2A)),
    ("Tab", Keyboard(0x2B)),
    ("Space", Keyboard(0x2C)),
    ("Minus", Keyboard(0x2D)),
    ("Equal", Keyboard(0x2E)),
    ("BracketLeft", Keyboard(0x2F)),
    ("BracketRight", Keyboard(0x30)),
    ("Backslash", Keyboard(0x31)),
    ("Semicolon", Keyboard(0x33)),
    ("Quote", Keyboard(0x34)),
    ("Backquote", Keyboard(0x35)),
    ("Comma", Keyboard(0x36)),
    ("Period", Keyboard(0x37)),
    ("Slash", Keyboard(0x38)),
    ("CapsLock", Keyboard(0x39)),
    ("F1", Keyboard(0x3A)),
    ("F2", Keyboard(0x3B)),
    ("F3", Keyboard(0x3C)),
    ("F4", Keyboard(0x3D)),
    ("F5", Keyboard(0x3E)),
    ("F6", Keyboard(0x3F)),
    ("F7", Keyboard(0x40)),
    ("F8", Keyboard(0x41)),
    ("F9", Keyboard(0x42)),
    ("F10", Keyboard(0x43)),
    ("F11", Keyboard(0x44)),
    ("F12", Keyboard(0x45)),
    ("PrintScreen", Keyboard(0x46)),
    ("ScrollLock", Keyboard(0x47)),
    ("Pause", Keyboard(0x48)),
    ("Insert", Keyboard(0x49)),
    ("Home", Keyboard(0x4A)),
    ("PageUp", Keyboard(0x4B)),
    ("Delete", Keyboard(0x4C)),
    ("End", Keyboard(0x4D)),
    ("PageDown", Keyboard(0x4E)),
    ("ArrowRight", Keyboard(0x4F)),
    ("ArrowLeft", Keyboard(0x50)),
    ("ArrowDown", Keyboard(0x51)),
    ("ArrowUp", Keyboard(0x52)),
    ("NumLock", Keyboard(0x53)),
    ("NumpadDivide", Keyboard(0x54)),
    ("NumpadMultiply", Keyboard(0x55)),
    ("NumpadSubtract", Keyboard(0x56)),
    ("NumpadAdd", Keyboard(0x57)),
    ("NumpadEnter", Keyboard(0x58)),
    ("Numpad1", Keyboard(0x59)),
    ("Numpad2", Keyboard(0x5A)),
    ("Numpad3", Keyboard(0x5B)),
    ("Numpad4", Keyboard(0x5C)),
    ("Numpad5", Keyboard(0x5D)),
    ("Numpad6", Keyboard(0x5E)),
    ("Numpad7", Keyboard(0x5F)),
    ("Numpad8", Keyboard(0x60)),
    ("Numpad9", Keyboard(0x61)),
    ("Numpad0", Keyboard(0x62)),
    ("NumpadDecimal", Keyboard(0x63)),
    ("IntlBackslash", Keyboard(0x64)),
    ("ContextMenu", Keyboard(0x65)),
    ("Power", Keyboard(0x66)),
    ("NumpadEqual", Keyboard(0x67)),
    ("F13", Keyboard(0x68)),
    ("F14", Keyboard(0x69)),
    ("F15", Keyboard(0x6A)),
    ("F16", Keyboard(0x6B)),
    ("F17", Keyboard(0x6C)),
    ("F18", Keyboard(0x6D)),
    ("F19", Keyboard(0x6E)),
    ("F20", Keyboard(0x6F)),
    ("F21", Keyboard(0x70)),
    ("F22", Keyboard(0x71)),
    ("F23", Keyboard(0x72)),
    ("F24", Keyboard(0x73)),
    ("Open", Keyboard(0x74)),
    ("Help", Keyboard(0x75)),
    ("Props", Keyboard(0x76)),
    ("Select", Keyboard(0x77)),
    ("Again", Keyboard(0x79)),
    ("Undo", Keyboard(0x7A)),
    ("Cut", Keyboard(0x7B)),
    ("Copy", Keyboard(0x7C)),
    ("Paste", Keyboard(0x7D)),
    ("Find", Keyboard(0x7E)),
    ("NumpadComma", Keyboard(0x85)),
    ("IntlRo", Keyboard(0x87)),
    ("KanaMode", Keyboard(0x88)),
    ("IntlYen", Keyboard(0x89)),
    ("Convert", Keyboard(0x8A)),
    ("NonConvert", Keyboard(0x8B)),
    ("Lang1", Keyboard(0x90)),
    ("Lang2", Keyboard(0x91)),
    ("Lang3", Keyboard(0x92)),
    ("Lang4", Keyboard(0x93)),
    ("Lang5", Keyboard(0x94)),
    ("NumpadParenLeft", Keyboard(0xB6)),
    ("NumpadParenRight", Keyboard(0xB7)),
    ("NumpadBackspace", Keyboard(0xBB)),
    ("NumpadMemoryStore", Keyboard(0xD0)),
    ("NumpadMemoryRecall", Keyboard(0xD1)),
    ("NumpadMemoryClear", Keyboard(0xD2)),
    ("NumpadMemoryAdd", Keyboard(0xD3)),
    ("NumpadMemorySubtract", Keyboard(0xD4)),
    ("NumpadClear", Keyboard(0xD8)),
    ("NumpadClearEntry", Keyboard(0xD9)),
    ("ControlLeft", Keyboard(0xE0)),
    ("ShiftLeft", Keyboard(0xE1)),
    ("AltLeft", Keyboard(0xE2)),
    ("MetaLeft", Keyboard(0xE3)),
    ("ControlRight", Keyboard(0xE4)),
    ("ShiftRight", Keyboard(0xE5)),
    ("AltRight", Keyboard(0xE6)),
    ("MetaRight", Keyboard(0xE7)),
    ("MediaTrackNext", Consumer(0xB5)),
    ("MediaTrackPrevious", Consumer(0xB6)),
    ("MediaStop", Consumer(0xB7)),
    ("Eject", Consumer(0xB8)),
    ("MediaPlayPause", Consumer(0xCD)),
    ("AudioVolumeMute", Consumer(0xE2)),
    ("AudioVolumeUp", Consumer(0xE9)),
    ("AudioVolumeDown", Consumer(0xEA)),
    ("BrightnessUp", Consumer(0x6F)),
    ("BrightnessDown", Consumer(0x70)),
    ("MediaSelect", Consumer(0x183)),
    ("LaunchMail", Consumer(0x18A)),
    ("LaunchApp2", Consumer(0x192)),
    ("LaunchApp1", Consumer(0x194)),
    ("BrowserSearch", Consumer(0x221)),
    ("BrowserHome", Consumer(0x223)),
    ("BrowserBack", Consumer(0x224)),
    ("BrowserForward", Consumer(0x225)),
    ("BrowserStop", Consumer(0x226)),
    ("BrowserRefresh", Consumer(0x227)),
    ("BrowserFavorites", Consumer(0x22A)),
    ("Sleep", System(0x82)),
    ("WakeUp", System(0x83)),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{CODES, code, usage};

    #[test]
    fn no_code_and_no_usage_stands_twice() {
        let codes: HashSet<_> = CODES.iter().map(|(code, _)| code).collect();
        let usages: HashSet<_> = CODES.iter().map(|(_, usage)| usage).collect();
        assert_eq!(codes.len(), CODES.len());
        assert_eq!(usages.len(), CODES.len());
    }

    #[test]
    fn each_way_back_is_the_way_there() {
        for (name, known) in CODES {
            assert_eq!(usage(name), Some(*known));
            assert_eq!(code(*known), Some(*name));
        }
        assert_eq!(usage("Unidentified"), None);
    }
}
