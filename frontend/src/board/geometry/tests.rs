use std::collections::HashSet;

use shared::keys;

use super::{
    rows::{DIGITS, FUNCTIONS},
    *,
};

const PAGES: [Page; 6] = [
    Page::All,
    Page::Main,
    Page::Letters,
    Page::Signs,
    Page::LowSigns,
    Page::Navigation,
];

/// The letters of the alphabet, and what a German keyboard has beside them.
fn german(usage: Usage) -> bool {
    matches!(usage, Usage::Keyboard(0x04..=0x1D | 0x2F | 0x33 | 0x34))
}

fn codes(blocks: &[Block]) -> Vec<&'static str> {
    let keys = blocks.iter().flat_map(|block| &block.keys);
    keys.filter_map(|key| keys::code(key.usage)).collect()
}

#[test]
fn no_key_covers_another_or_leaves_its_block() {
    for form in Form::ALL {
        for page in PAGES {
            for block in blocks(page, form, german) {
                for (index, key) in block.keys.iter().enumerate() {
                    let what = format!("{:?} of {form:?} {page:?}", keys::code(key.usage));
                    assert!(
                        key.x >= 0.0 && key.x + key.width <= block.columns + 0.01,
                        "{what}"
                    );
                    assert!(key.y + key.height <= block.rows, "{what}");
                    assert!(
                        key.width >= block.columns / 15.1 || key.width >= 4.0,
                        "{what}"
                    );
                    for other in &block.keys[index + 1..] {
                        assert!(
                            !overlap(key, other),
                            "{what} and {:?}",
                            keys::code(other.usage)
                        );
                    }
                }
            }
        }
    }
}

fn overlap(one: &Key, other: &Key) -> bool {
    let halves = |key: &Key| -> Vec<(f32, f32, f32, f32)> {
        if key.hooked {
            let lower = (key.x + 1.0, key.y + 1.0, key.width - 1.0, 1.0);
            return vec![(key.x, key.y, key.width, 1.0), lower];
        }
        vec![(key.x, key.y, key.width, key.height)]
    };
    halves(one).iter().any(|(x, y, width, height)| {
        halves(other).iter().any(|(left, top, wide, high)| {
            *x + 0.01 < left + wide
                && *left + 0.01 < x + width
                && *y < top + high
                && *top < y + height
        })
    })
}

#[test]
fn every_row_of_the_main_block_is_filled() {
    for form in Form::ALL {
        let wide = blocks(Page::All, form, german).remove(0);
        for block in [blocks(Page::Main, form, german).remove(0), wide] {
            let area: f32 = block
                .keys
                .iter()
                .map(|key| key.width * key.height - f32::from(u8::from(key.hooked)))
                .sum();
            let whole = block.columns * block.rows;
            assert!((area - whole).abs() < 0.1, "{form:?}: {area} of {whole}");
        }
    }
}

#[test]
fn each_form_has_its_own_keys() {
    for (form, expected) in [
        (Form::Iso, &["IntlBackslash"][..]),
        (Form::Abnt, &["IntlBackslash", "IntlRo"]),
        (
            Form::Jis,
            &["IntlYen", "IntlRo", "NonConvert", "Convert", "KanaMode"],
        ),
        (Form::Korean, &["Lang1", "Lang2"]),
    ] {
        let wide = codes(&blocks(Page::All, form, german));
        let narrow: Vec<_> = [Page::Letters, Page::Signs, Page::Navigation]
            .into_iter()
            .flat_map(|page| codes(&blocks(page, form, german)))
            .collect();
        for code in expected {
            assert!(
                wide.contains(code) && narrow.contains(code),
                "{code} of {form:?}"
            );
        }
    }
}

/// On a page of 390 pixels, as phones have them, without the gap at its edges.
#[test]
fn no_key_of_a_phone_held_upright_is_narrower_than_its_letters() {
    for form in Form::ALL {
        for is_letter in [german, |_| false] {
            for block in blocks(Page::Signs, form, is_letter) {
                let narrowest = block.keys.iter().map(|key| key.width / block.columns);
                assert!(narrowest.fold(1.0, f32::min) * 388.0 > 38.0, "{form:?}");
            }
        }
    }
}

#[test]
fn the_pages_of_a_phone_have_every_key_of_the_whole_keyboard() {
    for form in Form::ALL {
        for is_letter in [german, |_| false] {
            for signs in [Page::Signs, Page::LowSigns] {
                let narrow: HashSet<_> = [Page::Letters, signs, Page::Navigation]
                    .into_iter()
                    .flat_map(|page| codes(&blocks(page, form, is_letter)))
                    .collect();
                for code in codes(&blocks(Page::All, form, is_letter)) {
                    let doubled = ["ShiftRight", "ControlRight"].contains(&code);
                    assert!(doubled || narrow.contains(code), "{code} of {form:?}");
                }
            }
        }
    }
}

#[test]
fn the_whole_keyboard_has_what_a_keyboard_of_104_keys_has() {
    let all: HashSet<_> = codes(&blocks(Page::All, Form::Ansi, german))
        .into_iter()
        .collect();
    for code in FUNCTIONS.into_iter().chain(DIGITS).chain([
        "PrintScreen",
        "Pause",
        "Insert",
        "PageDown",
        "NumLock",
        "NumpadEnter",
        "Numpad0",
        "NumpadDecimal",
        "ArrowUp",
        "ContextMenu",
        "MetaLeft",
        "AudioVolumeUp",
        "MediaPlayPause",
    ]) {
        assert!(all.contains(code), "{code}");
    }
}

#[test]
fn no_key_stands_twice() {
    for form in Form::ALL {
        for page in PAGES {
            let mut seen = HashSet::new();
            for code in codes(&blocks(page, form, german)) {
                assert!(seen.insert(code), "{code} of {form:?} {page:?}");
            }
        }
    }
}

#[test]
fn a_form_is_known_by_its_name() {
    for form in Form::ALL {
        assert_eq!(Form::from_name(form.name()), Some(form));
    }
    assert_eq!(Form::from_name("square"), None);
    assert_eq!(Form::of_layout("ja"), Form::Jis);
    assert_eq!(Form::of_layout("de"), Form::Iso);
}
