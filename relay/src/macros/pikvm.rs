//! PiKVM's recorded events, as its recorder saves them: a list of `{"event_type": ..., "event": {...}}`.
//!
//! Keys are `KeyboardEvent.code`s there, too. Its places go from -32768 to 32767 on each axis, and its wheel counts in
//! detents.

use serde::Deserialize;
use serde_json::Value;
use shared::{
    input::{Buttons, POINTER_MAX, WHEEL_DETENT},
    layout::{LineEnd, TabStop, Untypable},
    macros::{Button, Key, Macro, Step},
    power::PowerAction,
};

use super::document::{Read, Unreadable};
use crate::layouts;

/// A layout that there always is.
const USUAL_LAYOUT: &str = "en-us";

/// The most that is said of what could not be taken over.
const SAID_MAX: usize = 50;

#[derive(Deserialize)]
struct Event {
    event_type: String,
    event: Value,
}

#[derive(Deserialize)]
struct KeyEvent {
    key: String,
    state: bool,
}

#[derive(Deserialize)]
struct ButtonEvent {
    button: String,
    state: bool,
}

#[derive(Deserialize)]
struct MoveEvent {
    to: Place,
}

#[derive(Deserialize)]
struct WheelEvent {
    delta: Place,
}

#[derive(Deserialize)]
struct RelativeEvent {
    delta: Delta,
}

/// Several motions that were sent together, or one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Delta {
    Several(Vec<Place>),
    One(Place),
}

#[derive(Deserialize)]
struct Place {
    x: i32,
    y: i32,
}

#[derive(Deserialize)]
struct PrintEvent {
    text: String,
    keymap: Option<String>,
}

#[derive(Deserialize)]
struct DelayEvent {
    millis: u32,
}

#[derive(Deserialize)]
struct RandomDelayEvent {
    range: Range,
}

#[derive(Deserialize)]
struct Range {
    min: u32,
    max: u32,
}

#[derive(Deserialize)]
struct AtxEvent {
    button: String,
}

/// Reads its events into a macro of that name.
pub(super) fn read(events: Vec<Value>, name: &str) -> Result<Read, Unreadable> {
    let mut reader = Reader::default();
    for (index, event) in events.into_iter().enumerate() {
        reader.number = index + 1;
        reader.take(event);
    }
    if reader.steps.is_empty() {
        return Err(Unreadable::Nothing);
    }
    let more = reader.left_out.len().saturating_sub(SAID_MAX);
    reader.left_out.truncate(SAID_MAX);
    if more > 0 {
        reader.left_out.push(format!("and {more} more"));
    }
    Ok(Read {
        document: Macro {
            name: name.to_owned(),
            steps: reader.steps,
            ..Macro::default()
        },
        left_out: reader.left_out,
    })
}

#[derive(Default)]
struct Reader {
    number: usize,
    steps: Vec<Step>,
    left_out: Vec<String>,
    buttons: Buttons,
}

impl Reader {
    fn take(&mut self, event: Value) {
        let Ok(Event { event_type, event }) = serde_json::from_value(event) else {
            return self.leave_out("it is no event");
        };
        match event_type.as_str() {
            "key" => self.with(event, Self::key),
            "mouse_button" => self.with(event, Self::button),
            "mouse_move" => self.with(event, |reader, MoveEvent { to }| {
                let (x, y) = (place(to.x), place(to.y));
                reader.steps.push(Step::PointerTo { x, y });
            }),
            "mouse_relative" => self.with(event, |reader, RelativeEvent { delta }| {
                let motions = match delta {
                    Delta::Several(motions) => motions,
                    Delta::One(motion) => vec![motion],
                };
                reader
                    .steps
                    .extend(motions.iter().map(|by| Step::PointerBy {
                        dx: counts(by.x),
                        dy: counts(by.y),
                    }));
            }),
            "mouse_wheel" => self.with(event, |reader, WheelEvent { delta }| {
                reader.steps.push(Step::Wheel {
                    vertical: wheel(delta.y),
                    horizontal: wheel(delta.x),
                });
            }),
            "print" => self.with(event, Self::print),
            "delay" => self.with(event, |reader, DelayEvent { millis: ms }| {
                reader.steps.push(Step::Pause { ms });
            }),
            "delay_random" => self.with(event, |reader, RandomDelayEvent { range }| {
                let ms = range.min.midpoint(range.max);
                reader.steps.push(Step::Pause { ms });
                reader.leave_out(&format!(
                    "a pause by chance: it is {ms} ms now, the middle of its range"
                ));
            }),
            "atx_button" => self.with(event, Self::atx),
            other => {
                let other: String = other.chars().take(40).collect();
                self.leave_out(&format!("{other:?} is not known here"));
            }
        }
    }

    fn with<E: for<'a> Deserialize<'a>>(&mut self, event: Value, take: impl FnOnce(&mut Self, E)) {
        match serde_json::from_value(event) {
            Ok(event) => take(self, event),
            Err(error) => self.leave_out(&error.to_string()),
        }
    }

    fn key(&mut self, KeyEvent { key: code, state }: KeyEvent) {
        match (Key::named(&code), state) {
            (Some(key), true) => self.steps.push(Step::Press { key }),
            (Some(key), false) => self.steps.push(Step::Release { key }),
            (None, _) => {
                let code: String = code.chars().take(40).collect();
                self.leave_out(&format!("there is no key {code:?}"));
            }
        }
    }

