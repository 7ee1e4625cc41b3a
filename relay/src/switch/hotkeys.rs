//! Switches that listen to the keyboard for a sequence of keys.

use std::{str::FromStr, time::Duration};

use serde::Deserialize;
use shared::{input::Usage, keys::usage};
use tokio::time::timeout;

use super::{Asked, Switch, SwitchError, text::pattern::Template};
use crate::input::{Controls, Hotkey};

/// The most strokes of a sequence.
const STROKES_MAX: usize = 32;

/// How much longer than its own times a sequence may take.
const LATE: Duration = Duration::from_secs(3);

/// `[switch.driver.hotkeys]` in the settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What is struck, in order: keys by their `KeyboardEvent.code`, several of them with `+` between, or the port as its
    /// digits or letter by the placeholders of [`super::text::pattern`].
    pub keys: Vec<String>,
    /// Whether Enter follows.
    pub enter: bool,
    /// How long a key is down, in milliseconds: 10..=1,000.
    pub press_ms: u32,
    /// How long nothing is down between two, in milliseconds: 10..=2,000.
    pub gap_ms: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keys: ["ScrollLock", "ScrollLock", "{port}"]
                .map(str::to_owned)
                .to_vec(),
            enter: false,
            press_ms: 50,
            gap_ms: 100,
        }
    }
}

impl Settings {
    /// Whether all keys are known, for a switch with so many ports.
    ///
    /// # Errors
    /// The dotted name of the first setting that cannot be used, and why.
    pub fn check(&self, ports: usize) -> Result<(), (String, String)> {
        for (setting, value, range) in [
            ("press_ms", self.press_ms, 10..=1_000),
            ("gap_ms", self.gap_ms, 10..=2_000),
        ] {
            if !range.contains(&value) {
                return Err((
                    setting.to_owned(),
                    format!("{} to {}", range.start(), range.end()),
                ));
            }
        }
        if !self.keys.iter().any(|stroke| stroke.contains("{port")) {
            let problem =
                "say where the port stands, as in [\"ScrollLock\", \"ScrollLock\", \"{port}\"]";
            return Err(("keys".to_owned(), problem.to_owned()));
        }
        for port in 0..ports {
            if self.strokes(port)?.len() > STROKES_MAX {
                return Err(("keys".to_owned(), format!("at most {STROKES_MAX} strokes")));
            }
        }
        Ok(())
    }

    /// What is struck for a port, counted from 0.
    ///
    /// # Errors
    /// The dotted name of the setting that has no such key, and why.
    pub fn strokes(&self, port: usize) -> Result<Vec<Hotkey>, (String, String)> {
        let mut strokes = Vec::new();
        for (at, stroke) in self.keys.iter().enumerate() {
            let keys = struck(stroke, port).map_err(|problem| (format!("keys.{at}"), problem))?;
            strokes.extend(keys);
        }
        if self.enter {
            strokes.extend(usage("Enter").and_then(key).map(|enter| vec![enter]));
        }
        let hotkey = |keys| Hotkey {
            keys,
            held: Duration::from_millis(self.press_ms.into()),
            pause: Duration::from_millis(self.gap_ms.into()),
        };
        Ok(strokes.into_iter().map(hotkey).collect())
    }
}

/// The keys of one stroke. A placeholder that stands alone is a stroke a character.
fn struck(stroke: &str, port: usize) -> Result<Vec<Vec<u8>>, String> {
    let is_alone = stroke.starts_with('{') && stroke.find('}') == Some(stroke.len() - 1);
    let names = Template::from_str(stroke)?.bytes(port);
    let names = String::from_utf8(names).map_err(|_| format!("\"{stroke}\" is no key"))?;
    match is_alone {
        true => names
            .chars()
            .map(|name| Ok(vec![of_character(name)?]))
            .collect(),
        false => {
            let keys = names.split('+').map(|name| match name.chars().next() {
                Some(digit) if name.len() == 1 => of_character(digit),
                _ => named(name),
            });
            Ok(vec![keys.collect::<Result<_, _>>()?])
        }
    }
}

fn of_character(character: char) -> Result<u8, String> {
    match character {
        '0'..='9' => named(&format!("Digit{character}")),
        'A'..='Z' => named(&format!("Key{character}")),
        _ => Err(format!(
            "there is no key for \"{}\"",
            character.escape_default()
        )),
    }
}

fn named(name: &str) -> Result<u8, String> {
    usage(name).and_then(key).ok_or_else(|| {
        format!("there is no key \"{name}\": keys have the names of KeyboardEvent.code, as in \"ScrollLock\", \"ControlLeft\" or \"KeyA\"")
    })
}

fn key(usage: Usage) -> Option<u8> {
    match usage {
        Usage::Keyboard(key) => Some(key),
        Usage::Consumer(_) | Usage::System(_) => None,
    }
}

