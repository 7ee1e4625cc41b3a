//! How the operator wants texts typed.

use serde::{Deserialize, Serialize};
use shared::layout::{LineEnd, Options, System, TabStop, Untypable};

/// What stands in the place of a character that cannot be typed, where it is replaced.
const REPLACEMENT: char = '?';

/// The choices, as they are kept in the browser and as the relay takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// What a line end becomes.
    pub line_end: LineEnd,
    /// What a tab becomes.
    pub tab: TabStop,
    /// What becomes of characters that the layout cannot make.
    pub untypable: Untypable,
    /// A fixed pace; as fast as the machine takes it without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub characters_per_second: Option<u16>,
    /// What becomes of the rest when the link is lost.
    pub if_link_lost: IfLinkLost,
}

/// What becomes of the rest of a text when the link is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IfLinkLost {
    /// It is not typed.
    #[default]
    Stop,
    /// It is typed.
    Finish,
}

impl Wishes {
    /// What a text is compiled by, for a machine whose Caps Lock is in this state.
    #[must_use]
    pub fn options(&self, caps_lock: bool) -> Options {
        Options {
            caps_lock,
            line_end: self.line_end,
            tab: self.tab,
            untypable: self.untypable,
        }
    }
}

/// Choices of a list: a name for the value, and the value.
pub type Choices<T, const N: usize> = [(&'static str, T); N];

/// What a line end can become.
pub const LINE_ENDS: Choices<LineEnd, 4> = [
    ("enter", LineEnd::Enter),
    ("shift-enter", LineEnd::ShiftEnter),
    ("space", LineEnd::Space),
    ("skip", LineEnd::Skip),
];

/// What a tab can become.
pub const TABS: Choices<TabStop, 4> = [
    ("tab", TabStop::Tab),
    ("spaces-4", TabStop::Spaces(4)),
    ("spaces-8", TabStop::Spaces(8)),
    ("skip", TabStop::Skip),
];

/// What can become of characters that the layout cannot make.
pub const UNTYPABLE: Choices<Untypable, 6> = [
    ("refuse", Untypable::Refuse),
    ("skip", Untypable::Skip),
    ("replace", Untypable::Replace(REPLACEMENT)),
    ("linux", Untypable::Unicode(System::Linux)),
    ("windows", Untypable::Unicode(System::Windows)),
    ("macos", Untypable::Unicode(System::MacOs)),
];

/// How fast a text can be typed, in characters a second.
pub const PACES: Choices<Option<u16>, 4> = [
    ("adaptive", None),
    ("5", Some(5)),
    ("20", Some(20)),
    ("50", Some(50)),
];

/// What can become of the rest when the link is lost.
pub const LOSSES: Choices<IfLinkLost, 2> =
    [("stop", IfLinkLost::Stop), ("finish", IfLinkLost::Finish)];

/// The name of a value among its choices; the first one's where it is none of them.
#[must_use]
pub fn name_of<T: PartialEq>(choices: &[(&'static str, T)], value: &T) -> &'static str {
    let found = choices.iter().find(|(_, choice)| choice == value);
    found.or(choices.first()).map_or("", |(name, _)| name)
}

/// The value of a name among the choices.
#[must_use]
pub fn value_of<T: Copy>(choices: &[(&'static str, T)], name: &str) -> Option<T> {
    let found = choices.iter().find(|(choice, _)| *choice == name);
    found.map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_wishes_are_what_the_relay_takes() {
        let wishes = Wishes {
            line_end: LineEnd::ShiftEnter,
            tab: TabStop::Spaces(4),
            untypable: Untypable::Unicode(System::Linux),
            characters_per_second: Some(20),
            if_link_lost: IfLinkLost::Finish,
        };
        let expected = json!({
            "line_end": "shift-enter",
            "tab": { "spaces": 4 },
            "untypable": { "unicode": "linux" },
            "characters_per_second": 20,
            "if_link_lost": "finish",
        });
        assert_eq!(serde_json::to_value(wishes).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Wishes>(expected).unwrap(), wishes);
        assert_eq!(
            serde_json::from_str::<Wishes>("{}").unwrap(),
            Wishes::default()
        );
    }

    #[test]
    fn a_choice_has_a_name_of_its_own() {
        assert_eq!(name_of(&TABS, &TabStop::Spaces(8)), "spaces-8");
        assert_eq!(name_of(&TABS, &TabStop::Spaces(3)), "tab");
        assert_eq!(value_of(&PACES, "20"), Some(Some(20)));
        assert_eq!(value_of(&PACES, "x"), None);
    }
}
