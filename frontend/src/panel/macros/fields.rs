//! The fields of a step.

use std::ops::RangeInclusive;

use leptos::prelude::*;
use shared::{
    keys::CODES,
    macros::{Awaited, Button, Key, Step},
    power::PowerAction,
};

use super::words::{action, awaited, button, key};
use crate::{
    layouts::Layouts,
    ui::{check::Check, field::labelled, line::Line, number::Number, select::InlineSelect, text},
};

/// The longest time of a step, in milliseconds.
const TIME_MAX: i64 = 3_600_000;

const AWAITED: [Awaited; 8] = [
    Awaited::Listening,
    Awaited::NotListening,
    Awaited::CapsLockOn,
    Awaited::CapsLockOff,
    Awaited::NumLockOn,
    Awaited::NumLockOff,
    Awaited::ScrollLockOn,
    Awaited::ScrollLockOff,
];

/// The fields of a step of its kind; what is typed into them goes into the step at once.
pub(super) fn fields(step: RwSignal<Step>) -> AnyView {
    let words = text();
    match step.get_untracked() {
        Step::Tap { .. } => (
            keys(step),
            time(step, words.field_hold, |step| match step {
                Step::Tap { hold_ms, .. } => Some(hold_ms),
                _ => None,
            }),
        )
            .into_any(),
        Step::Press { .. } | Step::Release { .. } => keys(step).into_any(),
        Step::Chord { .. } => (
            chord(step),
            time(step, words.field_hold, |step| match step {
                Step::Chord { hold_ms, .. } => Some(hold_ms),
                _ => None,
            }),
        )
            .into_any(),
        Step::PointerTo { .. } => (
            number(step, words.field_x, 0..=32767, |step| match step {
                Step::PointerTo { x, .. } => Some(x),
                _ => None,
            }),
            number(step, words.field_y, 0..=32767, |step| match step {
                Step::PointerTo { y, .. } => Some(y),
                _ => None,
            }),
        )
            .into_any(),
        Step::PointerBy { .. } => (
            number(step, words.field_dx, -32768..=32767, |step| match step {
                Step::PointerBy { dx, .. } => Some(dx),
                _ => None,
            }),
            number(step, words.field_dy, -32768..=32767, |step| match step {
                Step::PointerBy { dy, .. } => Some(dy),
                _ => None,
            }),
        )
            .into_any(),
        Step::Click { .. } => (
            choice(
                step,
                words.field_button,
                &Button::ALL,
                button,
                |step| match step {
                    Step::Click { button, .. } => Some(button),
                    _ => None,
                },
            ),
            time(step, words.field_hold, |step| match step {
                Step::Click { hold_ms, .. } => Some(hold_ms),
                _ => None,
            }),
        )
            .into_any(),
        Step::Buttons { .. } => buttons(step).into_any(),
        Step::Wheel { .. } => (
            number(step, words.field_wheel, -32768..=32767, |step| match step {
                Step::Wheel { vertical, .. } => Some(vertical),
                _ => None,
            }),
            number(step, words.field_pan, -32768..=32767, |step| match step {
                Step::Wheel { horizontal, .. } => Some(horizontal),
                _ => None,
            }),
        )
            .into_any(),
        Step::Text { .. } => (typed(step), layout(step)).into_any(),
        Step::Pause { .. } => time(step, words.field_pause, |step| match step {
            Step::Pause { ms } => Some(ms),
            _ => None,
        })
        .into_any(),
        Step::WaitFor { .. } => (
            choice(
                step,
                words.field_awaited,
                &AWAITED,
                awaited,
                |step| match step {
                    Step::WaitFor { what, .. } => Some(what),
                    _ => None,
                },
            ),
            time(step, words.field_at_most, |step| match step {
                Step::WaitFor { at_most_ms, .. } => Some(at_most_ms),
                _ => None,
            }),
        )
            .into_any(),
        Step::Power { .. } => choice(
            step,
            words.field_action,
            &PowerAction::ALL,
            action,
            |step| match step {
                Step::Power { action } => Some(action),
                _ => None,
            },
        )
        .into_any(),
        Step::Insert { .. } => (slot(step), image(step), writable(step)).into_any(),
        Step::Eject { .. } => slot(step).into_any(),
    }
}

