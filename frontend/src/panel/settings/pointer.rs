//! The hands of whoever uses this browser, and what keeps the machine awake without any.

use leptos::prelude::*;
use shared::{ToRelay, message::Jiggler};

use super::{choice, leader::Leader};
use crate::{
    browser::has_touch,
    input::{hands::Hands, lock::unlock_pointer, paste::PasteKeys, touch::TouchMode},
    page::console::Reach,
    preferences::{Cursor, Kept, PointerMode},
    store::Store,
    typing::{name_of, value_of},
    ui::{check::Check, number::Number, range::Range, select::Select, text},
};

/// The intervals that the slider offers, in seconds; 0 is off.
const INTERVALS: [u16; 9] = [0, 15, 30, 60, 120, 180, 300, 600, 1800];

/// The tab.
#[component]
pub(super) fn KeyboardAndPointer() -> impl IntoView {
    let text = text();
    view! {
        <Pointer/>
        {has_touch().then(|| view! { <Touch/> })}
        <Scrolling/>
        <Desktop/>
        <KeepAwake/>
        <PasteKeys/>
        <Leader/>
        <p class="hint">{text.screen_help}</p>
        <p class="hint">{text.saved_here}</p>
    }
}

#[component]
fn PasteKeys() -> impl IntoView {
    let text = text();
    let paste_keys = expect_context::<Store>().preferences.paste_keys;
    let choices = PasteKeys::CHOICES;
    let words = |keys: PasteKeys| keys.keys().unwrap_or(text.paste_keys_off).to_owned();
    let options = choices.map(|(name, keys)| (name, words(keys))).to_vec();
    view! {
        <Select
            label=text.paste_keys
            options
            value=Signal::derive(move || name_of(&choices, &paste_keys.get()))
            commit=move |name| paste_keys.set(value_of(&choices, &name).unwrap_or_default())
        />
        <p class="hint">{text.paste_keys_hint}</p>
    }
}

#[component]
fn Pointer() -> impl IntoView {
    let text = text();
    let preferences = expect_context::<Store>().preferences;
    let (mode, cursor) = (preferences.pointer_mode, preferences.cursor);
    let (swap, merge) = (preferences.swap_buttons, preferences.merge_motion);
    let to_mode = move |chosen: PointerMode| {
        if chosen == PointerMode::Absolute {
            unlock_pointer();
        }
        mode.set(chosen);
    };
    let look = move |name, shape: Cursor| {
        choice(
            "cursor",
            name,
            "",
            move || cursor.get() == shape,
            move || cursor.set(shape),
        )
    };
    view! {
        <fieldset>
            <legend class="field-name">{text.pointer_mode}</legend>
            {choice("pointer", text.pointer_to, text.pointer_to_hint, move || mode.get() == PointerMode::Absolute, move || to_mode(PointerMode::Absolute))}
            {choice("pointer", text.pointer_by, text.pointer_by_hint, move || mode.get() == PointerMode::Relative, move || to_mode(PointerMode::Relative))}
        </fieldset>
        <Percent label=text.pointer_speed min=25 kept=preferences.pointer_percent/>
        <Percent label=text.pointer_acceleration min=0 max=100 kept=preferences.acceleration_percent/>
        <fieldset>
            <legend class="field-name">{text.cursor}</legend>
            {look(text.cursor_arrow, Cursor::Arrow)}
            {look(text.cursor_dot, Cursor::Dot)}
            {look(text.cursor_hidden, Cursor::Hidden)}
        </fieldset>
        <div>
            <Check label=text.swap_buttons on=Signal::derive(move || swap.get()) commit=move |on| swap.set(on)/>
            <Check
                label=text.merge_motion
                hint=text.merge_motion_hint
                on=Signal::derive(move || merge.get())
                commit=move |on| merge.set(on)
            />
        </div>
    }
}

