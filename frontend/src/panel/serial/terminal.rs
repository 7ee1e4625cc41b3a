//! The terminal as it stands on the page.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use web_sys::{Element, HtmlElement};

use super::{
    Console,
    field::{Field, focus_field},
    paint::Canvas,
};
use crate::{browser::Resized, terminal::screen::Screen, ui::text};

#[wasm_bindgen]
extern "C" {
    /// What is selected on the page.
    type Selected;

    #[wasm_bindgen(js_name = getSelection)]
    fn selection() -> Option<Selected>;

    #[wasm_bindgen(method, getter, js_name = isCollapsed)]
    fn is_collapsed(this: &Selected) -> bool;
}

/// How many characters the probe has.
const PROBE: &str = "MMMMMMMMMM";

/// What stays free below the cursor, in CSS pixels.
const MARGIN: i32 = 6;

/// The terminal: its text, and the field that takes what is written.
#[component]
pub(super) fn TerminalView() -> impl IntoView {
    let console = expect_context::<Console>();
    let frame = NodeRef::<html::Div>::new();
    let (past, screen) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let probe = NodeRef::<html::Span>::new();
    let resized = StoredValue::new_local(None);
    let canvas = StoredValue::new_local(None);
    let due = StoredValue::new(false);
    let follows = StoredValue::new(true);
    // A scroll that another size has brought about says nothing of what anybody wants to see.
    let settled = StoredValue::new((0, 0));
    let paint = move || {
        due.set_value(false);
        let (Some(frame), Some(line)) = (
            frame.get_untracked(),
            console.line.try_with_value(Clone::clone),
        ) else {
            return;
        };
        let paint = line.screen(Screen::paint);
        canvas.with_value(|canvas: &Option<Canvas>| {
            if let Some(canvas) = canvas {
                canvas.paint(&paint);
            }
        });
        if follows.get_value() {
            scroll_to_cursor(&frame);
        }
        settled.set_value(heights(&frame));
    };
    let paint_soon = move || {
        if due.try_get_value() == Some(false) {
            due.set_value(true);
            request_animation_frame(move || {
                if due.try_get_value().is_some() {
                    paint();
                }
            });
        }
    };
    frame.on_load(move |frame| {
        let (Some(past), Some(screen)) = (past.get_untracked(), screen.get_untracked()) else {
            return;
        };
        canvas.set_value(Some(Canvas::new(&past, &screen)));
        let fit = move |width: f64, height: f64| {
            let Some((cell, line)) = probe.get_untracked().and_then(|probe| measured(&probe))
            else {
                return;
            };
            let (columns, rows) = ((width / cell) as usize, (height / line) as usize);
            let resized = console
                .line
                .try_with_value(|line| line.screen(|screen| screen.resize(columns, rows)));
            if resized.is_some() {
                paint_soon();
            }
        };
        resized.set_value(Resized::new(&frame, fit));
        console.line.with_value(|line| line.on_change(paint_soon));
    });
    Effect::new(move || {
        if console.cleared.get() > 0 {
            canvas.with_value(|canvas| canvas.as_ref().map(Canvas::forget));
            paint_soon();
            focus_field();
        }
    });
    let pressed = move |_| {
        if selection().is_none_or(|selected| selected.is_collapsed()) {
            focus_field();
        }
    };
    view! {
        <div class="terminal-frame">
            <Field/>
            <div
                node_ref=frame
                class="terminal"
                role="log"
                aria-label=text().serial_output
                tabindex="0"
                dir="ltr"
                on:click=pressed
                on:scroll=move |_| {
                    if let Some(frame) = frame.get_untracked()
                        && settled.get_value() == heights(&frame)
                    {
                        follows.set_value(is_at_cursor(&frame));
                    }
                }
            >
                <div node_ref=past></div>
                <div node_ref=screen></div>
                <span node_ref=probe class="probe" aria-hidden="true">{PROBE}</span>
            </div>
        </div>
    }
}

/// The width of a character and the height of a line, in CSS pixels.
fn measured(probe: &Element) -> Option<(f64, f64)> {
    let rect = probe.get_bounding_client_rect();
    let (cell, line) = (rect.width() / PROBE.len() as f64, rect.height());
    (cell > 0.0 && line > 0.0).then_some((cell, line))
}

/// Where the line of the cursor ends, or all of it where there is none, in CSS pixels.
fn end_of_cursor(frame: &HtmlElement) -> i32 {
    let cursor = frame.query_selector(".cursor").ok().flatten();
    cursor
        .and_then(|cursor| cursor.dyn_into::<HtmlElement>().ok())
        .map_or(frame.scroll_height(), |cursor| {
            cursor.offset_top() + cursor.offset_height() + MARGIN
        })
}

/// Of what is in sight, and of all of it.
fn heights(frame: &HtmlElement) -> (i32, i32) {
    (frame.client_height(), frame.scroll_height())
}

/// Whether nobody has scrolled back.
fn is_at_cursor(frame: &HtmlElement) -> bool {
    end_of_cursor(frame) - frame.scroll_top() <= frame.client_height() + MARGIN
}

fn scroll_to_cursor(frame: &HtmlElement) {
    frame.set_scroll_top(end_of_cursor(frame) - frame.client_height());
}
