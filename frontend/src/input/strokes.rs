//! Strokes of a text as what a keyboard does.

use shared::{
    input::{Input, Usage},
    layout::Stroke,
};

/// The key that erases what was typed last.
pub const BACKSPACE: Stroke = Stroke::new(0x2A, 0);

const FIRST_MODIFIER: u8 = 0xE0;

/// Presses and releases the keys of some strokes; modifiers that neighbours share stay down between them.
#[must_use]
pub fn inputs(strokes: &[Stroke]) -> Vec<Input> {
    let mut inputs = Vec::new();
    let mut held = 0;
    for stroke in strokes {
        change(&mut held, stroke.modifiers, &mut inputs);
        inputs.push(key(stroke.usage, true));
        inputs.push(key(stroke.usage, false));
    }
    change(&mut held, 0, &mut inputs);
    inputs
}

/// Brings the modifiers that are held to those that are wanted: releases first.
fn change(held: &mut u8, wanted: u8, inputs: &mut Vec<Input>) {
    for (bits, down) in [(*held & !wanted, false), (wanted & !*held, true)] {
        for bit in (0..8).filter(|bit| bits >> bit & 1 == 1) {
            inputs.push(key(FIRST_MODIFIER + bit, down));
        }
    }
    *held = wanted;
}

fn key(usage: u8, down: bool) -> Input {
    Input::Key {
        usage: Usage::Keyboard(usage),
        down,
    }
}

#[cfg(test)]
mod tests {
    use shared::layout::Stroke;

    use super::{BACKSPACE, Input, Usage, inputs};

    /// Usages as they go down, and negative ones as they go up.
    fn told(strokes: &[Stroke]) -> Vec<i32> {
        inputs(strokes)
            .into_iter()
            .map(|input| match input {
                Input::Key {
                    usage: Usage::Keyboard(usage),
                    down,
                } => i32::from(usage) * if down { 1 } else { -1 },
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_key_goes_down_and_up() {
        assert_eq!(told(&[BACKSPACE]), [0x2A, -0x2A]);
    }

    #[test]
    fn shared_modifiers_stay_down_and_all_are_released() {
        let strokes = [
            Stroke::new(0x04, 0x02),
            Stroke::new(0x05, 0x42),
            Stroke::new(0x06, 0x40),
        ];
        assert_eq!(
            told(&strokes),
            [
                0xE1, 0x04, -0x04, 0xE6, 0x05, -0x05, -0xE1, 0x06, -0x06, -0xE6
            ]
        );
    }
}
