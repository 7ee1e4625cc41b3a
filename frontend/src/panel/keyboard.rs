//! The on-screen keyboard: docked below the picture, or floating over the page on a desk.

mod bar;
mod key;
mod place;

use leptos::{html, prelude::*};
use shared::{input::Usage, layout::Level};
use web_sys::KeyboardEvent;

use self::{bar::Bar, key::KeyButton, place::Place};
use crate::{
    board::{
        face::{Face, Typing, face, is_letter},
        geometry::{Block, Form, Page, blocks},
        walk::{Way, next},
    },
    browser::{Resized, document, media},
    layouts::Layouts,
    store::{Control, Store},
    ui::{focus_element, focus_screen, text},
};

/// From this width on all keys stand side by side, in CSS pixels; with fingers, and with a mouse.
const WIDE: [f64; 2] = [1120.0, 860.0];

/// Up to this height of the page there is room for few rows, in CSS pixels.
const SHORT: f64 = 520.0;

/// From this width on functions stand with the letters.
const MEDIUM: f64 = 600.0;

/// What all keys share.
#[derive(Clone, Copy)]
struct Board {
    layouts: Layouts,
    level: Memo<Level>,
    caps_lock: Memo<bool>,
}

impl Board {
    fn new(store: Store, layouts: Layouts) -> Self {
        let has_alt_gr = Memo::new(move |_| {
            let table = layouts.table.get();
            table.is_none_or(|table| table.has_alt_gr())
        });
        let level = Memo::new(move |_| {
            let down = |usages: &[u8]| {
                let is = |usage: &u8| Usage::Keyboard(*usage);
                store
                    .held
                    .with(|held| usages.iter().any(|usage| held.down.contains(&is(usage))))
            };
            match (down(&[0xE1, 0xE5]), has_alt_gr.get() && down(&[0xE6])) {
                (false, false) => Level::Plain,
                (true, false) => Level::Shift,
                (false, true) => Level::AltGr,
                (true, true) => Level::ShiftAltGr,
            }
        });
        let leds = store.part(|state| state.leds);
        Self {
            layouts,
            level,
            caps_lock: Memo::new(move |_| leds.get().flatten().is_some_and(|leds| leds.caps_lock)),
        }
    }

    /// What is written on a key; what reads it here follows it.
    fn face(&self, usage: Usage) -> Face {
        self.layouts.table.with(|table| {
            let typing = Typing {
                layout: table.as_deref(),
                level: self.level.get(),
                caps_lock: self.caps_lock.get(),
            };
            face(usage, typing)
        })
    }

    fn blocks(&self, page: Page, form: Form) -> Vec<Block> {
        self.layouts
            .table
            .with(|table| blocks(page, form, |usage| is_letter(usage, table.as_deref())))
    }
}

/// The keyboard.
#[component]
pub(crate) fn OnscreenKeyboard() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let preferences = store.preferences;
    let board = Board::new(store, expect_context::<Layouts>());
    let size = RwSignal::new((0.0, 0.0));
    let place = Place::new(preferences, size);
    let pages = Memo::new(move |_| pages(size.get().0, place.page.get().1));
    let chosen = RwSignal::new(0_usize);
    let page = Memo::new(move |_| {
        let pages = pages.get();
        pages[chosen.get().min(pages.len() - 1)]
    });
    let form = Memo::new(move |_| {
        let usual = Form::of_layout(&preferences.layout.get());
        preferences.keyboard_form.get().unwrap_or(usual)
    });
    let node = NodeRef::<html::Section>::new();
    let resized = StoredValue::new_local(None);
    node.on_load(move |node| {
        resized.set_value(Resized::new(&node, move |width, height| {
            size.set((width, height));
        }));
    });
    let control = Memo::new(move |_| store.control());
    let watching = move || match control.get() {
        Control::Theirs(name) => Some(text.has_the_controls(name)),
        Control::Mine | Control::Nobody => None,
    };
    view! {
        <section
            node_ref=node
            class="keyboard"
            class:floating=move || place.floats.get()
            aria-label=text.onscreen_keyboard
            style:left=move || place.left()
            style:top=move || place.top()
            style:width=move || place.width()
            on:keydown=|event| walk(&event)
        >
            <Bar place pages chosen form/>
            {move || watching().map(|reason| view! { <p class="watching">{reason}</p> })}
            <div class="blocks">
                {move || board.blocks(page.get(), form.get()).into_iter().map(|block| view! { <Keys block board/> }).collect_view()}
            </div>
        </section>
    }
}

#[component]
fn Keys(block: Block, board: Board) -> impl IntoView {
    let Block {
        columns,
        rows,
        share,
        keys,
    } = block;
    view! {
        <div
            class="block"
            style:--columns=columns.to_string()
            style:--rows=rows.to_string()
            style:--share=share.to_string()
        >
            {keys.into_iter().map(|key| view! { <KeyButton key_=key board/> }).collect_view()}
        </div>
    }
}

/// The pages into which a keyboard of this width is divided on a page of that height.
fn pages(width: f64, page_height: f64) -> &'static [Page] {
    let fingers = media("(pointer: coarse)");
    if page_height <= SHORT {
        &[Page::Letters, Page::LowSigns, Page::Navigation]
    } else if width >= WIDE[usize::from(!fingers)] {
        &[Page::All]
    } else if width >= MEDIUM {
        &[Page::Main, Page::Navigation]
    } else {
        &[Page::Letters, Page::Signs, Page::Navigation]
    }
}

/// Arrow keys go from key to key; Esc goes back to the machine.
fn walk(event: &KeyboardEvent) {
    let pressed = event.key();
    if pressed == "Escape" {
        event.prevent_default();
        return focus_screen();
    }
    let Some(way) = Way::from_key(&pressed) else {
        return;
    };
    let Some(here) = document()
        .active_element()
        .filter(|here| here.matches(".key").unwrap_or(false))
    else {
        return;
    };
    event.prevent_default();
    let Ok(keys) = document().query_selector_all(".keyboard .key") else {
        return;
    };
    let keys: Vec<web_sys::Element> = (0..keys.length())
        .filter_map(|index| wasm_bindgen::JsCast::dyn_into(keys.get(index)?).ok())
        .collect();
    let centre = |key: &web_sys::Element| {
        let bounds = key.get_bounding_client_rect();
        (
            bounds.left() + bounds.width() / 2.0,
            bounds.top() + bounds.height() / 2.0,
        )
    };
    let centres: Vec<_> = keys.iter().map(centre).collect();
    if let Some(index) = next(centre(&here), &centres, way) {
        focus_element(&keys[index]);
    }
}
