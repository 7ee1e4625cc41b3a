//! Any bytes are a keyboard layout or a refusal; with a layout, any text is strokes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::layout::{Layout, Options, System, Untypable, compile, table::Table};

const TEXT: &str = "Grüße, 100 €\r\n\tñ Ἀ 😀\0";

fuzz_target!(|bytes: &[u8]| {
    let Ok(layout) = Layout::parse(bytes) else {
        return;
    };
    for caps_lock in [false, true] {
        let options = Options {
            caps_lock,
            untypable: Untypable::Unicode(System::Linux),
            ..Options::default()
        };
        let compiled = compile(TEXT, &layout, &options);
        assert_eq!(compiled.pieces().count(), TEXT.chars().count());
    }
    for character in layout.characters() {
        assert!(layout.strokes(character, false).is_some());
    }
    let table = Table::parse(bytes);
    if let Ok(again) = table.and_then(|table| table.encode()) {
        assert_eq!(Layout::parse(&again), Ok(layout));
    }
});
