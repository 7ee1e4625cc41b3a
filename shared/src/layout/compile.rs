//! A text to the strokes that type it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{LEFT_SHIFT, Layout, Stroke, System, unicode};

const ENTER: u8 = 0x28;
const TAB: u8 = 0x2B;
const SPACE: Stroke = Stroke::new(0x2C, 0);

/// How a text is to be typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Whether Caps Lock is on at the target.
    pub caps_lock: bool,
    /// What a line end becomes.
    pub line_end: LineEnd,
    /// What a tab becomes.
    pub tab: TabStop,
    /// What becomes of characters that the layout cannot make.
    pub untypable: Untypable,
}

/// What a line end (LF, CR LF or CR) becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineEnd {
    /// The Enter key.
    #[default]
    Enter,
    /// Shift and Enter: a new line where Enter alone would send.
    ShiftEnter,
    /// A space.
    Space,
    /// Nothing.
    Skip,
}

/// What a tab becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TabStop {
    /// The Tab key.
    #[default]
    Tab,
    /// So many spaces.
    Spaces(u8),
    /// Nothing.
    Skip,
}

/// What becomes of characters that the layout cannot make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Untypable {
    /// The text is not to be typed while [`Compiled::cannot`] names any.
    #[default]
    Refuse,
    /// They are left out.
    Skip,
    /// This is typed in their place, or nothing where the layout cannot make it either.
    Replace(char),
    /// They are entered by their numbers, and left out where that cannot be done.
    Unicode(System),
}

/// The strokes of a text, a piece for each of its characters.
///
/// Within a piece, modifiers that neighbouring strokes share stay down between them. Between pieces, Alt does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compiled {
    strokes: Vec<Stroke>,
    /// Where the piece of each character ends in `strokes`.
    ends: Vec<usize>,
    /// What cannot be typed in this way, and how often it stands in the text; in the order of its first place there.
    pub cannot: Vec<(char, usize)>,
}

impl Compiled {
    /// How many characters the text has.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.ends.len()
    }

    /// All strokes in their order.
    #[must_use]
    pub fn strokes(&self) -> &[Stroke] {
        &self.strokes
    }

    /// The strokes of each character of the text; none for what is left out.
    pub fn pieces(&self) -> impl ExactSizeIterator<Item = &[Stroke]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let piece = &self.strokes[start..*end];
            start = *end;
            piece
        })
    }

    /// The strokes of the character with this number, counted from 0.
    #[must_use]
    pub fn piece(&self, number: usize) -> Option<&[Stroke]> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.strokes[start..end])
    }

    fn cannot(&mut self, character: char, places: &mut HashMap<char, usize>) {
        let place = *places.entry(character).or_insert_with(|| {
            self.cannot.push((character, 0));
            self.cannot.len() - 1
        });
        self.cannot[place].1 += 1;
    }
}

/// The strokes that type a text on a layout.
#[must_use]
pub fn compile(text: &str, layout: &Layout, options: &Options) -> Compiled {
    let mut compiled = Compiled::default();
    compiled.ends.reserve(text.len());
    compiled.strokes.reserve(text.len());
    let mut places = HashMap::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' => compiled.strokes.extend(line_end(options.line_end)),
            '\t' => tab(&mut compiled.strokes, options.tab),
            character => match layout.strokes(character, options.caps_lock) {
                Some(strokes) => compiled.strokes.extend_from_slice(&strokes),
                None => {
                    if !instead(&mut compiled.strokes, character, layout, options) {
                        compiled.cannot(character, &mut places);
                    }
                }
            },
        }
        compiled.ends.push(compiled.strokes.len());
    }
    compiled
}

fn line_end(line_end: LineEnd) -> Option<Stroke> {
    match line_end {
        LineEnd::Enter => Some(Stroke::new(ENTER, 0)),
        LineEnd::ShiftEnter => Some(Stroke::new(ENTER, LEFT_SHIFT)),
        LineEnd::Space => Some(SPACE),
        LineEnd::Skip => None,
    }
}

fn tab(strokes: &mut Vec<Stroke>, tab: TabStop) {
    match tab {
        TabStop::Tab => strokes.push(Stroke::new(TAB, 0)),
        TabStop::Spaces(count) => strokes.extend(std::iter::repeat_n(SPACE, count.into())),
        TabStop::Skip => {}
    }
}

/// Adds what is typed for a character that the layout cannot make; whether the target gets the character after all.
fn instead(strokes: &mut Vec<Stroke>, character: char, layout: &Layout, options: &Options) -> bool {
    match options.untypable {
        Untypable::Refuse | Untypable::Skip => false,
        Untypable::Replace(other) => {
            if let Some(other) = layout.strokes(other, options.caps_lock) {
                strokes.extend_from_slice(&other);
            }
            false
        }
        Untypable::Unicode(system) => {
            let entry = unicode::enter(character, system, layout, options.caps_lock);
            strokes.extend(entry.iter().flatten());
            entry.is_some()
        }
    }
}