    fn button(&mut self, ButtonEvent { button, state }: ButtonEvent) {
        let button = match button.as_str() {
            "left" => Button::Left,
            "right" => Button::Right,
            "middle" => Button::Middle,
            "up" => Button::Back,
            "down" => Button::Forward,
            _ => return self.leave_out("there is no such button"),
        };
        self.buttons = match state {
            true => self.buttons.with(button.bit()),
            false => self.buttons.without(button.bit()),
        };
        let down = Button::of(self.buttons);
        self.steps.push(Step::Buttons { down });
    }

    fn print(&mut self, PrintEvent { text, keymap }: PrintEvent) {
        let wanted = keymap.unwrap_or_else(|| USUAL_LAYOUT.to_owned());
        let names = layouts::names();
        let layout = names.into_iter().find(|name| *name == wanted);
        if layout.is_none() {
            let wanted: String = wanted.chars().take(40).collect();
            self.leave_out(&format!(
                "the layout {wanted:?} is not here: the text is typed with {USUAL_LAYOUT}"
            ));
        }
        self.steps.push(Step::Text {
            text,
            layout: layout.unwrap_or_else(|| USUAL_LAYOUT.to_owned()),
            line_end: LineEnd::default(),
            tab: TabStop::default(),
            untypable: Untypable::Skip,
        });
    }

    fn atx(&mut self, AtxEvent { button }: AtxEvent) {
        let action = match button.as_str() {
            "power" => PowerAction::Press,
            "power_long" => PowerAction::Hold,
            "reset" => PowerAction::Reset,
            _ => return self.leave_out("there is no such power button"),
        };
        self.steps.push(Step::Power { action });
    }

    fn leave_out(&mut self, why: &str) {
        self.left_out.push(format!("Event {}: {why}", self.number));
    }
}

fn place(at: i32) -> u16 {
    let from_edge = at.clamp(i16::MIN.into(), i16::MAX.into()) - i32::from(i16::MIN);
    ((from_edge / 2) as u16).min(POINTER_MAX)
}

fn counts(by: i32) -> i16 {
    by.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

fn wheel(detents: i32) -> i16 {
    counts(detents.saturating_mul(WHEEL_DETENT.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::input::Usage;

    use super::*;

    fn read_events(events: Value) -> Read {
        let Value::Array(events) = events else {
            panic!("a list")
        };
        read(events, "boot").unwrap()
    }

    #[test]
    fn every_event_that_it_records_is_read() {
        let Read { document, left_out } = read_events(json!([
            {"event_type": "key", "event": {"key": "ControlLeft", "state": true, "finish": false}},
            {"event_type": "delay", "event": {"millis": 20}},
            {"event_type": "key", "event": {"key": "ControlLeft", "state": false}},
            {"event_type": "mouse_move", "event": {"to": {"x": -32768, "y": 32767}}},
            {"event_type": "mouse_button", "event": {"button": "left", "state": true}},
            {"event_type": "mouse_button", "event": {"button": "right", "state": true}},
            {"event_type": "mouse_button", "event": {"button": "left", "state": false}},
            {"event_type": "mouse_wheel", "event": {"delta": {"x": 0, "y": -1}}},
            {"event_type": "mouse_relative", "event": {"delta": [{"x": 1, "y": -2}, {"x": 3, "y": 4}], "squash": true}},
            {"event_type": "mouse_relative", "event": {"delta": {"x": 5, "y": 6}, "squash": false}},
            {"event_type": "print", "event": {"text": "grün", "keymap": "de", "delay": 20}},
            {"event_type": "atx_button", "event": {"button": "power_long"}},
        ]));
        let control = Key::new(Usage::Keyboard(0xE0)).unwrap();
        let buttons = |down: &[Button]| Step::Buttons {
            down: down.to_vec(),
        };
        assert_eq!(document.name, "boot");
        assert_eq!(
            document.steps,
            [
                Step::Press { key: control },
                Step::Pause { ms: 20 },
                Step::Release { key: control },
                Step::PointerTo { x: 0, y: 32767 },
                buttons(&[Button::Left]),
                buttons(&[Button::Left, Button::Right]),
                buttons(&[Button::Right]),
                Step::Wheel {
                    vertical: -120,
                    horizontal: 0
                },
                Step::PointerBy { dx: 1, dy: -2 },
                Step::PointerBy { dx: 3, dy: 4 },
                Step::PointerBy { dx: 5, dy: 6 },
                Step::Text {
                    text: "grün".to_owned(),
                    layout: "de".to_owned(),
                    line_end: LineEnd::Enter,
                    tab: TabStop::Tab,
                    untypable: Untypable::Skip
                },
                Step::Power {
                    action: PowerAction::Hold
                },
            ]
        );
        assert_eq!(left_out, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_taken_over_is_said() {
        let Read { document, left_out } = read_events(json!([
            {"event_type": "delay_random", "event": {"range": {"min": 10, "max": 30}}},
            {"event_type": "gpio_switch", "event": {"channel": "lamp", "state": true}},
            {"event_type": "key", "event": {"key": "Fn", "state": true}},
            {"event_type": "key", "event": {"key": "KeyA"}},
            {"event_type": "print", "event": {"text": "a", "keymap": "tlh"}},
            7,
        ]));
        assert_eq!(document.steps[0], Step::Pause { ms: 20 });
        assert!(matches!(&document.steps[1], Step::Text { layout, .. } if layout == "en-us"));
        assert_eq!(document.steps.len(), 2);
        let numbers: Vec<_> = left_out
            .iter()
            .map(|line| line.split(':').next().unwrap())
            .collect();
        assert_eq!(
            numbers,
            [
                "Event 1", "Event 2", "Event 3", "Event 4", "Event 5", "Event 6"
            ]
        );
        assert!(left_out[1].contains("gpio_switch"), "{left_out:?}");
    }
}