fn slot(step: RwSignal<Step>) -> impl IntoView {
    line(step, text().field_slot, |step| match step {
        Step::Insert { slot, .. } | Step::Eject { slot } => Some(slot),
        _ => None,
    })
}

fn image(step: RwSignal<Step>) -> impl IntoView {
    line(step, text().field_image, |step| match step {
        Step::Insert { image, .. } => Some(image),
        _ => None,
    })
}

fn writable(step: RwSignal<Step>) -> impl IntoView {
    let of: fn(&mut Step) -> Option<&mut bool> = |step| match step {
        Step::Insert { writable, .. } => Some(writable),
        _ => None,
    };
    let on = RwSignal::new(part(step, of).unwrap_or_default());
    view! {
        <Check
            label=text().drive_writable
            on=on
            commit=move |writable| {
                on.set(writable);
                set(step, of, writable);
            }
        />
    }
}

/// The part of a step, as it is now.
fn part<T: Clone>(step: RwSignal<Step>, of: fn(&mut Step) -> Option<&mut T>) -> Option<T> {
    step.with_untracked(|step| of(&mut step.clone()).cloned())
}

fn set<T>(step: RwSignal<Step>, of: fn(&mut Step) -> Option<&mut T>, value: T) {
    step.update(|step| {
        if let Some(part) = of(step) {
            *part = value;
        }
    });
}

fn time(
    step: RwSignal<Step>,
    label: &'static str,
    of: fn(&mut Step) -> Option<&mut u32>,
) -> impl IntoView {
    number(step, label, 0..=TIME_MAX, of)
}

fn number<T: Copy + Into<i64> + TryFrom<i64> + 'static>(
    step: RwSignal<Step>,
    label: &'static str,
    range: RangeInclusive<i64>,
    of: fn(&mut Step) -> Option<&mut T>,
) -> impl IntoView {
    let value = move || step.with(|step| of(&mut step.clone()).map_or(0, |value| (*value).into()));
    let commit = move |number: i64| {
        if let Ok(number) = T::try_from(number) {
            set(step, of, number);
        }
    };
    view! { <Number label range value=Signal::derive(value) commit/> }
}

fn line(
    step: RwSignal<Step>,
    label: &'static str,
    of: fn(&mut Step) -> Option<&mut String>,
) -> impl IntoView {
    let value = part(step, of).unwrap_or_default();
    view! { <Line label value most=200 commit=move |typed| set(step, of, typed)/> }
}

fn typed(step: RwSignal<Step>) -> impl IntoView {
    let label = text().field_text;
    let of = |step: &mut Step| match step {
        Step::Text { text, .. } => Some(text.clone()),
        _ => None,
    };
    let value = step.with_untracked(|step| of(&mut step.clone()));
    labelled(
        label,
        text().field_text_hint,
        view! {
            <textarea
                rows="4"
                autocapitalize="none"
                spellcheck="false"
                aria-label=label
                prop:value=value
                on:input=move |event| step.update(|step| {
                    if let Step::Text { text, .. } = step {
                        *text = event_target_value(&event);
                    }
                })
            ></textarea>
        },
    )
}

fn layout(step: RwSignal<Step>) -> impl IntoView {
    let label = text().field_layout;
    let layouts = expect_context::<Layouts>();
    let value = move || {
        step.with(|step| match step {
            Step::Text { layout, .. } => layout.clone(),
            _ => String::new(),
        })
    };
    let of: fn(&mut Step) -> Option<&mut String> = |step| match step {
        Step::Text { layout, .. } => Some(layout),
        _ => None,
    };
    view! {
        <div class="field">
            <span class="field-name" aria-hidden="true">{label}</span>
            <InlineSelect
                label
                options=layouts.options(value)
                value=Signal::derive(value)
                commit=move |name| set(step, of, name)
            />
        </div>
    }
}

