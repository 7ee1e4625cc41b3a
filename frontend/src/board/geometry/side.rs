//! The blocks beside the letters.

use super::block::{Block, each};

pub(super) fn navigation(above_arrows: &[&'static str; 3]) -> Block {
    let mut block = Block::sharing(18.0, 14.0);
    for row in [
        ["PrintScreen", "ScrollLock", "Pause"],
        ["Insert", "Home", "PageUp"],
        ["Delete", "End", "PageDown"],
        *above_arrows,
        ["ArrowLeft", "ArrowDown", "ArrowRight"],
        ["AudioVolumeMute", "AudioVolumeDown", "AudioVolumeUp"],
    ] {
        block.row(&[&each(&row, 6.0)]);
    }
    block
}

pub(super) fn numeric_pad() -> Block {
    let mut block = Block::sharing(20.0, 18.0);
    block.row(&[&each(
        &[
            "MediaTrackPrevious",
            "MediaPlayPause",
            "MediaStop",
            "MediaTrackNext",
        ],
        5.0,
    )]);
    block.row(&[&each(
        &[
            "NumLock",
            "NumpadDivide",
            "NumpadMultiply",
            "NumpadSubtract",
        ],
        5.0,
    )]);
    block.row(&[&each(&["Numpad7", "Numpad8", "Numpad9"], 5.0)]);
    block.tall("NumpadAdd", 15.0, 5.0);
    block.row(&[&each(&["Numpad4", "Numpad5", "Numpad6"], 5.0)]);
    block.row(&[&each(&["Numpad1", "Numpad2", "Numpad3"], 5.0)]);
    block.tall("NumpadEnter", 15.0, 5.0);
    block.row(&[&[("Numpad0", 10.0), ("NumpadDecimal", 5.0)]]);
    block
}
