//! Expectations are what is printed on keyboards, and what the systems' manuals say of entering numbers.

use super::*;

const ALT_GR: u8 = RIGHT_ALT;

fn layout(name: &str) -> Layout {
    let file = format!("{}/layouts/{name}.bin", env!("CARGO_MANIFEST_DIR"));
    Layout::parse(&std::fs::read(file).unwrap()).unwrap()
}

fn strokes(layout: &Layout, character: char, caps_lock: bool) -> Vec<(u8, u8)> {
    let strokes = layout.strokes(character, caps_lock);
    strokes
        .unwrap_or_else(|| panic!("no strokes for {character:?}"))
        .into_iter()
        .map(|stroke| (stroke.usage, stroke.modifiers))
        .collect()
}

#[test]
fn a_character_is_on_the_key_that_shows_it() {
    for (name, character, usage, modifiers) in [
        ("en-us", 'a', 0x04, 0),
        ("en-us", 'A', 0x04, LEFT_SHIFT),
        ("en-us", '@', 0x1F, LEFT_SHIFT),
        ("en-us", '<', 0x36, LEFT_SHIFT),
        ("en-us", '/', 0x38, 0),
        ("en-us", '+', 0x2E, LEFT_SHIFT),
        ("en-gb", '£', 0x20, LEFT_SHIFT),
        ("en-gb", '\\', 0x64, 0),
        ("de", 'z', 0x1C, 0),
        ("de", 'ß', 0x2D, 0),
        ("de", '@', 0x14, ALT_GR),
        ("de", '€', 0x08, ALT_GR),
        ("de", '|', 0x64, ALT_GR),
        ("fr", 'a', 0x14, 0),
        ("fr", '1', 0x1E, LEFT_SHIFT),
        ("fr", '@', 0x27, ALT_GR),
        ("fr", '|', 0x23, ALT_GR),
        ("fr-be", '@', 0x1F, ALT_GR),
        ("fr-be", '[', 0x2F, ALT_GR),
        ("fr-be", '{', 0x26, ALT_GR),
        ("fr-be", '\\', 0x64, ALT_GR),
        ("de-ch", '@', 0x1F, ALT_GR),
        ("de-ch", ']', 0x30, ALT_GR),
        ("de-ch", '|', 0x24, ALT_GR),
        ("de-ch", '}', 0x31, ALT_GR),
        ("da", '@', 0x1F, ALT_GR),
        ("es", '[', 0x2F, ALT_GR),
        ("es", '\\', 0x35, ALT_GR),
        ("es", '}', 0x31, ALT_GR),
        ("es-419", '@', 0x14, ALT_GR),
        ("es-419", '\\', 0x2D, ALT_GR),
        ("it", '@', 0x33, ALT_GR),
        ("it", '{', 0x2F, LEFT_SHIFT | ALT_GR),
        ("cz", '@', 0x19, ALT_GR),
        ("cz", '$', 0x33, ALT_GR),
        ("fi", '|', 0x64, ALT_GR),
        ("is", '|', 0x64, ALT_GR),
        ("pt-br", '/', 0x87, 0),
        ("ru", 'ф', 0x04, 0),
        ("ja", '@', 0x2F, 0),
        ("ja", '_', 0x87, LEFT_SHIFT),
    ] {
        let expected = [(usage, modifiers)];
        assert_eq!(
            strokes(&layout(name), character, false),
            expected,
            "{name} {character}"
        );
    }
}

#[test]
fn an_accent_comes_before_its_letter_and_stands_alone_before_a_space() {
    let german = layout("de");
    assert_eq!(strokes(&german, 'ê', false), [(0x35, 0), (0x08, 0)]);
    assert_eq!(
        strokes(&german, 'È', false),
        [(0x2E, LEFT_SHIFT), (0x08, LEFT_SHIFT)]
    );
    assert_eq!(strokes(&german, '^', false), [(0x35, 0), (0x2C, 0)]);
    let international = layout("en-us-intl");
    assert_eq!(strokes(&international, '\'', false), [(0x34, 0), (0x2C, 0)]);
    let greek = layout("gr");
    assert_eq!(strokes(&greek, 'ά', false), [(0x33, 0), (0x04, 0)]);
}

#[test]
fn caps_lock_turns_shift_round_for_letters_only() {
    let german = layout("de");
    assert_eq!(strokes(&german, 'a', true), [(0x04, LEFT_SHIFT)]);
    assert_eq!(strokes(&german, 'Ö', true), [(0x33, 0)]);
    assert_eq!(strokes(&german, '1', true), [(0x1E, 0)]);
    assert_eq!(strokes(&german, '@', true), [(0x14, ALT_GR)]);
}

/// On a German keyboard with Caps Lock, the key of ß types its capital.
#[test]
fn what_caps_lock_hides_is_typed_with_caps_lock_off() {
    let german = layout("de");
    let caps_lock = (0x39, 0);
    assert_eq!(
        strokes(&german, 'ß', true),
        [caps_lock, (0x2D, 0), caps_lock]
    );
}

#[test]
fn what_no_key_makes_has_no_strokes() {
    assert_eq!(layout("en-us").strokes('ä', false), None);
    assert_eq!(layout("ru").strokes('q', false), None);
    for character in ['\n', '\t', '\0', '\u{1b}', '\u{10FFFF}'] {
        assert_eq!(layout("de").strokes(character, false), None);
    }
}

