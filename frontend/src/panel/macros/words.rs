//! Steps in words.

use shared::{
    macros::{
        Awaited, Button, DESCRIPTION_MAX, Key, MacroFault, NAME_MAX, STEPS_MAX, Step, StepFault,
        VARIABLE_NAME_MAX, VARIABLES_MAX,
    },
    power::PowerAction,
};

use crate::ui::text;

/// A step as a sentence.
pub(super) fn sentence(step: &Step) -> String {
    let text = text();
    match step {
        Step::Tap {
            key: which,
            hold_ms,
        } => held(text.step_tap(key(*which)), *hold_ms),
        Step::Press { key: which } => text.step_press(key(*which)),
        Step::Release { key: which } => text.step_release(key(*which)),
        Step::Chord { keys, hold_ms } => {
            let keys: Vec<_> = keys.iter().map(|which| key(*which)).collect();
            held(text.step_tap(keys.join(" + ")), *hold_ms)
        }
        Step::PointerTo { x, y } => text.step_pointer_to(per_cent(*x), per_cent(*y)),
        Step::PointerBy { dx, dy } => text.step_pointer_by(dx, dy),
        Step::Click {
            button: which,
            hold_ms,
        } => held(text.step_click(button(*which)), *hold_ms),
        Step::Buttons { down } if down.is_empty() => text.step_buttons_up.to_owned(),
        Step::Buttons { down } => {
            let names: Vec<_> = down.iter().map(|which| button(*which)).collect();
            text.step_buttons_down(names.join(", "))
        }
        Step::Wheel {
            vertical,
            horizontal,
        } => {
            let detents =
                |turned: &i16| f64::from(*turned) / f64::from(shared::input::WHEEL_DETENT);
            text.step_wheel(detents(vertical), detents(horizontal))
        }
        Step::Text {
            text: typed,
            layout,
            ..
        } => text.step_text(shown(typed), layout),
        Step::Pause { ms } => text.step_pause(ms),
        Step::WaitFor { what, at_most_ms } => text.step_wait_for(awaited(*what), at_most_ms),
        Step::Power { action: which } => text.step_power(action(*which)),
        Step::Insert { slot, image, .. } => text.step_insert(image, slot),
        Step::Eject { slot } => text.step_eject(slot),
    }
}

/// What is wrong with a macro, and what it should be.
pub(super) fn fault(fault: &MacroFault) -> String {
    let text = text();
    match fault {
        MacroFault::Name => text.fault_name(NAME_MAX),
        MacroFault::Description => text.fault_description(DESCRIPTION_MAX),
        MacroFault::Steps(count) => text.fault_steps(STEPS_MAX, count),
        MacroFault::Variables => text.fault_variables(VARIABLES_MAX),
        MacroFault::VariableName(name) => text.fault_variable_name(name, VARIABLE_NAME_MAX),
        MacroFault::VariableTwice(name) => text.fault_variable_twice(name),
        MacroFault::VariableLength(name) => text.fault_variable_length(name),
        MacroFault::SecretDefault(name) => text.fault_secret_default(name),
        MacroFault::Step { number, what } => {
            let what = match what {
                StepFault::Time => text.fault_time,
                StepFault::Chord => text.fault_chord,
                StepFault::Place => text.fault_place,
                StepFault::Buttons => text.fault_buttons,
                StepFault::Text => text.fault_text,
                StepFault::Drive => text.fault_drive,
            };
            text.fault_step(number, what)
        }
    }
}

fn held(what: String, ms: u32) -> String {
    match ms {
        0 => what,
        ms => text().step_held(what, ms),
    }
}

/// A place of the pointer in percent of the picture, to a tenth.
fn per_cent(at: u16) -> String {
    format!(
        "{:.1}",
        f64::from(at) * 100.0 / f64::from(shared::input::POINTER_MAX)
    )
}

/// The beginning of a text, on one line.
fn shown(typed: &str) -> String {
    let line: String = typed
        .chars()
        .take(60)
        .map(|character| match character {
            '\n' | '\r' => '⏎',
            '\t' => '⇥',
            other => other,
        })
        .collect();
    match typed.chars().nth(60) {
        Some(_) => format!("{line}…"),
        None => line,
    }
}

/// A key's name: `KeyA` is A, `ControlLeft` is Control Left.
pub(super) fn key(key: Key) -> String {
    let code = key.code();
    let bare = code
        .strip_prefix("Key")
        .or_else(|| code.strip_prefix("Digit"))
        .filter(|bare| bare.len() == 1);
    if let Some(bare) = bare {
        return bare.to_owned();
    }
    let mut name = String::new();
    for character in code.chars() {
        let begins = character.is_ascii_uppercase() || character.is_ascii_digit();
        let after = name.chars().last();
        if begins && after.is_some_and(|after| after.is_ascii_lowercase()) {
            name.push(' ');
        }
        name.push(character);
    }
    name
}

/// A button's name.
pub(super) fn button(button: Button) -> &'static str {
    let text = text();
    match button {
        Button::Left => text.macro_button_left,
        Button::Right => text.macro_button_right,
        Button::Middle => text.macro_button_middle,
        Button::Back => text.macro_button_back,
        Button::Forward => text.macro_button_forward,
    }
}

/// What can be waited for, in words.
pub(super) fn awaited(what: Awaited) -> &'static str {
    let text = text();
    match what {
        Awaited::Listening => text.awaited_listening,
        Awaited::NotListening => text.awaited_not_listening,
        Awaited::CapsLockOn => text.awaited_caps_lock_on,
        Awaited::CapsLockOff => text.awaited_caps_lock_off,
        Awaited::NumLockOn => text.awaited_num_lock_on,
        Awaited::NumLockOff => text.awaited_num_lock_off,
        Awaited::ScrollLockOn => text.awaited_scroll_lock_on,
        Awaited::ScrollLockOff => text.awaited_scroll_lock_off,
    }
}

/// What can be done to the power, in words.
pub(super) fn action(action: PowerAction) -> &'static str {
    let text = text();
    match action {
        PowerAction::Press => text.power_step_press,
        PowerAction::Hold => text.power_step_hold,
        PowerAction::Reset => text.power_step_reset,
        PowerAction::Wake => text.power_step_wake,
        PowerAction::On => text.power_step_on,
        PowerAction::Cycle => text.power_step_cycle,
        PowerAction::ShutDown => text.power_step_shut_down,
    }
}
