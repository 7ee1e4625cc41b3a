//! The browser's events on the picture, given to the hands.

use std::{cell::Cell, rc::Rc};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use web_sys::{Event, HtmlCanvasElement, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

use super::{
    hands::{Hands, Phase},
    keyboard::KeyEvent,
    lock::lock_pointer,
    paste::Pressed,
    touch::Finger,
    wheel::Unit,
};
use crate::{
    browser::{Listener, document, window},
    preferences::PointerMode,
    store::Store,
    typist::Typist,
    view::Point,
};

#[wasm_bindgen]
extern "C" {
    /// A pointer event with the fractions of a pixel that browsers tell.
    type Exact;

    #[wasm_bindgen(method, getter, js_name = clientX)]
    fn x(this: &Exact) -> f64;

    #[wasm_bindgen(method, getter, js_name = clientY)]
    fn y(this: &Exact) -> f64;

    #[wasm_bindgen(method, getter, js_name = movementX)]
    fn dx(this: &Exact) -> f64;

    #[wasm_bindgen(method, getter, js_name = movementY)]
    fn dy(this: &Exact) -> f64;
}

/// The picture with the hands on it.
#[derive(Clone)]
struct Touched {
    canvas: HtmlCanvasElement,
    hands: Hands,
    store: Store,
    /// Where the pointer was last, and when.
    last: Rc<Cell<Option<Point>>>,
    last_ms: Rc<Cell<f64>>,
    typist: Typist,
}

/// Listens on the picture until the listeners are dropped. `leave` is called when the operator wants the keyboard back.
pub(crate) fn listen(
    canvas: &HtmlCanvasElement,
    hands: &Hands,
    store: Store,
    typist: Typist,
    leave: impl Fn() + Clone + 'static,
) -> Vec<Listener> {
    let touched = Touched {
        canvas: canvas.clone(),
        hands: hands.clone(),
        store,
        last: Rc::default(),
        last_ms: Rc::default(),
        typist,
    };
    let mut listeners = touched.keys(leave);
    listeners.extend(touched.pointer());
    listeners.extend(touched.unwanted());
    listeners.extend(touched.going_away());
    listeners
}

impl Touched {
    fn keys(&self, leave: impl Fn() + Clone + 'static) -> Vec<Listener> {
        ["keydown", "keyup"]
            .into_iter()
            .map(|name| {
                let (touched, leave) = (self.clone(), leave.clone());
                Listener::new(&self.canvas, name, move |event: KeyboardEvent| {
                    event.prevent_default();
                    event.stop_propagation();
                    if touched.key(&event) {
                        leave();
                    }
                })
            })
            .collect()
    }

    fn key(&self, event: &KeyboardEvent) -> bool {
        let code = event.code();
        if code == "Escape" && self.store.panel.get_untracked().is_some() {
            if event.type_() == "keydown" {
                self.store.panel.set(None);
            }
            return false;
        }
        if event.type_() == "keydown" && !event.repeat() && self.is_paste(event) {
            self.typist.paste_and_type();
            return false;
        }
        self.hands.key(KeyEvent {
            code: &code,
            down: event.type_() == "keydown",
            repeat: event.repeat(),
            shift: event.shift_key(),
            at_ms: event.time_stamp(),
        })
    }

    fn is_paste(&self, event: &KeyboardEvent) -> bool {
        let keys = self.store.preferences.paste_keys.get_untracked();
        keys.are(Pressed {
            code: &event.code(),
            ctrl: event.ctrl_key(),
            shift: event.shift_key(),
            alt: event.alt_key(),
            meta: event.meta_key(),
        })
    }

    fn pointer(&self) -> Vec<Listener> {
        let (down, movement, up, cancelled, wheel) = (
            self.clone(),
            self.clone(),
            self.clone(),
            self.clone(),
            self.clone(),
        );
        vec![
            Listener::new(&self.canvas, "pointerdown", move |event: PointerEvent| {
                event.prevent_default();
                down.pressed(&event);
            }),
            Listener::new(&self.canvas, "pointermove", move |event: PointerEvent| {
                movement.moved(&event);
            }),
            Listener::new(&self.canvas, "pointerup", move |event: PointerEvent| {
                event.prevent_default();
                up.lifted(&event);
            }),
            Listener::new(&self.canvas, "pointercancel", move |_: PointerEvent| {
                cancelled.hands.release_all();
            }),
            Listener::new(&self.canvas, "wheel", move |event: WheelEvent| {
                event.prevent_default();
                wheel.turned(&event);
            }),
        ]
    }

    fn pressed(&self, event: &PointerEvent) {
        let writes = is_touch(event) && self.store.device_keyboard.get_untracked();
        if !writes {
            let _focus_is_where_it_was = self.canvas.focus();
        }
        if is_touch(event) {
            self.measure();
            self.hands.finger(Phase::Down, finger(event));
            return;
        }
        if self.is_relative() && is_mouse(event) && !self.store.pointer_locked.get_untracked() {
            lock_pointer(&self.canvas);
            return;
        }
        let _pointer_is_gone = self.canvas.set_pointer_capture(event.pointer_id());
        self.moved(event);
    }

    fn moved(&self, event: &PointerEvent) {
        let (at_ms, exact): (_, &Exact) = (event.time_stamp(), event.unchecked_ref());
        let took_ms = at_ms - self.last_ms.replace(at_ms);
        if is_touch(event) {
            self.hands.finger(Phase::Moved, finger(event));
        } else if self.store.pointer_locked.get_untracked() {
            self.hands.move_by((exact.dx(), exact.dy()), took_ms);
            self.hands.mouse_buttons(event.buttons());
        } else if !(self.is_relative() && is_mouse(event)) {
            self.point(point(event));
            self.hands.mouse_buttons(event.buttons());
        }
    }

    /// The pointer is at a point of the page; the picture follows it.
    fn point(&self, to: Point) {
        self.measure();
        if let Some(from) = self.last.replace(Some(to)) {
            self.store.shown.follow(from, to);
        }
        if let Some(placed) = self.store.shown.placed_now() {
            self.hands.point(placed.to_machine(to));
        }
    }

    fn lifted(&self, event: &PointerEvent) {
        if is_touch(event) {
            self.hands.finger(Phase::Up, finger(event));
        } else {
            self.moved(event);
        }
    }

    fn turned(&self, event: &WheelEvent) {
        let (delta_x, delta_y) = unswapped(event);
        self.hands
            .turn(delta_x, delta_y, Unit::from_mode(event.delta_mode()));
    }

    fn measure(&self) {
        if let Some(frame) = self.canvas.parent_element() {
            self.store.shown.measure(&frame);
        }
    }

    fn is_relative(&self) -> bool {
        self.store.preferences.pointer_mode.get_untracked() == PointerMode::Relative
    }

    /// What a browser would do with a mouse on a page, and must not do here.
    fn unwanted(&self) -> Vec<Listener> {
        [
            "contextmenu",
            "mousedown",
            "mouseup",
            "auxclick",
            "dragstart",
            "touchstart",
        ]
        .into_iter()
        .map(|name| {
            Listener::new(&self.canvas, name, |event: MouseEvent| {
                event.prevent_default();
            })
        })
        .collect()
    }

    /// Every way in which a page loses the operator: all is released before anything else.
    fn going_away(&self) -> Vec<Listener> {
        let release = |target: &web_sys::EventTarget, name: &'static str| {
            let hands = self.hands.clone();
            Listener::new(target, name, move |_: Event| hands.release_all())
        };
        let (focused, blurred, locked) = (self.clone(), self.clone(), self.clone());
        vec![
            Listener::new(&self.canvas, "focus", move |_: Event| {
                focused.store.focused.set(true);
            }),
            Listener::new(&self.canvas, "blur", move |_: Event| {
                blurred.hands.release_all();
                blurred.store.focused.set(false);
            }),
            Listener::new(&document(), "pointerlockchange", move |_: Event| {
                let held = document().pointer_lock_element().is_some();
                locked.store.pointer_locked.set(held);
                if !held {
                    locked.hands.release_all();
                }
            }),
            release(&window(), "blur"),
            release(&window(), "pagehide"),
            release(&document(), "freeze"),
            release(&document(), "visibilitychange"),
        ]
    }
}

/// Some browsers turn the wheel's axes under Shift; the machine sees the Shift itself, so they are turned back.
fn unswapped(event: &WheelEvent) -> (f64, f64) {
    let (delta_x, delta_y) = (event.delta_x(), event.delta_y());
    if event.shift_key() && delta_y == 0.0 {
        (0.0, delta_x)
    } else {
        (delta_x, delta_y)
    }
}

fn point(event: &PointerEvent) -> (f64, f64) {
    let exact: &Exact = event.unchecked_ref();
    (exact.x(), exact.y())
}

fn finger(event: &PointerEvent) -> Finger {
    Finger {
        id: event.pointer_id(),
        at: point(event),
        at_ms: event.time_stamp(),
    }
}

/// A pen has a place even where the pointer is relative.
fn is_mouse(event: &PointerEvent) -> bool {
    event.pointer_type() == "mouse"
}

fn is_touch(event: &PointerEvent) -> bool {
    event.pointer_type() == "touch"
}
