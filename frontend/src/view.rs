//! Where the machine's picture is on the page: zoomed, panned and turned, and exact both ways.
//!
//! Points are in CSS pixels of the viewport or in pixels of the machine, both with x to the right and y down.

mod turn;

#[cfg(target_arch = "wasm32")]
pub(crate) mod shown;
#[cfg(test)]
mod tests;

use crate::input::place::{Area, Size};

pub use turn::Turn;

/// A point, or the way from one to another.
pub type Point = (f64, f64);

/// How much one step of zooming in enlarges.
pub const ZOOM_STEP: f64 = 1.25;

/// The most that the picture is enlarged, in pixels of the display a pixel of the machine.
const TIMES_MAX: f64 = 8.0;

/// How large the picture is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Zoom {
    /// As large as all of it fits.
    #[default]
    Fit,
    /// As small as leaves no bars beside it.
    Fill,
    /// So many pixels of the display for a pixel of the machine; 1 is 100 %.
    Times(f64),
}

/// Where there is room for the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// The room on the page.
    pub area: Area,
    /// The pixels of the display in a CSS pixel (`devicePixelRatio`).
    pub ratio: f64,
}

/// How the operator looks at the machine's screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// How large.
    pub zoom: Zoom,
    /// Which way up.
    pub turn: Turn,
    /// What is to be in the middle, in parts of the picture's width and height.
    centre: Point,
}

impl Default for View {
    fn default() -> Self {
        Self {
            zoom: Zoom::Fit,
            turn: Turn::Upright,
            centre: (0.5, 0.5),
        }
    }
}

/// A picture of a known size, laid out on a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    view: View,
    stage: Stage,
    size: Size,
    scale: f64,
    offset: Point,
}

/// What takes the picture from where it fits upright in the middle of its stage to where it belongs: enlarged and
/// turned about its middle, then moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// The enlargement.
    pub scale: f64,
    /// Clockwise.
    pub degrees: u16,
    /// In CSS pixels.
    pub offset: Point,
}

impl View {
    /// Lays the picture out; `None` where there is no room for it.
    #[must_use]
    pub fn on(self, stage: Stage, size: Size) -> Option<Placed> {
        let scale = self.zoom.scale(self.turn, stage, size);
        let has_room = scale.is_finite() && scale > 0.0 && stage.ratio > 0.0;
        has_room.then(|| Placed::new(self, stage, size, scale))
    }
}

impl Zoom {
    /// CSS pixels a pixel of the machine.
    fn scale(self, turn: Turn, Stage { area, ratio }: Stage, size: Size) -> f64 {
        let (width, height) = turn.extent((size.width.into(), size.height.into()));
        let (across, down) = (area.width / width, area.height / height);
        match self {
            Self::Fit => across.min(down),
            Self::Fill => across.max(down),
            Self::Times(times) => times / ratio,
        }
    }
}

impl Placed {
    fn new(view: View, stage: Stage, size: Size, scale: f64) -> Self {
        let mut placed = Self {
            view,
            stage,
            size,
            scale,
            offset: (0.0, 0.0),
        };
        let (width, height) = placed.pixels();
        let from_middle = (0.5 - view.centre.0, 0.5 - view.centre.1);
        let (x, y) = view.turn.apply((
            from_middle.0 * width * scale,
            from_middle.1 * height * scale,
        ));
        let (hidden_x, hidden_y) = placed.hidden();
        placed.offset = (
            x.clamp(-hidden_x / 2.0, hidden_x / 2.0),
            y.clamp(-hidden_y / 2.0, hidden_y / 2.0),
        );
        placed
    }

    /// CSS pixels a pixel of the machine.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Pixels of the display a pixel of the machine.
    #[must_use]
    pub fn times(&self) -> f64 {
        self.scale * self.stage.ratio
    }

    /// Whether a part of the picture is beyond the stage.
    #[must_use]
    pub fn hides(&self) -> bool {
        self.hidden() != (0.0, 0.0)
    }

    /// For the element that shows the picture.
    #[must_use]
    pub fn transform(&self) -> Transform {
        let upright = Zoom::Fit.scale(Turn::Upright, self.stage, self.size);
        Transform {
            scale: self.scale / upright,
            degrees: self.view.turn.degrees(),
            offset: self.offset,
        }
    }

    /// Which pixel of the machine is under a point of the page; fractions are parts of that pixel.
    #[must_use]
    pub fn to_machine(&self, point: Point) -> Point {
        let middle = self.middle();
        let (x, y) = self.way_to_machine((point.0 - middle.0, point.1 - middle.1));
        let (width, height) = self.pixels();
        (x + width / 2.0, y + height / 2.0)
    }

    /// Where a place of the machine's screen, in its pixels, is on the page.
    #[must_use]
    pub fn to_page(&self, pixel: Point) -> Point {
        let (width, height) = self.pixels();
        let (x, y) = self.view.turn.apply((
            (pixel.0 - width / 2.0) * self.scale,
            (pixel.1 - height / 2.0) * self.scale,
        ));
        let middle = self.middle();
        (middle.0 + x, middle.1 + y)
    }