/// A switch that listens to the keyboard. It cannot tell which port is selected.
pub struct HotkeySwitch {
    settings: Settings,
    controls: Controls,
}

impl HotkeySwitch {
    /// The switch behind these controls.
    #[must_use]
    pub fn new(settings: Settings, controls: Controls) -> Self {
        Self { settings, controls }
    }

    async fn strike(&self, port: usize) -> Result<(), SwitchError> {
        let strokes = self
            .settings
            .strokes(port)
            .map_err(|(_, problem)| SwitchError::Refused(problem))?;
        let times: Duration = strokes
            .iter()
            .map(|stroke| stroke.held + stroke.pause)
            .sum();
        match timeout(times + LATE, self.controls.send_hotkeys(&strokes)).await {
            Ok(sent) => sent.map_err(|error| SwitchError::Lost(error.to_string())),
            Err(_) => Err(SwitchError::NoAnswer(
                "Its keyboard port takes no keys".to_owned(),
            )),
        }
    }
}

impl Switch for HotkeySwitch {
    fn name(&self) -> String {
        "the switch at the keyboard".to_owned()
    }

    fn select(&self, port: usize) -> Asked<'_, ()> {
        Box::pin(self.strike(port))
    }

    fn selected(&self) -> Asked<'_, Option<usize>> {
        Box::pin(async { Ok(None) })
    }
}

#[cfg(test)]
mod tests {
    use shared::keys::code;

    use super::*;

    fn settings(keys: &[&str]) -> Settings {
        Settings {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            ..Settings::default()
        }
    }

    /// The names of the keys, a stroke each.
    fn names(settings: &Settings, port: usize) -> Vec<String> {
        let strokes = settings.strokes(port).unwrap();
        let name = |stroke: &Hotkey| {
            let keys = stroke
                .keys
                .iter()
                .map(|key| code(Usage::Keyboard(*key)).unwrap());
            keys.collect::<Vec<_>>().join("+")
        };
        strokes.iter().map(name).collect()
    }

    #[test]
    fn scroll_lock_twice_and_the_number() {
        assert_eq!(
            names(&Settings::default(), 0),
            ["ScrollLock", "ScrollLock", "Digit1"]
        );
        assert_eq!(
            names(&Settings::default(), 11),
            ["ScrollLock", "ScrollLock", "Digit1", "Digit2"]
        );
        let with_enter = Settings {
            enter: true,
            ..Settings::default()
        };
        assert_eq!(names(&with_enter, 8)[2..], ["Digit9", "Enter"]);
        assert_eq!(
            Settings::default().strokes(0).unwrap()[0].held,
            Duration::from_millis(50)
        );
    }

    #[test]
    fn combinations_padded_numbers_letters_and_named_keys() {
        assert_eq!(
            names(&settings(&["ControlLeft+ControlRight", "{port:02}"]), 6),
            ["ControlLeft+ControlRight", "Digit0", "Digit7"]
        );
        assert_eq!(
            names(&settings(&["ControlLeft+AltLeft+{port}"]), 3),
            ["ControlLeft+AltLeft+Digit4"]
        );
        assert_eq!(
            names(&settings(&["{port:letter}", "Numpad{port0}", "F{port}"]), 2),
            ["KeyC", "Numpad2", "F3"]
        );
    }

    #[test]
    fn a_key_that_there_is_not_is_refused_by_its_setting() {
        for (wrong, ports, key, says) in [
            (
                settings(&["ScrolLock", "{port}"]),
                2,
                "keys.0",
                "\"ScrolLock\"",
            ),
            (
                settings(&["ScrollLock"]),
                2,
                "keys",
                "where the port stands",
            ),
            (settings(&["{port:byte}"]), 2, "keys.0", "no key for"),
            (settings(&["{port}{port}"]), 2, "keys.0", "\"11\""),
            (settings(&["ControlLeft+{port}"]), 12, "keys.0", "\"10\""),
            (
                settings(&["BrowserHome", "{port}"]),
                2,
                "keys.0",
                "BrowserHome",
            ),
            (settings(&["{port"]), 2, "keys.0", "no end"),
            (settings(&["{port}"; 33]), 2, "keys", "at most 32"),
            (
                Settings {
                    press_ms: 9,
                    ..Settings::default()
                },
                2,
                "press_ms",
                "10 to 1000",
            ),
            (
                Settings {
                    gap_ms: 2_001,
                    ..Settings::default()
                },
                2,
                "gap_ms",
                "10 to 2000",
            ),
        ] {
            let (named, problem) = wrong.check(ports).unwrap_err();
            assert!(named == key && problem.contains(says), "{named}: {problem}");
        }
        assert_eq!(Settings::default().check(64), Ok(()));
    }
}
