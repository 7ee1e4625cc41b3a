//! The bar above the keys: pages, layout, form, and where the keyboard is.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::place::Place;
use crate::{
    board::{
        floating::Floating,
        geometry::{Form, Page},
        walk::Way,
    },
    layouts::Layouts,
    store::Store,
    ui::{
        focus_screen,
        icon::{Drawn, Icon},
        select::InlineSelect,
        text,
    },
};

/// How far an arrow key moves a floating keyboard, in CSS pixels.
const STEP: f64 = 24.0;

/// The bar.
#[component]
pub(super) fn Bar(
    place: Place,
    pages: Memo<&'static [Page]>,
    chosen: RwSignal<usize>,
    form: Memo<Form>,
) -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let move_by = |place: Floating, dx, dy| place.moved(dx, dy);
    let widen_by = |place: Floating, dx, _| place.widened(dx);
    view! {
        <div class="keyboard-bar">
            <Show when=move || place.floats.get()>
                <Grip place label=text.move_keyboard icon=Icon::Move change=move_by/>
            </Show>
            <Show when=move || { pages.get().len() > 1 }>
                <Pages pages chosen/>
            </Show>
            <span class="space"></span>
            <Layout form/>
            <Show when=move || place.floats.get()>
                <Grip place label=text.resize_keyboard icon=Icon::Resize change=widen_by/>
            </Show>
            <Show when=move || place.may_float.get()>
                <button
                    class="tool"
                    aria-label=text.float_keyboard
                    title=text.float_keyboard
                    aria-pressed=move || place.floats.get().to_string()
                    on:click=move |_| place.toggle()
                >
                    <Drawn icon=Icon::Float/>
                </button>
            </Show>
            <button
                class="tool"
                aria-label=text.close_keyboard
                title=text.close_keyboard
                on:click=move |_| {
                    store.keyboard.set(false);
                    focus_screen();
                }
            >
                <Drawn icon=Icon::Close/>
            </button>
        </div>
    }
}

#[component]
fn Pages(pages: Memo<&'static [Page]>, chosen: RwSignal<usize>) -> impl IntoView {
    let button = move |(index, page): (usize, &Page)| {
        let (cap, name) = words(*page);
        let is_chosen = move || chosen.get().min(pages.get().len() - 1) == index;
        view! {
            <button
                aria-label=name
                title=name
                aria-pressed=move || is_chosen().to_string()
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| chosen.set(index)
            >
                {cap}
            </button>
        }
    };
    view! {
        <div class="pages" role="group" aria-label=text().keyboard_pages>
            {move || pages.get().iter().enumerate().map(button).collect_view()}
        </div>
    }
}

fn words(page: Page) -> (&'static str, &'static str) {
    let text = text();
    match page {
        Page::All | Page::Main => ("abc", text.page_main),
        Page::Letters => ("abc", text.page_letters),
        Page::Signs | Page::LowSigns => ("123", text.page_signs),
        Page::Navigation => ("⇱", text.page_navigation),
    }
}

/// The chosen layout and the form of the keyboard.
#[component]
fn Layout(form: Memo<Form>) -> impl IntoView {
    let text = text();
    let preferences = expect_context::<Store>().preferences;
    let layouts = expect_context::<Layouts>();
    let forms: Vec<_> = Form::ALL
        .iter()
        .map(|form| (form.name().to_owned(), form.name().to_owned()))
        .collect();
    view! {
        <InlineSelect
            label=text.target_layout
            options=layouts.options(move || layouts.chosen.get())
            value=Signal::derive(move || layouts.chosen.get())
            commit=move |name| {
                preferences.keyboard_form.set(None);
                layouts.chosen.set(name);
            }
        />
        <InlineSelect
            label=text.keyboard_form
            options=Signal::stored(forms)
            value=Signal::derive(move || form.get().name().to_owned())
            commit=move |name| preferences.keyboard_form.set(Form::from_name(&name))
        />
    }
}

/// What the floating keyboard is moved or resized by, with a pointer or with arrow keys.
#[component]
fn Grip(
    place: Place,
    label: &'static str,
    icon: Icon,
    change: fn(Floating, f64, f64) -> Floating,
) -> impl IntoView {
    let start = StoredValue::new(None);
    let grab = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(grip) = event
            .current_target()
            .and_then(|grip| grip.dyn_into::<Element>().ok())
        {
            let _pointer_is_gone = grip.set_pointer_capture(event.pointer_id());
        }
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        start.set_value(Some((at, untrack(|| place.now()))));
    };
    let drag = move |event: PointerEvent| {
        if let Some(((x, y), from)) = start.get_value() {
            let (to_x, to_y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            place.put(change(from, to_x - x, to_y - y));
        }
    };
    let drop = move |_: PointerEvent| {
        start.set_value(None);
        place.keep();
    };
    let step = move |event: KeyboardEvent| {
        let Some(way) = Way::from_key(&event.key()) else {
            return;
        };
        event.prevent_default();
        event.stop_propagation();
        let (dx, dy) = match way {
            Way::Left => (-STEP, 0.0),
            Way::Right => (STEP, 0.0),
            Way::Up => (0.0, -STEP),
            Way::Down => (0.0, STEP),
        };
        place.put(change(untrack(|| place.now()), dx, dy));
        place.keep();
    };
    view! {
        <button
            class="tool grip"
            aria-label=label
            title=label
            on:pointerdown=grab
            on:pointermove=drag
            on:pointerup=drop
            on:pointercancel=drop
            on:mousedown=|event| event.prevent_default()
            on:keydown=step
        >
            <Drawn icon/>
        </button>
    }
}