    /// A way on the page as a way on the machine's screen, in its pixels.
    #[must_use]
    pub fn way_to_machine(&self, way: Point) -> Point {
        self.view
            .turn
            .undo((way.0 / self.scale, way.1 / self.scale))
    }

    /// The size of the machine's screen.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// The view after the picture was moved by a way on the page, as far as there is more to see.
    #[must_use]
    pub fn panned(&self, way: Point) -> View {
        self.moved_to((self.offset.0 + way.0, self.offset.1 + way.1))
    }

    /// The view enlarged by a factor, with what is under a point of the page staying there. What would be smaller than
    /// all of it fits, fits.
    #[must_use]
    pub fn zoomed(&self, about: Point, factor: f64) -> View {
        let fit = Zoom::Fit.scale(self.view.turn, self.stage, self.size);
        let most = (TIMES_MAX / self.stage.ratio).max(fit);
        let scale = (self.scale * factor).min(most);
        if scale <= fit {
            return View {
                turn: self.view.turn,
                ..View::default()
            };
        }
        let zoom = Zoom::Times(scale * self.stage.ratio);
        let larger = Self::new(View { zoom, ..self.view }, self.stage, self.size, scale);
        let now = larger.to_page(self.to_machine(about));
        larger.panned((about.0 - now.0, about.1 - now.1))
    }

    /// The view with a place of the machine's screen at least `margin` (CSS pixels) within the stage, as far as the
    /// picture reaches.
    #[must_use]
    pub fn revealed(&self, pixel: Point, margin: f64) -> View {
        let (x, y) = self.to_page(pixel);
        let Area {
            left,
            top,
            width,
            height,
        } = self.stage.area;
        self.panned((
            inwards(x, left, width, margin),
            inwards(y, top, height, margin),
        ))
    }

    /// The view after a pointer has gone from one point of the page to another: what is hidden behind the edge that it
    /// nears comes into sight, and all of it has come once the pointer is at the edge.
    #[must_use]
    pub fn followed(&self, from: Point, to: Point, margin: f64) -> View {
        let Area {
            left,
            top,
            width,
            height,
        } = self.stage.area;
        let (hidden_x, hidden_y) = self.hidden();
        self.panned((
            pushed(
                from.0 - left,
                to.0 - left,
                width,
                margin,
                self.offset.0,
                hidden_x,
            ),
            pushed(
                from.1 - top,
                to.1 - top,
                height,
                margin,
                self.offset.1,
                hidden_y,
            ),
        ))
    }

    /// The middle of the stage, on the page.
    #[must_use]
    pub fn stage_middle(&self) -> Point {
        let area = self.stage.area;
        (area.left + area.width / 2.0, area.top + area.height / 2.0)
    }

    fn moved_to(&self, offset: Point) -> View {
        let (hidden_x, hidden_y) = self.hidden();
        let (x, y) = self.way_to_machine((
            offset.0.clamp(-hidden_x / 2.0, hidden_x / 2.0),
            offset.1.clamp(-hidden_y / 2.0, hidden_y / 2.0),
        ));
        let (width, height) = self.pixels();
        View {
            centre: (0.5 - x / width, 0.5 - y / height),
            ..self.view
        }
    }

    fn pixels(&self) -> Point {
        (self.size.width.into(), self.size.height.into())
    }

    fn middle(&self) -> Point {
        let (x, y) = self.stage_middle();
        (x + self.offset.0, y + self.offset.1)
    }

    /// How much of the picture is beyond the stage, across and down.
    fn hidden(&self) -> Point {
        let (width, height) = self.view.turn.extent(self.pixels());
        let area = self.stage.area;
        (
            (width * self.scale - area.width).max(0.0),
            (height * self.scale - area.height).max(0.0),
        )
    }
}

/// How far `at` must move to be `margin` within a stretch; never further than to the middle of it.
fn inwards(at: f64, start: f64, length: f64, margin: f64) -> f64 {
    let margin = margin.min(length / 2.0);
    // Half of the stretch from either end may cross in the last digit, which `clamp` would not bear.
    at.min(start + length - margin).max(start + margin) - at
}

/// How far a picture moves when a pointer goes from one place of a stretch to another. What of the hidden part comes
/// into sight is the part of the way to the edge that the pointer has gone.
fn pushed(from: f64, to: f64, length: f64, margin: f64, offset: f64, hidden: f64) -> f64 {
    let margin = margin.min(length / 2.0);
    let gone = |from: f64, to: f64| {
        let (from, to) = (from.clamp(0.0, margin), to.clamp(0.0, margin));
        if from > 0.0 {
            (from - to).max(0.0) / from
        } else {
            1.0
        }
    };
    if to < from && to < margin {
        (hidden / 2.0 - offset) * gone(from, to)
    } else if to > from && to > length - margin {
        -(hidden / 2.0 + offset) * gone(length - from, length - to)
    } else {
        0.0
    }
}
