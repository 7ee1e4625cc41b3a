//! The view on the page: the element that shows the picture follows it.

use leptos::prelude::*;
use web_sys::{Element, HtmlCanvasElement};

use super::{Placed, Point, Stage, Turn, View, Zoom};
use crate::{
    browser::window,
    input::place::{Area, Size},
    preferences::Kept,
};

/// How near to the stage's edge the pointer comes before the picture moves, in CSS pixels.
pub(crate) const MARGIN: f64 = 56.0;

/// The view of the machine's screen and the room that it has. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    view: RwSignal<View>,
    stage: RwSignal<Option<Stage>>,
    picture: RwSignal<Option<Size>>,
    turn: Kept<Turn>,
}

impl Shown {
    /// A view of a picture whose size is told by a signal, the way up that is remembered.
    pub(crate) fn new(picture: RwSignal<Option<Size>>, turn: Kept<Turn>) -> Self {
        let view = View {
            turn: turn.get_untracked(),
            ..View::default()
        };
        Self {
            view: RwSignal::new(view),
            stage: RwSignal::new(None),
            picture,
            turn,
        }
    }

    /// The room has changed.
    pub(crate) fn measure(&self, frame: &Element) {
        let bounds = frame.get_bounding_client_rect();
        let area = Area {
            left: bounds.left(),
            top: bounds.top(),
            width: bounds.width(),
            height: bounds.height(),
        };
        let stage = Stage {
            area,
            ratio: window().device_pixel_ratio(),
        };
        if self.stage.get_untracked() != Some(stage) {
            self.stage.set(Some(stage));
        }
    }

    /// The view; what reads it here follows it, as with the next.
    pub(crate) fn view(&self) -> View {
        self.view.get()
    }

    /// Where the picture is.
    pub(crate) fn placed(&self) -> Option<Placed> {
        self.view.get().on(self.stage.get()?, self.picture.get()?)
    }

    /// Where the picture is now.
    pub(crate) fn placed_now(&self) -> Option<Placed> {
        let (stage, size) = (self.stage.get_untracked()?, self.picture.get_untracked()?);
        self.view.get_untracked().on(stage, size)
    }

    /// Makes the picture this large, about its middle.
    pub(crate) fn set_zoom(&self, zoom: Zoom) {
        self.view.update(|view| view.zoom = zoom);
    }

    /// Turns the picture by a quarter, clockwise, for later visits, too.
    pub(crate) fn turn(&self) {
        let turn = self.turn.get_untracked().next();
        self.turn.set(turn);
        self.view.update(|view| view.turn = turn);
    }

    /// Enlarges about the middle of the stage.
    pub(crate) fn zoom(&self, factor: f64) {
        if let Some(Stage { area, .. }) = self.stage.get_untracked() {
            let middle = (area.left + area.width / 2.0, area.top + area.height / 2.0);
            self.zoom_about(middle, factor);
        }
    }

    /// Enlarges about a point of the page.
    pub(crate) fn zoom_about(&self, about: Point, factor: f64) {
        self.change(|placed| placed.zoomed(about, factor));
    }

    /// Moves the picture by a way on the page.
    pub(crate) fn pan(&self, way: Point) {
        self.change(|placed| placed.panned(way));
    }

    /// Brings a pixel of the machine into sight.
    pub(crate) fn reveal(&self, pixel: Point) {
        self.change(|placed| placed.revealed(pixel, MARGIN));
    }

    /// Follows a pointer that nears the edge of the stage.
    pub(crate) fn follow(&self, from: Point, to: Point) {
        self.change(|placed| placed.followed(from, to, MARGIN));
    }

    fn change(&self, of: impl FnOnce(&Placed) -> View) {
        if let Some(placed) = self.placed_now() {
            let view = of(&placed);
            if view != self.view.get_untracked() {
                self.view.set(view);
            }
        }
    }

    /// Keeps the element in the picture's shape and in its place, so that no bars belong to it.
    pub(crate) fn lay_out(self, canvas: HtmlCanvasElement) {
        Effect::new(move |_| {
            let size = self.picture.get().unwrap_or(Size {
                width: 16,
                height: 9,
            });
            set(&canvas, "--columns", &size.width.to_string());
            set(&canvas, "--rows", &size.height.to_string());
            let transform = self.placed().map(|placed| placed.transform());
            let (scale, degrees, (x, y)) = transform.map_or((1.0, 0, (0.0, 0.0)), |transform| {
                (transform.scale, transform.degrees, transform.offset)
            });
            set(&canvas, "--scale", &scale.to_string());
            set(&canvas, "--turn", &format!("{degrees}deg"));
            set(&canvas, "--pan-x", &format!("{x}px"));
            set(&canvas, "--pan-y", &format!("{y}px"));
        });
    }
}

fn set(canvas: &HtmlCanvasElement, name: &str, value: &str) {
    let style = web_sys::HtmlElement::style(canvas);
    let _always_a_valid_value = style.set_property(name, value);
}