#[component]
fn Touch() -> impl IntoView {
    let text = text();
    let reach = expect_context::<Reach>();
    let preferences = expect_context::<Store>().preferences;
    let (mode, edge) = (preferences.touch_mode, preferences.edge_buttons);
    let touch = move |name, hint, chosen: TouchMode| {
        choice(
            "touch",
            name,
            hint,
            move || mode.get() == chosen,
            move || {
                reach.hands.with_value(Hands::release_all);
                mode.set(chosen);
            },
        )
    };
    view! {
        <fieldset>
            <legend class="field-name">{text.touch}</legend>
            {touch(text.trackpad, text.trackpad_hint, TouchMode::Trackpad)}
            {touch(text.touch_direct, text.touch_direct_hint, TouchMode::Direct)}
            <Check
                label=text.edge_buttons
                hint=text.edge_buttons_hint
                on=Signal::derive(move || edge.get())
                commit=move |on| edge.set(on)
            />
        </fieldset>
    }
}

#[component]
fn Scrolling() -> impl IntoView {
    let text = text();
    let preferences = expect_context::<Store>().preferences;
    let reversed = preferences.scroll_reversed;
    view! {
        <fieldset>
            <legend class="field-name">{text.scroll_direction}</legend>
            {choice("scroll", text.scroll_usual, "", move || !reversed.get(), move || reversed.set(false))}
            {choice("scroll", text.scroll_natural, "", move || reversed.get(), move || reversed.set(true))}
        </fieldset>
        <Percent label=text.scroll_speed min=25 kept=preferences.scroll_percent/>
    }
}

/// For a screen that is a part of a larger desktop.
#[component]
fn Desktop() -> impl IntoView {
    let text = text();
    let kept = expect_context::<Store>().preferences.desktop;
    let names = [
        text.desktop_width,
        text.desktop_height,
        text.desktop_left,
        text.desktop_top,
    ];
    let field = |(label, kept): (&'static str, Kept<u16>)| {
        view! {
            <Number
                label
                range=0..=u16::MAX.into()
                value=Signal::derive(move || kept.get().into())
                commit=move |number| kept.set(u16::try_from(number).unwrap_or_default())
            />
        }
    };
    view! {
        <fieldset class="numbers-grid">
            <legend class="field-name">{text.desktop}</legend>
            {names.into_iter().zip(kept).map(field).collect_view()}
            <p class="hint">{text.desktop_hint}</p>
        </fieldset>
    }
}

/// The relay does it, for everybody who works on the machine.
#[component]
fn KeepAwake() -> impl IntoView {
    let text = text();
    let reach = expect_context::<Reach>();
    let jiggler = expect_context::<Store>().jiggler;
    let nearest = move || {
        let set = jiggler.get().interval_s;
        INTERVALS.iter().filter(|offered| **offered < set).count() as u32
    };
    view! {
        <Range
            label=text.jiggler
            hint=text.jiggler_hint
            min=0
            max=INTERVALS.len() as u32 - 1
            value=Signal::derive(nearest)
            words=|index| interval(INTERVALS[index as usize % INTERVALS.len()])
            commit=move |index| {
                let interval_s = INTERVALS[index as usize % INTERVALS.len()];
                reach.link.with_value(|link| link.send(&ToRelay::SetJiggler(Jiggler { interval_s })));
            }
        />
    }
}

fn interval(seconds: u16) -> String {
    match seconds {
        0 => text().off.to_owned(),
        1..60 => text().seconds(seconds),
        _ => text().minutes(seconds / 60),
    }
}

#[component]
fn Percent(
    label: &'static str,
    min: u32,
    #[prop(default = 300)] max: u32,
    kept: Kept<u16>,
) -> impl IntoView {
    view! {
        <Range
            label
            min
            max
            step=25
            value=Signal::derive(move || kept.get().into())
            words=|value| text().percent(value)
            commit=move |percent| kept.set(percent as u16)
        />
    }
}
