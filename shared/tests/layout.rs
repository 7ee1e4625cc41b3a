//! Any bytes are a layout or a refusal, and whatever is a layout can be used.

use proptest::{collection::vec, prelude::*, sample::select};
use shared::layout::{
    Layout, LayoutError, Level, LineEnd, Options, System, TabStop, Untypable, compile,
    table::{Composition, Key, Symbol, TABLE_MAX, Table},
};

const GERMAN: &[u8] = include_bytes!("../layouts/de.bin");

fn use_all_of(layout: &Layout, text: &str) {
    let untypable = [
        Untypable::Refuse,
        Untypable::Skip,
        Untypable::Replace('?'),
        Untypable::Unicode(System::Linux),
        Untypable::Unicode(System::Windows),
        Untypable::Unicode(System::WindowsHex),
        Untypable::Unicode(System::MacOs),
    ];
    for (untypable, caps_lock) in untypable.into_iter().zip([false, true].into_iter().cycle()) {
        let options = Options {
            caps_lock,
            untypable,
            line_end: LineEnd::Enter,
            tab: TabStop::Spaces(4),
        };
        let compiled = compile(text, layout, &options);
        assert_eq!(compiled.characters(), text.chars().count());
        let strokes: usize = compiled.pieces().map(<[_]>::len).sum();
        assert_eq!(strokes, compiled.strokes().len());
    }
    for character in layout.characters() {
        let strokes = layout.strokes(character, false);
        assert!(strokes.is_some_and(|strokes| !strokes.is_empty()));
    }
    for usage in 0..=u8::MAX {
        for level in Level::ALL {
            let _ = layout.legend(usage, level, true);
        }
    }
}

#[test]
fn what_is_no_layout_of_ours_is_refused_with_the_reason() {
    assert_eq!(Layout::parse(b""), Err(LayoutError::Foreign));
    assert_eq!(Layout::parse(b"PNG\x01"), Err(LayoutError::Foreign));
    assert_eq!(Layout::parse(b"AKL\x02"), Err(LayoutError::Version(2)));
    for length in 4..GERMAN.len() {
        let cut_off = Layout::parse(&GERMAN[..length]);
        assert_eq!(cut_off, Err(LayoutError::Truncated), "{length}");
    }
    let longer = [GERMAN, b"\0"].concat();
    assert!(matches!(
        Layout::parse(&longer),
        Err(LayoutError::Damaged(_))
    ));
    let large = vec![0; TABLE_MAX + 1];
    assert_eq!(
        Layout::parse(&large),
        Err(LayoutError::Oversized(TABLE_MAX + 1))
    );
}

fn symbols(dead_keys: u8) -> impl Strategy<Value = Symbol> {
    prop_oneof![
        any::<char>().prop_map(Symbol::Character),
        (0..dead_keys).prop_map(Symbol::Dead),
    ]
}

fn keys() -> impl Strategy<Value = Vec<Key>> {
    let levels = || [(); 4].map(|()| proptest::option::of(symbols(3)));
    let key = (any::<u8>(), levels(), levels(), any::<bool>());
    let key = key.prop_map(|(usage, levels, with_caps_lock, is_same)| Key {
        usage,
        levels,
        with_caps_lock: if is_same { levels } else { with_caps_lock },
    });
    vec(key, 0..60).prop_map(|mut keys| {
        keys.sort_by_key(|key| key.usage);
        keys.dedup_by_key(|key| key.usage);
        keys
    })
}

fn compositions() -> impl Strategy<Value = Vec<Composition>> {
    let composition = (any::<char>(), vec(symbols(3), 2..=6));
    let composition = composition.prop_map(|(character, sequence)| Composition {
        character,
        sequence,
    });
    vec(composition, 0..40).prop_map(|mut compositions| {
        compositions.sort_by_cached_key(|composition| {
            let prefix = composition.sequence.split_last();
            (
                prefix.map(|(_, prefix)| prefix.to_vec()),
                composition.character,
            )
        });
        compositions
    })
}

proptest! {
    #[test]
    fn a_table_comes_back_from_its_bytes(
        label in "\\PC{0,20}",
        keys in keys(),
        compositions in compositions(),
        avoided in vec((any::<u8>(), select(Level::ALL.to_vec())), 0..9),
    ) {
        let accents = vec!['´', '^', '\u{301}'];
        let table = Table { label, accents, keys, compositions, avoided, caps_lock: None };
        let bytes = table.encode().unwrap();
        prop_assert_eq!(Table::parse(&bytes), Ok(table));
    }

    #[test]
    fn any_bytes_are_a_layout_or_a_refusal(
        bytes in vec(any::<u8>(), 0..400),
        text in any::<String>(),
    ) {
        let bytes = [b"AKL\x01".as_slice(), &bytes].concat();
        if let Ok(layout) = Layout::parse(&bytes) {
            use_all_of(&layout, &text);
        }
    }

    #[test]
    fn a_layout_with_some_bytes_changed_is_one_or_a_refusal(
        changes in vec((0..GERMAN.len(), any::<u8>()), 1..6),
        text in any::<String>(),
    ) {
        let mut bytes = GERMAN.to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        if let Ok(layout) = Layout::parse(&bytes) {
            use_all_of(&layout, &text);
        }
    }
}
