//! Ready shortcuts, and recording of new ones.

use shared::{input::Usage, keys};

use crate::text::Text;

/// Shortcuts of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What kind.
    pub title: fn(&Text) -> &'static str,
    /// The shortcuts.
    pub chords: &'static [Chord],
}

/// A ready shortcut.
#[derive(Clone, Copy, Debug)]
pub struct Chord {
    /// `KeyboardEvent.code` of its keys, in the order in which they go down.
    pub codes: &'static [&'static str],
    /// What it usually does.
    pub about: fn(&Text) -> &'static str,
    /// Whether what it does cannot be undone, so that it is asked for twice.
    pub final_: bool,
}

impl Chord {
    /// Its keys.
    #[must_use]
    pub fn usages(&self) -> Vec<Usage> {
        self.codes
            .iter()
            .filter_map(|code| keys::usage(code))
            .collect()
    }
}

const fn chord(codes: &'static [&'static str], about: fn(&Text) -> &'static str) -> Chord {
    Chord {
        codes,
        about,
        final_: false,
    }
}

const fn last(codes: &'static [&'static str], about: fn(&Text) -> &'static str) -> Chord {
    Chord {
        codes,
        about,
        final_: true,
    }
}

/// All ready shortcuts. SysRq: Linux, `Documentation/admin-guide/sysrq.rst`; its first six spell REISUB.
pub const GROUPS: &[Group] = &[
    Group {
        title: |text| text.chords_usual,
        chords: &[
            chord(&["ControlLeft", "AltLeft", "Delete"], |text| {
                text.chord_secure
            }),
            chord(&["AltLeft", "Tab"], |text| text.chord_next_window),
            chord(&["AltLeft", "F4"], |text| text.chord_close_window),
            chord(&["ControlLeft", "ShiftLeft", "Escape"], |text| {
                text.chord_tasks
            }),
            chord(&["MetaLeft"], |text| text.chord_start),
            chord(&["MetaLeft", "KeyR"], |text| text.chord_run),
            chord(&["MetaLeft", "KeyL"], |text| text.chord_lock),
            chord(&["MetaLeft", "KeyE"], |text| text.chord_files),
            chord(&["MetaLeft", "KeyD"], |text| text.chord_desktop),
            chord(&["MetaLeft", "KeyI"], |text| text.chord_settings),
            chord(&["MetaLeft", "KeyX"], |text| text.chord_admin_menu),
            chord(&["MetaLeft", "Tab"], |text| text.chord_overview),
            chord(&["PrintScreen"], |text| text.chord_print),
            chord(&["AltLeft", "PrintScreen"], |text| text.chord_print_window),
            chord(&["MetaLeft", "ShiftLeft", "KeyS"], |text| {
                text.chord_print_part
            }),
            chord(&["AltLeft", "Space"], |text| text.chord_window_menu),
            chord(&["ControlLeft", "KeyW"], |text| text.chord_close_tab),
            chord(&["ControlLeft", "KeyT"], |text| text.chord_new_tab),
            chord(&["ControlLeft", "KeyN"], |text| text.chord_new_window),
            chord(&["F11"], |text| text.chord_full_screen),
        ],
    },
    Group {
        title: |text| text.chords_consoles,
        chords: &[
            chord(&["ControlLeft", "AltLeft", "F1"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F2"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F3"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F4"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F5"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F6"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F7"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F8"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F9"], |text| text.chord_console),
            chord(&["ControlLeft", "AltLeft", "F10"], |text| {
                text.chord_console
            }),
            chord(&["ControlLeft", "AltLeft", "F11"], |text| {
                text.chord_console
            }),
            chord(&["ControlLeft", "AltLeft", "F12"], |text| {
                text.chord_console
            }),
            chord(&["ControlLeft", "AltLeft", "KeyT"], |text| {
                text.chord_terminal
            }),
            last(&["ControlLeft", "AltLeft", "Backspace"], |text| {
                text.chord_end_x
            }),
        ],
    },
    Group {
        title: |text| text.chords_sysrq,
        chords: &[
            chord(&["AltLeft", "PrintScreen", "KeyR"], |text| text.sysrq_r),
            last(&["AltLeft", "PrintScreen", "KeyE"], |text| text.sysrq_e),
            last(&["AltLeft", "PrintScreen", "KeyI"], |text| text.sysrq_i),
            chord(&["AltLeft", "PrintScreen", "KeyS"], |text| text.sysrq_s),
            last(&["AltLeft", "PrintScreen", "KeyU"], |text| text.sysrq_u),
            last(&["AltLeft", "PrintScreen", "KeyB"], |text| text.sysrq_b),
            last(&["AltLeft", "PrintScreen", "KeyO"], |text| text.sysrq_o),
            last(&["AltLeft", "PrintScreen", "KeyK"], |text| text.sysrq_k),
            last(&["AltLeft", "PrintScreen", "KeyF"], |text| text.sysrq_f),
            chord(&["AltLeft", "PrintScreen", "KeyW"], |text| text.sysrq_w),
            chord(&["AltLeft", "PrintScreen", "KeyH"], |text| text.sysrq_h),
        ],
    },
    Group {
        title: |text| text.chords_mac,
        chords: &[
            chord(&["MetaLeft", "Space"], |text| text.mac_search),
            chord(&["MetaLeft", "Tab"], |text| text.mac_next_app),
            chord(&["MetaLeft", "KeyQ"], |text| text.mac_quit),
            chord(&["MetaLeft", "KeyW"], |text| text.chord_close_window),
            chord(&["MetaLeft", "KeyH"], |text| text.mac_hide),
            chord(&["AltLeft", "MetaLeft", "Escape"], |text| {
                text.mac_force_quit
            }),
            chord(&["ControlLeft", "MetaLeft", "KeyQ"], |text| text.chord_lock),
            chord(&["ShiftLeft", "MetaLeft", "Digit3"], |text| {
                text.chord_print
            }),
            chord(&["ShiftLeft", "MetaLeft", "Digit4"], |text| {
                text.chord_print_part
            }),
            chord(&["ControlLeft", "ArrowUp"], |text| text.chord_overview),
            chord(&["MetaLeft", "Comma"], |text| text.chord_settings),
        ],
    },
];