#[test]
fn legends_are_those_of_the_keyboard() {
    let german = layout("de");
    let legend = |usage, level| german.legend(usage, level, false);
    assert_eq!(german.label(), "German");
    assert_eq!(legend(0x1C, Level::Plain), Some(Legend::Character('z')));
    assert_eq!(legend(0x24, Level::AltGr), Some(Legend::Character('{')));
    assert_eq!(legend(0x35, Level::Plain), Some(Legend::Dead('^')));
    assert_eq!(legend(0x29, Level::Plain), None);
    assert_eq!(
        german.legend(0x1C, Level::Plain, true),
        Some(Legend::Character('Z'))
    );
    assert!(german.has_alt_gr());
    assert!(!layout("en-us").has_alt_gr());
}

fn compiled(text: &str, options: &Options) -> Vec<Vec<(u8, u8)>> {
    let layout = layout("en-us");
    let compiled = compile(text, &layout, options);
    assert_eq!(compiled.characters(), text.chars().count());
    let pieces = compiled.pieces();
    pieces
        .map(|piece| {
            piece
                .iter()
                .map(|stroke| (stroke.usage, stroke.modifiers))
                .collect()
        })
        .collect()
}

#[test]
fn a_text_has_a_piece_a_character() {
    let pieces = compiled("aB\r\n\rc\t", &Options::default());
    let enter = vec![(0x28, 0)];
    assert_eq!(
        pieces,
        [
            vec![(0x04, 0)],
            vec![(0x05, LEFT_SHIFT)],
            vec![],
            enter.clone(),
            enter,
            vec![(0x06, 0)],
            vec![(0x2B, 0)],
        ]
    );
    let text = compile("xyz", &layout("en-us"), &Options::default());
    assert_eq!(text.piece(1), Some(&[Stroke::new(0x1C, 0)][..]));
    assert_eq!(text.piece(3), None);
}

#[test]
fn line_ends_and_tabs_become_what_the_operator_chooses() {
    let with = |line_end, tab| {
        let options = Options {
            line_end,
            tab,
            ..Options::default()
        };
        compiled("\n\t", &options)
    };
    let space = (0x2C, 0);
    assert_eq!(
        with(LineEnd::ShiftEnter, TabStop::Spaces(3)),
        [vec![(0x28, LEFT_SHIFT)], vec![space; 3]]
    );
    assert_eq!(with(LineEnd::Space, TabStop::Skip), [vec![space], vec![]]);
    assert_eq!(with(LineEnd::Skip, TabStop::Skip), [vec![], vec![]]);
}

#[test]
fn what_cannot_be_typed_is_counted_in_the_order_of_the_text() {
    let text = "ñ a€ñ\0";
    for untypable in [Untypable::Refuse, Untypable::Skip, Untypable::Replace('?')] {
        let options = Options {
            untypable,
            ..Options::default()
        };
        let compiled = compile(text, &layout("en-us"), &options);
        assert_eq!(compiled.cannot, [('ñ', 2), ('€', 1), ('\0', 1)]);
        let mark = [Stroke::new(0x38, LEFT_SHIFT)];
        let instead: &[Stroke] = match untypable {
            Untypable::Replace(_) => &mark,
            _ => &[],
        };
        assert_eq!(compiled.piece(0), Some(instead));
    }
}

/// The manuals: U+20AC on Linux, Alt+0128 and U+20AC on Windows, 20AC on a Mac, where 😀 is D83D DE00.
#[test]
fn numbers_are_entered_as_each_system_takes_them() {
    let entered = |character: char, system| {
        let options = Options {
            untypable: Untypable::Unicode(system),
            ..Options::default()
        };
        let compiled = compile(&character.to_string(), &layout("en-us"), &options);
        assert_eq!(compiled.cannot.is_empty(), !compiled.strokes().is_empty());
        let strokes = compiled.strokes().iter();
        strokes
            .map(|stroke| (stroke.usage, stroke.modifiers))
            .collect::<Vec<_>>()
    };
    let held = |keys: &[u8]| keys.iter().map(|key| (*key, LEFT_ALT)).collect::<Vec<_>>();
    assert_eq!(
        entered('€', System::Linux),
        [
            (0x18, LEFT_CONTROL | LEFT_SHIFT),
            (0x1F, 0),
            (0x27, 0),
            (0x04, 0),
            (0x06, 0),
            (0x2C, 0)
        ]
    );
    assert_eq!(
        entered('€', System::Windows),
        held(&[0x62, 0x59, 0x5A, 0x60])
    );
    assert_eq!(
        entered('é', System::Windows),
        held(&[0x62, 0x5A, 0x5B, 0x5B])
    );
    assert_eq!(entered('ж', System::Windows), []);
    assert_eq!(
        entered('€', System::WindowsHex),
        held(&[0x57, 0x5A, 0x62, 0x04, 0x06])
    );
    assert_eq!(entered('😀', System::WindowsHex), []);
    assert_eq!(entered('€', System::MacOs), held(&[0x1F, 0x27, 0x04, 0x06]));
    assert_eq!(
        entered('😀', System::MacOs),
        held(&[0x07, 0x25, 0x20, 0x07, 0x07, 0x08, 0x27, 0x27])
    );
    for system in [
        System::Linux,
        System::Windows,
        System::WindowsHex,
        System::MacOs,
    ] {
        assert_eq!(entered('\u{7}', system), []);
    }
}