fn choice<T: Copy + PartialEq + 'static>(
    step: RwSignal<Step>,
    label: &'static str,
    all: &'static [T],
    name: fn(T) -> &'static str,
    of: fn(&mut Step) -> Option<&mut T>,
) -> impl IntoView {
    let now = part(step, of);
    let option = |(index, value): (usize, &T)| {
        let chosen = now == Some(*value);
        view! { <option value=index.to_string() selected=chosen>{name(*value)}</option> }
    };
    let options = all.iter().enumerate().map(option).collect_view();
    labelled(
        label,
        "",
        view! {
            <select
                aria-label=label
                on:change=move |event| {
                    let chosen = event_target_value(&event).parse().ok();
                    if let Some(value) = chosen.and_then(|index: usize| all.get(index)) {
                        set(step, of, *value);
                    }
                }
            >{options}</select>
        },
    )
}

fn keys(step: RwSignal<Step>) -> impl IntoView {
    let label = text().field_key;
    let of: fn(&mut Step) -> Option<&mut Key> = |step| match step {
        Step::Tap { key, .. } | Step::Press { key } | Step::Release { key } => Some(key),
        _ => None,
    };
    let now = part(step, of);
    let option = |key_of: Key| {
        let chosen = now == Some(key_of);
        view! { <option value=key_of.code() selected=chosen>{key(key_of)}</option> }
    };
    let all = CODES.iter().filter_map(|(_, usage)| Key::new(*usage));
    let options = all.map(option).collect_view();
    labelled(
        label,
        "",
        view! {
            <select
                aria-label=label
                on:change=move |event| {
                    if let Some(key) = Key::named(&event_target_value(&event)) {
                        set(step, of, key);
                    }
                }
            >{options}</select>
        },
    )
}

fn chord(step: RwSignal<Step>) -> impl IntoView {
    let label = text().field_keys;
    let of: fn(&mut Step) -> Option<&mut Vec<Key>> = |step| match step {
        Step::Chord { keys, .. } => Some(keys),
        _ => None,
    };
    let now = part(step, of).unwrap_or_default();
    let names: Vec<_> = now.iter().map(|key| key.code()).collect();
    let wrong = RwSignal::new(false);
    labelled(
        label,
        text().field_keys_hint,
        view! {
            <input
                type="text"
                autocapitalize="none"
                spellcheck="false"
                aria-label=label
                aria-invalid=move || wrong.get().then_some("true")
                value=names.join(" + ")
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    let keys: Option<Vec<_>> = typed
                        .split(['+', ' ', ','])
                        .filter(|name| !name.is_empty())
                        .map(Key::named)
                        .collect();
                    let keys = keys.filter(|keys| (1..=8).contains(&keys.len()));
                    wrong.set(keys.is_none());
                    if let Some(keys) = keys {
                        set(step, of, keys);
                    }
                }
            />
        },
    )
}

fn buttons(step: RwSignal<Step>) -> impl IntoView {
    let of: fn(&mut Step) -> Option<&mut Vec<Button>> = |step| match step {
        Step::Buttons { down } => Some(down),
        _ => None,
    };
    let check = move |which: Button| {
        let down = part(step, of).is_some_and(|down| down.contains(&which));
        view! {
            <label class="choice">
                <input
                    type="checkbox"
                    aria-label=button(which)
                    checked=down
                    on:change=move |event| {
                        let down = event_target_checked(&event);
                        let mut now = part(step, of).unwrap_or_default();
                        now.retain(|other| *other != which);
                        now.extend(down.then_some(which));
                        set(step, of, now);
                    }
                />
                <span>{button(which)}</span>
            </label>
        }
    };
    view! {
        <fieldset>
            <legend class="field-name">{text().field_buttons}</legend>
            {Button::ALL.map(check)}
        </fieldset>
    }
}