const PRINT_SCREEN: Usage = Usage::Keyboard(0x46);

/// Whether what is searched for is in any of these words, whatever the case: each word of it, anywhere.
#[must_use]
pub fn matches(search: &str, words: &[&str]) -> bool {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    search
        .to_lowercase()
        .split(|letter: char| letter.is_whitespace() || letter == '+')
        .filter(|part| !part.is_empty())
        .all(|part| words.iter().any(|word| word.contains(part)))
}

/// Takes down which keys are pressed together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorder {
    keys: Vec<Usage>,
    down: Vec<Usage>,
}

impl Recorder {
    /// A key goes down or up. True when all keys are up again: the chord is complete.
    pub fn key(&mut self, usage: Usage, down: bool) -> bool {
        if down {
            if self.down.is_empty() {
                self.keys.clear();
            }
            for list in [&mut self.down, &mut self.keys] {
                if !list.contains(&usage) {
                    list.push(usage);
                }
            }
            return false;
        }
        self.down.retain(|known| *known != usage);
        if self.keys.is_empty() {
            // Print Screen on Windows only goes up; any other key went down before.
            if usage != PRINT_SCREEN {
                return false;
            }
            self.keys.push(usage);
        }
        self.down.is_empty()
    }

    /// What has been pressed so far.
    #[must_use]
    pub fn keys(&self) -> &[Usage] {
        &self.keys
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use shared::{
        input::Usage,
        shortcut::{Shortcut, check},
    };

    use super::{GROUPS, Recorder, matches};
    use crate::board::name::chord_name;

    #[test]
    fn every_ready_shortcut_is_one_that_the_relay_would_keep() {
        for group in GROUPS {
            let mut seen = HashSet::new();
            for chord in group.chords {
                let usages = chord.usages();
                assert_eq!(usages.len(), chord.codes.len(), "{:?}", chord.codes);
                let name = chord_name(&usages);
                assert_eq!(check(&[Shortcut::new(name.clone(), &usages)]), Ok(()));
                assert!(seen.insert(name.clone()), "{name}");
            }
        }
    }

    #[test]
    fn a_search_finds_by_keys_and_by_words() {
        let words = ["Ctrl + Alt + Delete", "Sign-in screen"];
        for search in ["", "ctrl alt", "Ctrl+Alt+Del", "screen", "DELETE sign"] {
            assert!(matches(search, &words), "{search}");
        }
        assert!(!matches("ctrl f4", &words));
    }

    #[test]
    fn a_chord_is_complete_when_all_keys_are_up() {
        let [control, shift, escape] = [0xE0, 0xE1, 0x29].map(Usage::Keyboard);
        let mut recorder = Recorder::default();
        assert!(!recorder.key(control, true));
        assert!(!recorder.key(shift, true));
        assert!(!recorder.key(escape, true));
        assert!(!recorder.key(escape, true));
        assert!(!recorder.key(control, false));
        assert!(!recorder.key(shift, false));
        assert!(recorder.key(escape, false));
        assert_eq!(recorder.keys(), [control, shift, escape]);
        assert!(!recorder.key(shift, true));
        assert_eq!(recorder.keys(), [shift]);
    }

    #[test]
    fn a_key_that_only_goes_up_is_taken_down() {
        let print = Usage::Keyboard(0x46);
        let mut recorder = Recorder::default();
        assert!(!recorder.key(Usage::Keyboard(0x28), false));
        assert!(recorder.key(print, false));
        assert_eq!(recorder.keys(), [print]);
    }
}
